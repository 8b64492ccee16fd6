"""Programs run on a live client, and what has to hold whatever the queues did.

Every request that lives long enough is answered, by its own answer only; no event runs twice; what
is deleted was answered; and in the end nothing is left.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.check import NonConformance
from ldp_conformance.fuzz.programs import OUTAGES, Does
from ldp_conformance.witness import (
    Cut,
    DeadPoll,
    EmptyPolls,
    ServerError,
    Throttle,
    Weather,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent
    from ldp_conformance.fuzz.programs import Program, Step
    from ldp_conformance.witness import Fault, Message

#: How long programs may take to come to their end, in seconds: leases of 2 s have to lapse, and
#: clients pause after calls that failed.
PATIENCE_S: Final = 25.0
#: How long callers wait, in seconds; longer than all of that.
_ANSWER_IN_S: Final = 120.0
_LOOK_S: Final = 0.5
_HIDE_MS: Final = 60
_ANSWERED: Final = {Does.SEND, Does.HOLD, Does.FAIL}


@dataclass(slots=True)
class Request:
    """A request of a program.

    Attributes:
        does: What it asks for.
        sent: The request.
        flag: What its handler waits for; empty if it does not.
        message_ids: Its physical messages.
    """

    does: Does
    sent: Sent
    flag: str = ""
    message_ids: list[str] = field(default_factory=list)

    @property
    def runs(self) -> int:
        """How often it has to run."""
        return 0 if self.does is Does.EXPIRED else 1


class Voyage:
    """Programs run one after another on the same queues, which come to their end together.

    Args:
        case: The client.
        patience_s: For how long they may take to come to their end.
    """

    def __init__(self, case: ClientCase, patience_s: float = PATIENCE_S) -> None:
        self._case = case
        self._patience_s = patience_s
        self._all: list[list[Request]] = []
        self._running: Request | None = None

    @property
    def _requests(self) -> list[Request]:
        """Those of the program that is run."""
        return self._all[-1]

    def go(self, programs: list[Program]) -> dict[int, NonConformance]:
        """Run programs, and judge each; what does not hold, by the place of its program."""
        try:
            self._run(programs)
            self._settle()
        except NonConformance as exc:
            return dict.fromkeys([*self._unsettled(), len(self._all) - 1], exc)
        else:
            return self._judged()
        finally:
            self._finish()
            for queue in (self._case.requests, self._case.reply_queue):
                queue.clear_faults()
                queue.forget()

    def _run(self, programs: list[Program]) -> None:
        for program in programs:
            self._case.sent_texts[:] = ["\n".join(map(str, program))]
            self._all.append([])
            for step in program:
                _STEPS[step.does](self, step)
            self._finish()  # the next program does what it would do alone

    def _unsettled(self) -> list[int]:
        """The places of the programs of which something is left."""
        left = {each.copy_of or each.id for each in self._left()}
        return [
            place
            for place, requests in enumerate(self._all)
            if any(left & set(request.message_ids) for request in requests)
        ]

    def _send(self, step: Step) -> None:
        does = step.does
        if does is Does.HOLD and self._running is not None:
            does = Does.SEND
        flag = self._case.fresh("flag") if does is Does.HOLD else ""
        sent = self._case.send(self._request(does, flag))
        # What a failure shows is the program, not its last request.
        self._case.sent_texts.pop()
        request = Request(does, sent, flag, [sent.message_id])
        self._requests.append(request)
        if flag:
            self._running = request

    def _request(self, does: Does, flag: str) -> dict[str, Any]:
        match does:
            case Does.HOLD:
                return self._case.request("wait", answer_in_s=_ANSWER_IN_S, flag=flag, value=flag)
            case Does.FAIL:
                thrown = {"type": "Oops", "message": "as asked"}
                return self._case.request("throw", answer_in_s=_ANSWER_IN_S, **thrown)
            case Does.ONE_WAY:
                return self._case.one_way("echo", value=1)
            case Does.EXPIRED:
                return self._case.request("echo", value=1, answer_in_s=-1)
        nonce = self._case.fresh("nonce")
        return self._case.request("echo", nonce=nonce, answer_in_s=_ANSWER_IN_S, value=nonce)

    def _finish(self, _: Step | None = None) -> None:
        if self._running is not None:
            self._case.flag(self._running.flag)
            self._running = None

    def _settle(self, _: Step | None = None) -> None:
        """Wait until nothing is left in the request queue.

        Raises:
            NonConformance: Something is, when the time is over.
        """
        self._finish()
        until = time.monotonic() + self._patience_s
        while left := self._left():
            if self._case.port.status is not None or time.monotonic() > until:
                raise self._case.missing(
                    f"{len(left)} messages of requests are left after {self._patience_s:g} s"
                )
            self._wait_gone(left[0].id, _LOOK_S)

    def _left(self) -> list[Message]:
        return [each for each in self._case.requests.messages() if not each.is_deleted]

    def _wait_gone(self, message_id: str, within_s: float) -> bool:
        found = self._case.requests.wait(
            lambda each: each.id == message_id and each.is_deleted, within_s=within_s
        )
        return found is not None

    def _chosen(self, step: Step) -> Request | None:
        return self._requests[step.number % len(self._requests)] if self._requests else None

    def _copy(self, step: Step) -> None:
        request = self._chosen(step)
        if request is not None:
            request.message_ids.append(self._case.requests.copy(request.sent.message_id))

    def _redeliver(self, step: Step) -> None:
        request = self._chosen(step)
        if request is not None and not self._is_deleted(request):
            self._case.requests.redeliver(request.sent.message_id)

    def _hide(self, step: Step) -> None:
        request = self._chosen(step)
        if request is not None and not self._is_deleted(request):
            self._case.requests.hide(request.sent.message_id, step.number * _HIDE_MS / 1000)

    def _is_deleted(self, request: Request) -> bool:
        return self._case.requests.message(request.sent.message_id).is_deleted

    def _bring_back(self, step: Step) -> None:
        request = self._chosen(step)
        if request is None or self._running is not None:
            return
        if self._wait_gone(request.sent.message_id, self._patience_s):
            self._expect_answer_before_delete(request)
            self._case.requests.bring_back(request.sent.message_id)

    def _weather(self, step: Step) -> None:
        weather = Weather(
            step.number,
            delay=0.1,
            second_copy=0.2,
            duplicate=0.2,
            redeliver=0.2,
            bring_back=0.1,
            stale_delete=0.3,
            reorder=0.3,
            longest_s=0.1,
        )
        self._case.requests.inject(weather)

    def _trouble(self, step: Step) -> None:
        self._queue_of(step).inject(_FAULTS[step.does](step.operation, step.number))

    def _queue_of(self, step: Step) -> Any:
        is_answer = step.operation == "SendMessage"
        return self._case.reply_queue if is_answer else self._case.requests

    def _judged(self) -> dict[int, NonConformance]:
        known = {request.sent.request_id for requests in self._all for request in requests}
        found: dict[int, NonConformance] = {}
        for message in self._case.reply_queue.messages():
            told = texts.loads(message.body).get("requestId")
            if told not in known:
                sentence = f"an answer to {told} came, which nobody asked"
                found[0] = NonConformance(sentence, came=message.body, requirements=("ENV-14",))
        for place, requests in enumerate(self._all):
            with suppress_into(found, place):
                self._judge(requests)
        return found

    def _judge(self, requests: list[Request]) -> None:
        for request in requests:
            count = self._count_runs(request)
            self._case.expect(
                count == request.runs,
                f"the event of a request ({request.does.value}) ran {count} times, "
                f"not {request.runs}",
                requirements=("SES-3", "SES-6") if count else ("SES-13",),
            )
            self._judge_answer(request)

    def _count_runs(self, request: Request) -> int:
        """How often the handler began; each time after the one before had ended."""
        told = self._case.runs(request.sent.nonce)
        for earlier, later in pairwise(told):
            self._case.expect(
                earlier.ended_ms is not None and earlier.ended_ms <= later.began_ms,
                "an event ran twice at once",
                requirements=("SES-3",),
            )
        return len(told)

    def _judge_answer(self, request: Request) -> None:
        replies = self._case.replies(request.sent, "response")
        if request.does not in _ANSWERED:
            self._case.expect(
                not replies,
                f"a request that nobody waits for ({request.does.value}) is answered",
                came=replies[0].body if replies else "",
                requirements=("SES-2", "SES-27"),
            )
            return
        if not replies:
            raise self._case.missing(f"a request ({request.does.value}) is gone without an answer")
        if request.does is Does.FAIL:
            error = self._case.error(request.sent, within_s=0.1)
            self._case.expect_equal(error.type, "Oops", "the error is not the handler's")
        else:
            asked = self._case.event_of(texts.loads(request.sent.body))["value"]
            result = self._case.result(request.sent, within_s=0.1)
            self._case.expect_equal(
                result, asked, "the answer is another request's", requirements=("ENV-14",)
            )
        bodies = {each.body for each in replies}
        self._case.expect(
            len(bodies) == 1,
            f"one request has {len(bodies)} different answers",
            came="\n".join(bodies),
            requirements=("SES-14",),
        )
        self._expect_answer_before_delete(request)

    def _expect_answer_before_delete(self, request: Request) -> None:
        if request.does not in _ANSWERED:
            return
        replies = self._case.replies(request.sent, "response")
        answered_ms = replies[0].sent_at_ms if replies else None
        for message_id in request.message_ids:
            deleted_ms = self._case.requests.message(message_id).deleted_at_ms
            if deleted_ms is None:
                continue
            self._case.expect(
                answered_ms is not None and answered_ms <= deleted_ms,
                "a request is deleted before its answer is there",
                requirements=("SES-13", "SES-5"),
            )


_FAULTS: Final[dict[Does, Callable[[str, int], Fault]]] = {
    Does.THROTTLE: Throttle,
    Does.SERVER_ERROR: ServerError,
    Does.CUT_BEFORE: Cut,
    Does.CUT_AFTER: lambda operation, times: Cut(operation, times, after_effect=True),
    Does.EMPTY_POLLS: lambda _, times: EmptyPolls(times),
    Does.DEAD_POLL: lambda _, times: DeadPoll(times),
}
_STEPS: Final[dict[Does, Callable[[Voyage, Step], None]]] = {
    **dict.fromkeys(
        (Does.SEND, Does.HOLD, Does.FAIL, Does.ONE_WAY, Does.EXPIRED),
        Voyage._send,  # noqa: SLF001 - a table of its own methods
    ),
    **dict.fromkeys((*OUTAGES, Does.EMPTY_POLLS, Does.DEAD_POLL), Voyage._trouble),  # noqa: SLF001
    Does.FINISH: Voyage._finish,  # noqa: SLF001
    Does.SETTLE: Voyage._settle,  # noqa: SLF001
    Does.COPY: Voyage._copy,  # noqa: SLF001
    Does.REDELIVER: Voyage._redeliver,  # noqa: SLF001
    Does.HIDE: Voyage._hide,  # noqa: SLF001
    Does.BRING_BACK: Voyage._bring_back,  # noqa: SLF001
    Does.WEATHER: Voyage._weather,  # noqa: SLF001
}


@contextmanager
def suppress_into(found: dict[int, NonConformance], place: int) -> Iterator[None]:
    """Write down what does not hold within, under a place."""
    try:
        yield
    except NonConformance as exc:
        found[place] = exc
