"""Between the protocol's words and the Lambda Runtime API's; pure.

A request becomes an invocation that a runtime can be given, and what the runtime posts becomes a
handler's result.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Final

from ldp_client.runtime_api import Invocation
from ldp_client.runtime_api.headers import (
    FUNCTION_NAME,
    FUNCTION_VERSION,
    LOG_GROUP_NAME,
    LOG_STREAM_NAME,
    MEMORY_LIMIT_IN_MB,
)
from ldp_wire.actions import Raised, Returned
from ldp_wire.failures import Failure, FailureType
from ldp_wire.limits import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.runtime_api import Posted
    from ldp_wire.actions import Result, Start
    from ldp_wire.envelopes import Identity

_IN_A_PATH: Final = re.compile(r"[0-9A-Za-z_-]+")
_IN_A_HEADER: Final = re.compile(r"[!-~]+")
_ERROR_TYPE: Final = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")


def to_invocation(start: Start, to_local_ms: Callable[[int], int]) -> Invocation:
    """What a runtime is given for a request.

    Args:
        start: The request and its event.
        to_local_ms: From AWS's clock to the local one. A runtime counts the time that it has left
            by the local clock, so the deadline is told in that.
    """
    context = start.request.context
    return Invocation(
        request_id=_that_returns(context.aws_request_id, _IN_A_PATH),
        deadline_ms=max(0, to_local_ms(context.deadline_ms)),
        invoked_function_arn=context.invoked_function_arn,
        event=start.event,
        trace_id=context.trace_id,
        tenant_id=context.tenant_id,
        # Lambda's own ID repeats on retries; an echo of this one tells whose result it is.
        invocation_id=_that_returns(
            context.invocation_id or start.request.request_id, _IN_A_HEADER
        ),
        client_context=context.client_context,
        cognito_identity=None if context.identity is None else _identity(context.identity),
        extra_headers={
            FUNCTION_NAME: context.function_name,
            FUNCTION_VERSION: context.function_version,
            MEMORY_LIMIT_IN_MB: str(context.memory_limit_in_mb),
            LOG_GROUP_NAME: context.log_group_name,
            LOG_STREAM_NAME: context.log_stream_name,
        },
    )


def _that_returns(text: str, way: re.Pattern[str]) -> str:
    """The ID, if it comes back on this way as it went; else its digest.

    Lambda's own always do. Whoever else writes a request must not end the session with one.
    """
    if way.fullmatch(text):
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _identity(identity: Identity) -> str:
    """The header's JSON text, in ASCII, with the members that the proxy was given."""
    members = {
        "cognitoIdentityId": identity.cognito_identity_id,
        "cognitoIdentityPoolId": identity.cognito_identity_pool_id,
    }
    return json.dumps({name: text for name, text in members.items() if text is not None})


def returned(posted: Posted) -> Result:
    """The result of a handler that returned."""
    return _too_large(posted) or Returned(posted.body)


def raised(posted: Posted) -> Result:
    """The result of a handler that failed."""
    too_large = _too_large(posted)
    if too_large is not None:
        return too_large
    error_type, message = describe(posted)
    return Raised(error_type, message, posted.body)


def describe(posted: Posted) -> tuple[str, str]:
    """Type and message of a posted error, for people.

    The body goes before the header: several runtimes do not send it, others send a constant.
    """
    try:
        body = json.loads(posted.body)
    except (ValueError, RecursionError):
        body = None
    members = body if isinstance(body, dict) else {}
    error_type, message = members.get("errorType"), members.get("errorMessage")
    return (
        error_type if isinstance(error_type, str) else _known_type(posted.error_type),
        message if isinstance(message, str) else "",
    )


def _known_type(error_type: str) -> str:
    """What AWS's Runtime Interface Emulator makes of the header: Rust's says `unhandled`."""
    if _ERROR_TYPE.search(error_type):
        return error_type
    return "Function.Unknown" if error_type.startswith("Function") else "Runtime.Unknown"


def exited() -> Result:
    """The result of a handler whose runtime asked for other work without posting one.

    It is the runtime that failed, so the error is Lambda's own, as its caller knows it.
    """
    members = {
        "errorType": "Runtime.ExitError",
        "errorMessage": "Runtime exited without providing a reason",
    }
    return Raised(members["errorType"], members["errorMessage"], json.dumps(members).encode())


def _too_large(posted: Posted) -> Result | None:
    """The error for a body over Lambda's own limit, which was not read to its end (ERR-12)."""
    if posted.size_bytes <= MAX_PAYLOAD_BYTES:
        return None
    failure = Failure(
        FailureType.RESULT_TOO_LARGE,
        f"The handler's result has {posted.size_bytes} bytes, and Lambda takes "
        f"{MAX_PAYLOAD_BYTES}: return less.",
    )
    return Raised(failure.type.value, failure.message, failure.body)
