"""Breadth-first search over every reachable state, so that a counterexample is a shortest one.

Three things keep it small, and none of them takes a behaviour away.

- Equal states are one. Clients have no names, so worlds that differ in their order only are equal.
- Steps whose order nobody can notice are taken in one order: `clients` and `proxies` say which.
- What can have no effect any more is forgotten: deleted messages once nothing can reappear, and
  what only faultless runs are judged by once there was a fault.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from time import process_time
from typing import TYPE_CHECKING, Final, NamedTuple

from ldp_testing.explorer import clients, passing, proxies
from ldp_testing.explorer.model import ALL_CAUSES, Model
from ldp_testing.explorer.properties import Property
from ldp_testing.explorer.world import Poll

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.explorer.faults import Cause
    from ldp_testing.explorer.moves import Lines, Move
    from ldp_testing.explorer.properties import Violation
    from ldp_testing.explorer.scenarios import Scenario
    from ldp_testing.explorer.world import Client, World

ALL_PROPERTIES: Final = frozenset(Property)
#: How many states a search may have; about one kilobyte each.
MOST_STATES: Final = 5_000_000


class Step(NamedTuple):
    """One step of a run.

    Attributes:
        tick: When it is.
        lines: What is seen of it.
        is_swapped: Whether the two clients change places after it.
    """

    tick: int
    lines: Lines
    is_swapped: bool = False


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A run that breaks a property."""

    violation: Violation
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a search found.

    Attributes:
        faults: How many faults a run could have.
        states: How many different states there are, as far as it looked.
        seconds: Processor time.
        is_truncated: Whether it gave up before it had seen all: then it proves nothing.
        counterexample: A shortest run that breaks a property, if there is one.
    """

    faults: int
    states: int
    seconds: float
    is_truncated: bool
    counterexample: Counterexample | None

    @property
    def is_proof(self) -> bool:
        """Whether every run within the bounds keeps every promise."""
        return self.counterexample is None and not self.is_truncated


def search(
    scenario: Scenario,
    faults: int,
    *,
    excuses: frozenset[Cause] = ALL_CAUSES,
    looks_for: frozenset[Property] = ALL_PROPERTIES,
    most_states: int = MOST_STATES,
) -> Result:
    """Look at every run of a scenario.

    Args:
        scenario: What takes part.
        faults: How many faults a run may have.
        excuses: The causes that are accepted for a second run.
        looks_for: The properties that matter; what breaks another one goes on.
        most_states: Where to give up.
    """
    begun_s = process_time()
    with _no_garbage_collection():
        found = _Search(Model(scenario, faults, excuses), looks_for, most_states)
        counterexample, is_truncated = found.run()
    seconds = process_time() - begun_s
    return Result(faults, len(found.seen), seconds, is_truncated, counterexample)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """States hold no cycles, and looking for some among millions takes half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Search:
    def __init__(self, model: Model, looks_for: frozenset[Property], most_states: int) -> None:
        self._model = model
        self._looks_for = looks_for
        self._most_states = most_states
        self._ranks: dict[Client, int] = {}
        #: Each state with the one before it, and the step between the two.
        self.seen: dict[World, tuple[World, Step] | None] = {}

    def run(self) -> tuple[Counterexample | None, bool]:
        """Search; whether it was cut short."""
        level = [self._model.start()]
        self.seen[level[0]] = None
        while level and len(self.seen) < self._most_states:
            level, violation = self._next(level)
            if violation is not None:
                return violation, False
        return None, bool(level)

    def _next(self, level: list[World]) -> tuple[list[World], Counterexample | None]:
        found: list[World] = []
        for world in level:
            for move in successors(self._model, world):
                if move.violation and move.violation.broken in self._looks_for:
                    return [], self._retraced(world, move, move.violation)
                after, is_swapped = self._tidied(move.world)
                way = (world, Step(after.tick, move.lines, is_swapped))
                if self.seen.setdefault(after, way) is way:
                    found.append(after)
        return found, None

    def _tidied(self, world: World) -> tuple[World, bool]:
        """The one form of all states that are as good as this one."""
        if not world.faults:
            requests, replies = world.requests.remaining(), world.replies.remaining()
            if requests is not world.requests or replies is not world.replies:
                world = world._replace(requests=requests, replies=replies)
        if world.faults < self._model.budget and any(fate.is_owed for fate in world.fates):
            world = world.with_fates(range(len(world.fates)), is_owed=False)
        if len(world.clients) != 2 or self._rank(world.clients[0]) <= self._rank(world.clients[1]):
            return world, False
        journals = world.journals if len(world.journals) == 1 else world.journals[::-1]
        return world._replace(clients=world.clients[::-1], journals=journals), True

    def _rank(self, client: Client) -> int:
        """A place in an order of all states of clients: that in which they were met."""
        return self._ranks.setdefault(client, len(self._ranks))

    def _retraced(self, world: World, move: Move, violation: Violation) -> Counterexample:
        steps = [Step(move.world.tick, move.lines)]
        before = self.seen[world]
        while before is not None:
            world, step = before
            steps.append(step)
            before = self.seen[world]
        return Counterexample(violation, tuple(reversed(steps)))


def successors(model: Model, world: World) -> list[Move]:
    """All next steps of all runs that have come to this state.

    Time passes once nobody has anything to do; a fault may come before, but need not.
    """
    due = clients.upkeep_due(model, world)
    if due is not None:
        return clients.upkeep(model, world, due)
    found: list[Move] = []
    for participants, moves in (
        (len(world.clients), clients.moves),
        (len(world.proxies), proxies.moves),
    ):
        found += [move for number in range(participants) for move in moves(model, world, number)]
        if any(move.world.faults == world.faults for move in found):
            return found
    return found if _is_over(model, world) else found + passing.ways(model, world)


def _is_over(model: Model, world: World) -> bool:
    """Whether nothing can go wrong any more: no fault is left, no request, and nobody waits."""
    have_all_begun = all(x.begins <= world.tick for x in model.scenario.invocations)
    is_idle = all(proxy.poll is Poll.IDLE for proxy in world.proxies)
    return not world.faults and not world.requests.messages and have_all_begun and is_idle
