"""Envelopes to JSON text: `codec`'s writing half."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ldp_wire.envelopes import (
    Accepted,
    ClientInfo,
    Context,
    Declined,
    Encoding,
    Envelope,
    HandlerError,
    Identity,
    Inline,
    Kind,
    Payload,
    ReplyTerms,
    Request,
    Response,
)
from ldp_wire.limits import MAJOR

if TYPE_CHECKING:
    from ldp_wire.reading import JSON


def encode(envelope: Envelope) -> str:
    """The JSON text of an envelope, free of characters that SQS refuses (ENV-5).

    Halves of surrogate pairs, which UTF-8 cannot carry, are escaped too.
    """
    text = json.dumps(_document(envelope), ensure_ascii=False, separators=(",", ":"))
    text = text.encode(errors="backslashreplace").decode()
    return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def _document(envelope: Envelope) -> dict[str, JSON]:
    document: dict[str, JSON] = {
        "version": f"{MAJOR}.{envelope.minor}",
        "kind": _KINDS[type(envelope)].value,
        "requestId": envelope.request_id,
    }
    if isinstance(envelope, Request):
        return document | _request_members(envelope)
    document["answerByMs"] = envelope.answer_by_ms
    if isinstance(envelope, Response):
        result = envelope.result
        if isinstance(result, HandlerError):
            return document | {"error": _error_members(result)}
        return document | {"payload": _payload_members(result)}
    if isinstance(envelope, Declined):
        document["reason"] = envelope.reason
    return document | {"client": _client_members(envelope.client)}


_KINDS: Final = {
    Request: Kind.REQUEST,
    Accepted: Kind.ACCEPTED,
    Declined: Kind.DECLINED,
    Response: Kind.RESPONSE,
}


def _request_members(request: Request) -> dict[str, JSON]:
    terms = request.terms
    return {
        "sentAtMs": request.sent_at_ms,
        "oneWay": terms is None,
        **({} if terms is None else _terms_members(terms)),
        "context": _context_members(request.context),
        "payload": _payload_members(request.payload),
    }


def _terms_members(terms: ReplyTerms) -> dict[str, JSON]:
    return {
        "replyTo": terms.reply_to,
        "answerByMs": terms.answer_by_ms,
        **_present({"startByMs": terms.start_by_ms}),
        "maxReplyBytes": terms.max_reply_bytes,
        "acceptEncodings": list(terms.accept_encodings),
    }


def _context_members(context: Context) -> dict[str, JSON]:
    identity = context.identity
    return _present(
        {
            "awsRequestId": context.aws_request_id,
            "functionName": context.function_name,
            "functionVersion": context.function_version,
            "invokedFunctionArn": context.invoked_function_arn,
            "memoryLimitInMb": context.memory_limit_in_mb,
            "logGroupName": context.log_group_name,
            "logStreamName": context.log_stream_name,
            "deadlineMs": context.deadline_ms,
            "traceId": context.trace_id,
            "tenantId": context.tenant_id,
            "invocationId": context.invocation_id,
            "clientContext": context.client_context,
            "identity": None if identity is None else _identity_members(identity),
        }
    )


def _identity_members(identity: Identity) -> dict[str, JSON]:
    return _present(
        {
            "cognitoIdentityId": identity.cognito_identity_id,
            "cognitoIdentityPoolId": identity.cognito_identity_pool_id,
        }
    )


def _payload_members(payload: Payload) -> dict[str, JSON]:
    if isinstance(payload, Inline):
        return {"encoding": payload.encoding.value, "data": payload.data}
    return {
        "encoding": Encoding.S3.value,
        "bucket": payload.bucket,
        "key": payload.key,
        "sizeBytes": payload.size_bytes,
        "sha256": payload.sha256,
    }


def _error_members(error: HandlerError) -> dict[str, JSON]:
    return {
        "errorType": error.error_type,
        "errorMessage": error.error_message,
        "payload": _payload_members(error.payload),
    }


def _client_members(client: ClientInfo) -> dict[str, JSON]:
    return _present(
        {
            "instanceId": client.instance_id,
            "name": client.name,
            "version": client.version,
            "language": client.language,
        }
    )


def _present(members: dict[str, JSON]) -> dict[str, JSON]:
    """The members that have a value: an absent one is left out, never null."""
    return {name: value for name, value in members.items() if value is not None}
