"""One client's turn: who acts, what it knows, and how a session's decision becomes a move."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ldp_testing.explorer import properties
from ldp_testing.explorer.moves import CLIENTS, Line, Move
from ldp_testing.explorer.ticks import at_ms

if TYPE_CHECKING:
    from ldp_testing.explorer.calls import Decision
    from ldp_testing.explorer.model import Model
    from ldp_testing.explorer.moves import Lane
    from ldp_testing.explorer.world import Client, Todo, World


class Turn(NamedTuple):
    """A client that is about to do something.

    Attributes:
        model: What is explored.
        world: The state before.
        number: Which client it is.
        client: It.
        now_ms: What its clock shows.
    """

    model: Model
    world: World
    number: int
    client: Client
    now_ms: int

    @property
    def lane(self) -> Lane:
        """Its lane in a diagram."""
        return CLIENTS[self.number]

    @property
    def rest(self) -> Client:
        """It, with its next action done."""
        return self.client._replace(todo=self.client.todo[1:])

    def line(self, text: str) -> Line:
        """A line about what it does by itself."""
        return Line(self.lane, self.lane, text)

    def moved(self, line: Line, client: Client, world: World | None = None) -> Move:
        """It is in another state, and so may the world be."""
        before = self.world if world is None else world
        return Move((line,), before.with_client(self.number, client))

    def decided(self, line: Line, client: Client, decision: Decision, *, then: Todo = ()) -> Move:
        """Its session has decided something; what is said in `then` is done after that."""
        after = self.world.with_client(self.number, client._replace(todo=decision.todo + then))
        said = line._replace(text=line.text + decision.told) if decision.told else line
        violation = properties.of_decision(self.model, after, client, decision.todo)
        return Move((said,), after, violation)


def turn_of(model: Model, world: World, number: int) -> Turn:
    """A client's turn."""
    client = world.clients[number]
    return Turn(model, world, number, client, at_ms(world.tick + client.clock))
