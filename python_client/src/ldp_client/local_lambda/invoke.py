"""What a caller asks of the Invoke API and what it gets: values, and the checks of the service."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from ldp_client.local_lambda.errors import (
    InvalidParameterValue,
    InvalidRequestContent,
    RequestTooLarge,
)
from ldp_client.local_lambda.limits import (
    ASYNC_PAYLOAD_BYTES,
    CLIENT_CONTEXT_BYTES,
    PAYLOAD_BYTES,
)

_TENANT_ID = re.compile(r"[a-zA-Z0-9._:/=+\-@ ]{1,256}")


class InvocationType(Enum):
    """`X-Amz-Invocation-Type`."""

    REQUEST_RESPONSE = "RequestResponse"
    EVENT = "Event"
    DRY_RUN = "DryRun"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvokeOptions:
    """Everything about an invoke but its payload.

    Attributes:
        invocation_type: Wait for the result, queue the event, or only check the call.
        qualifier: A version or an alias, or None for the unqualified function.
        client_context: The client context as JSON text, not base64; synchronous invocations only.
        tenant_id: The tenant. The function is told; sandboxes are not kept apart by tenant.
        cognito_identity: JSON text with `cognitoIdentityId` and `cognitoIdentityPoolId`; the
            service takes it from the caller's credentials.
        trace_id: The X-Ray trace header, or None for a new one.
    """

    invocation_type: InvocationType = InvocationType.REQUEST_RESPONSE
    qualifier: str | None = None
    client_context: str | None = None
    tenant_id: str | None = None
    cognito_identity: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class InvokeResult:
    """The answer of the Invoke API.

    Attributes:
        status: 200 with a payload, 202 for a queued event, 204 for a dry run.
        request_id: Lambda's request ID.
        executed_version: The version that ran.
        payload: The result, or the error object if `function_error` is set.
        function_error: `Unhandled` if the function failed, as for every modern runtime.
    """

    status: int
    request_id: str
    executed_version: str
    payload: bytes = b""
    function_error: str | None = None


def check_event(payload: bytes, invocation_type: InvocationType) -> bytes:
    """The event as the function gets it: the payload's own bytes, or `{}` if there is none.

    Raises:
        RequestTooLarge: It exceeds the limit of the invocation type.
        InvalidRequestContent: It is no JSON text in UTF-8.
    """
    is_async = invocation_type is InvocationType.EVENT
    limit_bytes = ASYNC_PAYLOAD_BYTES if is_async else PAYLOAD_BYTES
    if len(payload) > limit_bytes:
        raise RequestTooLarge(len(payload), limit_bytes)
    if not payload:
        return b"{}"
    _check_json(payload)
    return payload


def check_options(options: InvokeOptions) -> None:
    """Check what is not the event.

    Raises:
        InvalidRequestContent: The client context is no JSON text.
        InvalidParameterValue: The client context is too long, or the tenant ID is malformed.
    """
    if options.client_context is not None:
        text = options.client_context.encode("utf-8", "replace")
        if 4 * -(-len(text) // 3) > CLIENT_CONTEXT_BYTES:
            raise InvalidParameterValue(
                "X-Amz-Client-Context", f"at most {CLIENT_CONTEXT_BYTES} bytes of base64"
            )
        _check_json(text)
    if options.tenant_id is not None and not _TENANT_ID.fullmatch(options.tenant_id):
        raise InvalidParameterValue("X-Amz-Tenant-Id", "1 to 256 of [a-zA-Z0-9._:/=+-@ ]")


def new_trace_id() -> str:
    """A new X-Ray trace header for an invocation that is not sampled."""
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"


def _check_json(text: bytes) -> None:
    try:
        # The bytes are what counts: numbers are not converted, which would refuse long ones.
        json.loads(text.decode("utf-8"), parse_constant=_refuse, parse_int=len, parse_float=len)
    except RecursionError:
        pass  # deeper than this checker goes; AWS does not say how deep its own does
    except ValueError as exc:
        raise InvalidRequestContent(str(exc)) from exc


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is no JSON"
    raise ValueError(message)
