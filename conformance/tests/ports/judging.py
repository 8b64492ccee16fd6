"""What the whole suite says of a port of this repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.requirements import Level
from ldp_conformance.runner import RunOptions, run

if TYPE_CHECKING:
    from ldp_conformance.events import Event
    from ldp_conformance.outcomes import Result

PORTS = Path(__file__).resolve().parents[2] / "ports"


def judged(name: str) -> dict[Outcome, dict[str, str]]:
    """The checks of a client by what became of them at level SHOULD, with what they say.

    What does not pass beside other checks, on a machine that they keep busy, is looked at again by
    itself.

    Args:
        name: The port's folder.
    """
    results = _results(name)
    doubtful = tuple(
        check
        for check, result in results.items()
        if result.outcome not in {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    )
    if doubtful:
        results |= _results(name, only=doubtful, jobs=1)
    return {
        outcome: {
            check: result.finding.sentence if result.finding else result.reason
            for check, result in results.items()
            if result.outcome is outcome
        }
        for outcome in {result.outcome for result in results.values()}
    }


def _results(name: str, *, only: tuple[str, ...] = (), jobs: int = 8) -> dict[str, Result]:
    results: dict[str, Result] = {}

    def take(event: Event) -> None:
        if isinstance(event, CheckEnded):
            results[event.result.check] = event.result

    manifest = load(PORTS / name / "conformance.toml")
    run(RunOptions(manifest, role=Role.CLIENT, level=Level.SHOULD, only=only, jobs=jobs), take)
    return results
