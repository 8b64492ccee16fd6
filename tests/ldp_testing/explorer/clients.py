"""What a client does of itself, and what may befall it.

A *move* of a client ends where somebody else could notice the difference: before it records,
deletes or releases, which other clients see. What comes before is done without a break, for
nothing else can see into a client or act upon it meanwhile: a reply that is stored goes to
proxies, whose turn comes later in the tick, and a handler that starts is nobody else's business.
Still it can die or be suspended before each single action.

The limit of this: a client does one thing after the other, and receives once all is carried out.
The reference's threads do more at a time, under one lock; `tests/test_kill.py` and its neighbours
run those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_testing.explorer import calls, journals, properties
from ldp_testing.explorer.errands import carry_out, released
from ldp_testing.explorer.faults import Cause, Fault
from ldp_testing.explorer.moves import REQUESTS, Line, Move
from ldp_testing.explorer.ticks import NEVER, at_ms
from ldp_testing.explorer.turns import Turn, turn_of
from ldp_testing.explorer.world import Client, Mode, Report
from ldp_wire.actions import Record, Release, Renew, Send, Start

if TYPE_CHECKING:
    from ldp_testing.explorer.model import Model
    from ldp_testing.explorer.queues import Message
    from ldp_testing.explorer.world import Run, World

_UNSEEN: Final = frozenset({Send, Report, Renew, Start})


def upkeep_due(model: Model, world: World) -> int | None:
    """The first client that has something due; this comes first in a tick.

    It takes no behaviour away: a lease that is renewed in its last tick is renewed before anybody
    can receive the message, and if it is not, the client was suspended and may be for longer.
    """
    for number, client in enumerate(world.clients):
        if client.mode is not Mode.UP or (client.todo and type(client.todo[0]) in _UNSEEN):
            continue
        due_ms = model.sessions.ask(client.session, calls.due_ms)
        now_ms = at_ms(world.tick + client.clock)
        if due_ms is None or due_ms > now_ms:
            continue
        after, decision = model.sessions.step(client.session, calls.tick, now_ms)
        if after != client.session or decision.todo:
            return number
    return None


def upkeep(model: Model, world: World, number: int) -> list[Move]:
    """All ways in which a client does what is due."""
    turn = turn_of(model, world, number)
    session, decision = model.sessions.step(turn.client.session, calls.tick, turn.now_ms)
    renewals = sum(type(action) is Renew for action in decision.todo)
    first = decision._replace(todo=decision.todo[:renewals])
    client = turn.client._replace(session=session)
    line = turn.line("does what is due")
    move = turn.decided(line, client, first, then=(*turn.client.todo, *decision.todo[renewals:]))
    return _with_mishaps(turn, _to_the_next_break(turn, [move]))


def moves(model: Model, world: World, number: int) -> list[Move]:
    """All that a client can do now."""
    turn = turn_of(model, world, number)
    if turn.client.mode is not Mode.UP:
        return []
    if turn.client.todo:
        begun = carry_out(turn)
    else:
        begun = [*_ended(turn), *_asked(turn), *_received(turn)]
    found = _to_the_next_break(turn, begun)
    is_busy = any(move.world.faults == world.faults for move in begun)
    return _with_mishaps(turn, found) if is_busy else found


def _to_the_next_break(turn: Turn, begun: list[Move]) -> list[Move]:
    found = []
    for move in begun:
        client = move.world.clients[turn.number]
        if move.violation or not client.todo or not _goes_on(turn, move.world):
            found.append(move)
            continue
        later = turn_of(turn.model, move.world, turn.number)
        going_on = _with_mishaps(later, _to_the_next_break(later, carry_out(later)))
        found += [move.then(after) for after in going_on]
    return found


def _goes_on(turn: Turn, world: World) -> bool:
    client = world.clients[turn.number]
    if client.mode is not Mode.UP:
        return False
    return type(client.todo[0]) in _UNSEEN or _is_alone(turn.model, world, turn.number)


def _is_alone(model: Model, world: World, number: int) -> bool:
    """Whether nobody could notice in which order a client's next actions and others' happen.

    No fault may be left, as each could strike in between. Then another client can only notice a
    record, by receiving a copy of the request or by overwriting the record; and a delete or
    release of a leased message commutes with whatever others do to theirs.
    """
    if world.faults:
        return False
    some_visible = any(message.is_visible(world.tick) for message in world.requests.messages)
    for other, client in enumerate(world.clients):
        if other == number or client.mode is not Mode.UP:
            continue
        if any(type(action) is Record for action in client.todo):
            return False
        if some_visible and model.sessions.ask(client.session, calls.has_room):
            return False
    return True


def _ended(turn: Turn) -> list[Move]:
    """A handler's end is reported."""
    found = []
    for run in turn.client.runs:
        if run.has_ended:
            session, decision = turn.model.sessions.step(
                turn.client.session, calls.handler_ended, run, turn.now_ms
            )
            runs = tuple(other for other in turn.client.runs if other is not run)
            client = turn.client._replace(session=session, runs=runs)
            how = "failed" if run.has_failed else "returned"
            line = turn.line(f"the handler of {run.request_id} {how}")
            owed = turn._replace(world=_owing(turn, run)) if not decision.todo else turn
            found.append(owed.decided(line, client, decision))
    return found


