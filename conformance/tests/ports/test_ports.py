"""Every port in another language conforms, as `make test-languages` builds it."""

from __future__ import annotations

from typing import Final

import pytest

from ldp_conformance.check import checks
from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.ports.setups import Feature
from port_matrix import PASSED, recorded
from ports.judging import PORTS, judged

#: The reference in Python leaves nothing out, which `test_reference.py` sees to.
NAMES: Final = sorted(each.parent.name for each in PORTS.glob("*/conformance.toml"))
TRANSLATED: Final = [name for name in NAMES if name != "python"]
#: What a small port may leave out: memory that survives a crash, and the origin's proxies.
SPARED: Final = {Feature.JOURNAL, Feature.V0}


def _undeclared(name: str) -> dict[str, frozenset[Feature]]:
    """The checks of a client that a port declares too little for, with what it lacks."""
    declared = load(PORTS / name / "conformance.toml").side(Role.CLIENT).features
    lacking = {
        each.id: each.features - declared for each in checks().values() if each.role is Role.CLIENT
    }
    return {check: features for check, features in lacking.items() if features}


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_port_leaves_out_no_more_than_journal_and_version_0(name: str) -> None:
    """What the suite does not judge of a port belongs to those two features alone."""
    assert {feature for lacking in _undeclared(name).values() for feature in lacking} <= SPARED


@pytest.mark.languages
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", TRANSLATED)
def test_a_port_conforms(name: str) -> None:
    """Every check of what it declares passes, SHOULD included, as the page of ports says."""
    found = judged(name)

    assert set(found.pop(Outcome.NOT_APPLICABLE, {})) == set(_undeclared(name))
    assert list(found) == [Outcome.PASSED], found
    told = recorded()[name].checks or {}
    assert set(found[Outcome.PASSED]) == {check for check, said in told.items() if said == PASSED}
