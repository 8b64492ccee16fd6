"""The list of all faults."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from faulty.proxy.fallback import Proxy

_P = TypeVar("_P", bound="type[Proxy]")


@dataclass(frozen=True, slots=True)
class Fault:
    """A proxy that does one thing wrong.

    Attributes:
        name: Its permanent name.
        sentence: What it does wrong.
        breaks: The requirements that it breaks.
        red: The checks that find it, and a fragment of what each says.
        green: Some checks that find nothing wrong with it, close by.
        kind: The proxy.
    """

    name: str
    sentence: str
    breaks: tuple[str, ...]
    red: Mapping[str, str]
    green: tuple[str, ...]
    kind: type[Proxy]


#: What most faults leave as it is.
ALL_IS_WELL: Final = "proxy.start.exchange"
_FAULTS: Final[dict[str, Fault]] = {}


def fault(
    name: str,
    *breaks: str,
    red: Mapping[str, str] | None = None,
    green: tuple[str, ...] = (ALL_IS_WELL,),
) -> Callable[[_P], _P]:
    """Register a proxy as a fault; its docstring says what it does wrong.

    Args:
        name: Its permanent name.
        breaks: The requirements that it breaks.
        red: The checks that find it, and a fragment of what each says.
        green: Some checks that find nothing wrong with it.
    """

    def register(kind: _P) -> _P:
        if name in _FAULTS or not kind.__doc__:
            raise ValueError(f"the fault {name} exists twice, or says nothing")
        _FAULTS[name] = Fault(name, kind.__doc__, breaks, dict(red or {}), green, kind)
        return kind

    return register


def faults() -> Mapping[str, Fault]:
    """Every fault by its name."""
    for module in sorted(Path(__file__).parent.glob("[!_]*.py")):
        import_module(f"faulty.proxy.faults.{module.stem}")
    return _FAULTS
