from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from ldp_client.runtime_api.errors import PortUnavailable
from ldp_client.runtime_api.listener import Listener
from ldp_testing.runtime_side import LIMIT_S

if TYPE_CHECKING:
    from ldp_client.runtime_api.http11 import HttpConnection


def read_to_the_end(connection: HttpConnection) -> None:
    """Serve by reading only."""
    connection.read_request()


def test_each_listener_has_a_loopback_port_of_its_own() -> None:
    """Two listeners never share a port, and neither is reachable from elsewhere."""
    one, two = Listener(read_to_the_end), Listener(read_to_the_end)
    one.close()
    two.close()

    assert one.host == two.host == "127.0.0.1"
    assert one.port != two.port


def test_a_taken_port_is_a_clear_error() -> None:
    """The error names the address and says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port: int = other.getsockname()[1]
        with pytest.raises(PortUnavailable, match=f"127.0.0.1:{port}") as caught:
            Listener(read_to_the_end, port=port)

    assert "port" in caught.value.hint


def test_connections_made_before_the_start_are_served() -> None:
    """A process that was told the address may connect at once."""
    served = threading.Event()
    listener = Listener(lambda _: served.set())
    with socket.create_connection((listener.host, listener.port), timeout=LIMIT_S):
        listener.start()
        assert served.wait(LIMIT_S)
    listener.close()


def test_closing_ends_connections_and_their_threads() -> None:
    """After closing nothing listens, and no thread of the listener is left."""
    before = set(threading.enumerate())
    reading = threading.Event()

    def serve(connection: HttpConnection) -> None:
        reading.set()
        connection.read_request()

    listener = Listener(serve).start()
    with socket.create_connection((listener.host, listener.port), timeout=LIMIT_S) as peer:
        assert reading.wait(LIMIT_S)
        listener.close()

        assert peer.recv(1) == b""
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((listener.host, listener.port))


def test_a_connection_may_close_its_own_listener() -> None:
    """Closing from a connection's thread does not wait for that thread."""
    closed = threading.Event()
    box: list[Listener] = []

    def serve(_: HttpConnection) -> None:
        box[0].close()
        closed.set()

    box.append(Listener(serve))
    box[0].start()
    with socket.create_connection((box[0].host, box[0].port), timeout=LIMIT_S):
        assert closed.wait(LIMIT_S)
