"""The Invoke API over HTTP, so that curl and the AWS SDKs can invoke a local function."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, unquote, urlsplit

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
    from types import TracebackType

    from ldp_client.local_lambda.function import LocalLambda
    from ldp_client.local_lambda.invoke import InvokeResult
    from ldp_client.runtime_api.http11 import HttpConnection, Request

_logger = logging.getLogger(__name__)

_PATH = re.compile(r"/2015-03-31/functions/(?P<function>[^/]+)/invocations/?")
_FUNCTION = re.compile(
    r"(?:(?:arn:aws[\w-]*:lambda:[\w-]+:)?\d{12}:function:)?"
    r"(?P<name>[\w-]+)(?::(?P<qualifier>[\w$-]+))?"
)
_JSON = ("Content-Type", b"application/json")


@dataclass(frozen=True, slots=True)
class _Target:
    name: str
    qualifier: str | None


class InvokeEndpoint:
    """Serves the Invoke API for one function.

    Args:
        function: The function.
        host: The address to listen on.
        port: 0 for a free one.

    Raises:
        PortUnavailable: The address cannot be listened on.
    """

    def __init__(self, function: LocalLambda, *, host: str = LOOPBACK, port: int = 0) -> None:
        self._function = function
        self._listener = Listener(self._serve, host=host, port=port)

    @property
    def url(self) -> str:
        """The endpoint URL for an SDK's Lambda client."""
        return f"http://{self._listener.address}"

    @property
    def invoke_url(self) -> str:
        """The URL that a POST with an event invokes the function by."""
        return f"{self.url}/2015-03-31/functions/{self._function.settings.name}/invocations"

    def start(self) -> Self:
        """Begin to serve."""
        self._listener.start()
        return self

    def close(self) -> None:
        """End all connections. Close the function first: callers then get its last answers."""
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
            return _success(self._invoke(request))
        except InvokeRefused as exc:
            return _refusal(exc)
        except LocalLambdaError as exc:
            _logger.error("invoke_endpoint.failed", extra={"reason": str(exc), "hint": exc.hint})  # noqa: TRY400 - the reason is the user's, not a trace
            return _refusal(InvokeRefused(str(exc), hint=exc.hint))

    def _invoke(self, request: Request) -> InvokeResult:
        target = self._target(request)
        options = _options(request, target.qualifier)
        if request.size_bytes > PAYLOAD_BYTES:  # the body may have been cut: say its true length
            raise RequestTooLarge(request.size_bytes, PAYLOAD_BYTES)
        return self._function.invoke(request.body, options)

    def _target(self, request: Request) -> _Target:
        url = urlsplit(request.target)
        path = _PATH.fullmatch(url.path)
        if path is None or request.method != "POST":
            raise _UnknownOperation(request.method, url.path)
        asked = unquote(path["function"])
        function = _FUNCTION.fullmatch(asked)
        if function is None or function["name"] != self._function.settings.name:
            raise FunctionNotFound(asked, self._function.settings.name)
        qualifiers = parse_qs(url.query).get("Qualifier", [function["qualifier"]])
        return _Target(function["name"], qualifiers[0])


class _UnknownOperation(InvokeRefused):
    """The endpoint has the Invoke API only."""

    status, code = 404, "UnknownOperationException"

    def __init__(self, method: str, path: str) -> None:
        super().__init__(
            f"Unknown operation: {method} {path}",
            hint="POST to /2015-03-31/functions/NAME/invocations.",
        )


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
