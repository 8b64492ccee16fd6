from __future__ import annotations

import enum
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from states import diagram, load

if TYPE_CHECKING:
    import pytest


class Light(enum.Enum):
    """States of a machine that has nothing to do with ours."""

    GREEN = enum.auto()
    RED = enum.auto()
    SWITCHED_OFF = enum.auto()
    SOLD = enum.auto()
    BROKEN = enum.auto()


class Cause(enum.Enum):
    """What moves it."""

    TIMER = enum.auto()
    BUTTON_PRESSED = enum.auto()
    POWER_CUT = enum.auto()


TABLE = {
    Light.GREEN: {
        Cause.TIMER: Light.RED,
        Cause.BUTTON_PRESSED: Light.RED,
        Cause.POWER_CUT: Light.SWITCHED_OFF,
    },
    Light.RED: {Cause.TIMER: Light.GREEN},
    Light.SWITCHED_OFF: {Cause.POWER_CUT: Light.BROKEN},
    Light.SOLD: {Cause.TIMER: Light.SOLD},
}


def test_a_diagram_shows_every_transition_of_its_table() -> None:
    """A diagram begins at the first state, shares arrows and ends where no way leads out."""
    assert diagram(TABLE) == (
        "```mermaid\n"
        "stateDiagram-v2\n"
        "    [*] --> green\n"
        "    green --> red: timer, button pressed\n"
        "    green --> switched_off: power cut\n"
        "    red --> green: timer\n"
        "    switched_off --> broken: power cut\n"
        "    sold --> sold: timer\n"
        "    sold --> [*]\n"
        "    broken --> [*]\n"
        "```\n"
    )


def test_a_table_is_found_by_module_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module's table is called TRANSITIONS unless another name is given."""
    module = ModuleType("traffic")
    monkeypatch.setattr(module, "TRANSITIONS", TABLE, raising=False)
    monkeypatch.setattr(module, "OTHER", {}, raising=False)
    monkeypatch.setitem(sys.modules, "traffic", module)

    assert load("traffic") is TABLE
    assert load("traffic:OTHER") == {}
