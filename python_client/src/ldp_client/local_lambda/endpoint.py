"""Lambda's API over HTTP, so that curl and the AWS SDKs can invoke local functions.

Beside Invoke it has the two operations that the proxy asks before it falls back to another version.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import uuid
from typing import TYPE_CHECKING, Self

from ldp_client.local_lambda.calls import GetAlias, GetFunctionConcurrency, Invoke, parse_call
from ldp_client.local_lambda.errors import (
    FunctionNotFound,
    InvalidParameterValue,
    InvalidRequestContent,
    InvokeRefused,
    LocalLambdaError,
    RequestTooLarge,
)
from ldp_client.local_lambda.invoke import InvocationType, InvokeOptions
from ldp_client.local_lambda.limits import PAYLOAD_BYTES
from ldp_client.runtime_api.errors import BadRequest
from ldp_client.runtime_api.http11 import Answer
from ldp_client.runtime_api.listener import LOOPBACK, Listener

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from ldp_client.local_lambda.calls import Target
    from ldp_client.local_lambda.function import LocalLambda
    from ldp_client.local_lambda.invoke import InvokeResult
    from ldp_client.runtime_api.http11 import HttpConnection, Request

_logger = logging.getLogger(__name__)

_JSON = ("Content-Type", b"application/json")


class InvokeEndpoint:
    """Serves Lambda's API for functions.

    It has its address from construction on, so that functions can be told it before they are added.

    Args:
        functions: Those that it begins with.
        host: The address to listen on.
        port: 0 for a free one.

    Raises:
        PortUnavailable: The address cannot be listened on.
    """

    def __init__(self, *functions: LocalLambda, host: str = LOOPBACK, port: int = 0) -> None:
        self._functions = {function.settings.name: function for function in functions}
        self._listener = Listener(self._serve, host=host, port=port)

    @property
    def url(self) -> str:
        """The endpoint URL for an SDK's Lambda client."""
        return f"http://{self._listener.address}"

    def add(self, function: LocalLambda) -> None:
        """Serve another function, or another of the same name in its place."""
        self._functions[function.settings.name] = function

    def invoke_url(self, function: LocalLambda) -> str:
        """The URL that a POST with an event invokes a function by."""
        return f"{self.url}/2015-03-31/functions/{function.settings.name}/invocations"

    def start(self) -> Self:
        """Begin to serve."""
        self._listener.start()
        return self

    def close(self) -> None:
        """End all connections. Close the functions first: callers then get their last answers."""
        self._listener.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _serve(self, connection: HttpConnection) -> None:
        try:
            while (request := connection.read_request()) is not None:
                connection.answer(self._answer(request))
        except BadRequest as exc:
            _logger.warning("invoke_endpoint.bad_request", extra={"reason": str(exc)})
            connection.answer(Answer(exc.status))

    def _answer(self, request: Request) -> Answer:
        try:
            return self._call(request)
        except InvokeRefused as exc:
            return _refusal(exc)
        except LocalLambdaError as exc:
            _logger.error("invoke_endpoint.failed", extra={"reason": str(exc), "hint": exc.hint})  # noqa: TRY400 - the reason is the user's, not a trace
            return _refusal(InvokeRefused(str(exc), hint=exc.hint))

    def _call(self, request: Request) -> Answer:
        call = parse_call(request.method, request.target)
        function = self._function(call.target)
        match call:
            case Invoke():
                return _success(_invoke(function, request, call.target.qualifier))
            case GetAlias():
                return _document(_alias(function, call.alias))
            case GetFunctionConcurrency():
                reserved = function.settings.reserved_concurrency
                members = {} if reserved is None else {"ReservedConcurrentExecutions": reserved}
                return _document(members)

    def _function(self, target: Target) -> LocalLambda:
        if target.name not in self._functions:
            raise FunctionNotFound(target.asked, ", ".join(self._functions))
        return self._functions[target.name]


def _invoke(function: LocalLambda, request: Request, qualifier: str | None) -> InvokeResult:
    options = _options(request, qualifier)
    if request.size_bytes > PAYLOAD_BYTES:  # the body may have been cut: say its true length
        raise RequestTooLarge(request.size_bytes, PAYLOAD_BYTES)
    return function.invoke(request.body, options)


def _alias(function: LocalLambda, name: str) -> dict[str, object]:
    """An alias in the members of GetAlias; weights only where there are some."""
    alias = function.alias(name)
    members: dict[str, object] = {
        "AliasArn": f"{function.settings.arn}:{alias.name}",
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": "",
        "RevisionId": alias.revision_id,
    }
    if alias.weights:
        members["RoutingConfig"] = {"AdditionalVersionWeights": dict(alias.weights)}
    return members


def _options(request: Request, qualifier: str | None) -> InvokeOptions:
    context = request.header("X-Amz-Client-Context")
    return InvokeOptions(
        invocation_type=_invocation_type(request.header("X-Amz-Invocation-Type")),
        qualifier=qualifier,
        client_context=_decoded(context) if context else None,
        tenant_id=request.header("X-Amz-Tenant-Id") or None,
        trace_id=request.header("X-Amzn-Trace-Id") or None,
    )


def _invocation_type(text: str) -> InvocationType:
    if not text:
        return InvocationType.REQUEST_RESPONSE
    try:
        return InvocationType(text)
    except ValueError as exc:
        names = ", ".join(each.value for each in InvocationType)
        raise InvalidParameterValue("X-Amz-Invocation-Type", f"one of {names}") from exc


def _decoded(client_context: str) -> str:
    try:
        return base64.b64decode(client_context, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise InvalidRequestContent("the client context is no base64 of UTF-8 text") from exc


def _success(result: InvokeResult) -> Answer:
    headers = [
        _JSON,
        ("x-amzn-RequestId", result.request_id.encode("ascii")),
        ("X-Amz-Executed-Version", result.executed_version.encode("ascii")),
    ]
    if result.function_error is not None:
        headers.append(("X-Amz-Function-Error", result.function_error.encode("ascii")))
    return Answer(result.status, tuple(headers), result.payload)


def _document(members: Mapping[str, object]) -> Answer:
    headers = (_JSON, ("x-amzn-RequestId", str(uuid.uuid4()).encode("ascii")))
    return Answer(200, headers, json.dumps(members).encode("utf-8"))


def _refusal(exc: InvokeRefused) -> Answer:
    members = {"Type": "User" if exc.status < 500 else "Service", "message": str(exc)}  # noqa: PLR2004 - HTTP's
    if exc.reason:
        members["Reason"] = exc.reason
    headers = (
        _JSON,
        ("x-amzn-RequestId", str(uuid.uuid4()).encode("ascii")),
        ("x-amzn-ErrorType", exc.code.encode("ascii")),
    )
    return Answer(exc.status, headers, json.dumps(members).encode("utf-8"))
