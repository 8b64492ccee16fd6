"""The reference client and proxy conform, with nothing left out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faulty.looking import wrong_of
from ldp_conformance.check import checks
from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.requirements import Level
from ldp_conformance.runner import RunOptions, run

if TYPE_CHECKING:
    from ldp_conformance.events import Event
    from ldp_conformance.outcomes import Result

PORT = Path(__file__).resolve().parents[1] / "ports" / "python" / "conformance.toml"
#: A run goes through so many generated cases at least.
LEAST_CASES = 2_000


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("role", Role)
def test_the_reference_conforms(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every check of its role passes, SHOULD included, and none is left out.

    What fails beside other tests, on a machine that they keep busy, is looked at again by itself.
    """
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    results = _results(role)
    wrong = wrong_of(results)
    assert not wrong or wrong_of(_results(role, only=tuple(wrong), jobs=1)) == {}

    assert set(results) == {check.id for check in checks().values() if check.role is role}
    if role is Role.CLIENT:
        assert sum(each.cases for each in results.values()) >= LEAST_CASES


def _results(role: Role, *, only: tuple[str, ...] = (), jobs: int = 8) -> dict[str, Result]:
    results: dict[str, Result] = {}

    def take(event: Event) -> None:
        if isinstance(event, CheckEnded):
            results[event.result.check] = event.result

    run(RunOptions(load(PORT), role=role, level=Level.SHOULD, only=only, jobs=jobs), take)
    return results
