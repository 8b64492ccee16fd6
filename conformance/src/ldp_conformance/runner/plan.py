"""Which checks share a live port, and what is run when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_conformance.check import Check
    from ldp_conformance.ports.setups import Setup

#: How many checks share a live port at most; more would leave other workers idle at the end.
MOST_SHARED: Final = 16


@dataclass(frozen=True, slots=True)
class Unit:
    """Checks that one worker runs one after another on one port.

    Attributes:
        setup: How the port is started.
        checks: The checks, in order.
    """

    setup: Setup
    checks: tuple[Check, ...]


def units(chosen: Sequence[Check]) -> list[Unit]:
    """Every check in a unit, those that take longest first."""
    alone = [Unit(check.setup, (check,)) for check in chosen if check.is_alone]
    alone.sort(key=lambda unit: -unit.checks[0].cases)
    by_setup: dict[Setup, list[Check]] = {}
    for check in chosen:
        if not check.is_alone:
            by_setup.setdefault(check.setup, []).append(check)
    shared = [Unit(setup, part) for setup, checks in by_setup.items() for part in _parts(checks)]
    generated = [unit for unit in alone if unit.checks[0].cases > 1]
    return [*generated, *shared, *alone[len(generated) :]]


def _parts(checks: list[Check]) -> list[tuple[Check, ...]]:
    return [
        tuple(checks[start : start + MOST_SHARED]) for start in range(0, len(checks), MOST_SHARED)
    ]
