"""What has to hold in every state, and what excuses the rest.

A watcher who sees everything judges each step. Only the properties that speak of two runs have
excuses, each a `Cause` with a name; every other one holds whatever happens.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from ldp_testing.explorer.faults import Cause
from ldp_testing.explorer.queues import reply_in
from ldp_testing.explorer.scenarios import Journals
from ldp_testing.explorer.ticks import TICK_MS
from ldp_testing.explorer.world import Poll, Told
from ldp_wire.actions import Purpose, Release, Send
from ldp_wire.envelopes import Accepted
from ldp_wire.limits import ABSENCE_GRACE_MS

if TYPE_CHECKING:
    from ldp_testing.explorer.model import Model
    from ldp_testing.explorer.queues import Message
    from ldp_testing.explorer.world import Client, Run, Todo, World


class Property(Enum):
    """What is promised."""

    DEADLINE = "every caller ends by its deadline (EXC-6)"
    CROSSED = "no answer reaches another invocation (EXC-2)"
    LOST = "no request is deleted without a stored answer or a recorded reason (SES-13)"
    TWICE = "no request runs twice at once in one instance (SES-3)"
    TOGETHER = "no request runs twice at once in two instances without a named cause (SES-7)"
    BOTH = "fallback and client never both run, unless an accepted is hidden for too long (EXC-22)"
    ABSENT = "what its caller was told that nobody runs is not run (SES-21)"
    AGAIN = "no run starts after an answer without a named cause (SES-25)"
    LATE = "no answer is sent after answerByMs (SES-17)"
    CROWDED = "a client runs no more than it has handlers (SES-1)"
    STALE = "nothing is released whose lease may have lapsed (SES-11)"
    UNASKED = "accepted is sent only where it is asked for (SES-20)"
    TAKEN = "nobody deletes an answer that another waits for (EXC-11)"
    OWED = "without a fault, an answer in good time reaches its caller (EXC-11, SES-36)"


class Violation(NamedTuple):
    """A promise that a step broke, and how."""

    broken: Property
    how: str


#: What brings a second instance to run a request that somebody runs already.
_SECOND_RUN: Final = frozenset({Cause.PAUSE, Cause.SECOND_COPY, Cause.REDELIVERY, Cause.RETURN})
#: How many ticks before `answerBy` an answer is surely in time if nothing goes wrong.
GOOD_TIME: Final = 3

_GRACE: Final = ABSENCE_GRACE_MS // TICK_MS


def of_decision(model: Model, world: World, client: Client, todo: Todo) -> Violation | None:
    """Judge what a session has just decided."""
    for action in todo:
        if isinstance(action, Release):
            violation = _of_release(model, world, action)
        elif isinstance(action, Send):
            violation = _of_send(model, world, client, action)
        else:
            violation = None
        if violation is not None:
            return violation
    return None


def _of_release(model: Model, world: World, release: Release) -> Violation | None:
    message = world.requests.held_by(release.receipt)
    if message is not None and message.visible > world.tick:
        return None
    if Cause.REDELIVERY in world.causes & model.excuses:
        return None
    return Violation(Property.STALE, "the message is somebody else's, or anybody's, by now")


def _of_send(model: Model, world: World, client: Client, send: Send) -> Violation | None:
    invocations = [model.scenario.invocations[n] for n in model.invocations_with(send.request_id)]
    if send.purpose is Purpose.ACCEPT and all(x.start_within is None for x in invocations):
        return Violation(Property.UNASKED, "there is no start window")
    late = all(world.tick >= x.answer_by for x in invocations)
    if send.purpose is Purpose.ANSWER and late and not client.clock:
        return Violation(Property.LATE, "nobody waits any more")
    return None


def of_start(model: Model, world: World, number: int, run: Run) -> Violation | None:
    """Judge that a client starts a handler."""
    runs = world.clients[number].runs
    if any(other.event == run.event for other in runs):
        return Violation(Property.TWICE, "it runs here already")
    if len(runs) >= model.scenario.handlers:
        return Violation(Property.CROWDED, "no handler is free")
    causes = world.causes & model.excuses
    others = [c for n, c in enumerate(world.clients) if n != number]
    together = any(other.event == run.event for client in others for other in client.runs)
    if together and not causes & _SECOND_RUN:
        return Violation(Property.TOGETHER, "it runs at another client")
    invocation = model.events.index(run.event)
    return _of_absence(model, causes, world.fates[invocation].told, is_started=True) or _of_rerun(
        model, world, invocation
    )


def _of_absence(
    model: Model, causes: frozenset[Cause], told: Told | None, *, is_started: bool
) -> Violation | None:
    if not is_started or told not in {Told.ABSENT, Told.FALLBACK}:
        return None
    if Cause.HIDDEN_ACCEPTED in causes:
        return None
    broken = Property.BOTH if model.scenario.has_fallback else Property.ABSENT
    return Violation(broken, "the proxy has concluded that nobody is there")


def _of_rerun(model: Model, world: World, invocation: int) -> Violation | None:
    fate = world.fates[invocation]
    if not fate.is_answered:
        return None
    if model.scenario.journals is Journals.SHARED:
        excuses = _SECOND_RUN if fate.is_recorded else _SECOND_RUN | {Cause.UNRECORDED}
        is_excused = bool(world.causes & model.excuses & excuses)
    else:  # without a journal that all share, nothing is promised once something went wrong
        is_excused = world.faults < model.budget
    return None if is_excused else Violation(Property.AGAIN, "SQS has its answer")


def of_delete(model: Model, world: World, message: Message) -> Violation | None:
    """Judge that a request is deleted."""
    fate = world.fates[model.invocation_of(message.text)]
    if fate.is_answered or fate.is_discarded:
        return None
    return Violation(Property.LOST, "nobody has answered it, and nobody has said why not")


def of_taking(model: Model, world: World, taker: int, reply: Message) -> Violation | None:
    """Judge that an environment deletes an answer."""
    request_id = reply_in(reply.text).request_id
    for number, proxy in enumerate(world.proxies):
        if number == taker or proxy.poll is Poll.IDLE:
            continue
        if model.requests[proxy.invocation].request_id == request_id:
            return Violation(Property.TAKEN, "another environment waits for it")
    return None


def of_answer(model: Model, invocation: int, body: object) -> Violation | None:
    """Judge what a caller gets."""
    if body == model.events[invocation]:
        return None
    return Violation(Property.CROSSED, f"invocation {invocation + 1} gets {body!r}")


def was_hidden(model: Model, world: World, invocation: int) -> bool:
    """Whether SQS hid an `accepted` for longer than the grace from its proxy."""
    request_id = model.requests[invocation].request_id
    for message in world.replies.messages:
        if message.hidden > _GRACE and not message.is_deleted:
            envelope = reply_in(message.text)
            if isinstance(envelope, Accepted) and envelope.request_id == request_id:
                return True
    return False


def of_absence(model: Model, world: World, invocation: int) -> Violation | None:
    """Judge that a caller is told that nobody is there, or gets the fallback's answer."""
    fate = world.fates[invocation]
    causes = world.causes & model.excuses
    return _of_absence(model, causes, fate.told, is_started=fate.is_started)


def of_silence(world: World, invocation: int) -> Violation | None:
    """Judge that a caller gets no answer."""
    if world.fates[invocation].is_owed:
        return Violation(Property.OWED, "the answer was there in time, or a held error was")
    return None
