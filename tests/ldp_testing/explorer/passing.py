"""How time passes: all ways into the next tick.

Everything that is free and concerns no particular action happens between two ticks: clients
attach, handlers end, the suspended go on, SQS shows what it hid. Within the tick these are then
done in any order.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from ldp_testing.explorer import calls, proxies
from ldp_testing.explorer.faults import Cause, Fault
from ldp_testing.explorer.moves import CALLER, CLIENTS, PROXIES, REPLIES, REQUESTS, Line, Move
from ldp_testing.explorer.properties import Property, Violation
from ldp_testing.explorer.queues import Queue, reply_in
from ldp_testing.explorer.ticks import NEVER
from ldp_testing.explorer.world import Client, Mode, Poll, Proxy
from ldp_wire.envelopes import Accepted
from ldp_wire.limits import ABSENCE_GRACE_MS
from ldp_wire.session import OnError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.explorer.model import Model
    from ldp_testing.explorer.world import World

_CLOCKS = {Fault.SLOW_CLOCK: -2, Fault.FAST_CLOCK: 2}
_HIDDEN_CAP = ABSENCE_GRACE_MS // 1000 + 1


def ways(model: Model, world: World) -> list[Move]:
    """All ways into the next tick; none if nobody looks any more."""
    if world.tick >= model.scenario.ends:
        return []
    moves = [_ticked(world)]
    for number in range(model.scenario.environments):
        moves = [way for move in moves for way in _environment(model, move, number)]
    for number in range(model.scenario.clients):
        moves = [way for move in moves for way in _client(model, move, number)]
    moves = [way for move in moves for way in _shown(move)]
    return [way for move in moves for way in _with_copies(model, move)]


def _ticked(world: World) -> Move:
    blind = any(p.poll is Poll.BLIND for p in world.proxies)
    messages = tuple(
        m._replace(hidden=m.hidden + 1)
        if (blind or m.visible > world.tick) and m.hidden < _HIDDEN_CAP and _is_accepted(m.text)
        else m
        for m in world.replies.messages
    )
    rested = tuple(proxy._replace(passed=()) for proxy in world.proxies)
    replies = Queue(messages, world.replies.ever)
    return Move((), world._replace(tick=world.tick + 1, replies=replies, proxies=rested))


def _is_accepted(text: str) -> bool:
    return isinstance(reply_in(text), Accepted)


def _environment(model: Model, move: Move, number: int) -> list[Move]:
    world = move.world
    proxy, tick = world.proxies[number], world.tick
    if proxy.poll is Poll.IDLE:
        return [_begun(model, move, number)]
    answer_by = model.scenario.invocations[proxy.invocation].answer_by
    if tick > answer_by:
        return [move._replace(violation=Violation(Property.DEADLINE, "it still waits"))]
    if proxy.poll is Poll.RESTING:
        return [proxies.go_on(model, move, number, proxy)]
    if proxy.poll is Poll.SLOW:
        heard = move.then(proxies.hears(model, world, number))
        return [heard] if tick >= answer_by else [move, heard]
    if proxy.poll is Poll.DEAD:
        noticed = move.then(proxies.notices(model, world, number))
        return [noticed] if tick >= proxy.until else [move, noticed]
    return [move]


def _begun(model: Model, move: Move, number: int) -> Move:
    """An invocation begins, if it is time: its request is sent, and its first receive begins."""
    world = move.world
    for invocation, what in enumerate(model.scenario.invocations):
        if what.environment == number and what.begins == world.tick:
            exchange = model.begun(invocation, world.proxies[number].exchange)
            requests = world.requests.storing(model.texts[invocation], world.tick)
            request_id = model.requests[invocation].request_id
            lines = (
                Line(CALLER, PROXIES[number], f"invocation {invocation + 1}"),
                Line(PROXIES[number], REQUESTS, f"request {request_id}"),
            )
            sent, proxy = world._replace(requests=requests), Proxy(exchange, invocation)
            return proxies.go_on(model, move.then(Move(lines, sent)), number, proxy)
    return move


def _client(model: Model, move: Move, number: int) -> list[Move]:
    client, lane = move.world.clients[number], CLIENTS[number]

    def changed(text: str, client: Client, world: World = move.world) -> Move:
        return move.then(Move((Line(lane, lane, text),), world.with_client(number, client)))

    if client.mode is Mode.PAUSED:
        return [move, changed("goes on", client._replace(mode=Mode.UP))]
    if client.mode is Mode.UP:
        return [move, *(changed(text, after) for text, after in _free(model, client))]
    attached = Client(model.new_session, Mode.UP, clock=client.clock)
    found = [move, changed("attaches", attached)]
    for fault, clock in _CLOCKS.items():
        if move.world.tick == 0 and model.allows(move.world, fault):
            wrong = changed("", client._replace(clock=clock), move.world.faulted())
            line = wrong.lines[-1]._replace(fault=fault)
            found.append(wrong._replace(lines=(*wrong.lines[:-1], line)))
    return found


def _free(model: Model, client: Client) -> Iterator[tuple[str, Client]]:
    """What may come about in a client: handlers end, its developer asks for another run."""
    may_fail = model.scenario.on_error is OnError.HOLD
    choices = []
    for run in client.runs:
        ended = run._replace(has_ended=True)
        ways = [run, ended, ended._replace(has_failed=True)] if may_fail else [run, ended]
        choices.append([run] if run.has_ended else ways)
    for runs in product(*choices):
        if runs != client.runs:
            yield "a handler ends", client._replace(runs=runs)
    if may_fail and not client.is_asked and model.sessions.ask(client.session, calls.is_holding):
        yield "the developer presses Enter", client._replace(is_asked=True)


def _shown(move: Move) -> list[Move]:
    """SQS may show replies that it hid."""
    found = [move]
    for message in move.world.replies.messages:
        if message.visible == NEVER and not message.is_deleted:
            line = Line(REPLIES, REPLIES, f"{message.message_id} appears")
            found += [
                way.then(Move((line,), _showing_reply(way.world, message.number))) for way in found
            ]
    return found


def _showing_reply(world: World, number: int) -> World:
    message = next(m for m in world.replies.messages if m.number == number)
    return world._replace(replies=world.replies.showing(message, world.tick))


def _with_copies(model: Model, move: Move) -> list[Move]:
    """SQS may bring messages back, or have them twice."""
    world = move.world
    if not world.faults:
        return [move]
    is_open = any(proxy.poll is not Poll.IDLE for proxy in world.proxies)
    found = [move]
    for lane, queue in ((REQUESTS, world.requests), (REPLIES, world.replies)):
        for message in queue.messages:
            line = Line(lane, lane, message.message_id)
            if message.is_deleted and model.allows(world, Fault.REAPPEARANCE):
                after = queue.showing(message, world.tick)
                found.append(_queue_fault(model, move, line, Fault.REAPPEARANCE, after))
            if is_open and model.allows(world, Fault.SECOND_COPY):
                after = queue.storing(message.text, world.tick)
                found.append(_queue_fault(model, move, line, Fault.SECOND_COPY, after))
    return found


def _queue_fault(model: Model, move: Move, line: Line, fault: Fault, queue: Queue) -> Move:
    is_request = line.target is REQUESTS
    cause = Cause.SECOND_COPY if fault is Fault.SECOND_COPY else model.cause_of_return
    world = move.world.faulted(cause if is_request else None)
    changed = world._replace(requests=queue) if is_request else world._replace(replies=queue)
    return move.then(Move((line._replace(fault=fault),), changed))
