"""What is explored: who takes part, which limits the requests carry, and how far time goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_testing.explorer.faults import Fault
from ldp_wire.session import OnError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Journals(Enum):
    """Who shares a journal."""

    SHARED = "one machine"
    SEPARATE = "two machines"
    NONE = "no journal"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation; all times are ticks.

    Attributes:
        aws_id: Lambda's own request ID, which a retry repeats.
        environment: Which execution environment serves it.
        begins: When it begins.
        start_within: How long its start window is, if it has one.
        answer_within: How long its proxy waits.
    """

    aws_id: str = "aws-1"
    environment: int = 0
    begins: int = 0
    start_within: int | None = None
    answer_within: int = 8

    @property
    def answer_by(self) -> int:
        """When its proxy stops waiting."""
        return self.begins + self.answer_within


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is explored.

    Attributes:
        name: Its name on the command line.
        about: What it is about.
        invocations: The invocations, those of an environment one after the other.
        clients: How many clients may attach, at any time or never.
        handlers: How many handlers each client has.
        on_error: What a client does when a handler fails; with HOLD handlers may fail.
        lease: Length of a lease in ticks.
        journals: Who shares a journal.
        has_fallback: Whether a proxy that finds nobody there invokes the fallback function.
        faults: The faults that may be injected.
        ends: The tick after which nobody looks any more.
        most_faults: How many faults `make explore` lets a run have.
    """

    name: str
    about: str
    invocations: tuple[Invocation, ...] = (Invocation(),)
    clients: int = 2
    handlers: int = 1
    on_error: OnError = OnError.REPORT
    lease: int = 4
    journals: Journals = Journals.SHARED
    has_fallback: bool = False
    faults: frozenset[Fault] = frozenset(Fault)
    ends: int = 9
    most_faults: int = 2

    @property
    def environments(self) -> int:
        """How many execution environments there are."""
        return 1 + max(invocation.environment for invocation in self.invocations)


#: Time for an absence to be found at tick 5, and for a dead client's event to come back then.
_WINDOW: Final = Invocation(start_within=2)

WAIT: Final = Scenario(
    "wait", "no start window; two handlers, so that copies arrive while one runs", handlers=2
)
ERROR: Final = Scenario(
    "error", "a start window; that nobody is there is an error for the caller", (_WINDOW,)
)
FALLBACK: Final = replace(
    ERROR,
    name="fallback",
    about="a start window; where nobody is there, the fallback runs",
    has_fallback=True,
)
MACHINES: Final = replace(
    ERROR,
    name="machines",
    about="a start window, and two developers with a journal each",
    journals=Journals.SEPARATE,
)
BARE: Final = replace(
    WAIT, name="bare", about="no start window, and no journal", journals=Journals.NONE
)
HOLD: Final = Scenario(
    "hold", "failing handlers, whose events are held and run again", on_error=OnError.HOLD
)
SHARED: Final = Scenario(
    "shared",
    "two invocations in two environments on one shared reply queue",
    (Invocation(answer_within=5), Invocation("aws-2", environment=1, answer_within=5)),
    ends=6,
    most_faults=1,
)
RETRY: Final = Scenario(
    "retry",
    "an environment that serves Lambda's retry of an event right after it gave up the first try",
    (Invocation(answer_within=3), Invocation(begins=4, answer_within=4)),
    clients=1,
)

SCENARIOS: Final[Mapping[str, Scenario]] = {
    scenario.name: scenario
    for scenario in (WAIT, ERROR, FALLBACK, MACHINES, BARE, HOLD, SHARED, RETRY)
}


def shortened(scenario: Scenario, ticks: int) -> Scenario:
    """A scenario whose proxies wait for less, by so many ticks: a smaller search."""
    invocations = tuple(
        replace(x, answer_within=x.answer_within - ticks) for x in scenario.invocations
    )
    return replace(scenario, invocations=invocations, ends=scenario.ends - ticks)
