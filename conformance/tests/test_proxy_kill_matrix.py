from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from faulty.looking import surprises_of, wrong_of
from faulty.proxy.faults import faults
from ldp_conformance.check import checks
from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.requirements import Level, requirements
from ldp_conformance.runner import RunOptions, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from faulty.proxy.faults import Fault
    from ldp_conformance.events import Event
    from ldp_conformance.outcomes import Result
    from ldp_conformance.ports.manifest import Manifest

HERE: Final = Path(__file__).parent
#: How many faulty proxies run at a time; their checks wait most of the time.
AT_A_TIME: Final = 8
SLICES: Final = 4
FOUNDATION: Final = "proxy.start.exchange"


def port(*words: str) -> Manifest:
    """The correct proxy, with these words behind its command."""
    manifest = load(HERE / "faulty/proxy/conformance.toml")
    command = [sys.executable, *manifest.side(Role.PROXY).command[1:], *words]
    return manifest.started_by(Role.PROXY, command)


def results_of(manifest: Manifest, only: Sequence[str] = ()) -> dict[str, Result]:
    """What becomes of these checks, or of all, by their IDs."""
    results: dict[str, Result] = {}

    def take(event: Event) -> None:
        if isinstance(event, CheckEnded):
            results[event.result.check] = event.result

    options = RunOptions(
        manifest, role=Role.PROXY, level=Level.SHOULD, only=tuple(only), jobs=4 if only else 8
    )
    run(options, take)
    return results


def surprises(fault: Fault) -> Iterator[str]:
    """What a run of a faulty proxy shows that its fault does not explain."""
    results = results_of(port("--fault", fault.name), (*fault.red, *fault.green))
    for name, fragment in fault.red.items():
        finding = results[name].finding
        if results[name].outcome is not Outcome.FAILED or finding is None:
            yield f"{fault.name}: {name} {results[name].outcome.value}, and should have failed"
        elif fragment not in finding.sentence:
            yield f"{fault.name}: {name} failed for another reason: {finding.sentence}"
    for name in fault.green:
        if results[name].outcome is not Outcome.PASSED:
            finding = results[name].finding
            yield f"{fault.name}: {name} should have passed: {finding and finding.sentence}"


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(SLICES))
def test_each_fault_is_found_for_what_it_is(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A faulty proxy fails the checks of what it does wrong, with their words, and no others."""
    # How small a generated case becomes is tested with one fault, in fuzz/test_replies.py.
    monkeypatch.setattr("ldp_conformance.fuzz.search.SHRINK_S", 0.0)
    mine = list(faults().values())[part::SLICES]

    assert "\n".join(surprises_of(mine, surprises, AT_A_TIME)) == ""


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.timeout(900)
def test_the_proxy_without_a_fault_conforms() -> None:
    """Every check of proxies passes on the correct base, which was written from the spec alone."""
    wrong = wrong_of(results_of(port()))
    assert not wrong or wrong_of(results_of(port(), tuple(wrong))) == {}  # a second look, alone


def test_each_fault_has_a_victim() -> None:
    """Every fault is found by a check, breaks what the specification says, and leaves something."""
    for fault in faults().values():
        assert fault.red, fault.name
        assert fault.green or FOUNDATION in fault.red, fault.name  # which blocks all others
        assert all(fault.red.values()), fault.name
        assert set(fault.breaks) <= set(requirements()), fault.name
        assert not set(fault.red) & set(fault.green), fault.name


def test_each_check_has_a_killer() -> None:
    """No check of proxies is without a faulty proxy that it finds."""
    killed = {name for fault in faults().values() for name in fault.red}
    of_proxies = {check.id for check in checks().values() if check.role is Role.PROXY}
    assert of_proxies - killed == set()
