"""One step of a run: what is seen of it, the state after it, and what is wrong with it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from ldp_testing.explorer.faults import Fault
    from ldp_testing.explorer.properties import Violation
    from ldp_testing.explorer.world import World


class Role(Enum):
    """Whose lane of a diagram it is."""

    CALLER = "caller"
    PROXY = "proxy"
    REQUESTS = "requests"
    REPLIES = "replies"
    CLIENT = "client"


class Lane(NamedTuple):
    """A lane of a diagram; the numbers count those of one role."""

    role: Role
    number: int = 0


CALLER: Final = Lane(Role.CALLER)
REQUESTS: Final = Lane(Role.REQUESTS)
REPLIES: Final = Lane(Role.REPLIES)
PROXIES: Final = tuple(Lane(Role.PROXY, number) for number in range(3))
CLIENTS: Final = tuple(Lane(Role.CLIENT, number) for number in range(3))


class Line(NamedTuple):
    """One line of a diagram: who does what to whom, and the fault if it is one."""

    source: Lane
    target: Lane
    text: str
    fault: Fault | None = None


Lines = tuple[Line, ...]


class Move(NamedTuple):
    """One step of a run.

    Attributes:
        lines: What is seen of it.
        world: The state after it.
        violation: The property that it breaks, if any.
    """

    lines: Lines
    world: World
    violation: Violation | None = None

    def then(self, later: Move) -> Move:
        """Both steps as one, with nobody's between them."""
        return Move((*self.lines, *later.lines), later.world, self.violation or later.violation)
