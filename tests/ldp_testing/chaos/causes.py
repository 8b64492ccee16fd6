"""Why something happened that is legal only in bad weather: an event run twice, a typed error.

None where nothing that was recorded explains it. The rules are the protocol's own: within a lease
nobody else is handed a message, unless SQS hands it out twice or there are two of it; what a
journal knows is not run again by whoever shares it.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_testing.chaos.evidence import DELETE, RECEIVE, RENEW, SEND
from ldp_testing.chaos.history import FAULTS, Weather
from ldp_wire.limits import ABSENCE_GRACE_MS

if TYPE_CHECKING:
    from ldp_testing.chaos.evidence import Evidence
    from ldp_testing.chaos.history import Event, Invocation, Passage, Run

_MS_PER_S: Final = 1000
#: Of a lease of 2 s, renewed every 0.5 s, half has to be lost before it lapses; in ms.
_HALF_A_LEASE_MS: Final = 1_000
_RENEWAL_MS: Final = 500
#: How much later than in the server something can be seen on the wire, in ms.
_WIRE_MS: Final = 500
#: How much of its last moments has to be lost before a proxy does not tell its caller, in ms.
_CALLER_STALL_MS: Final = 500
_LAST_MOMENTS_MS: Final = 2_000
#: How long one fault may hide a reply from its proxy, in ms: a visibility of 2 s, and what comes
#: around it. It is also how long a reply may be underway without any.
_HIDDEN_MS: Final = 3_000


class Cause(Enum):
    """Why an event was run twice."""

    PAUSE = "a pause"
    KILL = "a kill"
    SECOND_COPY = "a second copy"
    REDELIVERY = "a redelivery"
    FAILED_CALLS = "calls that failed"
    STALL = "a machine that stood still"


def why_at_once(evidence: Evidence, one: Run, other: Run) -> Cause | None:
    """Why an event was delivered to a second client while a first was to have it."""
    first, second = evidence.delivery(one), evidence.delivery(other)
    if first is None or second is None or one.client == other.client:
        return None
    if first.is_repeated or second.is_repeated:
        return Cause.REDELIVERY
    if second.moment_ms < first.moment_ms:
        first, second = second, first
    return _why_handed_on(evidence, first.who, second)


def why_again(evidence: Evidence, answer: Passage, run: Run) -> Cause | None:
    """Why an event was run although an answer to it was stored."""
    delivery = evidence.delivery(run)
    answering = evidence.run_of(answer.who, answer.request_id)
    if delivery is None or answering is None or run.client == answer.who:
        return None
    if _is_known_to(evidence, answer, answering, delivery):
        return None
    cause = why_at_once(evidence, answering, run)
    return cause or _why_undeleted(evidence, answer, answering, delivery.moment_ms)


def _why_undeleted(
    evidence: Evidence, answer: Passage, answering: Run, until_ms: int
) -> Cause | None:
    """Why a client had not deleted what it had answered: its call failed, or there was none."""
    if evidence.faults(answer.who, answer.at_ms, until_ms, (SEND, DELETE)):
        return Cause.FAILED_CALLS
    if _has_asked_to_delete(evidence, answer, answering, until_ms):
        return None
    brought = evidence.delivery(answering)
    hold = None if brought is None else evidence.last_hold(answer.who, brought, answer.at_ms)
    if hold is not None and _is_over(hold, answer.moment_ms):
        return _why_lapsed(evidence, hold, answer.moment_ms)  # it may not use the handle any more
    return _why_unrecorded(evidence, answer, until_ms)


def _why_unrecorded(evidence: Evidence, answer: Passage, until_ms: int) -> Cause | None:
    """Why an answer was not in a journal yet: a client was stopped, whose lock others wait for."""
    journals = evidence.history.journals
    mates = [client for client in journals if journals[client] == journals.get(answer.who)]
    stopped = {Weather.PAUSED}
    if any(evidence.met(stopped, mate, answer.at_ms, until_ms) for mate in mates):
        return Cause.PAUSE
    return None


def _is_known_to(evidence: Evidence, answer: Passage, answering: Run, delivery: Passage) -> bool:
    """Whether a client's journal knew of an answer before it was delivered the event.

    The answer is in the journal before the client that sent it asks for the deletion.
    """
    journals = evidence.history.journals
    is_shared = journals.get(delivery.who) == journals.get(answer.who)
    return is_shared and _has_asked_to_delete(evidence, answer, answering, delivery.moment_ms)


def _has_asked_to_delete(evidence: Evidence, answer: Passage, answering: Run, by_ms: int) -> bool:
    """Whether a client asked to delete the message whose event it answered.

    Other copies it may delete as soon as they come, since it knows of its answer by itself.
    """
    brought = evidence.delivery(answering)
    deletes = evidence.passages(answer.request_id, DELETE, who=answer.who)
    return brought is not None and any(
        delete.message_id == brought.message_id and answer.at_ms <= delete.at_ms < by_ms
        for delete in deletes
    )


def _why_handed_on(evidence: Evidence, holder: str, delivery: Passage) -> Cause | None:
    """Why a message was delivered although somebody held its request."""
    until_ms = delivery.moment_ms
    hold = evidence.last_hold(holder, delivery, until_ms)
    if hold is None:
        is_other = evidence.copies(delivery.request_id) > 1
        return Cause.SECOND_COPY if is_other else None
    if evidence.was_killed(holder, until_ms):
        return Cause.KILL
    if hold.visibility_s == 0:
        return None
    if _was_lost(evidence, hold):
        return Cause.FAILED_CALLS  # it runs another copy, and never learned of this one
    if not _is_over(hold, until_ms):
        return Cause.REDELIVERY  # by the server itself, which had promised to hide it
    return _why_lapsed(evidence, hold, until_ms)


def _was_lost(evidence: Evidence, hold: Passage) -> bool:
    """Whether a delivery never reached the client that the server gave it to."""
    if hold.operation != RECEIVE:
        return False
    losses = {Weather.CUT_AFTER, Weather.DELIVERED_TO_NOBODY}
    met = evidence.met(losses, hold.who, hold.at_ms, hold.moment_ms)
    return any(event.operation == RECEIVE for event in met)


def _is_over(hold: Passage, at_ms: int) -> bool:
    """Whether a lease may have ended by a time, as far as the wire can tell."""
    return at_ms + _WIRE_MS >= hold.moment_ms + hold.visibility_s * _MS_PER_S


def _why_lapsed(evidence: Evidence, hold: Passage, until_ms: int) -> Cause | None:
    """Why a client did not renew a lease: it could not, for long enough."""
    holder, since_ms = hold.who, hold.moment_ms
    if evidence.met({Weather.PAUSED}, holder, since_ms, until_ms):
        return Cause.PAUSE
    failed_ms = sum(
        event.until_ms - event.at_ms + (0 if event.kind is Weather.SLOW else _RENEWAL_MS)
        for event in evidence.faults(holder, since_ms, until_ms, (RENEW, RECEIVE))
    )
    stalled_ms = evidence.stood_still_ms(holder, since_ms, until_ms)
    renewals = evidence.passages(hold.request_id, RENEW, who=holder)
    if any(renewal.at_ms > since_ms for renewal in renewals):  # it tried, at least
        stalled_ms += evidence.stood_still_ms("", since_ms, until_ms)
    if failed_ms + stalled_ms < _HALF_A_LEASE_MS:
        return None
    return Cause.FAILED_CALLS if failed_ms >= stalled_ms else Cause.STALL


def why_error(evidence: Evidence, invocation: Invocation) -> str | None:
    """Why a caller got a typed error instead of an answer."""
    request_id = evidence.request_id(invocation)
    request = evidence.requests.get(request_id)
    if invocation.error_type == "Proxy.QueueError":
        return _why_queue_error(evidence, invocation)
    if invocation.error_type == "Proxy.NoResponse" and request is not None:
        answer = evidence.stored(request_id, "response")
        return _why_unheard(evidence, answer, request.answer_by_ms, "the time ran out")
    if invocation.error_type == "Proxy.Absent" and request is not None:
        accepted = evidence.stored(request_id, "accepted")
        until_ms = (request.start_by_ms or 0) + ABSENCE_GRACE_MS
        return _why_unheard(evidence, accepted, until_ms, "nobody was free in time")
    return None


def _why_queue_error(evidence: Evidence, invocation: Invocation) -> str | None:
    name, begun_ms, ended_ms = invocation.function, invocation.begun_ms, invocation.ended_ms
    faults = evidence.met(FAULTS - {Weather.SLOW}, name, begun_ms, ended_ms)
    return "calls that failed" if faults else None


def _why_unheard(
    evidence: Evidence, reply: Passage | None, until_ms: int, otherwise: str
) -> str | None:
    """Why a proxy heard of no reply: there was none in time, or it was kept away for so long."""
    left_ms = 0 if reply is None else until_ms - reply.moment_ms - _HIDDEN_MS
    if reply is None or left_ms < 0:
        return otherwise
    hidden_ms = sum(
        _HIDDEN_MS + event.until_ms - event.at_ms
        for event in _faults_on(evidence, reply.queue, reply.at_ms, until_ms)
    )
    hidden_ms += evidence.stood_still_ms("", reply.at_ms, until_ms)
    return "replies kept away" if hidden_ms > left_ms else None


def _faults_on(evidence: Evidence, queue: str, from_ms: int, to_ms: int) -> list[Event]:
    """What kept messages of a reply queue from their proxies: all who share it have a hand in."""
    functions = {each.function for each in evidence.history.invocations}
    found = {
        event
        for function in functions
        for event in evidence.faults(function, from_ms, to_ms, (RECEIVE, RENEW))
    }
    return [e for e in found if e.queue in ("", queue) and e.kind is not Weather.SLOW]


def why_nothing(evidence: Evidence, invocation: Invocation) -> str | None:
    """Why a caller was not told anything in time, which only a machine may be the reason for."""
    ended_ms = invocation.ended_ms
    lost_ms = evidence.stood_still_ms("", ended_ms - _LAST_MOMENTS_MS, ended_ms)
    return Weather.STALLED.value if lost_ms >= _CALLER_STALL_MS else None
