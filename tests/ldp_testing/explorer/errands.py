"""How a client carries its session's actions out: one at a time, in order, with all that can fail.

A send is two steps, SQS's storing and the client's hearing of it, since a client may die between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_testing.explorer import calls, journals, properties
from ldp_testing.explorer.faults import Fault
from ldp_testing.explorer.moves import REPLIES, REQUESTS, Line, Move
from ldp_testing.explorer.queues import reply_in
from ldp_testing.explorer.ticks import NEVER, at_ms
from ldp_testing.explorer.world import Report, Run
from ldp_wire.actions import Delete, Purpose, Record, Release, Renew, Send, Start, Status
from ldp_wire.envelopes import HandlerError, Inline, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ldp_testing.explorer.model import Model
    from ldp_testing.explorer.turns import Turn
    from ldp_testing.explorer.world import World


def carry_out(turn: Turn) -> list[Move]:
    """All ways in which a client's next action can go."""
    action = turn.client.todo[0]
    return _ERRANDS[type(action)](turn, action)


def _send(turn: Turn, send: Send) -> list[Move]:
    model, world = turn.model, turn.world
    line = Line(turn.lane, REPLIES, f"{send.purpose.value} {send.request_id}")
    later = turn.client.todo[1:]
    heard = turn.client._replace(todo=(Report(send, world.tick), *later))
    failed = turn.client._replace(todo=(Report(send, None), *later))
    moves = [turn.moved(line, heard, _stored(model, world, send))]
    if send.purpose is Purpose.DECLINE:  # which no proxy acts upon
        return moves
    if model.allows(world, Fault.DELAY):
        hidden = _stored(model, world.faulted(), send, NEVER)
        moves.append(turn.moved(line._replace(fault=Fault.DELAY), heard, hidden))
    if model.allows(world, Fault.UNSURE_SEND):
        unsure = _stored(model, world.faulted(), send)
        moves.append(turn.moved(line._replace(fault=Fault.UNSURE_SEND), failed, unsure))
    if model.allows(world, Fault.FAILED_CALL):
        moves.append(turn.moved(line._replace(fault=Fault.FAILED_CALL), failed, world.faulted()))
    return moves


def _stored(model: Model, world: World, send: Send, visible: int | None = None) -> World:
    """The world in which SQS has what was sent."""
    world = world._replace(replies=world.replies.storing(send.text, world.tick, visible))
    envelope = reply_in(send.text)
    if not isinstance(envelope, Response):
        return world
    result = envelope.result
    payload = result.payload if isinstance(result, HandlerError) else result
    assert isinstance(payload, Inline)
    number = model.events.index(payload.data.encode())
    answer_by = model.scenario.invocations[number].answer_by
    owed = world.fates[number].is_owed or world.tick <= answer_by - properties.GOOD_TIME
    return world.with_fates({number}, is_answered=True, is_owed=owed)


def _report(turn: Turn, report: Report) -> list[Move]:
    sessions, session = turn.model.sessions, turn.client.session
    if report.stored is None:
        text = "hears that it failed"
        session, decision = sessions.step(session, calls.send_failed, report.send, turn.now_ms)
    else:
        text, date_ms = "hears that it is stored", at_ms(report.stored)
        session, decision = sessions.step(session, calls.sent, report.send, date_ms, turn.now_ms)
    client = turn.client._replace(session=session)
    line = Line(REPLIES, turn.lane, text)
    return [turn.decided(line, client, decision, then=turn.client.todo[1:])]


def _renew(turn: Turn, renew: Renew) -> list[Move]:
    model, world = turn.model, turn.world
    line = Line(turn.lane, REQUESTS, f"renew {renew.message_id}")
    session, _ = model.sessions.step(turn.client.session, calls.renewed, renew, turn.now_ms)
    message, after = world.requests.held_by(renew.receipt), world
    if message is not None:
        until = world.tick + renew.visibility_s + 1
        after = world._replace(requests=world.requests.showing(message, until))
    moves = [turn.moved(line, turn.rest._replace(session=session), after)]
    if model.allows(world, Fault.FAILED_CALL):
        failed = line._replace(fault=Fault.FAILED_CALL)
        moves.append(turn.moved(failed, turn.rest, world.faulted()))
    return moves


def _start(turn: Turn, start: Start) -> list[Move]:
    model, world = turn.model, turn.world
    run = Run(start.request.request_id, start.event)
    violation = properties.of_start(model, world, turn.number, run)
    client = turn.rest._replace(runs=tuple(sorted((*turn.client.runs, run))))
    started = world.with_fates({model.events.index(run.event)}, is_started=True, is_owed=False)
    move = turn.moved(turn.line(f"starts the handler on {run.request_id}"), client, started)
    return [move._replace(violation=violation)]


def _record(turn: Turn, record: Record) -> list[Move]:
    world = journals.written(turn.model, turn.world, turn.number, record)
    numbers = turn.model.invocations_with(record.request_id)
    if record.status is Status.ANSWERED:
        world = world.with_fates(numbers, is_recorded=True)
    elif record.status is Status.DISCARDED:
        world = world.with_fates(numbers, is_discarded=True)
    line = turn.line(f"records {record.request_id} {record.status.value}: {record.reason}")
    return [turn.moved(line, turn.rest, world)]


def _delete(turn: Turn, delete: Delete) -> list[Move]:
    model, world = turn.model, turn.world
    line = Line(turn.lane, REQUESTS, "delete")
    message = world.requests.held_by(delete.receipt)
    if message is None:
        return [turn.moved(line._replace(text="delete (an old handle: no effect)"), turn.rest)]
    keeps = model.allows(world, Fault.REAPPEARANCE)
    after = world._replace(requests=world.requests.deleting(message, keeps=keeps))
    line = line._replace(text=f"delete {message.message_id}")
    move = turn.moved(line, turn.rest, after)
    moves = [move._replace(violation=properties.of_delete(model, world, message))]
    if model.allows(world, Fault.FAILED_CALL):
        failed = line._replace(fault=Fault.FAILED_CALL)
        after = world.faulted(model.cause_of_return)
        moves.append(turn.moved(failed, turn.rest, after))
    return moves


def _release(turn: Turn, release: Release) -> list[Move]:
    """An old handle may have power over the message, or none: nobody knows (SES-11)."""
    world = turn.world
    line = Line(turn.lane, REQUESTS, f"release for {release.visibility_s} s")
    moves = [turn.moved(line, turn.rest, released(world, release))]
    if world.requests.held_by(release.receipt) is None:
        old = line._replace(text=f"{line.text} (an old handle: no effect)")
        moves.append(turn.moved(old, turn.rest))
    elif turn.model.allows(world, Fault.FAILED_CALL):
        failed = line._replace(fault=Fault.FAILED_CALL)
        moves.append(turn.moved(failed, turn.rest, world.faulted()))
    return moves


def released(world: World, release: Release) -> World:
    """The world in which a message was given back."""
    message = world.requests.found(release.receipt)
    if message is None:
        return world
    until = world.tick + release.visibility_s
    return world._replace(requests=world.requests.showing(message, until))


_ERRANDS: Final[Mapping[type, Callable[[Turn, Any], list[Move]]]] = {
    Send: _send,
    Report: _report,
    Renew: _renew,
    Start: _start,
    Record: _record,
    Delete: _delete,
    Release: _release,
}
