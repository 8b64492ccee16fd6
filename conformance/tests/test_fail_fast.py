"""A run that ends at its first failure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.runner import RunOptions, run

if TYPE_CHECKING:
    import pytest

    from ldp_conformance.events import Event
    from ldp_conformance.outcomes import Result

HERE = Path(__file__).parent


def test_what_a_failure_keeps_from_running_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every check that was chosen comes to something, and nobody but the port is at fault."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    command = [sys.executable, "-m", "faulty.client", "--fault", "mixes-up-arns"]
    manifest = load(HERE / "faulty/client/conformance.toml").started_by(Role.CLIENT, command)
    options = RunOptions(manifest, only=("client.context.*",), jobs=1, stops_early=True)
    results: dict[str, Result] = {}

    def take(event: Event) -> None:
        if isinstance(event, CheckEnded):
            results[event.result.check] = event.result

    ended = run(options, take)
    blocked = [each for each in results.values() if each.outcome is Outcome.BLOCKED]

    assert set(results) == {check.id for check in options.chosen()}
    assert results["client.context.members"].outcome is Outcome.FAILED
    assert {each.reason for each in blocked} == {"the run ended at its first failure"}
    assert f"{len(blocked)} could not be run because of that" in ended.sentence
