"""A loopback port and a thread for each connection to it.

Threads and not asyncio: whoever answers may block for hours, and handing an event to a waiting
runtime must not pass through anybody's event loop.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Self

from ldp_client.runtime_api.errors import PortUnavailable
from ldp_client.runtime_api.http11 import HttpConnection

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPBACK = "127.0.0.1"
"""Never anything else by default: whoever reaches the port is handed events and may answer them."""

_BACKLOG = 128
_JOIN_S = 5.0


class Listener:
    """Listens from construction, serves from `start` to `close`.

    Args:
        serve: Called in a thread of its own with each connection, which is closed when it returns.
        host: The address to listen on.
        port: 0 for a free one.

    Raises:
        PortUnavailable: The address cannot be listened on.
    """

    def __init__(
        self, serve: Callable[[HttpConnection], None], *, host: str = LOOPBACK, port: int = 0
    ) -> None:
        try:
            self._socket = socket.create_server((host, port), backlog=_BACKLOG)
        except OSError as exc:
            raise PortUnavailable(host, port, exc.strerror or str(exc)) from exc
        self._serve = serve
        self._lock = threading.Lock()
        self._threads: dict[threading.Thread, HttpConnection] = {}
        self._closing = False
        self._accepting = threading.Thread(target=self._accept, name="listener", daemon=True)
        self.host = host
        self.port: int = self._socket.getsockname()[1]

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"

    def start(self) -> Self:
        """Begin to serve; connections made since construction are waiting."""
        self._accepting.start()
        return self

    def close(self) -> None:
        """End all connections and wait for their threads, except the calling one."""
        with self._lock:
            self._closing = True
            threads = dict(self._threads)
        if self._accepting.is_alive():
            self._wake_accept()
            self._accepting.join(_JOIN_S)
        self._socket.close()
        for connection in threads.values():
            connection.close()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(_JOIN_S)

    def _wake_accept(self) -> None:
        # Closing a socket does not wake an accept on every system; a connection does.
        with contextlib.suppress(OSError):
            socket.create_connection((self.host, self.port), timeout=_JOIN_S).close()

    def _accept(self) -> None:
        while True:
            accepted, _ = self._socket.accept()
            connection = HttpConnection(accepted)
            thread = threading.Thread(
                target=self._run, args=(connection,), name="connection", daemon=True
            )
            with self._lock:
                if self._closing:
                    connection.close()
                    return
                self._threads[thread] = connection
                thread.start()

    def _run(self, connection: HttpConnection) -> None:
        try:
            self._serve(connection)
        finally:
            connection.close()
            with self._lock:
                self._threads.pop(threading.current_thread(), None)
