"""How a runtime's start and an invocation can end; values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ldp_client.runtime_api import Posted


@dataclass(frozen=True, slots=True)
class Answered:
    """The runtime posted a result, or the handler's error."""

    posted: Posted
    is_error: bool


@dataclass(frozen=True, slots=True)
class Exited:
    """The process ended by itself; a negative code is the signal."""

    code: int


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The time was up."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The runtime has started and asks for work."""


@dataclass(frozen=True, slots=True)
class InitFailed:
    """The runtime posted why it could not start."""

    posted: Posted


Start: TypeAlias = Ready | InitFailed | Exited | TimedOut
Outcome: TypeAlias = Answered | Exited | TimedOut
