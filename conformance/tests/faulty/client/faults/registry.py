"""The list of all faults."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from faulty.client.part import Part

_P = TypeVar("_P", bound="type[Part]")


@dataclass(frozen=True, slots=True)
class Fault:
    """A client that does one thing wrong.

    Attributes:
        name: Its permanent name.
        sentence: What it does wrong.
        breaks: The requirements that it breaks.
        red: The checks that find it, and a fragment of what each says; where what is found first
            is chance, all of them with ` | ` between.
        green: Some checks that find nothing wrong with it, close by.
        parts: The parts that it replaces.
    """

    name: str
    sentence: str
    breaks: tuple[str, ...]
    red: Mapping[str, str]
    green: tuple[str, ...]
    parts: tuple[type[Part], ...]


_FAULTS: Final[dict[str, Fault]] = {}


def fault(
    name: str,
    *breaks: str,
    red: Mapping[str, str] | None = None,
    green: tuple[str, ...] = (),
    also: tuple[type[Part], ...] = (),
) -> Callable[[_P], _P]:
    """Register a part as a fault; its docstring says what it does wrong.

    Args:
        name: Its permanent name.
        breaks: The requirements that it breaks.
        red: The checks that find it, and a fragment of what each says.
        green: Some checks that find nothing wrong with it.
        also: Further parts that it replaces.
    """

    def register(part: _P) -> _P:
        if name in _FAULTS or not part.__doc__:
            raise ValueError(f"the fault {name} exists twice, or says nothing")
        _FAULTS[name] = Fault(name, part.__doc__, breaks, dict(red or {}), green, (part, *also))
        return part

    return register


def faults() -> Mapping[str, Fault]:
    """Every fault by its name."""
    for module in sorted(Path(__file__).parent.glob("[!_]*.py")):
        import_module(f"faulty.client.faults.{module.stem}")
    return _FAULTS


def parts_of(name: str) -> tuple[type[Part], ...]:
    """The parts of a fault."""
    return faults()[name].parts
