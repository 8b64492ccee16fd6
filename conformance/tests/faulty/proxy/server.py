"""Lambda around the proxy: its Invoke API, its environments, its timeout."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

from faulty.proxy.envelopes import Invocation
from faulty.proxy.errors import ProxyError
from faulty.proxy.exchange import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from faulty.proxy.fallback import Proxy

_PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations(?:\?.*)?")
_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"


class Function:
    """A function: as many environments as there are invocations at once.

    Args:
        name: Its name.
        timeout_s: After how long an invocation is ended.
        make: What makes an environment.
    """

    def __init__(self, name: str, timeout_s: float, make: Callable[[], Proxy]) -> None:
        self.name = name
        self._timeout_s = timeout_s
        self._make = make
        self._idle: list[Proxy] = []

    def invoke(self, event: bytes, headers: Mapping[str, str]) -> tuple[str, Outcome]:
        """Run one invocation: its AWS request ID, and its outcome."""
        aws_request_id = str(uuid.uuid4())
        deadline_ms = int(time.time() * 1000 + self._timeout_s * 1000)
        context = self._context(aws_request_id, deadline_ms, headers)
        box: list[Outcome] = []

        def run() -> None:
            box.append(self._run(Invocation(event, context, deadline_ms)))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(self._timeout_s)
        return aws_request_id, box[0] if box else self._timed_out()

    def _run(self, invocation: Invocation) -> Outcome:
        try:
            environment = self._idle.pop()
        except IndexError:
            try:
                environment = self._make()
            except ProxyError as error:
                return Outcome(error.body(), is_error=True)
        outcome = environment.invoke(invocation)
        self._idle.append(environment)
        return outcome

    def _timed_out(self) -> Outcome:
        message = f"Task timed out after {self._timeout_s:.2f} seconds"
        told = {"errorType": "Sandbox.Timedout", "errorMessage": message}
        return Outcome(json.dumps(told).encode(), is_error=True)

    def _context(
        self, aws_request_id: str, deadline_ms: int, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        context: dict[str, Any] = {
            "awsRequestId": aws_request_id,
            "functionName": self.name,
            "functionVersion": "$LATEST",
            "invokedFunctionArn": f"{_ARN}{self.name}",
            "memoryLimitInMb": 128,
            "logGroupName": f"/aws/lambda/{self.name}",
            "logStreamName": "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
            "deadlineMs": deadline_ms,
            "traceId": "Root=1-6667b0c5-1f2e3d4c5b6a798081920a1b;Parent=53995c3f42cd8ad8;Sampled=0",
        }
        if client_context := headers.get("X-Amz-Client-Context"):
            context["clientContext"] = base64.b64decode(client_context).decode()
        return context


class InvokeHandler(BaseHTTPRequestHandler):
    """Lambda's Invoke API for one function."""

    protocol_version = "HTTP/1.1"
    function: ClassVar[Function]

    def do_POST(self) -> None:
        """Take one invocation."""
        event = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = _PATH.fullmatch(self.path)
        if not found or found[1] != self.function.name:
            told = {"Message": "Function not found", "Type": "User"}
            self._answer(404, json.dumps(told).encode(), {})
            return
        aws_request_id, outcome = self.function.invoke(event, dict(self.headers.items()))
        headers = {"x-amzn-RequestId": aws_request_id}
        if outcome.is_error:
            headers["X-Amz-Function-Error"] = "Unhandled"
        self._answer(200, outcome.body, headers)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing of each call."""


class Server(ThreadingHTTPServer):
    """Serves one function on loopback; takes many connections at once."""

    daemon_threads = True
    request_queue_size = 128


def serve(port: int, handler: type[BaseHTTPRequestHandler]) -> None:
    """Serve until the process ends."""
    Server(("127.0.0.1", port), handler).serve_forever()
