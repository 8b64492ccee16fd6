"""The reference client and proxy conform, with nothing left out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ldp_conformance.check import checks
from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.requirements import Level
from ldp_conformance.runner import RunOptions, run
from ldp_testing.processes import MEASURING

PORT = Path(__file__).resolve().parents[1] / "ports" / "python" / "conformance.toml"
#: A run goes through so many generated cases at least.
LEAST_CASES = 2_000


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", Role)
def test_the_reference_conforms(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every check of its role passes, SHOULD included, and none is left out."""
    monkeypatch.delenv(MEASURING, raising=False)  # its own tests measure it, at less expense
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    ended: list[CheckEnded] = []
    options = RunOptions(load(PORT), role=role, level=Level.SHOULD)

    verdict = run(
        options, lambda event: ended.append(event) if isinstance(event, CheckEnded) else None
    )

    wrong = {
        each.result.check: each.result.finding and each.result.finding.sentence
        for each in ended
        if each.result.outcome is not Outcome.PASSED
    }
    assert wrong == {}, verdict.sentence
    assert {each.result.check for each in ended} == {
        check.id for check in checks().values() if check.role is role
    }
    if role is Role.CLIENT:
        assert sum(each.result.cases for each in ended) >= LEAST_CASES
