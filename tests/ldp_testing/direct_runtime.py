"""A Runtime API of a few lines: what a runtime posts when nothing of this repository is between.

It serves one event and keeps the bytes of the post, so that a test can say what should arrive.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

from ldp_testing.limits import WAIT_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_FUNCTION: Final = {
    "AWS_LAMBDA_FUNCTION_NAME": "direct",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/direct",
    "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
}


def posted(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    event: bytes,
    request_id: str,
) -> bytes:
    """Start a runtime, give it one event, and end it.

    Args:
        command: What starts it.
        folder: Where it is started.
        environment: Its variables, but for those of the function.
        event: The event.
        request_id: The event's request ID.

    Returns:
        The body that it posted, as a response or as an error.

    Raises:
        TimeoutError: It posted none in time.
    """
    desk = _Desk(event, request_id)
    thread = threading.Thread(target=desk.serve_forever)
    thread.start()
    own = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{desk.server_port}", "_HANDLER": command[-1]}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, **_FUNCTION, **own, "LAMBDA_TASK_ROOT": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return desk.bodies.get(timeout=WAIT_LIMIT_S)
    except queue.Empty:
        raise TimeoutError(f"{command[0]} posted nothing") from None
    finally:
        with suppress(ProcessLookupError):  # it ends by itself after an error at its start
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        desk.shutdown()
        thread.join()
        desk.server_close()


class _Desk(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, event: bytes, request_id: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.event, self.request_id = event, request_id
        self.bodies: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.is_served = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Desk
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        """Answer requests until the runtime is ended, whatever it was about to ask."""
        with suppress(ConnectionResetError):
            super().handle()

    def do_GET(self) -> None:
        """Give out the event; whoever asks again is left without an answer."""
        if self.server.is_served.is_set():
            self.close_connection = True
            self.rfile.read(1)  # until the runtime is ended
            return
        self.server.is_served.set()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.event)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", self.server.request_id)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:direct")
        self.end_headers()
        self.wfile.write(self.server.event)

    def do_POST(self) -> None:
        """Keep what was posted."""
        self.server.bodies.put(self._body())
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self) -> bytes:
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def log_message(self, *_words: object) -> None:
        """Say nothing."""
