"""The entry under Lambda's managed Python runtime, and what of exactness that runtime allows.

Bytes pass through its documented marshaller hook, errors through its own exception with type,
message and stack trace. Where a runtime has neither, the event is the parsed one written anew, and
an error is an exception class of that name: equivalent JSON and no foreign stack trace.
"""

from __future__ import annotations

import importlib
import json
import os
import time
from typing import TYPE_CHECKING, Any, Final

from ldp_proxy.context import TRACE_ID_VARIABLE, context_of_object
from ldp_proxy.reply import ErrorParts, error_parts, own_parts
from ldp_wire.failures import bad_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_proxy.invoke import Proxy

_NS_PER_MS: Final = 1_000_000
_CONTENT_TYPE: Final = "application/json"


class Verbatim:
    """A marshaller, in the runtime client's sense, that leaves bytes as they are (PAY-1, PAY-2)."""

    def unmarshal_request(self, request: bytes, content_type: str | None = None) -> bytes:  # noqa: ARG002
        """The event as Lambda delivered it, whatever type it claims to have."""
        return request

    def marshal_response(self, response: bytes) -> tuple[bytes, str]:
        """The result as the handler's runtime wrote it."""
        return response, _CONTENT_TYPE


class ManagedEntry:
    """Hands invocations of the managed runtime to a proxy.

    Args:
        proxy: The proxy of this environment.
    """

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    def handle(self, event: object, context: Any) -> object:
        """Answer an invocation.

        Args:
            event: The event's bytes where `Verbatim` is installed, else what was parsed of them.
            context: The runtime's context object.

        Returns:
            The result, in the same form as the event.

        Raises:
            Exception: What the runtime makes the function's error of.
        """
        told = context_of_object(
            context, now_ms=time.time_ns() // _NS_PER_MS, trace_id=os.environ.get(TRACE_ID_VARIABLE)
        )
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        reply = self._proxy.invoke(body, told)
        # After the return this environment may be frozen, so it is now or much later.
        self._proxy.discard(reply, told.deadline_ms)
        if reply.error is not None:
            raise function_error(error_parts(reply.body, reply.error)) from None
        return reply.body if isinstance(event, bytes) else _parsed(reply.body)


def _parsed(body: bytes) -> object:
    """The result for a runtime that will write it as JSON itself."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        failure = bad_answer("it is no JSON, and this runtime passes on nothing else")
        raise function_error(own_parts(failure)) from None


def pass_bytes_through() -> bool:
    """Install `Verbatim` in the runtime client.

    Returns:
        Whether there is a hook for it.
    """
    client = _find("lambda_runtime_client", "LambdaRuntimeClient")
    owners = [kind for kind in getattr(client, "__mro__", ()) if "marshaller" in vars(kind)]
    for owner in owners:
        owner.marshaller = Verbatim()
    return bool(owners)


def function_error(parts: ErrorParts) -> Exception:
    """The exception that makes the runtime post this error (ERR-15)."""
    fault: Callable[..., Exception] | None = _find("lambda_runtime_exception", "FaultException")
    if fault is not None:
        return fault(parts.type, parts.message, parts.trace)
    name = parts.type.replace("\0", "") or "Error"
    kind: type[Exception] = type(name, (Exception,), {})
    return kind(parts.message)


def _find(module: str, name: str) -> Any:
    """A class of the runtime client's, or None where there is none of that name."""
    try:
        return getattr(importlib.import_module(f"awslambdaric.{module}"), name, None)
    except ImportError:
        return None
