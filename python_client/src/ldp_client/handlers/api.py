"""The Runtime API from the runtime's side: ask for work, post what came of it.

One kept-alive connection. Waiting has no time limit, because the next event may come tomorrow.
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from ldp_client.errors import RuntimeApiUnusable
from ldp_client.handlers.invocation import FunctionInfo, Invocation
from ldp_client.handlers.marshal import JSON
from ldp_client.runtime_api import headers as names

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from http.client import HTTPResponse
    from types import TracebackType

    Waiting = Callable[[socket.socket], None]

_PREFIX = "/2018-06-01/runtime/invocation"
_INVOCATION_ID = "Lambda-Runtime-Invocation-Id"
_OK, _ACCEPTED = 200, 202


def _do_not_wait(_connection: socket.socket) -> None:
    pass


class RuntimeApiClient:
    """A runtime's connection to a Runtime API.

    Args:
        address: `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`.
    """

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._connection = HTTPConnection(host, int(port))  # which sets TCP_NODELAY itself

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def next(self, wait: Waiting = _do_not_wait) -> Invocation | None:
        """Wait for an invocation, as long as it takes.

        Args:
            wait: Returns when there is something to read from the connection; without it the
                read itself waits, and takes no signals meanwhile.

        Returns:
            The invocation, or None once there will be no more: the other side hung up.

        Raises:
            RuntimeApiUnusable: What came back is no invocation.
        """
        try:
            response, body = self._exchange("GET", f"{_PREFIX}/next", wait=wait)
        except OSError:
            return None
        if response.status != _OK:
            raise RuntimeApiUnusable(f"status {response.status} for the next invocation.")
        return _invocation(response, body)

    def post_result(self, invocation: Invocation, body: bytes, content_type: str) -> bool:
        """Post what a handler returned.

        Returns:
            Whether it was taken; False if nobody is left to take it.
        """
        return self._post(invocation, "response", body, content_type)

    def post_error(self, invocation: Invocation, body: bytes) -> bool:
        """Post an error body, under the conditions of `post_result`."""
        return self._post(invocation, "error", body, JSON)

    def _post(self, invocation: Invocation, what: str, body: bytes, content_type: str) -> bool:
        headers = {"Content-Type": content_type}
        if invocation.invocation_id is not None:
            headers[_INVOCATION_ID] = invocation.invocation_id
        path = f"{_PREFIX}/{quote(invocation.request_id, safe='')}/{what}"
        try:
            response, _ = self._exchange("POST", path, body, headers)
        except OSError:
            return False
        if response.status != _ACCEPTED:
            raise RuntimeApiUnusable(f"status {response.status} for what the handler returned.")
        return True

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        wait: Waiting = _do_not_wait,
    ) -> tuple[HTTPResponse, bytes]:
        try:
            self._connection.request(method, path, body, headers or {})
            wait(self._connection.sock)
            response = self._connection.getresponse()
            return response, response.read()
        except HTTPException as exc:
            if isinstance(exc, OSError):  # RemoteDisconnected is both
                raise
            raise RuntimeApiUnusable(f"{type(exc).__name__}: {exc}.") from exc


def _invocation(response: HTTPResponse, event: bytes) -> Invocation:
    def text(name: str) -> str | None:
        value = response.getheader(name)
        # http.client reads header bytes as Latin-1; what was sent is UTF-8.
        return None if value is None else value.encode("latin-1").decode("utf-8", "replace")

    request_id = text("Lambda-Runtime-Aws-Request-Id")
    deadline_ms = text("Lambda-Runtime-Deadline-Ms")
    if request_id is None or deadline_ms is None or not deadline_ms.isdecimal():
        raise RuntimeApiUnusable("an invocation without a request ID or deadline.")
    return Invocation(
        request_id=request_id,
        event=event,
        deadline_ms=int(deadline_ms),
        invoked_function_arn=text("Lambda-Runtime-Invoked-Function-Arn"),
        trace_id=text("Lambda-Runtime-Trace-Id"),
        tenant_id=text("Lambda-Runtime-Aws-Tenant-Id"),
        invocation_id=text(_INVOCATION_ID),
        client_context=text("Lambda-Runtime-Client-Context"),
        cognito_identity=text("Lambda-Runtime-Cognito-Identity"),
        content_type=text("Content-Type") or JSON,
        function=FunctionInfo(
            name=text(names.FUNCTION_NAME),
            version=text(names.FUNCTION_VERSION),
            memory_limit_in_mb=text(names.MEMORY_LIMIT_IN_MB),
            log_group_name=text(names.LOG_GROUP_NAME),
            log_stream_name=text(names.LOG_STREAM_NAME),
        ),
    )
