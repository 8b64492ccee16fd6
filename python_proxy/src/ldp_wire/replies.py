"""What a proxy's environment remembers of its reply queue, and what it does with strange replies.

One `ReplyDesk` outlives the exchanges of its environment.
Told the time and what arrived; nothing here reads a clock or draws a random number.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ldp_wire.envelopes import Accepted, Kind, Request, Response
from ldp_wire.limits import (
    ANSWER_GRACE_MS,
    ECHO_AFTER_MS,
    ECHO_BEFORE_MS,
    ECHO_DEFAULT_MS,
    LONELY_HIDE_S,
    LONELY_RECEIVES,
    MAX_HIDE_PAUSE_S,
    MAX_RELEASE_PAUSE_S,
    NOTICE_LIFE_MS,
)

if TYPE_CHECKING:
    from ldp_wire.envelopes import Delivery, Envelope, Head, RequestId
    from ldp_wire.errors import RemoteProtocolError


class ReplyAction(Enum):
    """What a proxy does with one received message."""

    KEEP = "keep"  #: the answer: delete it once it is passed on, or when passing on fails
    DELETE = "delete"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Disposition:
    """What to do with a received message, and why.

    Attributes:
        action: What to do.
        reason: A constant word for the log, such as ``foreign`` or ``stale``.
        visibility_s: With RELEASE, the visibility timeout to set, in seconds.
        pause_max_s: Upper bound of the random pause before the next receive, in seconds.
        bad: With DELETE, what was wrong with a message that could not be read.
        fell_back: With DELETE, the request of this reply if the fallback answered it meanwhile.
        double_run: Whether a client runs the event of that request, too (EXC-24).
    """

    action: ReplyAction
    reason: str
    visibility_s: int = 0
    pause_max_s: float = 0.0
    bad: BadReply | None = None
    fell_back: RequestId | None = None
    double_run: bool = False


@dataclass(frozen=True, slots=True)
class BadReply:
    """All that is logged of a message that could not be read (EXC-15)."""

    requirement: str
    reason: str
    sha256: str
    length_bytes: int


@dataclass(frozen=True, slots=True)
class ReplyHead:
    """What routes a reply: all that is looked at in one that is not ours (EXC-17)."""

    request_id: RequestId
    is_answer: bool
    answer_by_ms: int | None
    is_accepted: bool = False

    @classmethod
    def of_envelope(cls, envelope: Envelope) -> ReplyHead:
        """The head of a decoded reply; a request in a reply queue counts as a stale notice."""
        if isinstance(envelope, Request):
            return cls(envelope.request_id, is_answer=False, answer_by_ms=None)
        is_answer, is_accepted = isinstance(envelope, Response), isinstance(envelope, Accepted)
        return cls(envelope.request_id, is_answer, envelope.answer_by_ms, is_accepted)

    @classmethod
    def of_head(cls, head: Head) -> ReplyHead:
        """The same from the frozen members alone."""
        return cls(head.request_id, head.kind == Kind.RESPONSE.value, head.answer_by_ms)


@dataclass(frozen=True, slots=True)
class _Sighting:
    receive_count: int
    running: int


def bad_reply(delivery: Delivery, exc: RemoteProtocolError) -> Disposition:
    """Delete a message that nobody can route, keeping its fingerprint for the log (EXC-15)."""
    body = delivery.body.encode(errors="surrogatepass")
    fingerprint = hashlib.sha256(body).hexdigest()
    bad = BadReply(exc.requirement, exc.reason, fingerprint, len(body))
    return Disposition(ReplyAction.DELETE, "bad", bad=bad)


class ReplyDesk:
    """The memory of one environment: its finished requests, and the foreign replies it saw."""

    def __init__(self) -> None:
        self._finished: dict[RequestId, int] = {}
        self._start_by_ms: dict[RequestId, int] = {}
        self._sightings: dict[str, _Sighting] = {}

    def finish(self, request_id: RequestId, answer_by_ms: int, now_ms: int) -> None:
        """Remember that the exchange of a request is over (EXC-10)."""
        old = [key for key, end_ms in self._finished.items() if now_ms > end_ms + ECHO_AFTER_MS]
        for key in old:
            del self._finished[key]
            self._start_by_ms.pop(key, None)
        self._finished[request_id] = answer_by_ms
        self._sightings.clear()

    def fell_back(self, request_id: RequestId, start_by_ms: int) -> None:
        """Remember that the fallback function runs the event of a request that is finished."""
        self._start_by_ms[request_id] = start_by_ms

    def route(self, delivery: Delivery, head: ReplyHead, now_ms: int) -> Disposition:
        """What to do with a reply that is not the running exchange's (EXC-10 to EXC-14)."""
        if head.request_id in self._start_by_ms:
            return self._after_fallback(delivery, head)
        if head.request_id in self._finished:
            return Disposition(ReplyAction.DELETE, "stale")
        if not head.is_answer:
            if now_ms > delivery.sent_at_ms + NOTICE_LIFE_MS:
                return Disposition(ReplyAction.DELETE, "expired")
        elif now_ms > _believed_answer_by_ms(delivery, head) + ANSWER_GRACE_MS:
            return Disposition(ReplyAction.DELETE, "expired")
        return self._release(delivery)

    def _after_fallback(self, delivery: Delivery, head: ReplyHead) -> Disposition:
        """Nobody waits for it; but an `accepted` that counts tells of a second run (EXC-24)."""
        counts = head.is_accepted and delivery.sent_at_ms <= self._start_by_ms[head.request_id]
        return Disposition(
            ReplyAction.DELETE, "stale", fell_back=head.request_id, double_run=counts
        )

    def _release(self, delivery: Delivery) -> Disposition:
        """Give a foreign reply back, for longer if nobody else seems to listen (EXC-11, 12)."""
        count = delivery.receive_count
        last = self._sightings.get(delivery.message_id)
        running = last.running + 1 if last and count == last.receive_count + 1 else 1
        self._sightings[delivery.message_id] = _Sighting(count, running)
        if running >= LONELY_RECEIVES:
            return Disposition(ReplyAction.RELEASE, "foreign", LONELY_HIDE_S, MAX_HIDE_PAUSE_S)
        return Disposition(
            ReplyAction.RELEASE, "foreign", visibility_s=0, pause_max_s=MAX_RELEASE_PAUSE_S
        )


def _believed_answer_by_ms(delivery: Delivery, head: ReplyHead) -> int:
    """The echo where it is plausible, else a default from SQS's own clock (EXC-14)."""
    sent_ms = delivery.sent_at_ms
    echo_ms = head.answer_by_ms
    if echo_ms is None or not sent_ms - ECHO_BEFORE_MS <= echo_ms <= sent_ms + ECHO_AFTER_MS:
        return sent_ms + ECHO_DEFAULT_MS
    return echo_ms
