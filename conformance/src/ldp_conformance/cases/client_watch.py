"""What several checks of clients do and look at: a handler that is kept busy, leases, calls, words.

Everything here waits for what has to happen, never for how long it usually takes.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.check import SOON_S, NonConformance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Run, Sent
    from ldp_conformance.ports.subject import Subject
    from ldp_conformance.witness import Call, Message

_LOOK_S: Final = 0.01
#: When a port that has been silent for so long has said everything, in seconds.
_STILL_S: Final = 0.3
#: A word in any language, as opposed to a number or a name made of digits and letters.
_WORD: Final = re.compile(r"(?<![\w-])[^\W\d_]{2,}(?![\w-])")
#: How many words that are not usual are a sentence.
LEAST_WORDS: Final = 2
#: The value that a waiting handler returns.
WAITED: Final = "waited"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request whose handler runs until it is let go.

    Attributes:
        sent: The request.
        flag: The flag that its handler waits for.
        run: The handler's run.
        answer_by_ms: The request's; None if nobody waits.
    """

    sent: Sent
    flag: str
    run: Run
    answer_by_ms: int | None


def start_waiting(
    case: ClientCase, *, answer_in_s: float = 30.0, one_way: bool = False, **members: Any
) -> Waiting:
    """Send a request, and wait until its handler runs.

    Args:
        case: The case.
        answer_in_s: How long the caller waits.
        one_way: Whether nobody waits.
        members: Further members of the request.

    Raises:
        NonConformance: The handler does not run.
    """
    flag = case.fresh("flag")
    if one_way:
        request = case.one_way("wait", flag=flag, value=WAITED) | members
    else:
        request = case.request("wait", answer_in_s=answer_in_s, flag=flag, value=WAITED) | members
    sent = case.send(request)
    return Waiting(sent, flag, case.began(sent.nonce), request.get("answerByMs"))


def finish(case: ClientCase, waiting: Waiting) -> None:
    """Let the handler go, and wait for the answer, if there is to be one, and for the end.

    Raises:
        NonConformance: Something of it does not come.
    """
    case.flag(waiting.flag)
    if waiting.answer_by_ms is not None:
        case.expect_equal(case.result(waiting.sent), WAITED, "the answer is not what was returned")
    case.gone(waiting.sent)


@contextmanager
def busy(case: ClientCase) -> Iterator[Waiting]:
    """Keep the handler busy, and let it go at the end."""
    waiting = start_waiting(case)
    yield waiting
    finish(case, waiting)


@contextmanager
def second_client(case: ClientCase, *, shares_state: bool = True) -> Iterator[dict[str, Subject]]:
    """Have another client listen on the same queues beside the case's own.

    Args:
        case: The case.
        shares_state: Whether it has the first one's folders, as one of the same user has.

    Yields:
        Both by the names under which their calls are recorded. Whoever ends one sees to it that
        the other is `case.stage.subject`, since a case waits for nothing of a port that has ended.

    Raises:
        NonConformance: It does not come to listen.
    """
    mark, first = case.witness.calls.mark(), case.port
    second = case.stage.start_second(shares_state=shares_state)
    try:
        wait_listening(case, mark, case.stage.second_sender)
        yield {case.stage.sender: first, case.stage.second_sender: second}
    finally:
        second.close()
        case.stage.subject = first


def wait_listening(case: ClientCase, mark: int, sender: str | None = None) -> None:
    """Wait until a client that was started after the mark receives.

    Raises:
        NonConformance: It does not in time.
    """
    found = case.witness.calls.wait(
        lambda call: call.operation == "ReceiveMessage",
        since=mark,
        sender=sender or case.stage.sender,
        within_s=SOON_S,
    )
    if found is None:
        raise case.missing(f"the client that was started again received nothing in {SOON_S:g} s")


def wait_hung_up(case: ClientCase, sender: str, mark: int) -> None:
    """Wait until the receive of a client that was killed is open no more.

    SQS would let it take messages for a while; that is another matter.
    """
    case.witness.calls.wait(
        lambda call: call.operation == "ReceiveMessage" and call.was_cut,
        since=mark,
        sender=sender,
        within_s=1.0,
    )


