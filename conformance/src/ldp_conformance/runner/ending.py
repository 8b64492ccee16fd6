"""How a run ends: the verdict over all results, as the last event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ldp_conformance.events import RunEnded
from ldp_conformance.outcomes import Blame, ExitStatus, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_conformance.outcomes import Result


def ended_by(results: Sequence[Result]) -> RunEnded:
    """The verdict over all results: whoever showed nothing does not conform."""
    count = {outcome: sum(r.outcome is outcome for r in results) for outcome in Outcome}
    failed = sum(count[o] for o in (Outcome.FAILED, Outcome.FIXED, Outcome.BLOCKED))
    if failed:
        status, sentence = ExitStatus.FAILS, _failure_sentence(results, count)
    elif count[Outcome.ABORTED]:
        told = _count(count[Outcome.ABORTED], "check")
        status, sentence = (
            ExitStatus.BROKEN,
            f"No verdict: {told} could not be run; the port is not at fault.",
        )
    elif not count[Outcome.PASSED]:
        status, sentence = (
            ExitStatus.FAILS,
            "Does not conform: no check passed, so nothing was shown.",
        )
    else:
        status, sentence = (
            ExitStatus.CONFORMS,
            f"Conforms: {_count(count[Outcome.PASSED], 'check')} passed.",
        )
    remarks = tuple(
        f"{result.check} passes now: remove it from the list of known failures."
        for result in results
        if result.outcome is Outcome.FIXED
    )
    return RunEnded(time.time_ns() // 1_000_000, status, sentence, remarks)


def _failure_sentence(results: Sequence[Result], count: dict[Outcome, int]) -> str:
    blames = {r.finding.blame for r in results if r.outcome is Outcome.FAILED and r.finding}
    whose = "its conformance handler or manifest" if blames == {Blame.HARNESS} else "the port"
    told = [
        f"{count[outcome]} {word}"
        for outcome, word in (
            (Outcome.FAILED, "failed"),
            (Outcome.FIXED, "passed although listed as failing"),
            (Outcome.BLOCKED, "could not be run because of that"),
            (Outcome.PASSED, "passed"),
        )
        if count[outcome]
    ]
    return f"Does not conform: of the checks, {', '.join(told)}. Look at {whose} first."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"