def _owing(turn: Turn, run: Run) -> World:
    """The world in which an error is held, and its caller gets it unless there is better."""
    number = turn.model.events.index(run.event)
    answer_by = turn.model.scenario.invocations[number].answer_by
    if turn.world.tick > answer_by - properties.GOOD_TIME:
        return turn.world
    return turn.world.with_fates({number}, is_owed=True)


def _asked(turn: Turn) -> list[Move]:
    """The developer's wish to run again what is held is passed on."""
    if not turn.client.is_asked:
        return []
    session, decision = turn.model.sessions.step(turn.client.session, calls.rerun, turn.now_ms)
    client = turn.client._replace(session=session, is_asked=False)
    return [turn.decided(turn.line("the developer asks for another run"), client, decision)]


def _received(turn: Turn) -> list[Move]:
    """A receive brings something."""
    model, world = turn.model, turn.world
    if not model.sessions.ask(turn.client.session, calls.has_room):
        return []
    found = []
    for message in world.requests.messages:
        if message.is_visible(world.tick):
            found.append(_taken(turn, message))
            if model.allows(world, Fault.DEAD_POLL):
                found.append(_lost(turn, message))
        elif message.visible < NEVER and model.allows(world, Fault.REDELIVERY):
            found.append(_redelivered(turn, message))
    return found


def _taken(turn: Turn, message: Message) -> Move:
    model, world = turn.model, turn.world
    request_id = model.requests[model.invocation_of(message.text)].request_id
    recorded = journals.lookup(model, world, turn.number, request_id)
    queue, _, delivery = world.requests.handing_out(message, _leased_until(turn))
    session, decision = model.sessions.step(
        turn.client.session, calls.receive, delivery, recorded, turn.now_ms
    )
    client = turn.client._replace(session=session)
    line = Line(REQUESTS, turn.lane, f"request {request_id} in {message.message_id}")
    return turn._replace(world=world._replace(requests=queue)).decided(line, client, decision)


def _leased_until(turn: Turn) -> int:
    return turn.world.tick + turn.model.scenario.lease + 1


def _lost(turn: Turn, message: Message) -> Move:
    queue, _, _ = turn.world.requests.handing_out(message, _leased_until(turn))
    line = Line(REQUESTS, turn.lane, f"request in {message.message_id}", Fault.DEAD_POLL)
    return Move((line,), turn.world.faulted()._replace(requests=queue))


def _redelivered(turn: Turn, message: Message) -> Move:
    """To the client that holds it, that is nothing; to another it is a cause for two runs."""
    session, message_id = turn.client.session, message.message_id
    is_holder = turn.model.sessions.step(session, calls.holds, message_id)[1]
    cause = None if is_holder else Cause.REDELIVERY
    move = _taken(turn._replace(world=turn.world.faulted(cause)), message)
    return move._replace(lines=(move.lines[0]._replace(fault=Fault.REDELIVERY),))


def _with_mishaps(turn: Turn, found: list[Move]) -> list[Move]:
    """What a client can do, and what may befall it before it does.

    Others see a client only by what it does, so it is enough to strike it just before that.
    """
    model, world = turn.model, turn.world
    if not world.faults:
        return found
    mishaps = []
    unrecorded = any(fate.is_answered and not fate.is_recorded for fate in world.fates)
    cause = Cause.UNRECORDED if unrecorded else None
    gone = Client(clock=turn.client.clock)
    if model.allows(world, Fault.CRASH):
        line = turn.line("")._replace(fault=Fault.CRASH)
        mishaps.append(turn.moved(line, gone, world.faulted(cause)))
    if model.allows(world, Fault.PAUSE):
        line = turn.line("")._replace(fault=Fault.PAUSE)
        paused = turn.client._replace(mode=Mode.PAUSED)
        mishaps.append(turn.moved(line, paused, world.faulted(Cause.PAUSE)))
    if model.allows(world, Fault.QUIT):
        mishaps.append(_quit(turn, gone, cause))
    return [*found, *mishaps]


def _quit(turn: Turn, gone: Client, cause: Cause | None) -> Move:
    """The second signal: what is surely held is released, the rest is left to its lease."""
    _, decision = turn.model.sessions.step(turn.client.session, calls.abandon, turn.now_ms)
    line = turn.line("")._replace(fault=Fault.QUIT)
    move = turn.decided(line, turn.client, decision)
    world = move.world.faulted(cause)
    for action in decision.todo:
        assert isinstance(action, Release)
        world = released(world, action)
    return move._replace(world=world.with_client(turn.number, gone))
