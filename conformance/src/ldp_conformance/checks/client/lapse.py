"""What a client does with a lease that it no longer has (SES-10, SES-11, SES-34)."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import (
    Waiting,
    calls,
    expect_said,
    names_receipt,
    run_ended,
    start_waiting,
)
from ldp_conformance.check import client_check

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.witness import Call

_MS_PER_S: Final = 1_000


@client_check("lease.lapsed", "SES-10", alone=True)
def lapsed_lease_is_told(case: ClientCase) -> None:
    """A client whose lease lapsed while it stood still says so, and uses its handle no more."""
    waiting = start_waiting(case)
    mark = _sleep_beyond_the_lease(case, waiting)
    moment = time.monotonic()
    case.port.resume()

    expect_said(case, moment, "that its lease lapsed", within_s=4.0)
    case.flag(waiting.flag)
    run_ended(case, waiting.sent.nonce)
    case.reply_queue.wait(lambda m: waiting.sent.request_id in m.body, within_s=1.0)
    time.sleep(0.3)
    used = _uses_of_old_handle(case, waiting, mark)
    case.expect(
        not used,
        "a receipt handle is used after its lease lapsed",
        came=", ".join(f"{call.operation} {dict(call.request)}" for call in used),
        hint="Compare the time since the last renewal, by a clock that counts suspended time, "
        "before every use of a handle.",
    )


@client_check("lease.released-only-while-held", "SES-11", "SES-33", alone=True)
def lapsed_lease_is_not_released(case: ClientCase) -> None:
    """A client that is ended after its lease lapsed does not release the message."""
    waiting = start_waiting(case)
    mark = _sleep_beyond_the_lease(case, waiting)
    case.port.resume()
    case.port.send(signal.SIGTERM)
    time.sleep(0.3)
    case.port.send(signal.SIGTERM)

    case.expect(case.port.wait_end(8.0) is not None, "the client did not end at the second signal")
    time.sleep(0.2)
    released = [
        call
        for call in _uses_of_old_handle(case, waiting, mark)
        if call.is_operation("ChangeMessageVisibility")
    ]
    case.expect(
        not released,
        "a message is released through a receipt handle whose lease had lapsed",
        came=", ".join(str(dict(call.request)) for call in released),
    )


def _sleep_beyond_the_lease(case: ClientCase, waiting: Waiting) -> int:
    """Stop the client right after a renewal, until the suite has the message; a mark of then."""
    mark = case.witness.calls.mark()
    case.witness.calls.wait(
        lambda call: call.is_operation("ChangeMessageVisibility") and call.ended_ms is not None,
        since=mark,
        sender=case.stage.sender,
        within_s=2.0 * case.setup.lease_s,
    )
    case.port.stop()
    taken = case.requests.take(within_s=2.0 * case.setup.lease_s, visibility_s=60)
    case.expect(
        taken is not None and taken.id == waiting.sent.message_id,
        "a message is hidden for longer than its lease",
        requirements=("SES-7",),
    )
    time.sleep(0.2)
    return case.witness.calls.mark()


def _uses_of_old_handle(case: ClientCase, waiting: Waiting, mark: int) -> list[Call]:
    own = [
        receive.receipt
        for receive in case.requests.message(waiting.sent.message_id).receives
        if receive.sender == case.stage.sender
    ]
    found = [
        *calls(case, "ChangeMessageVisibility", case.requests.name, mark),
        *calls(case, "DeleteMessage", case.requests.name, mark),
    ]
    return [call for call in found if any(names_receipt(call, receipt) for receipt in own)]


@client_check("lease.dead-handler", "SES-34", alone=True)
def lease_of_dead_handler_ends(case: ClientCase) -> None:
    """A client stops renewing when the process that runs the handler is gone."""
    sent = case.send(case.request("kill"))
    died_ms = case.began(sent.nonce).began_ms
    lease_ms = case.setup.lease_s * _MS_PER_S
    case.requests.wait(
        lambda m: m.id == sent.message_id and (m.is_deleted or len(m.receives) > 1),
        within_s=case.setup.lease_s + 0.6,
    )
    message = case.requests.message(sent.message_id)
    late = [at_ms for at_ms, _ in message.receives[0].renewals if at_ms > died_ms + lease_ms / 2]
    case.expect(
        not late,
        "a lease is renewed although the process that ran the handler is gone",
        came=f"Renewed {len(late)} times later than {lease_ms / 2:g} ms after its death.",
    )
    if message.is_deleted:
        case.expect(
            case.replies(sent, "response"),
            "a request whose handler died is deleted without an answer",
            requirements=("SES-13",),
        )
    elif len(message.receives) == 1:
        taken = case.requests.take(within_s=case.setup.lease_s)
        case.expect(
            taken is not None,
            "an event whose handler died is not free within one lease",
            requirements=("SES-7",),
        )
