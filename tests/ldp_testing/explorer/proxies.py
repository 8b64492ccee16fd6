"""What an execution environment does: it polls, disposes of what it gets, and ends its exchange.

Proxies are last in a tick. That takes no behaviour away: no client learns anything from a proxy,
what clients store in the tick only adds to what a receive can bring, and a receive may still end
empty as if the reply had come a moment later.

A pause after a release (EXC-11) is far shorter than a tick, so the proxy goes on at once; that
SQS does not bring it the same reply twice in one tick is what the pause's random length is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_testing.explorer import calls, properties
from ldp_testing.explorer.faults import Cause, Fault
from ldp_testing.explorer.moves import CALLER, PROXIES, REPLIES, Line, Move
from ldp_testing.explorer.queues import Queue, reply_in
from ldp_testing.explorer.ticks import NEVER, at_ms
from ldp_testing.explorer.world import NONE, Poll, Proxy, Told
from ldp_wire.envelopes import Response
from ldp_wire.exchange import Answer
from ldp_wire.failures import Failure, FailureType
from ldp_wire.limits import REPLY_VISIBILITY_S
from ldp_wire.replies import ReplyAction

if TYPE_CHECKING:
    from ldp_testing.explorer.model import Model
    from ldp_testing.explorer.properties import Violation
    from ldp_testing.explorer.queues import Message
    from ldp_testing.explorer.world import World
    from ldp_wire.exchange import Outcome
    from ldp_wire.replies import Disposition


def moves(model: Model, world: World, number: int) -> list[Move]:
    """All that can happen to an environment now."""
    proxy, tick = world.proxies[number], world.tick
    found: list[Move] = []
    if proxy.poll is Poll.OPEN:
        for message in world.replies.messages:
            if message.number in proxy.passed:
                continue
            if message.is_visible(tick):
                found += _brought(model, world, number, message)
            elif message.visible < NEVER and model.allows(world, Fault.REDELIVERY):
                found.append(_redelivered(model, world, number, message))
    if proxy.poll in {Poll.OPEN, Poll.BLIND} and proxy.until <= tick:
        found += _ended(model, world, number)
    return found


def _ended(model: Model, world: World, number: int) -> list[Move]:
    """A receive ends with nothing."""
    proxy = world.proxies[number]
    found = [hears(model, world, number)]
    line = Line(REPLIES, PROXIES[number], "the receive ends")
    if model.allows(world, Fault.FAILED_CALL):
        failed = Move((line._replace(fault=Fault.FAILED_CALL),), world.faulted())
        found.append(failed.then(notices(model, failed.world, number)))
    is_last = world.tick >= model.scenario.invocations[proxy.invocation].answer_by
    if model.allows(world, Fault.SLOW_POLL) and not is_last:
        after = world.faulted().with_proxy(number, proxy._replace(poll=Poll.SLOW))
        found.append(Move((line._replace(fault=Fault.SLOW_POLL),), after))
    return found


def hears(model: Model, world: World, number: int) -> Move:
    """An environment hears that its receive brought nothing."""
    proxy = world.proxies[number]
    exchange, _ = model.exchanges.step(
        proxy.exchange, calls.bring_nothing, at_ms(proxy.begun), at_ms(world.tick)
    )
    line = Line(REPLIES, PROXIES[number], "nothing")
    return go_on(model, Move((line,), world), number, proxy._replace(exchange=exchange))


def notices(model: Model, world: World, number: int) -> Move:
    """An environment notices that its receive failed, and pauses."""
    proxy = world.proxies[number]
    exchange, _ = model.exchanges.step(proxy.exchange, calls.fail, at_ms(world.tick))
    resting = Proxy(exchange, proxy.invocation, Poll.RESTING)
    line = Line(REPLIES, PROXIES[number], "the receive fails")
    outcome = model.exchanges.ask(exchange, calls.outcome)
    if outcome is not None:
        return _over(model, Move((line,), world), number, resting, outcome)
    return Move((line,), world.with_proxy(number, resting))


def _brought(model: Model, world: World, number: int, message: Message) -> list[Move]:
    """A receive brings a message, or it should have."""
    proxy, tick = world.proxies[number], world.tick
    queue, held, delivery = world.replies.handing_out(message, tick + REPLY_VISIBILITY_S)
    exchange, disposition = model.exchanges.step(
        proxy.exchange, calls.take, delivery, at_ms(proxy.begun), at_ms(tick)
    )
    passed = proxy.passed
    if disposition.action is ReplyAction.RELEASE:
        passed = (*passed, message.number)
    after = proxy._replace(exchange=exchange, passed=passed)
    world = world._replace(replies=queue)
    line = _line(number, message, disposition)
    done, violation = _disposed(model, world, number, held, disposition)
    found = [go_on(model, Move((line,), done, violation), number, after)]
    if model.allows(world, Fault.FAILED_CALL):
        failed = line._replace(fault=Fault.FAILED_CALL)
        found.append(go_on(model, Move((failed,), world.faulted()), number, after))
    return [*found, *_missed(model, world, number, message, line)]


def _redelivered(model: Model, world: World, number: int, message: Message) -> Move:
    move = _brought(model, world.faulted(), number, message)[0]
    line = move.lines[0]._replace(fault=Fault.REDELIVERY)
    return move._replace(lines=(line, *move.lines[1:]))


def _line(number: int, message: Message, disposition: Disposition) -> Line:
    envelope = reply_in(message.text)
    what = f"{type(envelope).__name__.lower()} {envelope.request_id}"
    how = f"{disposition.action.value}: {disposition.reason}"
    return Line(REPLIES, PROXIES[number], f"{what} in {message.message_id} ({how})")


def _missed(model: Model, world: World, number: int, message: Message, line: Line) -> list[Move]:
    """A message was there for a receive, which does not bring it all the same."""
    proxy, found = world.proxies[number], []
    line = line._replace(text=message.message_id)
    if model.allows(world, Fault.DEAD_POLL):
        dead = world.faulted().with_proxy(number, proxy._replace(poll=Poll.DEAD))
        move = Move((line._replace(fault=Fault.DEAD_POLL),), dead)
        if proxy.until <= world.tick:
            move = move.then(notices(model, dead, number))
        found.append(move)
    if model.allows(world, Fault.EMPTY_POLL) and proxy.until > world.tick:
        blind = world.faulted().with_proxy(number, proxy._replace(poll=Poll.BLIND))
        held = next(m for m in world.replies.messages if m.number == message.number)
        after = blind._replace(replies=world.replies.changing(held, message))
        found.append(Move((line._replace(fault=Fault.EMPTY_POLL),), after))
    return found


def _disposed(
    model: Model, world: World, number: int, held: Message, disposition: Disposition
) -> tuple[World, Violation | None]:
    """What was to be done with a message is done."""
    if disposition.action is ReplyAction.RELEASE:
        until = world.tick + disposition.visibility_s
        return world._replace(replies=world.replies.showing(held, until)), None
    violation = None
    if isinstance(reply_in(held.text), Response):
        violation = properties.of_taking(model, world, number, held)
    keeps = model.allows(world, Fault.REAPPEARANCE)
    return world._replace(replies=world.replies.deleting(held, keeps=keeps)), violation


def go_on(model: Model, move: Move, number: int, proxy: Proxy) -> Move:
    """After a move an environment begins the next receive, or its exchange is over."""
    tick = move.world.tick
    exchange, wait_s = model.exchanges.step(proxy.exchange, calls.wait_s, at_ms(tick))
    proxy = proxy._replace(exchange=exchange)
    outcome = model.exchanges.ask(exchange, calls.outcome)
    if outcome is not None:
        return _over(model, move, number, proxy, outcome)
    polling = proxy._replace(poll=Poll.OPEN, begun=tick, until=tick + wait_s)
    return move._replace(world=move.world.with_proxy(number, polling))


def _over(model: Model, move: Move, number: int, proxy: Proxy, outcome: Outcome) -> Move:
    """A caller gets what its exchange came to."""
    world, invocation = move.world, proxy.invocation
    told, violation = _told(model, world, invocation, outcome)
    if told in {Told.ABSENT, Told.FALLBACK} and properties.was_hidden(model, world, invocation):
        world = world._replace(causes=world.causes | {Cause.HIDDEN_ACCEPTED})
    later = model.scenario.invocations[invocation + 1 :]
    is_last = not any(other.environment == number for other in later)
    idle = Proxy(NONE if is_last else proxy.exchange, invocation)
    world = world.with_proxy(number, idle).with_fates({invocation}, told=told)
    violation = violation or properties.of_absence(model, world, invocation)
    if all(other.exchange == NONE for other in world.proxies):
        world = world._replace(replies=Queue())  # which nobody reads any more
    line = Line(PROXIES[number], CALLER, told.value)
    return Move((*move.lines, line), world, move.violation or violation)


def _told(
    model: Model, world: World, invocation: int, outcome: Outcome
) -> tuple[Told, Violation | None]:
    if isinstance(outcome, Answer):
        return Told.ANSWER, properties.of_answer(model, invocation, outcome.body)
    if isinstance(outcome, Failure) and outcome.type is FailureType.ABSENT:
        return Told.FALLBACK if model.scenario.has_fallback else Told.ABSENT, None
    return Told.FAILURE, properties.of_silence(world, invocation)
