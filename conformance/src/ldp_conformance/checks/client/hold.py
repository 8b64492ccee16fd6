"""Events that are held after their handler failed, until the developer has mended it (SES-36)."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.client_watch import (
    expect_runs,
    expect_silent_queue,
    run_ended,
)
from ldp_conformance.check import client_check
from ldp_conformance.ports.setups import ClientSetup, Feature

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent

_MS_PER_S: Final = 1_000
#: How long before `answerByMs` the last error is sent, in ms, and how much it may be early or late.
_MARGIN_MS: Final = 2_000
_EARLY_MS: Final = 200
_LATE_MS: Final = 1_000
_VALUE: Final = "mended"
#: How often Enter is pressed until the event runs again: one that comes too early has no effect.
_PRESS_S: Final = 0.4
_PRESSES: Final = 15
_HOLD: Final = ClientSetup(on_error="hold")
_HOLD_LONG: Final = ClientSetup(on_error="hold", lease_s=8)


@dataclass(frozen=True, slots=True)
class Failed:
    """A request whose handler failed once, and fails until the flag is set."""

    sent: Sent
    flag: str
    answer_by_ms: int


def start_failing(case: ClientCase, answer_in_s: float = 30.0) -> Failed:
    """Send a request whose handler fails, and wait until it has."""
    flag = case.fresh("flag")
    request = case.request(
        "throw-until",
        answer_in_s=answer_in_s,
        flag=flag,
        type="Unfinished",
        message="not yet",
        value=_VALUE,
    )
    sent = case.send(request)
    run_ended(case, sent.nonce)
    return Failed(sent, flag, request["answerByMs"])


def press_until(case: ClientCase, nonce: str, runs: int) -> None:
    """Press Enter until the handler has begun to run so often."""
    for _ in range(_PRESSES):
        case.port.write_line()
        end = time.monotonic() + _PRESS_S
        while time.monotonic() < end:
            if len(case.runs(nonce)) >= runs:
                case.observe()
                return
            time.sleep(0.01)
    raise case.missing("an event that is held does not run again when Enter is pressed")


@client_check("hold.kept", "SES-18", "SES-36", "SES-19", "SES-7", needs=[Feature.HOLD], setup=_HOLD)
def failed_event_is_kept(case: ClientCase) -> None:
    """A failed event is held: not answered, not run again, and its lease is renewed.

    Enter is pressed before, when nothing is held: that asks for nothing.
    """
    case.answer(case.send(case.request("echo", value=1)))
    case.port.write_line()
    time.sleep(0.2)
    failed = start_failing(case)
    expect_silent_queue(
        case, failed.sent, 1.0, "the failure of an event that is to be held is answered"
    )
    held_ms = case.witness.now_ms()
    kept = case.requests.wait(
        lambda m: (
            m.id == failed.sent.message_id
            and len([at for at, _ in m.receives[-1].renewals if at > held_ms]) > 1
        ),
        within_s=2.0 * case.setup.lease_s,
    )
    expect_runs(case, failed.sent, 1, "a held event is run again without being asked")
    case.expect(
        kept is not None and len(kept.receives) == 1,
        "the lease of a held event is not renewed",
        came=str(case.requests.message(failed.sent.message_id).receives),
        requirements=("SES-36", "SES-7"),
    )
    _mend(case, failed)


def _mend(case: ClientCase, failed: Failed) -> None:
    case.flag(failed.flag)
    press_until(case, failed.sent.nonce, 2)
    case.expect_equal(
        case.result(failed.sent), _VALUE, "the answer is not that of the run that succeeded"
    )
    case.gone(failed.sent)
    expect_runs(case, failed.sent, 2, "an event that is answered is run again")


@client_check("hold.runs-again", "SES-36", "SES-19", needs=[Feature.HOLD], setup=_HOLD)
def held_event_runs_again_when_asked(case: ClientCase) -> None:
    """A held event runs again each time Enter is pressed, until it succeeds and is answered."""
    failed = start_failing(case)
    press_until(case, failed.sent.nonce, 2)
    run_ended(case, failed.sent.nonce, 2)
    expect_silent_queue(case, failed.sent, 0.5, "the second failure of a held event is answered")
    expect_runs(case, failed.sent, 2, "a held event is run again without being asked")
    case.flag(failed.flag)
    press_until(case, failed.sent.nonce, 3)
    case.expect_equal(
        case.result(failed.sent), _VALUE, "the answer is not that of the run that succeeded"
    )
    case.gone(failed.sent)
    case.expect(
        len(case.replies(failed.sent)) == 1,
        "a held event is answered more than once",
        requirements=("SES-14",),
    )


@client_check("hold.last-error", "SES-36", "SES-18", needs=[Feature.HOLD], setup=_HOLD)
def last_error_is_sent_in_time(case: ClientCase) -> None:
    """The last error of a held event is sent by itself 2 s before `answerByMs`."""
    failed = start_failing(case, answer_in_s=3.5)
    error = case.error(failed.sent, within_s=5.0)
    stored_ms = case.reply(failed.sent).message.sent_at_ms
    before_ms = failed.answer_by_ms - stored_ms
    case.expect(
        _MARGIN_MS - _LATE_MS < before_ms < _MARGIN_MS + _EARLY_MS,
        "the last error of a held event is not sent 2 s before `answerByMs`",
        came=f"It is sent {before_ms} ms before.",
    )
    case.expect_equal(error.type, "Unfinished", "what is sent is not the error of the handler")
    case.gone(failed.sent)
    expect_runs(case, failed.sent, 1, "a held event is run again without being asked")


@client_check(
    "hold.released", "SES-36", "SES-32", needs=[Feature.HOLD], setup=_HOLD_LONG, alone=True
)
def held_event_is_released_at_the_end(case: ClientCase) -> None:
    """A client that ends releases the event that it holds, unanswered."""
    failed = start_failing(case)
    time.sleep(0.3)
    case.port.send(signal.SIGTERM)
    taken = case.requests.take(within_s=4.0)
    case.expect(
        taken is not None and taken.id == failed.sent.message_id,
        "a held event is not released when the client ends",
        came=str(case.requests.message(failed.sent.message_id).receives),
    )
    case.expect(not case.replies(failed.sent), "a held event that is released is answered")
