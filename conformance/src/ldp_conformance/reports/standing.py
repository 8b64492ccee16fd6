"""How a port stands to one requirement, by what became of the checks that judge it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_conformance.outcomes import Blame, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_conformance.outcomes import Result


class Standing(Enum):
    """How a port stands to a requirement, the worst first."""

    BROKEN = "broken"  #: a check found it broken
    KNOWN = "known to be broken"  #: the list of known failures says so
    UNMET = "not met"  #: it is a SHOULD, and the run is at level MUST
    UNDECIDED = "undecided"  #: its checks did not get as far as to judge it
    HELD = "held"  #: at least one check passed, and none did otherwise
    NOT_APPLICABLE = "not applicable"  #: its checks need features that the port does not declare
    EXCLUDED = "excluded"  #: no check judges it, for a reason
    UNJUDGED = "not judged"  #: no check of this run judges it


_BROKEN_BY: Final = {
    Outcome.FAILED: Standing.BROKEN,
    Outcome.WARNED: Standing.UNMET,
    Outcome.KNOWN: Standing.KNOWN,
}
_OTHERWISE: Final = {
    Outcome.PASSED: Standing.HELD,
    Outcome.FIXED: Standing.HELD,
    Outcome.NOT_APPLICABLE: Standing.NOT_APPLICABLE,
    Outcome.BLOCKED: Standing.UNDECIDED,
    Outcome.ABORTED: Standing.UNDECIDED,
}
_WORST_FIRST: Final = tuple(Standing)


def standing_of(requirement: str, results: Sequence[Result], reason: str) -> Standing:
    """How a port stands to a requirement.

    Args:
        requirement: Its ID.
        results: What became of the checks that judge it.
        reason: Why it is excluded; empty if it is not.
    """
    if not results:
        return Standing.EXCLUDED if reason else Standing.UNJUDGED
    return min((_by(requirement, result) for result in results), key=_WORST_FIRST.index)


def _by(requirement: str, result: Result) -> Standing:
    if result.outcome not in _BROKEN_BY:
        return _OTHERWISE[result.outcome]
    found = result.finding
    if found is None:
        return _BROKEN_BY[result.outcome]
    if found.blame is not Blame.PORT:  # says nothing about the port
        return Standing.UNDECIDED
    # A check that fails for one of its clauses ends there, and has not judged the others.
    named = not found.requirements or requirement in found.requirements
    return _BROKEN_BY[result.outcome] if named else Standing.UNDECIDED
