"""What a message is to a client, before its session decides about it: a request, or bad input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_wire import v0
from ldp_wire.claims import Direction, check_claim
from ldp_wire.codec import decode
from ldp_wire.envelopes import ClaimCheck, Head, Kind, Request
from ldp_wire.errors import RemoteProtocolError
from ldp_wire.limits import MAJOR
from ldp_wire.payloads import unpack

if TYPE_CHECKING:
    from ldp_wire.claims import Bucket
    from ldp_wire.envelopes import Delivery, Envelope, RequestId
    from ldp_wire.trust import ReplyTrust
    from ldp_wire.v0 import Dialect


@dataclass(frozen=True, slots=True)
class Arrival:
    """A valid request.

    Attributes:
        delivery: The message it came in.
        request: The envelope.
        event: The decoded payload, or the claim check to fetch it by, which is one of ours.
        reply_queue: Name of the trusted reply queue; None for a one-way request.
        dialect: What its proxy reads, if it is one of version 0.
    """

    delivery: Delivery
    request: Request
    event: bytes | ClaimCheck
    reply_queue: str | None
    dialect: Dialect | None = None

    @property
    def is_v0(self) -> bool:
        """Whether it is one of version 0, whose answers tell no errors from results."""
        return self.dialect is not None

    @property
    def request_id(self) -> RequestId:
        """The key for the journal."""
        return self.request.request_id


@dataclass(frozen=True, slots=True)
class BadArrival:
    """Bad input (SES-29).

    Attributes:
        delivery: The message it came in.
        error: What is wrong with it.
        head: The frozen members, if they could be read.
        reply_queue: Where to send a refusal; None if nothing may be sent (SES-31, SEC-3).
    """

    delivery: Delivery
    error: RemoteProtocolError
    head: Head | None
    reply_queue: str | None

    @property
    def request_id(self) -> RequestId | None:
        """The key for the journal, if there is one."""
        return None if self.head is None else self.head.request_id


def read(
    delivery: Delivery, trust: ReplyTrust | None, bucket: Bucket | None = None
) -> Arrival | BadArrival:
    """Read a message from the request queue.

    Args:
        delivery: The message.
        trust: The reply queues to answer to; None where only one-way requests are served.
        bucket: Where claim checks may lie; None if there is none.
    """
    try:
        envelope = decode(delivery.body)
    except RemoteProtocolError as exc:
        return _old(delivery, trust) or _bad(delivery, exc, exc.head, trust)
    try:
        return _request(delivery, envelope, trust, bucket)
    except RemoteProtocolError as exc:
        return _bad(delivery, exc, _head(envelope), trust)


def _request(
    delivery: Delivery, envelope: Envelope, trust: ReplyTrust | None, bucket: Bucket | None
) -> Arrival:
    if not isinstance(envelope, Request):
        reason = "a reply lies in the request queue; check which queue is which"
        raise RemoteProtocolError("ENV-10", reason, pointer="/kind")
    reply_queue = None
    if envelope.terms is not None:
        reply_queue = trust.queue_for(envelope.terms.reply_to) if trust else None
        if reply_queue is None:
            reason = "replyTo is not the configured response queue of this account"
            raise RemoteProtocolError("SEC-2", reason, pointer="/replyTo")
    payload = envelope.payload
    if isinstance(payload, ClaimCheck):
        check_claim(payload, bucket, Direction.REQUEST, envelope.request_id)
        return Arrival(delivery, envelope, payload, reply_queue)
    return Arrival(delivery, envelope, unpack(payload), reply_queue)


def _old(delivery: Delivery, trust: ReplyTrust | None) -> Arrival | None:
    """A request of version 0, if it is one and there is a queue to answer it to (V0-1)."""
    if trust is None:
        return None
    old = v0.read_request(delivery.body, trust.queue_name, delivery.sent_at_ms)
    if old is None:
        return None
    return Arrival(delivery, old.request, old.event, trust.queue_name, old.dialect)


def _head(envelope: Envelope) -> Head | None:
    """The frozen members of a request that decoded but cannot be used."""
    if not isinstance(envelope, Request) or envelope.terms is None:
        return None
    terms = envelope.terms
    return Head(envelope.request_id, MAJOR, Kind.REQUEST.value, terms.reply_to, terms.answer_by_ms)


def _bad(
    delivery: Delivery, exc: RemoteProtocolError, head: Head | None, trust: ReplyTrust | None
) -> BadArrival:
    reply_queue = None
    if head and trust and head.reply_to is not None and head.answer_by_ms is not None:
        reply_queue = trust.queue_for(head.reply_to)
    return BadArrival(delivery, exc, head, reply_queue)
