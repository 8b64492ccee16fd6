"""The envelopes as values: frozen, without behaviour, in Python's spelling.

`codec` turns them into JSON text and back; nothing here checks a range.
Every `_ms` is epoch milliseconds on AWS's clock (ENV-6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NewType, Protocol

RequestId = NewType("RequestId", str)


class Kind(Enum):
    """What an envelope is (ENV-10)."""

    REQUEST = "request"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RESPONSE = "response"


class Encoding(Enum):
    """How a payload's bytes are written down (PAY-3 to PAY-6)."""

    TEXT = "text"
    BASE64 = "base64"
    GZIP_BASE64 = "gzip+base64"
    S3 = "s3"


@dataclass(frozen=True, slots=True)
class Inline:
    """A payload inside its envelope.

    Attributes:
        encoding: Any but S3.
        data: The encoded text.
    """

    encoding: Encoding
    data: str


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """A payload parked in S3 (PAY-6).

    Attributes:
        bucket: Name of the bucket; compared with the configured one, never used (PAY-14).
        key: Key of the object.
        size_bytes: Size of the stored bytes, which are the payload.
        sha256: SHA-256 of the stored bytes, 64 lower-case hexadecimal digits.
    """

    bucket: str
    key: str
    size_bytes: int
    sha256: str


Payload = Inline | ClaimCheck


@dataclass(frozen=True, slots=True)
class Identity:
    """The Cognito identity of the caller, as Lambda's header gives it."""

    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda told the proxy of the invocation (ENV-21).

    Attributes:
        aws_request_id: Lambda's own ID; repeats on retries, so it correlates nothing.
        function_name: Name of the function that the proxy stands in for.
        function_version: ``$LATEST`` or a number.
        invoked_function_arn: The ARN that the caller used, with its alias or version.
        memory_limit_in_mb: Configured memory in MiB.
        log_group_name: CloudWatch log group of the proxy.
        log_stream_name: CloudWatch log stream of the proxy's environment.
        deadline_ms: When Lambda ends the invocation.
        trace_id: X-Ray header.
        tenant_id: Tenant of a tenant-isolated function.
        invocation_id: Lambda's nonce of the attempt.
        client_context: Raw JSON text that the caller gave (ENV-22).
        identity: Cognito identity.
    """

    aws_request_id: str
    function_name: str
    function_version: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    log_group_name: str
    log_stream_name: str
    deadline_ms: int
    trace_id: str | None = None
    tenant_id: str | None = None
    invocation_id: str | None = None
    client_context: str | None = None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class ReplyTerms:
    """Where, until when, how large and in which form an answer is wanted (ENV-16).

    Attributes:
        reply_to: URL of the reply queue; an identifier, not an address (SEC-1).
        answer_by_ms: End of the proxy's wait.
        max_reply_bytes: Largest message that the reply queue takes.
        accept_encodings: Names of encodings; unknown ones are legal (ENV-19).
        start_by_ms: End of the start window, if there is one (EXC-18).
    """

    reply_to: str
    answer_by_ms: int
    max_reply_bytes: int
    accept_encodings: tuple[str, ...]
    start_by_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """An event on its way to a client; `terms` is None for a one-way request (ENV-17)."""

    request_id: RequestId
    sent_at_ms: int
    context: Context
    payload: Payload
    terms: ReplyTerms | None
    minor: int = 0


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """Who answers; the instance ID is new for every start of a client (ENV-24)."""

    instance_id: str
    name: str | None = None
    version: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A client is about to start the handler (SES-20)."""

    request_id: RequestId
    answer_by_ms: int
    client: ClientInfo
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Declined:
    """A client did not and will not start the handler (SES-22)."""

    request_id: RequestId
    answer_by_ms: int
    reason: str
    client: ClientInfo
    minor: int = 0


@dataclass(frozen=True, slots=True)
class HandlerError:
    """A handler's failure: the payload is passed on, the texts are for people (ENV-27, ENV-28)."""

    error_type: str
    error_message: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: the handler's payload or its error (ENV-26)."""

    request_id: RequestId
    answer_by_ms: int
    result: Payload | HandlerError
    minor: int = 0


Reply = Accepted | Declined | Response
Envelope = Request | Reply


@dataclass(frozen=True, slots=True)
class Head:
    """The members that keep their meaning in every major version (ENV-11), as far as readable."""

    request_id: RequestId
    major: int
    kind: str
    reply_to: str | None
    answer_by_ms: int | None


class Delivery(Protocol):
    """One message as SQS handed it out; `ldp_queues.Message` is one."""

    @property
    def message_id(self) -> str:
        """ID that SQS gave to this physical message."""

    @property
    def receipt(self) -> str:
        """Receipt handle, new at each receive."""

    @property
    def body(self) -> str:
        """The text."""

    @property
    def receive_count(self) -> int:
        """How often it was received, this time included."""

    @property
    def sent_at_ms(self) -> int:
        """When SQS stored it."""
