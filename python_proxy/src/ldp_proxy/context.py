"""What Lambda told of an invocation, as the context that travels in a request (ENV-21).

Two sources: the headers of the Runtime API, which lose nothing, and the context object that the
managed runtime has already made of them, which does. Pure; no clock is read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ldp_proxy.errors import RuntimeApiError
from ldp_wire.envelopes import Context, Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Lambda's nonce of an attempt, which a runtime echoes.
INVOCATION_ID_HEADER: Final = "lambda-runtime-invocation-id"
#: Where runtimes leave the X-Ray header for the SDKs.
TRACE_ID_VARIABLE: Final = "_X_AMZN_TRACE_ID"

_CLIENT_MEMBERS: Final = (
    "installation_id",
    "app_title",
    "app_version_name",
    "app_version_code",
    "app_package_name",
)


class Function(NamedTuple):
    """What stays the same in an execution environment: the function, and where it logs.

    Attributes:
        name: The function's name.
        version: `$LATEST` or a published version.
        memory_limit_in_mb: The configured memory in MiB.
        log_group_name: Empty where there is none.
        log_stream_name: Empty where there is none.
    """

    name: str
    version: str
    memory_limit_in_mb: int
    log_group_name: str
    log_stream_name: str


def read_function(environment: Mapping[str, str]) -> Function:
    """The function that the environment describes.

    Lambda sets all of these variables always; an emulator that leaves one out gets the values
    that Lambda has for a new function.
    """
    memory = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    return Function(
        name=environment.get("AWS_LAMBDA_FUNCTION_NAME") or "function",
        version=environment.get("AWS_LAMBDA_FUNCTION_VERSION") or "$LATEST",
        memory_limit_in_mb=int(memory) if memory.isdecimal() and int(memory) else 128,
        log_group_name=environment.get("AWS_LAMBDA_LOG_GROUP_NAME", ""),
        log_stream_name=environment.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
    )


def context_of_headers(headers: Mapping[str, str], function: Function) -> Context:
    """The context from the headers of `/next`, whose texts are passed on as they are.

    Args:
        headers: By their names in lower case.
        function: The function.

    Raises:
        RuntimeApiError: A header is missing without which there is no invocation.
    """
    deadline = headers.get("lambda-runtime-deadline-ms", "")
    aws_request_id = headers.get("lambda-runtime-aws-request-id")
    if not aws_request_id or not deadline.isdecimal():
        raise RuntimeApiError("The Runtime API named no request ID or no deadline.")
    return Context(
        aws_request_id=aws_request_id,
        function_name=function.name,
        function_version=function.version,
        invoked_function_arn=headers.get("lambda-runtime-invoked-function-arn") or function.name,
        memory_limit_in_mb=function.memory_limit_in_mb,
        log_group_name=function.log_group_name,
        log_stream_name=function.log_stream_name,
        deadline_ms=int(deadline),
        trace_id=headers.get("lambda-runtime-trace-id") or None,
        tenant_id=headers.get("lambda-runtime-aws-tenant-id") or None,
        invocation_id=headers.get(INVOCATION_ID_HEADER) or None,
        client_context=headers.get("lambda-runtime-client-context") or None,
        identity=_identity_of_header(headers.get("lambda-runtime-cognito-identity", "")),
    )


def _identity_of_header(text: str) -> Identity | None:
    try:
        members = json.loads(text)
    except ValueError:
        return None
    if not isinstance(members, dict):
        return None
    return _identity(members.get("cognitoIdentityId"), members.get("cognitoIdentityPoolId"))


def _identity(identity_id: object, pool_id: object) -> Identity | None:
    ids = [text if isinstance(text, str) else None for text in (identity_id, pool_id)]
    return None if ids == [None, None] else Identity(*ids)


def context_of_object(context: Any, *, now_ms: int, trace_id: str | None) -> Context:
    """The context from the object that the managed runtime hands to a handler.

    Lost are the invocation's nonce, the client context's wording and order, its members but
    `client`, `custom`, `env` and `w3c`, and members of `client` that the runtime does not know.

    Args:
        context: A `LambdaContext` of any version.
        now_ms: Now; older objects tell the remaining time only.
        trace_id: The X-Ray header, which the runtime keeps in the environment.
    """
    identity = getattr(context, "identity", None)
    deadline_ms = getattr(context, "_epoch_deadline_time_in_ms", None)
    if not isinstance(deadline_ms, int):
        deadline_ms = now_ms + int(context.get_remaining_time_in_millis())
    return Context(
        aws_request_id=context.aws_request_id,
        function_name=context.function_name or "function",
        function_version=context.function_version or "$LATEST",
        invoked_function_arn=context.invoked_function_arn or "function",
        memory_limit_in_mb=int(context.memory_limit_in_mb or 128),
        log_group_name=context.log_group_name or "",
        log_stream_name=context.log_stream_name or "",
        deadline_ms=deadline_ms,
        trace_id=trace_id or None,
        tenant_id=getattr(context, "tenant_id", None) or None,
        client_context=_client_context(context),
        identity=_identity(
            getattr(identity, "cognito_identity_id", None),
            getattr(identity, "cognito_identity_pool_id", None),
        ),
    )


def _client_context(context: Any) -> str | None:
    """The client context as JSON text again, of what the runtime left of it (ENV-22)."""
    parsed = getattr(context, "client_context", None)
    if parsed is None:
        return None
    client = getattr(parsed, "client", None)
    known = {name: getattr(client, name, None) for name in _CLIENT_MEMBERS}
    members = {
        "client": None if client is None else _present(known),
        "custom": getattr(parsed, "custom", None),
        "env": getattr(parsed, "env", None),
        "w3c": (context.w3c() or None) if hasattr(context, "w3c") else None,
    }
    # ASCII, because JSON text may escape halves of surrogate pairs, and Python has unescaped them.
    return json.dumps(_present(members))


def _present(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}
