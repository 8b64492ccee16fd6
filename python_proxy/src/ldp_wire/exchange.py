"""The proxy's machine: one attempt at one invocation, from its request to its answer.

The transition table is the whole of it; what surrounds the table decides which trigger a message,
a moment or a failure is. It is told the time and what arrived, and answers how long to wait and
what to do with each message. It sends nothing and logs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_wire.claims import Bucket, Direction, check_claim
from ldp_wire.codec import decode_reply
from ldp_wire.deadlines import margin_ms
from ldp_wire.envelopes import Accepted, ClaimCheck, HandlerError, Inline, Response
from ldp_wire.errors import LocalProtocolError, RemoteProtocolError
from ldp_wire.failures import Failure, absent, bad_answer, no_response, queue_error
from ldp_wire.limits import ABSENCE_GRACE_MS, MAX_WAIT_S, MIN_WAIT_S
from ldp_wire.payloads import unpack
from ldp_wire.replies import Disposition, ReplyAction, ReplyDesk, ReplyHead, bad_reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_wire.envelopes import Delivery, Envelope, Payload, Request

_MS_PER_S: Final = 1000
#: Pauses between attempts at a failing queue call: short at first, for a caller waits (EXC-32).
_RETRY_PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0)


class State(Enum):
    """Where an exchange is."""

    IDLE = "idle"  #: the request is not stored yet
    AWAITING = "awaiting"  #: the request is stored; nobody was heard of
    ACCEPTED = "accepted"  #: a client accepted in time
    ANSWERED = "answered"  #: the answer is here
    FORWARDED = "forwarded"  #: one-way: SQS has the request
    ABSENT = "absent"  #: nobody accepted within the start window
    EXPIRED = "expired"  #: no answer by answerByMs
    FAILED = "failed"  #: a queue failed for good, or the answer cannot be decoded


class Trigger(Enum):
    """What can happen to an exchange."""

    STORED = "stored"
    STORED_ONE_WAY = "stored one-way"
    ACCEPT_COUNTED = "accept counted"
    ANSWER = "answer"
    BAD_ANSWER = "bad answer"
    ABSENCE = "absence"
    DEADLINE = "deadline"
    QUEUE_FAILURE = "queue failure"


TRANSITIONS: Final[Mapping[State, Mapping[Trigger, State]]] = {
    State.IDLE: {
        Trigger.STORED: State.AWAITING,
        Trigger.STORED_ONE_WAY: State.FORWARDED,
        Trigger.QUEUE_FAILURE: State.FAILED,
    },
    State.AWAITING: {
        Trigger.ACCEPT_COUNTED: State.ACCEPTED,
        Trigger.ANSWER: State.ANSWERED,
        Trigger.BAD_ANSWER: State.FAILED,
        Trigger.ABSENCE: State.ABSENT,
        Trigger.DEADLINE: State.EXPIRED,
        Trigger.QUEUE_FAILURE: State.FAILED,
    },
    State.ACCEPTED: {
        Trigger.ACCEPT_COUNTED: State.ACCEPTED,
        Trigger.ANSWER: State.ANSWERED,
        Trigger.BAD_ANSWER: State.FAILED,
        Trigger.DEADLINE: State.EXPIRED,
        Trigger.QUEUE_FAILURE: State.FAILED,
    },
    State.ANSWERED: {},
    State.FORWARDED: {},
    State.ABSENT: {},
    State.EXPIRED: {},
    State.FAILED: {},
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client answered.

    Attributes:
        body: The bytes to pass on, or the claim check to fetch them by, which is one of ours.
        error: The type and message, for logs, if the handler failed; else None.
    """

    body: bytes | ClaimCheck
    error: HandlerError | None = None


@dataclass(frozen=True, slots=True)
class Forwarded:
    """SQS has the one-way request; the caller gets `null` (EXC-28)."""


Outcome = Answer | Forwarded | Failure


