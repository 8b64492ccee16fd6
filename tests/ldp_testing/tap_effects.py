"""What a tap can do to an operation on its way: the effects, and what they are told.

An effect meets the request before the server does, the answer before the caller does, or both.
Those that wait do so on events, which the end of the tap sets.
"""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import dataclass, field, replace
from email.utils import formatdate, parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from ldp_testing.limits import WAIT_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping


class Point(Enum):
    """Where on its way an operation is met."""

    REQUEST = "before the server has seen it"
    ANSWER = "after the server has done it, before the caller knows"


@dataclass(frozen=True, slots=True)
class Call:
    """One operation that came through.

    Attributes:
        operation: SQS's or S3's name of it; for other services method and path.
        queue: The name of the queue or the bucket, or empty.
        at_ms: When the tap had read it, epoch milliseconds.
        parameters: What was asked; of S3, `Key` and the headers; of others, the `Body`.
        access_key: Whose credentials signed it; empty for other services than SQS.
    """

    operation: str
    queue: str
    at_ms: int
    parameters: Mapping[str, Any]
    access_key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, the server's or the tap's own.

    Attributes:
        status: The status code.
        headers: Its headers.
        body: Its body.
        cut_after_bytes: Where in the body the connection ends, or None for a whole answer.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut_after_bytes: int | None = None

    @classmethod
    def of_tap(cls, status: int, content_type: str, body: bytes, **headers: str) -> Answer:
        """An answer that no server gave, with a date and a request ID as SQS's have."""
        own = {
            "Date": formatdate(usegmt=True),
            "x-amzn-RequestId": str(uuid.uuid4()),
            "Content-Type": content_type,
        }
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, tuple((own | named).items()), body)


class ConnectionCut(Exception):  # noqa: N818 - it says what happens
    """Raised by an effect, it ends the caller's connection without an answer."""


class Effect:
    """What happens to an operation; this one is nothing."""

    def on_request(self, call: Call) -> Answer | None:  # noqa: ARG002
        """Meet the operation before the server does; an answer keeps it from the server."""
        return None

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Meet the answer before the caller does."""
        return answer

    def cancel(self) -> None:
        """Stop waiting, since the tap ends."""


@dataclass(frozen=True, slots=True)
class Refuse(Effect):
    """Answer with an error in SQS's JSON protocol.

    Attributes:
        code: The modeled code, or the name of the exception.
        message: The text.
        status: The HTTP status.
        legacy_code: The code in `x-amzn-query-error`; None for the same, empty for no header.
    """

    code: str
    message: str = "Refused by the tap."
    status: int = 400
    legacy_code: str | None = None

    def on_request(self, call: Call) -> Answer:  # noqa: ARG002
        """Answer instead of the server."""
        body = json.dumps({"__type": f"com.amazonaws.sqs#{self.code}", "message": self.message})
        legacy_code = self.code if self.legacy_code is None else self.legacy_code
        headers = {"x-amzn-query-error": f"{legacy_code};Sender"} if legacy_code else {}
        return Answer.of_tap(self.status, "application/x-amz-json-1.0", body.encode(), **headers)


@dataclass(frozen=True, slots=True)
class Reply(Effect):
    """Answer with something that is not SQS's: a server error, a log-in page."""

    status: int = 500
    content_type: str = "text/html"
    body: bytes = b"<html>Internal Server Error</html>"

    def on_request(self, call: Call) -> Answer:  # noqa: ARG002
        """Answer instead of the server."""
        return Answer.of_tap(self.status, self.content_type, self.body)


@dataclass(frozen=True, slots=True)
class ShiftDate(Effect):
    """Move the `Date` of the answer, as if the server's clock differed by so many seconds."""

    by_s: int

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Move it."""
        headers = (
            (name, self._shift(value) if name.lower() == "date" else value)
            for name, value in answer.headers
        )
        return replace(answer, headers=tuple(headers))

    def _shift(self, date: str) -> str:
        return formatdate(parsedate_to_datetime(date).timestamp() + self.by_s, usegmt=True)


@dataclass(frozen=True, slots=True)
class DropHeader(Effect):
    """Take a header out of the answer."""

    name: str

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Take it out."""
        kept = tuple(h for h in answer.headers if h[0].lower() != self.name.lower())
        return replace(answer, headers=kept)


@dataclass(frozen=True, slots=True)
class Cut(Effect):
    """End the connection: before the server sees the operation, or before its answer arrives."""

    at: Point = Point.REQUEST

    def on_request(self, call: Call) -> Answer | None:  # noqa: ARG002
        """End it here, or later."""
        if self.at is Point.REQUEST:
            raise ConnectionCut
        return None

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """End it here."""
        raise ConnectionCut


@dataclass(frozen=True, slots=True)
class CutBody(Effect):
    """End the connection after so many bytes of the answer's body."""

    after_bytes: int

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Mark the place."""
        return replace(answer, cut_after_bytes=self.after_bytes)


@dataclass(frozen=True, slots=True)
class Delay(Effect):
    """Let an operation, or its answer, take so many seconds longer."""

    by_s: float
    at: Point = Point.REQUEST
    _ended: threading.Event = field(default_factory=threading.Event)

    def on_request(self, call: Call) -> Answer | None:  # noqa: ARG002
        """Wait here, or later."""
        if self.at is Point.REQUEST:
            self._ended.wait(self.by_s)
        return None

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Wait here."""
        if self.at is Point.ANSWER:
            self._ended.wait(self.by_s)
        return answer

    def cancel(self) -> None:
        """Stop waiting."""
        self._ended.set()


@dataclass(frozen=True, slots=True)
class Hold(Effect):
    """Stop an operation until it is released.

    Attributes:
        at: Where it is stopped.
        reached: Set when the first operation has come to that point.
        released: Set by `release`; operations that come later pass.
    """

    at: Point = Point.REQUEST
    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def wait_until_reached(self, timeout_s: float = WAIT_LIMIT_S) -> None:
        """Return when an operation is held.

        Raises:
            TimeoutError: None came in time.
        """
        if not self.reached.wait(timeout_s):
            raise TimeoutError(f"no operation was held within {timeout_s} s")

    def release(self) -> None:
        """Let it go on."""
        self.released.set()

    def on_request(self, call: Call) -> Answer | None:  # noqa: ARG002
        """Stop here, or later."""
        if self.at is Point.REQUEST:
            self._stop()
        return None

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Stop here."""
        if self.at is Point.ANSWER:
            self._stop()
        return answer

    def cancel(self) -> None:
        """Let it go on."""
        self.released.set()

    def _stop(self) -> None:
        self.reached.set()
        self.released.wait()


#: Errors as SQS words them.
QUEUE_GONE = Refuse(
    "QueueDoesNotExist",
    "The specified queue does not exist.",
    legacy_code="AWS.SimpleQueueService.NonExistentQueue",
)
THROTTLED = Refuse("RequestThrottled", "Rate exceeded")
ACCESS_DENIED = Refuse(
    "AccessDeniedException",
    "User is not authorized to perform: sqs:SendMessage on resource: queue",
    status=403,
    legacy_code="AccessDenied",
)
EXPIRED_TOKEN = Refuse(
    "ExpiredTokenException",
    "The security token included in the request is expired",
    status=403,
    legacy_code="ExpiredToken",
)
CLOCK_BEHIND = Refuse(
    "InvalidSignatureException",
    "Signature expired: 20261123T100000Z is now earlier than 20261123T100500Z "
    "(20261123T102000Z - 15 min.)",
    status=403,
    legacy_code="SignatureDoesNotMatch",
)
