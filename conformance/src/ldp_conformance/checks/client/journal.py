"""What a client still knows after it crashed, and what its neighbours know (SES-24 to SES-26)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import (
    expect_runs,
    finish,
    second_client,
    start_waiting,
    wait_hung_up,
    wait_listening,
)
from ldp_conformance.check import SOON_S, client_check
from ldp_conformance.ports.setups import Feature
from ldp_conformance.witness import ALWAYS, Hang

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.ports.subject import Subject

_MS_PER_S: Final = 1_000


@client_check("journal.answered", "SES-24", "SES-25", needs=[Feature.JOURNAL], alone=True)
def answered_request_is_known_after_a_crash(case: ClientCase) -> None:
    """A client killed between answer and delete does not run the event again, and deletes it."""
    case.requests.inject(Hang("DeleteMessage", ALWAYS, seconds=30.0))
    mark = case.witness.calls.mark()
    sent = case.send(case.request("nonce"))
    case.answer(sent)
    deleting = case.witness.calls.wait(
        lambda call: call.is_operation("DeleteMessage"),
        since=mark,
        sender=case.stage.sender,
        within_s=SOON_S,
    )
    case.expect(deleting is not None, "an answered request is not deleted")
    case.port.kill()
    case.requests.clear_faults()
    mark = case.witness.calls.mark()
    case.port.restart()
    wait_listening(case, mark)

    case.gone(sent)
    expect_runs(case, sent, 1, "an answered request is run again after a crash")
    case.expect(len(case.replies(sent)) == 1, "an answered request is answered again")


@client_check(
    "journal.accepted",
    "SES-24",
    "SES-25",
    "SES-20",
    "SES-23",
    needs=[Feature.JOURNAL, Feature.ACCEPTED],
    alone=True,
)
def accepted_request_is_taken_over(case: ClientCase) -> None:
    """A client killed while it ran an accepted event runs it after its restart, window or not."""
    start_by_ms = case.witness.now_ms() + 2_500
    waiting = start_waiting(case, startByMs=start_by_ms)
    case.port.kill()
    time.sleep(max(0.0, (start_by_ms - case.witness.now_ms()) / _MS_PER_S))
    case.port.restart()

    case.began(waiting.sent.nonce, times=2)
    finish(case, waiting)
    case.expect(
        len(case.replies(waiting.sent, "accepted")) == 1,
        "`accepted` is sent again although the journal shows one in time",
        requirements=("SES-20",),
    )
    expect_runs(case, waiting.sent, 2, "an event is run again after it was taken over")


@client_check("journal.shared", "SES-24", "SES-26", needs=[Feature.JOURNAL], alone=True)
def neighbours_know_what_became_of_a_request(case: ClientCase) -> None:
    """Another client of the same user knows what is answered and discarded, also much later."""
    mark = case.witness.calls.mark()
    with second_client(case) as clients:
        busy = start_waiting(case, one_way=True)
        survivor = case.requests.message(busy.sent.message_id).receives[0].sender
        answered = case.send(case.request("nonce"))
        case.answer(answered)
        case.gone(answered)
        gone = case.request("echo", value=1) | {"replyTo": f"{case.reply_queue.url}-{'0' * 26}"}
        discarded = case.send(gone)
        case.gone(discarded)
        _end_all_but(case, clients, survivor, mark)
        finish(case, busy)

        for number in range(10):
            case.answer(case.send(case.request("echo", value=number)))
        for sent in (answered, discarded):
            case.requests.bring_back(sent.message_id)
            case.gone(sent)
            expect_runs(case, sent, 1, "a client runs again what another of this user dealt with")
    case.expect(len(case.replies(answered)) == 1, "an answered request is answered again")


def _end_all_but(case: ClientCase, clients: dict[str, Subject], survivor: str, mark: int) -> None:
    case.stage.subject = clients[survivor]
    for sender, subject in clients.items():
        if sender != survivor:
            subject.kill()
            wait_hung_up(case, sender, mark)
