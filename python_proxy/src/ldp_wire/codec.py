"""Envelopes to JSON text and back; here and in `writing`, Python's names meet the protocol's.

`decode` is as strict as `schemas/v1` and no stricter: tests hold the two together.
Payloads stay encoded here; `payloads` opens them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, TypeVar

from ldp_wire.envelopes import (
    Accepted,
    ClaimCheck,
    ClientInfo,
    Context,
    Declined,
    Encoding,
    Envelope,
    HandlerError,
    Head,
    Identity,
    Inline,
    Kind,
    Payload,
    ReplyTerms,
    Request,
    RequestId,
    Response,
)
from ldp_wire.errors import RemoteProtocolError
from ldp_wire.limits import (
    MAJOR,
    MAX_MESSAGE_BYTES,
    MAX_PAYLOAD_BYTES,
    MIN_MESSAGE_BYTES,
)
from ldp_wire.reading import Members, parse_object
from ldp_wire.writing import encode

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["QUEUE_URL", "decode", "decode_reply", "encode"]

_T = TypeVar("_T")

_VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})")
_TOKEN: Final = re.compile(r"[0-9A-Za-z_-]{1,128}")
#: Visible ASCII without query, fragment and quotes; the groups are account and name (ENV-18).
QUEUE_URL: Final = re.compile(
    r"https?://[!$-.0->@-~]+(?:/[!$-.0->@-~]+)*/([0-9]{12})/([0-9A-Za-z_-]{1,80})"
)
_ENCODING_NAME: Final = re.compile(r"[a-z0-9+-]{1,32}")
_REASON: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")
#: Together with a length that is a multiple of four; a group of four would cost 30 MB of stack.
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_BUCKET: Final = re.compile(r"[0-9a-z.-]{3,63}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_URL_CHARACTERS: Final = 1024
_TOKEN_WORDS: Final = "1 to 128 characters of 0-9, A-Z, a-z, _ and -"  # noqa: S105 - no secret
_ONE_WAY_LACKS: Final = (
    "replyTo",
    "answerByMs",
    "startByMs",
    "maxReplyBytes",
    "acceptEncodings",
)


def decode(text: str) -> Envelope:
    """The envelope in a message's body.

    Raises:
        RemoteProtocolError: It breaks a requirement; its `head` is what could still be read.
    """
    members = Members(parse_object(text))
    try:
        return _envelope(members)
    except RemoteProtocolError as exc:
        exc.head = _readable(lambda: _head(members))
        raise


def _head(members: Members) -> Head:
    """The frozen members of an envelope of any major version (ENV-11)."""
    version = members.matching("ENV-7", "version", _VERSION, "a version")
    return Head(
        request_id=RequestId(members.matching("ENV-13", "requestId", _TOKEN, _TOKEN_WORDS)),
        major=int(version.partition(".")[0]),
        kind=members.string("ENV-10", "kind", None),
        reply_to=_readable(lambda: _url(members)),
        answer_by_ms=_readable(lambda: _echo(members)),
    )


def _readable(read: Callable[[], _T]) -> _T | None:
    """What `read` reads, or None where that is absent or wrong."""
    try:
        return read()
    except RemoteProtocolError:
        return None


def _envelope(members: Members) -> Envelope:
    minor = _minor(members)
    kind = members.string("ENV-10", "kind", None)
    reader = _READERS.get(kind)
    if reader is None:
        members.fail("ENV-10", "kind is none that version 1 knows", "kind")
    request_id = RequestId(members.matching("ENV-13", "requestId", _TOKEN, _TOKEN_WORDS))
    return reader(members, request_id, minor)


def _minor(members: Members) -> int:
    version = members.matching("ENV-7", "version", _VERSION, "a version such as 1.0")
    major, _, minor = version.partition(".")
    if int(major) != MAJOR:
        members.fail("ENV-10", f"version is of major version {major}, not {MAJOR}", "version")
    return int(minor)


def _request(members: Members, request_id: RequestId, minor: int) -> Request:
    sent_at_ms = members.instant_ms("ENV-15", "sentAtMs")
    if members.boolean("ENV-15", "oneWay"):
        members.forbid("ENV-17", *_ONE_WAY_LACKS)
        terms = None
    else:
        terms = _terms(members)
    return Request(
        request_id=request_id,
        sent_at_ms=sent_at_ms,
        context=_context(members.object("ENV-15", "context")),
        payload=_payload(members.object("ENV-15", "payload")),
        terms=terms,
        minor=minor,
    )


def _terms(members: Members) -> ReplyTerms:
    encodings = members.strings("ENV-19", "acceptEncodings", _ENCODING_NAME, 16)
    if Encoding.TEXT.value not in encodings:
        members.fail("ENV-19", "acceptEncodings lacks text", "acceptEncodings")
    return ReplyTerms(
        reply_to=_url(members),
        answer_by_ms=members.instant_ms("ENV-16", "answerByMs"),
        max_reply_bytes=members.integer(
            "ENV-20", "maxReplyBytes", MIN_MESSAGE_BYTES, MAX_MESSAGE_BYTES
        ),
        accept_encodings=encodings,
        start_by_ms=(members.instant_ms("ENV-6", "startByMs") if "startByMs" in members else None),
    )


def _url(members: Members) -> str:
    members.string("ENV-18", "replyTo", _URL_CHARACTERS)
    return members.matching("ENV-18", "replyTo", QUEUE_URL, "the URL of an SQS queue")


def _context(members: Members) -> Context:
    rule = "ENV-21"
    return Context(
        aws_request_id=members.string(rule, "awsRequestId", 256, shortest=1),
        function_name=members.string(rule, "functionName", 256, shortest=1),
        function_version=members.string(rule, "functionVersion", 256, shortest=1),
        invoked_function_arn=members.string(rule, "invokedFunctionArn", 2048, shortest=1),
        memory_limit_in_mb=members.integer(rule, "memoryLimitInMb", 1, 1_048_576),
        log_group_name=members.string(rule, "logGroupName", 1024),
        log_stream_name=members.string(rule, "logStreamName", 1024),
        deadline_ms=members.instant_ms(rule, "deadlineMs"),
        trace_id=members.optional_string(rule, "traceId", 2048, shortest=1),
        tenant_id=members.optional_string(rule, "tenantId", 256, shortest=1),
        invocation_id=members.optional_string(rule, "invocationId", 1024, shortest=1),
        client_context=members.optional_string("ENV-22", "clientContext", 16_384, shortest=1),
        identity=_identity(members.object(rule, "identity")) if "identity" in members else None,
    )


def _identity(members: Members) -> Identity:
    return Identity(
        cognito_identity_id=members.optional_string("ENV-21", "cognitoIdentityId", 1024),
        cognito_identity_pool_id=members.optional_string("ENV-21", "cognitoIdentityPoolId", 1024),
    )


def _payload(members: Members) -> Payload:
    name = members.string("PAY-11", "encoding", None)
    if name == Encoding.TEXT.value:
        return Inline(Encoding.TEXT, members.string("PAY-3", "data", None))
    if name == Encoding.GZIP_BASE64.value:
        return Inline(Encoding.GZIP_BASE64, _base64(members, "PAY-4"))
    if name == Encoding.BASE64.value:
        return Inline(Encoding.BASE64, _base64(members, "PAY-5"))
    if name != Encoding.S3.value:
        members.fail("PAY-11", "encoding is none that version 1 knows", "encoding")
    members.forbid("PAY-6", "data")
    return ClaimCheck(
        bucket=members.matching("PAY-6", "bucket", _BUCKET, "the name of a bucket"),
        key=members.string("PAY-6", "key", 1024, shortest=1),
        size_bytes=members.integer("PAY-6", "sizeBytes", 0, MAX_PAYLOAD_BYTES),
        sha256=members.matching("PAY-6", "sha256", _SHA256, "64 lower-case hexadecimal digits"),
    )


def _base64(members: Members, rule: str) -> str:
    data = members.matching(rule, "data", _BASE64, "base64 text")
    if len(data) % 4:
        members.fail(rule, "data is base64 text that lacks its end", "data")
    return data


def _accepted(members: Members, request_id: RequestId, minor: int) -> Accepted:
    return Accepted(request_id, _echo(members), _client(members), minor)


def _declined(members: Members, request_id: RequestId, minor: int) -> Declined:
    reason = members.matching("ENV-25", "reason", _REASON, "a lower-case word")
    return Declined(request_id, _echo(members), reason, _client(members), minor)


def _response(members: Members, request_id: RequestId, minor: int) -> Response:
    if ("payload" in members) == ("error" in members):
        members.fail("ENV-26", "there is not exactly one of payload and error")
    result: Payload | HandlerError
    if "payload" in members:
        result = _payload(members.object("ENV-26", "payload"))
    else:
        result = _error(members.object("ENV-26", "error"))
    return Response(request_id, _echo(members), result, minor)


def _echo(members: Members) -> int:
    return members.instant_ms("ENV-14", "answerByMs")


def _client(members: Members) -> ClientInfo:
    client = members.object("ENV-24", "client")
    return ClientInfo(
        instance_id=client.matching("ENV-24", "instanceId", _TOKEN, _TOKEN_WORDS),
        name=client.optional_string("ENV-24", "name", 128, shortest=1),
        version=client.optional_string("ENV-24", "version", 64, shortest=1),
        language=client.optional_string("ENV-24", "language", 64, shortest=1),
    )


def _error(members: Members) -> HandlerError:
    return HandlerError(
        error_type=members.string("ENV-28", "errorType", 1024),
        error_message=members.string("ENV-28", "errorMessage", 1024),
        payload=_payload(members.object("ENV-27", "payload")),
    )


_READERS: Final[dict[str, Callable[[Members, RequestId, int], Envelope]]] = {
    Kind.REQUEST.value: _request,
    Kind.ACCEPTED.value: _accepted,
    Kind.DECLINED.value: _declined,
    Kind.RESPONSE.value: _response,
}


def decode_reply(text: str) -> Envelope:
    """As `decode`, but a response with an error is taken from any major version (ENV-11).

    An error body of a later version that cannot be read is replaced by its type and message.

    Raises:
        RemoteProtocolError: As for `decode`.
    """
    try:
        return decode(text)
    except RemoteProtocolError as exc:
        head = exc.head
        if head is None or head.major == MAJOR or head.kind != Kind.RESPONSE.value:
            raise
        members = Members(parse_object(text))
        error = _readable(lambda: _frozen_error(members.object("ENV-11", "error")))
        if error is None or head.answer_by_ms is None:
            raise
        return Response(head.request_id, head.answer_by_ms, error)


def _frozen_error(members: Members) -> HandlerError:
    error_type = members.string("ENV-11", "errorType", None)
    error_message = members.string("ENV-11", "errorMessage", None)
    payload = _readable(lambda: _payload(members.object("ENV-27", "payload")))
    if payload is None:
        body = {"errorMessage": error_message, "errorType": error_type}
        payload = Inline(Encoding.TEXT, json.dumps(body))
    return HandlerError(error_type, error_message, payload)
