"""The clock: a client's own is corrected by AWS's, which it learns from the dates of answers."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import client_check
from ldp_conformance.witness import ALWAYS, ClockOff, Hang

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase

#: How far AWS's clock is off where it is to be corrected: well beyond 2 s, well below the 5 min
#: from which on AWS refuses every signature.
_OFF_S: Final = 60.0
#: How many quick calls SQS-13 takes the median of.
_SAMPLES: Final = 5
#: More than the 2 s up to which a call tells the time.
_SLOW_S: Final = 2.2
#: Too far off for any signature; in minutes between 16 and 17.
_REFUSED_S: Final = 1_000.0
_OFF: Final = re.compile(
    r"(?<![\d:.])(9[89]\d|1[,_' ]?0[01]\d)(?:[.,]\d+)?\s*s|(?<![\d:])1[67](?:[.,]\d+)?\s*m",
    re.IGNORECASE,
)


@client_check("sqs.clock-ahead", "SQS-13", "SES-2", alone=True)
def a_slow_clock_is_corrected(case: ClientCase) -> None:
    """A client whose clock is a minute slow does not start what is over by AWS's clock."""
    _set_clock(case, _OFF_S)
    sent = case.send(case.request("echo", value=1, answer_in_s=_OFF_S / 2))
    case.gone(sent)
    case.expect(not case.runs(sent.nonce), "an event ran that nobody waits for, by AWS's clock")
    case.no_answer(sent, for_s=0.1)


@client_check("sqs.clock-behind", "SQS-13", "SES-2", alone=True)
def a_fast_clock_is_corrected(case: ClientCase) -> None:
    """A client whose clock is a minute fast serves what is still waited for by AWS's clock."""
    _set_clock(case, -_OFF_S)
    sent = case.send(case.request("echo", value=1, answer_in_s=-_OFF_S / 2))
    case.expect_equal(case.result(sent), 1, "the answer is another")
    case.gone(sent)


@client_check("sqs.clock-outlier", "SQS-13", alone=True)
def a_single_date_proves_nothing(case: ClientCase) -> None:
    """A `Date` or two that are a minute off do not move the clock: the median of five counts."""
    _show_clock(case)
    flag = case.fresh("flag")
    sent = case.send(case.request("wait", flag=flag, value=1))
    case.began(sent.nonce)
    case.requests.inject(ClockOff(_OFF_S, times=2))  # its delete, and the receive after it
    case.flag(flag)
    case.gone(sent)
    after = case.send(case.request("echo", value="after", answer_in_s=_OFF_S / 2))
    case.expect_equal(case.result(after), "after", "the answer is another")
    case.gone(after)


@client_check("sqs.clock-slow-calls", "SQS-13", alone=True)
def slow_calls_prove_nothing(case: ClientCase) -> None:
    """Calls that took 2 s or more do not move the clock, whatever their `Date` says."""
    for queue in (case.requests, case.reply_queue):
        queue.inject(ClockOff(_OFF_S))
        queue.inject(Hang(times=ALWAYS, seconds=_SLOW_S, after_effect=True))
    sent = case.send(case.request("echo", value=1, answer_in_s=10 * _OFF_S))
    case.answer(sent)
    after = case.send(case.request("echo", value="after", answer_in_s=_OFF_S / 2))
    case.expect_equal(case.result(after), "after", "the answer is another")


def _set_clock(case: ClientCase, seconds: float) -> None:
    """Put AWS's clock forward, and let the client see it in as many quick calls as it takes."""
    for queue in (case.requests, case.reply_queue):
        queue.inject(ClockOff(seconds))
    _show_clock(case)


def _show_clock(case: ClientCase) -> None:
    """Let the client see AWS's clock in as many quick calls as it takes."""
    for number in range(_SAMPLES):
        sent = case.send(case.request("echo", value=number, answer_in_s=10 * _OFF_S))
        case.answer(sent)
        case.gone(sent)


@client_check("sqs.refused-clock", "SQS-14", alone=True)
def a_refused_clock_is_explained(case: ClientCase) -> None:
    """A client whose clock is too far off for AWS says so, and by how much."""
    for queue in (case.requests, case.reply_queue):
        queue.inject(ClockOff(_REFUSED_S))
    begun = time.monotonic()
    case.port.restart()
    told = case.said(_OFF, since=begun)
    case.expect(
        told,
        f"the client does not say that its clock is off by {_REFUSED_S:g} s",
        came=case.port.output_since(begun)[-2_000:],
        hint="The refusal's Date tells what time it is for AWS. The suite looks for a number of "
        "seconds from 980 to 1020, or of minutes from 16 to 17.",
    )