class ProxyExchange:
    """One exchange; its outcome is set when it ends, exactly once (EXC-6).

    Drive it so: send the request; `stored`; then, until `outcome` is set, poll for `wait_s`,
    report each message with `receive`, and the end of the poll with `receive_ended`; any failing
    call with `queue_failed`.

    Args:
        request: The request; one-way if it has no terms.
        desk: The environment's memory of its reply queue.
        begun_ms: Now.
        bucket: Where claim checks may lie; None if there is none.
    """

    def __init__(
        self, request: Request, desk: ReplyDesk, *, begun_ms: int, bucket: Bucket | None = None
    ) -> None:
        self.request = request
        self.state = State.IDLE
        self.outcome: Outcome | None = None
        #: Instances that accepted in time; a second one is worth a log line (EXC-24).
        self.accepted_by: set[str] = set()
        self._desk = desk
        self._begun_ms = begun_ms
        self._bucket = bucket
        self._attempts = 0
        self._heard_ms: int | None = None

    def stored(self, now_ms: int) -> None:
        """SQS has the request."""
        self._attempts = 0
        if self.request.terms is None:
            self._move(Trigger.STORED_ONE_WAY)
            self._end(Forwarded(), now_ms)
        else:
            self._move(Trigger.STORED)

    def wait_s(self, now_ms: int) -> int:
        """How long the next receive may last, in whole seconds; 0 once the exchange is over.

        It never outlasts the exchange, and stops at the ends of the start window (EXC-8, EXC-19).
        """
        if self.outcome is not None:
            return 0
        terms = self.request.terms
        if terms is None or self.state is State.IDLE:
            raise LocalProtocolError("the request is not stored, or nobody will answer it")
        left_s = (terms.answer_by_ms - now_ms) // _MS_PER_S
        if left_s < MIN_WAIT_S:
            self._expire(now_ms)
            return 0
        return min(MAX_WAIT_S, left_s, max(MIN_WAIT_S, self._window_s(now_ms)))

    def _window_s(self, now_ms: int) -> int:
        """Seconds to the next moment at which absence has to be judged, rounded up."""
        start_by_ms = self._start_by_ms()
        if self.state is not State.AWAITING or start_by_ms is None:
            return MAX_WAIT_S
        edge_ms = start_by_ms if now_ms <= start_by_ms else start_by_ms + ABSENCE_GRACE_MS
        return -((now_ms - edge_ms) // _MS_PER_S)

    def receive_ended(self, *, begun_ms: int, now_ms: int) -> None:
        """A receive that began at `begun_ms` succeeded; it brought no more than was reported.

        It is safe to call after every receive. Replies to other requests say nothing about
        whether anybody is there; one of this exchange's own does (EXC-19).
        """
        self._attempts = 0
        start_by_ms = self._start_by_ms()
        heard = self._heard_ms is not None and self._heard_ms >= begun_ms
        if (
            self.state is State.AWAITING
            and not heard
            and start_by_ms is not None
            and begun_ms > start_by_ms
            and now_ms >= start_by_ms + ABSENCE_GRACE_MS
        ):
            self._move(Trigger.ABSENCE)
            self._end(absent(), now_ms)

    def receive(self, delivery: Delivery, now_ms: int) -> Disposition:
        """Take in a message, and say what to do with it.

        Replies to other requests are normal input; only an undecodable *response to this request*
        ends the exchange (EXC-16).
        """
        self._attempts = 0
        try:
            envelope = decode_reply(delivery.body)
        except RemoteProtocolError as exc:
            return self._undecodable(delivery, exc, now_ms)
        if envelope.request_id != self.request.request_id or self.outcome is not None:
            return self._desk.route(delivery, ReplyHead.of_envelope(envelope), now_ms)
        return self._own(delivery, envelope, now_ms)

    def _own(self, delivery: Delivery, envelope: Envelope, now_ms: int) -> Disposition:
        self._heard_ms = now_ms
        if isinstance(envelope, Response):
            self._answer(envelope, now_ms)
            return Disposition(ReplyAction.KEEP, "answer")
        start_by_ms = self._start_by_ms()
        if isinstance(envelope, Accepted) and start_by_ms is not None:
            if delivery.sent_at_ms > start_by_ms:
                return Disposition(ReplyAction.DELETE, "accepted too late")
            self.accepted_by.add(envelope.client.instance_id)
            self._move(Trigger.ACCEPT_COUNTED)
            return Disposition(ReplyAction.DELETE, "accepted")
        return Disposition(ReplyAction.DELETE, type(envelope).__name__.lower())

    def _answer(self, response: Response, now_ms: int) -> None:
        result = response.result
        error = result if isinstance(result, HandlerError) else None
        payload = result.payload if isinstance(result, HandlerError) else result
        try:
            body = self._opened(payload)
        except RemoteProtocolError as exc:
            self._fail_answer(exc, now_ms)
            return
        self._move(Trigger.ANSWER)
        self._end(Answer(body, error), now_ms)

    def _opened(self, payload: Payload) -> bytes | ClaimCheck:
        if isinstance(payload, Inline):
            return unpack(payload)
        check_claim(payload, self._bucket, Direction.RESPONSE, self.request.request_id)
        return payload

    def _undecodable(
        self, delivery: Delivery, exc: RemoteProtocolError, now_ms: int
    ) -> Disposition:
        if exc.head is None:
            return bad_reply(delivery, exc)
        head = ReplyHead.of_head(exc.head)
        if head.request_id != self.request.request_id or self.outcome is not None:
            return self._desk.route(delivery, head, now_ms)
        self._heard_ms = now_ms
        if head.is_answer:
            self._fail_answer(exc, now_ms)
        return bad_reply(delivery, exc)

    def _fail_answer(self, exc: RemoteProtocolError, now_ms: int) -> None:
        self._move(Trigger.BAD_ANSWER)
        self._end(bad_answer(str(exc)), now_ms)

    def queue_failed(self, reason: str, *, transient: bool, now_ms: int) -> float:
        """A queue call failed; how long to pause before the next attempt, in seconds (EXC-32).

        The exchange ends if the reason will not pass, or if no time is left: then 0.
        """
        if self.outcome is not None:
            return 0.0
        pause_s = _RETRY_PAUSES_S[min(self._attempts, len(_RETRY_PAUSES_S) - 1)]
        self._attempts += 1
        end_ms = self._end_ms()
        if transient and now_ms + (pause_s + MIN_WAIT_S) * _MS_PER_S <= end_ms:
            return pause_s
        self._move(Trigger.QUEUE_FAILURE)
        self._end(queue_error(reason), now_ms)
        return 0.0

    def refused(self, failure: Failure, now_ms: int) -> None:
        """The request or the answer cannot be carried, for the reason that `failure` gives."""
        self._move(Trigger.QUEUE_FAILURE)
        self._end(failure, now_ms)

    def _end_ms(self) -> int:
        """When this exchange has to be over: a one-way request's by its context (EXC-6)."""
        terms = self.request.terms
        deadline_ms = self.request.context.deadline_ms
        if terms is not None:
            return terms.answer_by_ms
        return deadline_ms - margin_ms(deadline_ms - self._begun_ms)

    def _start_by_ms(self) -> int | None:
        terms = self.request.terms
        return None if terms is None else terms.start_by_ms

    def _expire(self, now_ms: int) -> None:
        waited_s = round((now_ms - self._begun_ms) / _MS_PER_S)
        self._move(Trigger.DEADLINE)
        self._end(no_response(waited_s), now_ms)

    def _move(self, trigger: Trigger) -> None:
        try:
            self.state = TRANSITIONS[self.state][trigger]
        except KeyError:
            raise LocalProtocolError(f"{trigger.value!r} in state {self.state.value!r}") from None

    def _end(self, outcome: Outcome, now_ms: int) -> None:
        self.outcome = outcome
        self._desk.finish(self.request.request_id, self._end_ms(), now_ms)
