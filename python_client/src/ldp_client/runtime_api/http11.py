"""HTTP/1.1 over one socket: requests come out, answers go in, one at a time.

h11 does the protocol and this module the I/O. One thread reads; another may answer. While an answer
is outstanding the reader is already waiting for what comes next, which is how it notices a peer
that goes away. Pipelined requests are held back until the one before is answered.
"""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import h11

from ldp_client.runtime_api.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_HEAD_BYTES = 4 * 1024 * 1024
"""Longest request head. Runtimes send an X-Ray cause of up to 1 MiB as one header line; Python's
`http.server` stops at 64 KiB, and the 431 that it then sends ends the runtime."""

KEPT_BODY_BYTES = 8 * 1024 * 1024
"""How much of a body is kept: Lambda's 6,291,556 bytes and room to see what came after. The rest is
read and counted, so that a runaway result costs no memory here."""

_RECEIVE_BYTES = 256 * 1024
#: Up to this size an answer is sent in one go: runtimes wait for its head and then for its body.
_JOINED_BYTES = 64 * 1024

_Event: TypeAlias = h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]


@dataclass(frozen=True, slots=True)
class Request:
    """A complete request.

    Attributes:
        method: `GET`, `POST` and so on.
        target: Path and query as sent.
        headers: Name in lower case and value, in order; trailers stand at the end.
        body: The body, or its first `KEPT_BODY_BYTES`.
        size_bytes: The body's true length.
    """

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    size_bytes: int

    def header(self, name: str) -> str:
        """The value of a header or trailer, or "" if there is none."""
        wanted = name.lower().encode("ascii")
        value = next((value for key, value in self.headers if key == wanted), b"")
        return value.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; its length is added when it is sent."""

    status: int
    headers: tuple[tuple[str, bytes], ...] = ()
    body: bytes = b""


class HttpConnection:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._lock = threading.Lock()  # the machine is driven by the reader and by the answerer
        self._answered = threading.Event()
        self._closed = False

    def read_request(self) -> Request | None:
        """Wait for a request.

        Returns:
            The request, or None when the connection has ended.

        Raises:
            BadRequest: The peer sent something that is no request.
        """
        try:
            head = self._next_event()
            if not isinstance(head, h11.Request):
                return None
            self._send_continue()
            return self._read_body(head)
        except h11.RemoteProtocolError as exc:
            if self._http.trailing_data[1]:
                return None  # cut off in the middle: nobody is left to be told
            raise BadRequest(str(exc), exc.error_status_hint) from exc

    def answer(self, answer: Answer) -> bool:
        """Answer the last request; any thread may.

        Returns:
            Whether the peer was still there. True means that the bytes are on their way, not that
            they were read.
        """
        with self._lock:
            sent = not self._closed and self._send(_answer_events(answer))
            if sent and self._http.our_state is h11.DONE:
                self._http.start_next_cycle()
            else:
                self._hang_up()
        self._answered.set()
        return sent

    def close(self) -> None:
        """End the connection; any thread may, and a reader or answerer in mid-call returns."""
        self._hang_up()
        with self._lock:
            self._socket.close()

    def _read_body(self, head: h11.Request) -> Request:
        body, size_bytes = io.BytesIO(), 0  # it gives up what was written without a copy
        while isinstance(event := self._next_event(), h11.Data):
            size_bytes += len(event.data)
            body.write(event.data[: KEPT_BODY_BYTES - body.tell()])
        trailers = event.headers if isinstance(event, h11.EndOfMessage) else ()
        self._answered.clear()
        method, target = head.method.decode("ascii"), head.target.decode("ascii")
        headers = (*head.headers, *trailers)
        return Request(method, target, headers, body.getvalue(), size_bytes)

    def _next_event(self) -> _Event:
        while not self._closed:
            with self._lock:
                event = self._http.next_event()
            if event is h11.NEED_DATA:
                data = self._receive()
                with self._lock:
                    self._http.receive_data(data)
            elif event is h11.PAUSED:
                self._answered.wait()
            else:
                return event
        return h11.ConnectionClosed()

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(_RECEIVE_BYTES)
        except OSError:
            return b""  # reset, or closed by another thread: an end like any other

    def _send_continue(self) -> None:
        with self._lock:
            if self._http.they_are_waiting_for_100_continue:  # curl does, above 1 MiB
                self._send([h11.InformationalResponse(status_code=100, headers=[])])

    def _send(self, events: Iterable[h11.Event]) -> bool:
        sent = [self._http.send_with_data_passthrough(event) or () for event in events]
        parts = [part for parts in sent for part in parts]
        if sum(map(len, parts)) <= _JOINED_BYTES:
            parts = [b"".join(parts)]
        try:
            for part in parts:  # a large one is not copied
                self._socket.sendall(part)
        except OSError:
            return False
        return True

    def _hang_up(self) -> None:
        self._closed = True
        self._answered.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def _answer_events(answer: Answer) -> Iterable[h11.Event]:
    headers: list[tuple[bytes, bytes]] = [
        (name.encode("ascii"), value) for name, value in answer.headers
    ]
    headers.append((b"Content-Length", str(len(answer.body)).encode("ascii")))
    yield h11.Response(status_code=answer.status, headers=headers)
    yield h11.Data(data=answer.body)
    yield h11.EndOfMessage()
