"""What the results of a run come to, by one rule for every report and for the exit status.

Nothing that was not seen is a pass: a run without a check that ran, or without an observation of
the port, never conforms.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_conformance.events import RunEnded, RunStarted
    from ldp_conformance.outcomes import Result


class Judgement(Enum):
    """What a run comes to; the exit status of each."""

    CONFORMS = 0
    DOES_NOT_CONFORM = 1
    UNDECIDED = 3  #: the runner or the environment failed


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run comes to.

    Attributes:
        judgement: Whether the port conforms.
        sentence: The same in one sentence.
    """

    judgement: Judgement
    sentence: str

    @property
    def conforms(self) -> bool:
        """Whether the port conforms."""
        return self.judgement is Judgement.CONFORMS


_RAN: Final = (Outcome.PASSED, Outcome.FAILED, Outcome.WARNED, Outcome.KNOWN, Outcome.FIXED)


def verdict(started: RunStarted, results: Sequence[Result]) -> Verdict:
    """What results come to; a check that was announced and has none counts as aborted."""
    subject = f"{started.port.name} as a {started.role}"
    counts = Counter(result.outcome for result in results)
    counts[Outcome.ABORTED] += len(
        {about.id for about in started.checks} - {result.check for result in results}
    )
    ran = sum(counts[outcome] for outcome in _RAN)
    if counts[Outcome.FAILED] or counts[Outcome.FIXED]:
        return Verdict(Judgement.DOES_NOT_CONFORM, _failed(subject, started, counts, ran))
    if counts[Outcome.ABORTED]:
        aborted = counted(counts[Outcome.ABORTED], "check")
        return Verdict(
            Judgement.UNDECIDED,
            f"Whether {subject} conforms is undecided: {aborted} could not be run to an end.",
        )
    if not ran or not any(result.observations for result in results) or counts[Outcome.BLOCKED]:
        return Verdict(Judgement.DOES_NOT_CONFORM, _nothing(subject, counts, ran))
    unseen = [each for each in results if each.outcome in _PASSES and not each.observations]
    if unseen:
        return Verdict(
            Judgement.UNDECIDED,
            f"Whether {subject} conforms is undecided: {unseen[0].check} passed "
            "without having seen anything of it.",
        )
    return Verdict(Judgement.CONFORMS, _conforms(subject, started, counts))


_PASSES: Final = (Outcome.PASSED, Outcome.FIXED)


def judged(started: RunStarted, results: Sequence[Result], ended: RunEnded | None) -> Verdict:
    """The verdict of a run, which may have been told; the stricter of what was told and is found.

    Args:
        started: How the run began.
        results: What became of its checks.
        ended: How it ended; None if it was cut off.
    """
    found = verdict(started, results)
    if ended is None:
        cut = f"The run of {started.port.name} was cut off before its end."
        return found if found.judgement is Judgement.DOES_NOT_CONFORM else _undecided(cut)
    if ended.exit_status not in {0, found.judgement.value}:
        told = 1 if ended.exit_status == 1 else 3
        return Verdict(Judgement(told), ended.sentence)
    if ended.exit_status == found.judgement.value:
        return Verdict(found.judgement, ended.sentence)
    return found


def _undecided(sentence: str) -> Verdict:
    return Verdict(Judgement.UNDECIDED, sentence)


def _failed(subject: str, started: RunStarted, counts: Counter[Outcome], ran: int) -> str:
    failed, fixed = counts[Outcome.FAILED], counts[Outcome.FIXED]
    if not failed:
        stale = counted(fixed, "known failure")
        return f"The list of known failures is stale: {stale} of {subject} passed."
    return (
        f"{subject} does not conform to protocol {started.protocol_version}: "
        f"{failed:,} of {counted(ran, 'check')} failed."
    )


def _nothing(subject: str, counts: Counter[Outcome], ran: int) -> str:
    if counts[Outcome.BLOCKED]:
        blocked = counted(counts[Outcome.BLOCKED], "check")
        return f"{subject} does not conform: {blocked} could not be judged, blocked by others."
    if not ran:
        return f"{subject} does not conform: not one check ran, so nothing is known of it."
    return f"{subject} does not conform: nothing of it was seen on the wire."


def _conforms(subject: str, started: RunStarted, counts: Counter[Outcome]) -> str:
    parts = [f"{counted(counts[Outcome.PASSED], 'check')} passed"]
    if counts[Outcome.WARNED]:
        parts.append(f"{counts[Outcome.WARNED]:,} warned")
    if counts[Outcome.KNOWN]:
        parts.append(f"{counts[Outcome.KNOWN]:,} failed as known")
    if counts[Outcome.NOT_APPLICABLE]:
        parts.append(f"{counts[Outcome.NOT_APPLICABLE]:,} not applicable")
    return f"{subject} conforms to protocol {started.protocol_version}: {', '.join(parts)}."
