"""Both sides of a Runtime API for tests: scripted invocations, and a runtime that says raw HTTP."""

from __future__ import annotations

import http.client
import queue
import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Self

from ldp_testing.limits import WAIT_LIMIT_S

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from types import TracebackType

    from ldp_client.runtime_api import Invocation, Posted, Worker

NEXT = "/2018-06-01/runtime/invocation/next"
LIMIT_S: Final = WAIT_LIMIT_S


class Said(Enum):
    """What the server told the scripted invocations."""

    ASKED = auto()
    RESPONDED = auto()
    FAILED = auto()
    INIT_FAILED = auto()
    LOST = auto()
    UNDELIVERED = auto()


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that the server told, with what came along."""

    said: Said
    worker: Worker
    request_id: str = ""
    posted: Posted | None = None

    @property
    def body(self) -> bytes:
        """The posted body."""
        assert self.posted is not None
        return self.posted.body


class ScriptedInvocations:
    """Hands out what a test offers, and keeps what it is told in order."""

    def __init__(self) -> None:
        self.told: queue.Queue[Told] = queue.Queue()
        self._changed = threading.Condition()
        self._offers: deque[Invocation] = deque()
        self._closing = False

    def offer(self, invocation: Invocation) -> None:
        """Give this to the next worker that asks or already waits."""
        with self._changed:
            self._offers.append(invocation)
            self._changed.notify_all()

    def close(self) -> None:
        """Let every waiting worker go without an answer."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def expect(self, said: Said) -> Told:
        """The next thing told, which is of this kind."""
        told = self.told.get(timeout=LIMIT_S)
        assert told.said is said, told
        return told

    def next(self, worker: Worker) -> Invocation | None:
        """Wait for an offer."""
        self.told.put(Told(Said.ASKED, worker))
        with self._changed:
            self._changed.wait_for(lambda: self._offers or self._closing or worker.gone)
            if self._closing or worker.gone:
                return None
            return self._offers.popleft()

    def responded(self, worker: Worker, request_id: str, posted: Posted) -> None:
        """Keep a result."""
        self.told.put(Told(Said.RESPONDED, worker, request_id, posted))

    def failed(self, worker: Worker, request_id: str, posted: Posted) -> None:
        """Keep an error."""
        self.told.put(Told(Said.FAILED, worker, request_id, posted))

    def init_failed(self, worker: Worker, posted: Posted) -> None:
        """Keep an init error."""
        self.told.put(Told(Said.INIT_FAILED, worker, "", posted))

    def lost(self, worker: Worker) -> None:
        """Keep the loss, and wake the worker's `next`."""
        self.told.put(Told(Said.LOST, worker))
        with self._changed:
            self._changed.notify_all()

    def undelivered(self, worker: Worker, invocation: Invocation) -> None:
        """Keep what came back."""
        self.told.put(Told(Said.UNDELIVERED, worker, invocation.request_id))


@dataclass(frozen=True, slots=True)
class Reply:
    """What the Runtime API answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class RawRuntime:
    """A runtime that keeps one connection and says exactly what a test wants said."""

    def __init__(self, address: str) -> None:
        self._http = http.client.HTTPConnection(address, timeout=LIMIT_S)
        self._http.connect()

    @property
    def socket(self) -> socket.socket:
        """The connection itself."""
        return self._http.sock

    def ask(self) -> None:
        """Ask for work without waiting for it."""
        self._http.request("GET", NEXT)

    def reply(self) -> Reply:
        """The answer to the last request."""
        response = self._http.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str | bytes] = {},
    ) -> Reply:
        """A request and its answer; no header is sent that is not given, but the length."""
        self._http.putrequest(method, path, skip_accept_encoding=True)
        self._http.putheader("Content-Length", str(len(body)))
        for name, value in headers.items():
            self._http.putheader(name, value)
        self._http.endheaders(body)
        return self.reply()

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
