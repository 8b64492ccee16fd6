"""How a client ends when it is signalled (SES-32, SES-33)."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import expect_runs, finish, run_ended, start_waiting
from ldp_conformance.check import client_check
from ldp_conformance.ports.setups import ClientSetup
from ldp_conformance.witness import ALWAYS, ServerError

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent

#: How long a client may take to see a signal, and to end when nothing is left, in seconds.
_SEEN_S: Final = 0.7
_END_S: Final = 25.0
#: So much longer than what a release takes that the end of a lease cannot be taken for one.
_LONG_LEASE: Final = ClientSetup(lease_s=8)


@client_check("shutdown.first-signal", "SES-32", alone=True)
def first_signal_lets_the_handler_end(case: ClientCase) -> None:
    """At SIGTERM a client starts nothing more, answers what runs, and ends."""
    waiting = start_waiting(case)
    case.port.send(signal.SIGTERM)
    time.sleep(_SEEN_S)
    later = case.send(case.request("echo", value=1))
    time.sleep(0.5)
    case.expect(
        case.port.status is None, "the client ended at the first signal while a handler ran"
    )

    finish(case, waiting)
    case.expect(
        case.port.wait_end(_END_S) is not None,
        f"the client did not end within {_END_S:g} s of its last answer",
    )
    _expect_left(case, later, within_s=case.setup.lease_s + 1.0)


@client_check("shutdown.unsent-answer", "SES-32", "SES-15", alone=True)
def first_signal_lets_an_answer_be_sent(case: ClientCase) -> None:
    """At SIGTERM a client goes on to send an answer that SQS does not take yet, and ends then."""
    case.reply_queue.inject(ServerError("SendMessage", ALWAYS))
    sent = case.send(case.request("nonce"))
    run_ended(case, sent.nonce)
    case.port.send(signal.SIGTERM)
    time.sleep(_SEEN_S)
    case.expect(case.port.status is None, "the client ended without its answer being sent")
    case.reply_queue.clear_faults()
    case.answer(sent)
    case.gone(sent)
    later = case.send(case.request("echo", value=1))  # and an open receive ends soon
    case.expect(
        case.port.wait_end(_END_S) is not None,
        f"the client did not end within {_END_S:g} s of its last answer",
    )
    expect_runs(case, later, 0, "a request that came after the signal is run")


@client_check("shutdown.open-receive", "SES-32", "SQS-7", setup=_LONG_LEASE, alone=True)
def open_receive_is_given_back(case: ClientCase) -> None:
    """At SIGINT an idle client ends, and releases what its open receive brings."""
    case.answer(case.send(case.request("echo", value=1)))
    time.sleep(0.3)
    case.port.send(signal.SIGINT)
    time.sleep(_SEEN_S)
    later = case.send(case.request("echo", value=1))

    case.requests.wait(lambda m: m.id == later.message_id and bool(m.receives), within_s=0.5)
    _expect_left(case, later, within_s=3.0)
    case.expect(
        case.port.wait_end(_END_S) is not None, f"the client did not end within {_END_S:g} s"
    )


def _expect_left(case: ClientCase, later: Sent, within_s: float) -> None:
    """Go on only if a request that came after the signal is free for others, and was not run."""
    taken = case.requests.take(within_s=within_s)
    expect_runs(case, later, 0, "a request that came after the signal is run")
    case.expect(
        taken is not None and taken.id == later.message_id,
        "a request that came after the signal is not free for other clients",
        came=str(case.requests.message(later.message_id).receives),
    )


@client_check("shutdown.second-signal", "SES-33", "SES-13", alone=True)
def second_signal_ends_at_once(case: ClientCase) -> None:
    """At the second signal a client ends at once; its request stays unanswered and is free soon."""
    waiting = start_waiting(case)
    case.port.send(signal.SIGTERM)
    time.sleep(_SEEN_S)
    case.port.send(signal.SIGINT)
    case.expect(
        case.port.wait_end(5.0) is not None, "the client did not end within 5 s of a second signal"
    )
    message = case.requests.message(waiting.sent.message_id)
    case.expect(
        not message.is_deleted,
        "a request is deleted although it was given up",
        requirements=("SES-13",),
    )
    taken = case.requests.take(within_s=case.setup.lease_s + 1.0)
    case.expect(
        taken is not None, "a request that was given up is not free for others within one lease"
    )
    case.expect(not case.replies(waiting.sent), "a request that was given up is answered")
