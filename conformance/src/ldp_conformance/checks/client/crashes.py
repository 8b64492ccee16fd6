"""In which order a client writes down what it does, seen by killing it in between (SES-25)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import expect_runs, wait_listening
from ldp_conformance.check import SOON_S, client_check
from ldp_conformance.ports.setups import Feature
from ldp_conformance.witness import ALWAYS, Hang

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase

_MS_PER_S: Final = 1_000
#: How long a window is open in which the client is killed, in ms.
_WINDOW_MS: Final = 1_500
#: What keeps a message on its way until it is too late for it.
_SILENCE: Final = Hang("SendMessage", ALWAYS, seconds=30.0)


@client_check("journal.answer-on-its-way", "SES-25", "SES-13", alone=True)
def unsent_answer_is_not_taken_for_sent(case: ClientCase) -> None:
    """A client killed before SQS took its answer answers the event after its restart."""
    case.reply_queue.inject(_SILENCE)
    sent = case.send(case.request("nonce"))
    _kill_while_it_sends(case)
    mark = case.witness.calls.mark()
    case.port.restart()
    wait_listening(case, mark)

    case.expect_equal(case.members(sent, "nonce")["nonce"], sent.nonce, "the answer is another")
    case.gone(sent)


@client_check("journal.word-on-its-way", "SES-25", "SES-23", needs=[Feature.ACCEPTED], alone=True)
def unsent_accepted_is_not_taken_for_sent(case: ClientCase) -> None:
    """A client killed before SQS took its `accepted` does not start the event after the window."""
    case.reply_queue.inject(_SILENCE)
    start_by_ms = case.witness.now_ms() + _WINDOW_MS
    sent = case.send(case.request("nonce") | {"startByMs": start_by_ms})
    _kill_while_it_sends(case)
    time.sleep(max(0.0, (start_by_ms - case.witness.now_ms()) / _MS_PER_S) + 0.1)
    case.port.restart()

    case.received(sent, times=2)
    case.requests.wait(lambda m: m.id == sent.message_id and m.is_deleted, within_s=1.0)
    expect_runs(case, sent, 0, "a request is started whose `accepted` was never stored")


def _kill_while_it_sends(case: ClientCase) -> None:
    """Kill the client while a message of it is on its way, which then is never stored."""
    sending = case.witness.calls.wait(
        lambda call: call.is_operation("SendMessage"),
        sender=case.stage.sender,
        within_s=SOON_S,
    )
    case.expect(sending is not None, "the client sends nothing")
    case.port.kill()
    case.reply_queue.clear_faults()
