"""What Lambda's runtime does: bytes to the handler, and bytes from it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from faulty.client.part import Part

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange


class Outcome:
    """What became of a handler.

    Args:
        data: Its result, or its error body.
        kind: The type of the error; None if there is none.
        message: The message of the error.
    """

    def __init__(self, data: bytes, kind: str | None = None, message: str = "") -> None:
        self.data = data
        self.is_error = kind is not None
        self.kind = kind or ""
        self.message = message


class HandlerError(Exception):
    """A handler fails with a type of its own.

    Args:
        kind: The type.
        message: The message.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Runtime(Part):
    """Runs the handler in this process."""

    def invoke(self, exchange: Exchange) -> Outcome:
        """Run the handler on an event."""
        try:
            event = json.loads(self.event(exchange))
        except (ValueError, RecursionError):
            return self.failed("Runtime.UnmarshalError", "the event is no JSON")
        try:
            value = self.port.handler.handle(event, self.context(exchange))
        except HandlerError as error:
            return self.failed(error.kind, str(error))
        except Exception as error:  # noqa: BLE001 - whatever a handler throws is its outcome
            return self.failed(type(error).__name__, str(error))
        try:
            return Outcome(self.serialised(value))
        except (TypeError, ValueError, RecursionError):
            return self.failed("Runtime.MarshalError", "the result has no JSON form")

    def event(self, exchange: Exchange) -> bytes:
        """What the handler gets."""
        return exchange.event

    def serialised(self, value: object) -> bytes:
        """The JSON text of a result."""
        try:
            return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except UnicodeEncodeError:
            return json.dumps(value, allow_nan=False).encode()

    def failed(self, kind: str, message: str) -> Outcome:
        """The error body, as a runtime would write it."""
        body = {"errorMessage": message, "errorType": kind, "stackTrace": []}
        return Outcome(self.serialised(body), kind, message)

    def context(self, exchange: Exchange) -> dict[str, Any]:
        """The handler's context, in the form in which the contract asks for it."""
        told = exchange.request.context
        client_context = told.get("clientContext")
        return {
            "awsRequestId": told.get("awsRequestId"),
            "functionName": told.get("functionName"),
            "functionVersion": told.get("functionVersion"),
            "invokedFunctionArn": told.get("invokedFunctionArn"),
            "memoryLimitInMb": told.get("memoryLimitInMb"),
            "logGroupName": told.get("logGroupName"),
            "logStreamName": told.get("logStreamName"),
            "remainingMs": told["deadlineMs"] - self.port.clock.now_ms(),
            "traceId": told.get("traceId"),
            "clientContext": _parsed(client_context),
            "identity": _identity(told.get("identity")),
        }


def _parsed(text: str | None) -> object:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None


def _identity(value: dict[str, Any] | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {name: value.get(name) for name in ("cognitoIdentityId", "cognitoIdentityPoolId")}