def until(case: ClientCase, what: Callable[[], object], sentence: str, within_s: float) -> None:
    """Wait for what no call tells of.

    Raises:
        NonConformance: It does not come to be, in time; the sentence says what.
    """
    end = time.monotonic() + within_s
    while not what():
        if time.monotonic() > end:
            raise case.missing(f"{sentence} within {within_s:g} s")
        time.sleep(_LOOK_S)
    case.observe()


def run_ended(case: ClientCase, nonce: str, times: int = 1, within_s: float = SOON_S) -> Run:
    """Wait until so many runs of the handler have ended; the last of them.

    Raises:
        NonConformance: They have not, in time.
    """

    def is_over() -> bool:
        runs = case.runs(nonce)
        return len(runs) >= times and all(run.ended_ms is not None for run in runs)

    until(case, is_over, f"the handler's run number {times} did not end", within_s)
    return case.runs(nonce)[times - 1]


def expect_runs(case: ClientCase, sent: Sent, times: int, sentence: str) -> None:
    """Go on only if the handler began to run so often for a request.

    Raises:
        NonConformance: It ran less or more often.
    """
    ran = len(case.runs(sent.nonce))
    case.expect(ran == times, sentence, came=f"The handler ran {ran} times, not {times}.")


def message_gone(case: ClientCase, message_id: str, what: str, within_s: float = SOON_S) -> Message:
    """Wait until a message of the request queue is deleted.

    Raises:
        NonConformance: It is not, in time.
    """
    message = case.requests.wait(
        lambda each: each.id == message_id and each.deleted_at_ms is not None, within_s=within_s
    )
    if message is None:
        raise case.missing(f"{what} is not deleted within {within_s:g} s")
    case.observe()
    return message


def calls(case: ClientCase, operation: str, queue: str, mark: int = 0) -> list[Call]:
    """The client's calls of an operation on a queue since a mark."""
    return case.witness.calls.since(
        mark, sender=case.stage.sender, operation=operation, queue=queue
    )


def names_receipt(call: Call, receipt: str) -> bool:
    """Whether a call is made with this receipt handle, alone or in a batch."""
    return json.dumps(receipt) in json.dumps(dict(call.request))


def usual_words(case: ClientCase) -> frozenset[str]:
    """What the port writes about a request with which nothing is the matter.

    Raises:
        NonConformance: The request is not answered.
    """
    begun = time.monotonic()
    finish(case, start_waiting(case))
    return _words(case.port.output_until_still(begun, _STILL_S))


def words_about(case: ClientCase, what: Callable[[], object]) -> frozenset[str]:
    """The words that the port writes while something happens, and until it has said everything."""
    begun = time.monotonic()
    what()
    return _words(case.port.output_until_still(begun, 2 * _STILL_S))


def expect_said(
    case: ClientCase,
    since: float,
    what: str,
    usual: frozenset[str] = frozenset(),
    within_s: float = 3.0,
) -> None:
    """Wait until the port writes something for the developer, whatever its words are.

    Args:
        case: The case.
        since: The moment of `time.monotonic` from which on it counts.
        what: What it has to tell.
        usual: What it writes in any case; see `usual_words`.
        within_s: For how long to wait.

    Raises:
        NonConformance: It wrote nothing, or nothing but what it writes in any case.
    """
    end = time.monotonic() + within_s
    while len(_words(said := case.port.output_since(since)) - usual) < LEAST_WORDS:
        if time.monotonic() > end:
            but = " but what it writes in any case" if said.strip() else " to its output"
            raise NonConformance(
                f"the port does not say {what}: it wrote nothing{but}",
                came=said,
                hint="A sentence to standard output or standard error is enough.",
            )
        time.sleep(_LOOK_S)
    case.observe()


def _words(text: str) -> frozenset[str]:
    """The words of a text, without numbers, names and measures, which differ each time."""
    return frozenset(word.lower() for word in _WORD.findall(text))


def expect_silent_queue(case: ClientCase, sent: Sent, for_s: float, sentence: str) -> None:
    """Wait so long, and go on only if nothing at all came about a request.

    Raises:
        NonConformance: Something came.
    """
    message = case.reply_queue.wait(lambda each: sent.request_id in each.body, within_s=for_s)
    case.expect(message is None, sentence, came="" if message is None else message.body)
