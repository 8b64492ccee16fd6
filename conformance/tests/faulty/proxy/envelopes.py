"""Requests written, replies read: what of them can be read in every version, and the rest."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from faulty.proxy.errors import BadInputError
from faulty.proxy.payloads import Payloads

_REQUEST_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,128}")
_VERSION: Final = re.compile(r"[0-9]+\.[0-9]+")
_MAJOR_1: Final = re.compile(r"1\.(0|[1-9][0-9]{0,3})")
_MAX_INTEGER: Final = 2**53 - 1
REPLY_KINDS: Final = ("accepted", "declined", "response")


@dataclass(frozen=True, slots=True)
class Invocation:
    """What Lambda tells of one invocation.

    Attributes:
        event: The event's bytes.
        context: The members of the request's context.
        deadline_ms: When Lambda ends it, epoch milliseconds.
    """

    event: bytes
    context: dict[str, Any]
    deadline_ms: int


@dataclass(slots=True)
class Running:
    """The exchange that runs.

    Attributes:
        request_id: Its request's.
        answer_by_ms: When nobody waits any more, epoch milliseconds.
        start_by_ms: Until when it has to be accepted; None without a start window.
        reply_url: URL of its reply queue.
        is_accepted: Whether an `accepted` that counts came.
        instances: The clients that accepted.
    """

    request_id: str
    answer_by_ms: int
    start_by_ms: int | None
    reply_url: str
    is_accepted: bool = False
    instances: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Reply:
    """A message of the reply queue whose frozen members can be read.

    Attributes:
        message_id: SQS's ID of it.
        receipt: The receipt handle.
        receive_count: How often it was received.
        sent_at_ms: SQS's SentTimestamp.
        kind: Its kind.
        request_id: Whose reply it is.
        answer_by_ms: Until when it is awaited, as its sender says; None if it does not.
        is_known: Whether its major version is 1.
        envelope: All of it.
    """

    message_id: str
    receipt: str
    receive_count: int
    sent_at_ms: int
    kind: str
    request_id: str
    answer_by_ms: int | None
    is_known: bool
    envelope: dict[str, Any]


class Envelopes(Payloads):
    """A proxy that can write requests and read replies."""

    version = "1.0"
    largest_message = 1_048_576

    def log(self, event: str, **data: Any) -> None:
        """Write a line for the operator: no payloads, no credentials (SEC-4)."""
        sys.stderr.write(f"{json.dumps({'event': event, **data})}\n")
        sys.stderr.flush()

    def request_id(self, invocation: Invocation) -> str:
        """A new request ID (EXC-1)."""
        del invocation
        return str(uuid.uuid4())

    def envelope(
        self, invocation: Invocation, running: Running, payload: dict[str, Any], now_ms: int
    ) -> dict[str, Any]:
        """The request (ENV-15, ENV-16, ENV-17)."""
        head: dict[str, Any] = {
            "version": self.version,
            "kind": "request",
            "requestId": running.request_id,
        }
        head |= {"sentAtMs": now_ms, "oneWay": self.settings.is_one_way}
        waiting = {} if self.settings.is_one_way else self.waiting_members(running)
        return {**head, **waiting, "context": self.context(invocation), "payload": payload}

    def waiting_members(self, running: Running) -> dict[str, Any]:
        """What a request says of the answer."""
        members: dict[str, Any] = {
            "replyTo": self.reply_to(running),
            "answerByMs": running.answer_by_ms,
            "maxReplyBytes": self.max_reply_bytes(),
            "acceptEncodings": self.accept_encodings(),
        }
        if running.start_by_ms is not None:
            members["startByMs"] = running.start_by_ms
        return members

    def reply_to(self, running: Running) -> str:
        """How the request names the reply queue (ENV-18)."""
        return running.reply_url

    def max_reply_bytes(self) -> int:
        """The largest message that the reply queue takes (ENV-20)."""
        return self.largest_message

    def accept_encodings(self) -> list[str]:
        """What this proxy can decode (ENV-19)."""
        names = ["text", "base64", "gzip+base64"]
        return [*names, "s3"] if self.settings.bucket else names

    def context(self, invocation: Invocation) -> dict[str, Any]:
        """What Lambda told, unchanged (ENV-21)."""
        return invocation.context

    def write(self, envelope: dict[str, Any]) -> str:
        """The body of a message (ENV-1, ENV-5)."""
        text = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
        return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")

    def size_of(self, body: str) -> int:
        """What SQS counts of a body (PAY-8)."""
        return len(body.encode("utf-8"))

    def read(self, message: dict[str, Any]) -> Reply:
        """The frozen members of a message.

        Raises:
            BadInputError: They cannot be read (EXC-15).
        """
        envelope = _object(message["Body"])
        kind, request_id = envelope.get("kind"), envelope.get("requestId")
        version, answer_by_ms = envelope.get("version"), envelope.get("answerByMs")
        if not isinstance(version, str) or not _VERSION.fullmatch(version):
            raise BadInputError("the version cannot be read")
        if not isinstance(request_id, str) or not _REQUEST_ID.fullmatch(request_id):
            raise BadInputError("the request ID cannot be read")
        is_known = bool(_MAJOR_1.fullmatch(version))
        if not isinstance(kind, str) or (is_known and kind not in REPLY_KINDS):
            raise BadInputError("the kind cannot be read")
        attributes = message.get("Attributes", {})
        return Reply(
            message_id=message["MessageId"],
            receipt=message["ReceiptHandle"],
            receive_count=int(attributes.get("ApproximateReceiveCount", 1)),
            sent_at_ms=int(attributes.get("SentTimestamp", 0)),
            kind=kind,
            request_id=request_id,
            answer_by_ms=_instant(answer_by_ms),
            is_known=is_known,
            envelope=envelope,
        )

    def log_bad(self, body: str, why: str) -> None:
        """Say that a message was bad input, by its digest only (EXC-15)."""
        digest = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
        self.log("reply.bad", reason=why, sha256=digest, length=len(body))


def _object(body: str) -> dict[str, Any]:
    try:
        envelope = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadInputError("no JSON") from error
    if not isinstance(envelope, dict):
        raise BadInputError("no JSON object")
    return envelope


def _refuse(word: str) -> float:
    raise ValueError(word)


def _instant(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_INTEGER:
        return None
    return value
