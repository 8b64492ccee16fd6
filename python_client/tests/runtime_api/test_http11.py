from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from ldp_client.runtime_api.errors import BadRequest
from ldp_client.runtime_api.http11 import KEPT_BODY_BYTES, MAX_HEAD_BYTES, Answer, HttpConnection
from ldp_testing.runtime_side import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_client.runtime_api.http11 import Request

GET = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.fixture
def pair() -> Iterator[tuple[HttpConnection, socket.socket]]:
    """A connection and the peer's socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        peer = socket.create_connection(listening.getsockname(), timeout=LIMIT_S)
        accepted, _ = listening.accept()
    connection = HttpConnection(accepted)
    with peer:
        yield connection, peer
    connection.close()


Pair = tuple[HttpConnection, socket.socket]


def in_thread(call: Callable[[], object]) -> threading.Thread:
    """The call, running in a thread of its own."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def read_until(peer: socket.socket, end: bytes) -> bytes:
    """What the peer receives up to and with this end."""
    received = b""
    while not received.endswith(end):
        chunk = peer.recv(65536)
        assert chunk, received
        received += chunk
    return received


def test_requests_and_answers_alternate_on_one_connection(pair: Pair) -> None:
    """A connection is kept alive, and each answer tells its length."""
    connection, peer = pair
    for number in (b"1", b"2"):
        peer.sendall(b"POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nX-A: b\r\n\r\n" + number)
        request = connection.read_request()

        assert request is not None
        assert (request.method, request.target, request.body) == ("POST", "/r", number)
        assert (request.header("x-a"), request.header("X-None")) == ("b", "")
        assert connection.answer(Answer(200, (("X-C", b"d"),), b"ok" + number))
        answer = read_until(peer, b"ok" + number)
        assert b"X-C: d\r\nContent-Length: 3\r\n" in answer


def test_chunked_bodies_bring_their_trailers(pair: Pair) -> None:
    """A streamed body is put together, and its trailers are readable as headers."""
    connection, peer = pair
    head = b"POST /r HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
    peer.sendall(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: late\r\n\r\n")
    request = connection.read_request()

    assert request is not None
    assert (request.body, request.size_bytes, request.header("X-T")) == (b"abcde", 5, "late")


def test_a_long_body_is_counted_but_not_kept(pair: Pair) -> None:
    """Of a runaway body the first 8 MiB are kept and the length is true."""
    connection, peer = pair
    size = KEPT_BODY_BYTES + 12345
    head = f"POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n".encode()
    sender = in_thread(lambda: peer.sendall(head + b"x" * size))
    request = connection.read_request()
    sender.join(LIMIT_S)

    assert request is not None
    assert (len(request.body), request.size_bytes) == (KEPT_BODY_BYTES, size)


def test_a_client_that_waits_for_100_continue_gets_it(pair: Pair) -> None:
    """The body is called for before it is read."""
    connection, peer = pair
    peer.sendall(
        b"POST /r HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    )
    told: list[Request | None] = []
    reader = in_thread(lambda: told.append(connection.read_request()))
    assert read_until(peer, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
    peer.sendall(b"{}")
    reader.join(LIMIT_S)

    assert [each and each.body for each in told] == [b"{}"]


def test_a_pipelined_request_waits_its_turn(pair: Pair) -> None:
    """A second request sent early is read once the first is answered."""
    connection, peer = pair
    peer.sendall(GET + GET.replace(b"/a", b"/b"))
    first = connection.read_request()
    told: list[Request | None] = []
    reader = in_thread(lambda: told.append(connection.read_request()))
    connection.answer(Answer(200))
    reader.join(LIMIT_S)

    assert [each and each.target for each in (first, *told)] == ["/a", "/b"]


def test_a_pipelined_request_is_forgotten_when_the_connection_is_closed(pair: Pair) -> None:
    """A reader that waits for its turn is let go by closing."""
    connection, peer = pair
    peer.sendall(GET + GET)
    connection.read_request()
    told: list[object] = []
    reader = in_thread(lambda: told.append(connection.read_request()))
    connection.close()
    reader.join(LIMIT_S)

    assert told == [None]


def test_http_1_0_ends_with_the_answer(pair: Pair) -> None:
    """A peer that does not keep connections gets its answer and the end."""
    connection, peer = pair
    peer.sendall(b"GET /a HTTP/1.0\r\n\r\n")
    connection.read_request()
    connection.answer(Answer(200, (), b"bye"))

    assert read_until(peer, b"bye")
    assert peer.recv(1) == b""
    assert connection.read_request() is None


@pytest.mark.parametrize("sent", [b"", b"GET /a HT", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Le"])
def test_a_peer_that_goes_away_is_the_end(pair: Pair, sent: bytes) -> None:
    """Whether between requests or in the middle of one: nobody is left to be told."""
    connection, peer = pair
    peer.sendall(sent)
    peer.close()

    assert connection.read_request() is None


def test_a_peer_that_resets_is_the_end(pair: Pair) -> None:
    """A reset connection ends like any other."""
    connection, peer = pair
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    peer.close()

    assert connection.read_request() is None


def test_what_is_no_http_is_refused(pair: Pair) -> None:
    """Other protocols are a bad request with a status and a hint."""
    connection, peer = pair
    peer.sendall(b"\x16\x03\x01 hello\r\n\r\n")
    with pytest.raises(BadRequest) as caught:
        connection.read_request()

    assert caught.value.status == 400
    assert caught.value.hint
    assert connection.answer(Answer(caught.value.status))


def test_an_endless_head_is_refused(pair: Pair) -> None:
    """A head beyond the limit is answered with 431 instead of being collected."""
    connection, peer = pair
    in_thread(lambda: peer.sendall(b"GET /a HTTP/1.1\r\nHost: h\r\nX: " + b"x" * MAX_HEAD_BYTES))
    with pytest.raises(BadRequest) as caught:
        connection.read_request()

    assert caught.value.status == 431
    connection.close()


def test_answering_a_closed_connection_says_so(pair: Pair) -> None:
    """Closing is noticed by whoever answers later."""
    connection, peer = pair
    peer.sendall(GET)
    connection.read_request()
    connection.close()

    assert connection.answer(Answer(200)) is False


def test_answering_a_reset_connection_says_so(pair: Pair) -> None:
    """A peer that is found gone while it is answered is reported."""
    connection, peer = pair
    peer.sendall(GET)
    connection.read_request()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    peer.close()

    assert connection.answer(Answer(200, (), b"x" * 1024)) is False


def test_answers_leave_without_delay(pair: Pair) -> None:
    """Nagle's algorithm is off: an answer does not wait for acknowledgements."""
    connection, _ = pair

    assert connection._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
