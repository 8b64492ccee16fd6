"""The verdict as every report tells it: the runner's, unless what was seen does not bear it out.

Nothing that was not seen is a pass: a run without a check that ran, or without an observation of
the port, never conforms, whatever its stream says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_conformance.events import RunEnded
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


_RAN: Final = {Outcome.PASSED, Outcome.FAILED, Outcome.WARNED, Outcome.KNOWN, Outcome.FIXED}
_FAILED: Final = {Outcome.FAILED, Outcome.FIXED, Outcome.BLOCKED}


def judged(results: Sequence[Result], ended: RunEnded | None) -> Verdict:
    """The verdict of a run.

    Args:
        results: What became of its checks; those that never ended are aborted.
        ended: How it ended; None if it was cut off.
    """
    if ended is not None and ended.exit_status:
        is_known = ended.exit_status == Judgement.DOES_NOT_CONFORM.value
        judgement = Judgement.DOES_NOT_CONFORM if is_known else Judgement.UNDECIDED
        return Verdict(judgement, ended.sentence)
    failed = sum(result.outcome in _FAILED for result in results)
    if failed:
        sentence = f"Does not conform: {counted(failed, 'check')} failed or could not be judged."
        return Verdict(Judgement.DOES_NOT_CONFORM, sentence)
    if ended is None:
        return Verdict(Judgement.UNDECIDED, "No verdict: the run was cut off before its end.")
    return _borne_out(results) or Verdict(Judgement.CONFORMS, ended.sentence)


def _borne_out(results: Sequence[Result]) -> Verdict | None:
    """What is against a verdict that nothing failed; None if nothing is."""
    ran = [result for result in results if result.outcome in _RAN]
    aborted = sum(result.outcome is Outcome.ABORTED for result in results)
    if aborted:
        told = counted(aborted, "check")
        return Verdict(Judgement.UNDECIDED, f"No verdict: {told} could not be run to an end.")
    if not ran:
        sentence = "Does not conform: not one check ran, so nothing is known."
        return Verdict(Judgement.DOES_NOT_CONFORM, sentence)
    if not any(result.observations for result in ran):
        sentence = "Does not conform: nothing of the port was seen on the wire."
        return Verdict(Judgement.DOES_NOT_CONFORM, sentence)
    unseen = [each.check for each in ran if not each.observations]
    if unseen:
        sentence = f"No verdict: {unseen[0]} saw nothing of the port and yet came to an outcome."
        return Verdict(Judgement.UNDECIDED, sentence)
    return None
