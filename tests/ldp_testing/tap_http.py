"""The HTTP side of the tap: connections kept alive both ways, without Nagle's delay."""

from __future__ import annotations

import http.client
import json
import re
import socket
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ldp_testing.tap_effects import Answer, Call, ConnectionCut
from ldp_testing.tap_s3 import read_s3_call

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Carry: TypeAlias = Callable[[Call, Callable[[], Answer]], Answer]

_END_LIMIT_S = 10.0
_NS_PER_MS = 1_000_000
# RFC 9110 section 7.6.1, and what the tap answers itself.
_HOP_BY_HOP = frozenset({"connection", "expect", "keep-alive", "transfer-encoding"})
_ACCESS_KEY = re.compile("Credential=([^/]+)/")


class TapServer(ThreadingHTTPServer):
    """The listening side, which knows its open connections so that it can end them."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_port = True

    def __init__(self, upstream: str, carry: Carry, port: int) -> None:
        """Listen on 127.0.0.1.

        Args:
            upstream: The server behind the tap, `http://host:port`.
            carry: Takes an operation, and what asks the server, to an answer.
            port: A port that is kept free for it.
        """
        self.upstream = urlsplit(upstream)
        self.carry = carry
        self.failures: list[BaseException] = []
        self._open: set[socket.socket] = set()
        self._callers: set[socket.socket] = set()
        self._changed = threading.Condition()
        self._is_ending = False
        self._is_refusing = False
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()

    def refuse(self) -> None:
        """Listen no more, and hang up on all callers; what they asked goes on behind the tap."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._changed:
            self._is_refusing = True
            for connection in self._callers:
                _hang_up(connection)

    def track(self, connection: socket.socket, *, is_caller: bool = False) -> None:
        """Count an open connection."""
        with self._changed:
            self._open.add(connection)
            if is_caller:
                self._callers.add(connection)
            if self._is_ending or (is_caller and self._is_refusing):
                _hang_up(connection)

    def untrack(self, connection: socket.socket) -> None:
        """Count it no more."""
        with self._changed:
            self._open.discard(connection)
            self._callers.discard(connection)
            self._changed.notify_all()

    def end(self) -> None:
        """Hang up all connections, and wait for their threads to notice."""
        with self._changed:
            self._is_ending = True
            for connection in self._open:
                _hang_up(connection)
            self._changed.wait_for(lambda: not self._open, _END_LIMIT_S)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Keep what a thread could not cope with; a caller that hung up is no matter."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.failures.append(error)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a caller's, with one of its own to the server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: TapServer

    def setup(self) -> None:
        super().setup()
        self.server.track(self.connection, is_caller=True)
        where = self.server.upstream
        self._upstream = http.client.HTTPConnection(where.hostname or "", where.port)

    def finish(self) -> None:
        self._drop_upstream()
        with suppress(OSError):
            super().finish()
        self.server.untrack(self.connection)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: the calls are recorded."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # a caller that was killed in the middle
            self.close_connection = True
            return
        try:
            answer = self.server.carry(self._read_call(body), lambda: self._forward(body))
        except (ConnectionCut, OSError, http.client.HTTPException):
            self.close_connection = True
        else:
            self._reply(answer)

    do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815 - the base's names

    def _read_call(self, body: bytes) -> Call:
        at_ms = time.time_ns() // _NS_PER_MS
        target = self.headers.get("X-Amz-Target")
        if "/s3/aws4_request" in self.headers.get("Authorization", ""):
            return read_s3_call(self.command, self.path, dict(self.headers.items()), at_ms)
        if target is None:
            return Call(f"{self.command} {self.path}", "", at_ms, {"Body": body})
        parameters: dict[str, Any] = json.loads(body)
        queue = parameters.get("QueueUrl") or parameters.get("QueueName") or ""
        signer = _ACCESS_KEY.search(self.headers.get("Authorization", ""))
        return Call(
            target.rpartition(".")[2],
            queue.rpartition("/")[2],
            at_ms,
            parameters,
            "" if signer is None else signer[1],
        )

    def _forward(self, body: bytes) -> Answer:
        is_new = self._upstream.sock is None
        if is_new:
            self._upstream.connect()
        in_use = self._upstream.sock
        self.server.track(in_use)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
        try:
            self._upstream.request(self.command, self.path, body, headers)
            response = self._upstream.getresponse()
            return Answer(response.status, tuple(response.getheaders()), response.read())
        finally:
            if self._upstream.sock is not in_use:  # moto's server closes it after each answer
                self.server.untrack(in_use)

    def _reply(self, answer: Answer) -> None:
        is_head = self.command == "HEAD"  # its Content-Length is that of another body
        dropped = _HOP_BY_HOP if is_head else _HOP_BY_HOP | {"content-length"}
        head = [f"HTTP/1.1 {answer.status} {http.client.responses.get(answer.status, 'Unknown')}"]
        head += [
            f"{name}: {value}" for name, value in answer.headers if name.lower() not in dropped
        ]
        if not is_head:
            head.append(f"Content-Length: {len(answer.body)}")
        self.close_connection |= answer.cut_after_bytes is not None
        self.wfile.write(
            "\r\n".join([*head, "", ""]).encode("latin-1") + answer.body[: answer.cut_after_bytes]
        )

    def _drop_upstream(self) -> None:
        if self._upstream.sock is not None:
            self.server.untrack(self._upstream.sock)
        self._upstream.close()


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
