"""What a client session asks its edge to do, as values; and what the edge tells it.

The edge carries a session's actions out in the order given.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ldp_wire.envelopes import ClaimCheck, Request, RequestId


class Status(Enum):
    """What a journal says of a request (SES-24)."""

    ACCEPTED = "accepted"  #: an `accepted` was stored in time
    ANSWERED = "answered"
    DISCARDED = "discarded"


class Purpose(Enum):
    """Why something is sent."""

    ACCEPT = "accept"
    DECLINE = "decline"
    ANSWER = "answer"
    REFUSAL = "refusal"  #: of a bad request (SES-31)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A payload to store in the bucket under this key, before what tells of it is sent."""

    key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Send:
    """Store the attachment, if any, send `text` to the reply queue `queue_name`, and call back.

    The call is `sent`, or `send_failed` whichever of the two failed.
    """

    request_id: RequestId
    purpose: Purpose
    queue_name: str
    text: str
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """Fetch the event from the bucket and verify it, then call `fetched` or `fetch_failed`.

    `until_ms` is when its caller stops waiting; None if nobody waits.
    """

    request_id: RequestId
    claim: ClaimCheck
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """Hand the event to a free handler, then call `handler_ended`.

    `attempt` counts, from 1, how often SQS has handed the event out and how often it was run again.
    """

    request: Request
    event: bytes
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Record:
    """Write this into the journal, durably, before going on (SES-25).

    `reason` is a constant word such as ``expired``; `keep_until_ms` is when it may be forgotten.
    """

    request_id: RequestId
    status: Status
    reason: str
    keep_until_ms: int


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the message with this receipt handle."""

    receipt: str


@dataclass(frozen=True, slots=True)
class Release:
    """Set the visibility timeout of the message: 0 s gives it to anybody at once (SES-11)."""

    receipt: str
    visibility_s: int


@dataclass(frozen=True, slots=True)
class Renew:
    """Extend a lease, then call `renewed` with the time before the call (SES-7)."""

    request_id: RequestId
    message_id: str
    receipt: str
    visibility_s: int


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep a bad message on disk before it is deleted (SES-30)."""

    message_id: str
    body: str
    requirement: str
    pointer: str
    reason: str


class NoticeKind(Enum):
    """What a developer is told besides the outcome of each event."""

    EXPIRED_BEFORE_START = "expired before start"
    EXPIRED_WHILE_RUNNING = "expired while running"
    LATE_RESULT = "late result"
    LATE_WINDOW = "late window"
    LEASE_LAPSED = "lease lapsed"
    COPY_DELETED = "copy deleted"
    COPY_ADOPTED = "copy adopted"
    CALLER_GONE = "caller gone"
    SEND_FAILED = "send failed"
    RESULT_TOO_LARGE = "result too large"
    BAD_MESSAGE = "bad message"
    RELEASED = "released"
    HELD = "held"  #: the handler failed, and its event waits to be run again (SES-36)
    HOLD_ENDED = "hold ended"  #: nobody ran it again in time; its error goes to the caller
    HOLD_EXPIRED = "hold expired"  #: nobody ran it again in time; nothing was sent
    FETCH_FAILED = "fetch failed"
    VERSION_0 = "version 0"  #: its answers can reach the wrong invocation (V0-7)


@dataclass(frozen=True, slots=True)
class Notice:
    """Tell the developer; `detail` completes the sentence and holds no content of events.

    `until_ms` is when what it tells of ends by itself; None if it does not.
    """

    kind: NoticeKind
    request_id: RequestId | None
    detail: str = ""
    until_ms: int | None = None


Action = Send | Fetch | Start | Record | Delete | Release | Renew | Keep | Notice


class SendFailure(Enum):
    """Why something could not be sent."""

    GONE = "gone"  #: the queue does not exist (SES-16)
    REFUSED = "refused"  #: SQS will never take this message: it is larger than the queue allows
    STORAGE = "storage"  #: the bucket will never take the attachment
    OTHER = "other"  #: may pass, be it by itself or because the developer logs in again


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the journal knows of a request."""

    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Returned:
    """The handler returned; `body` is what its runtime posted."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Raised:
    """The handler failed; `body` is the error body that its runtime posted."""

    error_type: str
    error_message: str
    body: bytes


Result = Returned | Raised
