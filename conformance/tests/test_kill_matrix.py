from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from faulty.client.faults import faults
from faulty.looking import surprises_of
from ldp_conformance.check import checks
from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.requirements import Level, requirements
from ldp_conformance.runner import RunOptions, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faulty.client.faults import Fault
    from ldp_conformance.events import Event
    from ldp_conformance.outcomes import Result

HERE: Final = Path(__file__).parent
#: How many faulty clients run at a time; their checks wait most of the time.
AT_A_TIME: Final = 12
SLICES: Final = 2


def results_of(fault: Fault) -> dict[str, Result]:
    """What becomes of a fault's red and green checks, by their IDs."""
    manifest = load(HERE / "faulty/client/conformance.toml")
    command = [sys.executable, "-m", "faulty.client", "--fault", fault.name]
    results: dict[str, Result] = {}

    def take(event: Event) -> None:
        if isinstance(event, CheckEnded):
            results[event.result.check] = event.result

    options = RunOptions(
        manifest.started_by(Role.CLIENT, command),
        level=Level.SHOULD,
        only=(*fault.red, *fault.green),
        jobs=3,
    )
    run(options, take)
    return results


def surprises(fault: Fault) -> Iterator[str]:
    """What a run of a faulty client shows that its fault does not explain."""
    results = results_of(fault)
    for name, fragment in fault.red.items():
        finding = results[name].finding
        if results[name].outcome is not Outcome.FAILED or finding is None:
            yield f"{fault.name}: {name} {results[name].outcome.value}, and should have failed"
        elif not any(each in finding.sentence for each in fragment.split(" | ")):
            yield f"{fault.name}: {name} failed for another reason: {finding.sentence}"
    for name in fault.green:
        if results[name].outcome is not Outcome.PASSED:
            yield f"{fault.name}: {name} {results[name].outcome.value}, and should have passed"


def _is_quick(fault: Fault) -> bool:
    return all(checks()[name].cases == 1 for name in fault.red)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(SLICES))
def test_each_fault_is_found_for_what_it_is(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A faulty client fails the checks of what it does wrong, with their words, and no others."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    mine = sorted(faults().values(), key=_is_quick)[part::SLICES]  # what takes longest first

    assert "\n".join(surprises_of(mine, surprises, AT_A_TIME)) == ""


def test_each_fault_has_a_victim() -> None:
    """Every fault is found by a check, breaks what the specification says, and leaves something."""
    for fault in faults().values():
        assert fault.red, fault.name
        assert fault.green or "client.start.answers" in fault.red, fault.name  # it blocks all else
        assert all(fault.red.values()), fault.name
        assert set(fault.breaks) <= set(requirements()), fault.name
        assert not set(fault.red) & set(fault.green), fault.name


def test_each_check_has_a_killer() -> None:
    """No check of clients is without a faulty client that it finds."""
    killed = {name for fault in faults().values() for name in fault.red}
    of_clients = {check.id for check in checks().values() if check.role is Role.CLIENT}
    assert of_clients - killed == set()
