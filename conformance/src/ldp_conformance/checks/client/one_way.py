"""One-way requests: events whose caller wants no answer (SES-27, SES-28)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import (
    expect_runs,
    expect_silent_queue,
    run_ended,
    start_waiting,
)
from ldp_conformance.check import client_check
from ldp_conformance.ports.setups import ClientSetup

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent

_HOUR_MS: Final = 3_600_000
ONE_WAY: Final = ClientSetup(has_response_queue=False)


@client_check("one-way.returned", "SES-27", "SES-28", "SES-7")
def one_way_request_is_deleted_after_the_handler(case: ClientCase) -> None:
    """A one-way request is kept until the handler returned, then deleted, and not answered."""
    waiting = start_waiting(case, one_way=True)
    early = case.requests.wait(
        lambda m: m.id == waiting.sent.message_id and m.is_deleted,
        within_s=case.setup.lease_s + 0.5,
    )
    case.expect(early is None, "a one-way request is deleted before its handler has ended")
    message = case.requests.message(waiting.sent.message_id)
    case.expect(
        message.receives[0].visible_again_ms > case.witness.now_ms(),
        "the lease of a one-way request is not renewed while its handler runs",
        requirements=("SES-7",),
    )
    case.flag(waiting.flag)
    case.gone(waiting.sent)
    _expect_unanswered(case, waiting.sent)


@client_check("one-way.failed", "SES-27", "SES-19")
def failed_one_way_request_is_deleted(case: ClientCase) -> None:
    """A one-way request whose handler failed is deleted, not answered, and not run again."""
    sent = case.send(case.one_way("throw", type="Broken", message="no"))
    case.gone(sent)
    run_ended(case, sent.nonce)
    _expect_unanswered(case, sent)
    expect_runs(case, sent, 1, "a one-way request that failed is run again")


@client_check("one-way.never-expires", "SES-28")
def one_way_request_does_not_expire(case: ClientCase) -> None:
    """A one-way request runs however old it is, and whatever deadline its context has."""
    request = case.one_way("echo", value=1)
    request["sentAtMs"] -= _HOUR_MS
    request["context"]["deadlineMs"] -= _HOUR_MS
    sent = case.send(request)
    run_ended(case, sent.nonce)
    case.gone(sent)
    _expect_unanswered(case, sent)


@client_check("one-way.mode", "SES-27", "SES-28", setup=ONE_WAY)
def client_works_without_a_response_queue(case: ClientCase) -> None:
    """A client without a response queue runs one-way requests and deletes them."""
    for do, more in (("echo", {"value": 1}), ("throw", {"type": "Broken", "message": "no"})):
        sent = case.send(case.one_way(do, **more))
        run_ended(case, sent.nonce)
        case.gone(sent)
        _expect_unanswered(case, sent, for_s=0.1)


def _expect_unanswered(case: ClientCase, sent: Sent, for_s: float = 0.3) -> None:
    expect_silent_queue(case, sent, for_s, "a one-way request is answered")
