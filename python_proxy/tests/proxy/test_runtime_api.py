"""The runtime's side of the Runtime API against a server of it, and against one that is broken."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_client.runtime_api import Invocation
from ldp_client.runtime_api import RuntimeApi as Server
from ldp_proxy.context import context_of_headers, read_function
from ldp_proxy.errors import ConfigError, RuntimeApiError
from ldp_proxy.runtime_api import Attempt, RuntimeApi
from ldp_testing.json_texts import json_texts
from ldp_testing.runtime_side import Said, ScriptedInvocations

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTEMPT = Attempt("a-1", "i-1")


@pytest.fixture(scope="module")
def invocations() -> ScriptedInvocations:
    """What the server hands out and is told."""
    return ScriptedInvocations()


@pytest.fixture(scope="module")
def api(invocations: ScriptedInvocations) -> Iterator[RuntimeApi]:
    """A connection to a server."""
    with Server(invocations) as server:
        with closing(RuntimeApi(server.address)) as connected:
            yield connected
        invocations.close()


@given(
    event=st.binary(max_size=100) | json_texts(),
    client_context=json_texts().map(bytes.decode).map(lambda t: " ".join(t.split())),
    trace_id=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip),
)
def test_headers_and_bytes_arrive_as_they_are(
    api: RuntimeApi,
    invocations: ScriptedInvocations,
    event: bytes,
    client_context: str,
    trace_id: str,
) -> None:
    """PAY-1, ENV-21, ENV-22: the event's bytes and the headers' texts survive, UTF-8 included."""
    offered = Invocation("a-1", 1718072241165, "arn:aws:lambda:x", event, trace_id=trace_id)
    invocations.offer(replace(offered, client_context=client_context))

    answer = api.next()

    invocations.expect(Said.ASKED)
    assert answer.body == event
    context = context_of_headers(answer.headers, read_function({}))
    assert context.client_context == client_context
    assert context.trace_id == (trace_id.strip() or None)


@given(body=st.binary(max_size=100) | json_texts())
def test_a_result_is_posted_as_it_is(
    api: RuntimeApi, invocations: ScriptedInvocations, body: bytes
) -> None:
    """PAY-2: the result's bytes are posted, with the nonce of the attempt."""
    api.respond(ATTEMPT, body)

    told = invocations.expect(Said.RESPONDED)
    assert told.body == body
    assert told.posted is not None
    assert (told.request_id, told.posted.invocation_id) == ("a-1", "i-1")
    assert told.posted.content_type == "application/json"


@pytest.mark.parametrize(
    ("error_type", "sent"),
    [
        ("Runtime.ExitError", "Runtime.ExitError"),
        ("Function.SomeError", "Function.SomeError"),
        ("ValueError", ""),
        ("Proxy.NoResponse", ""),
        ("Runtime.x", ""),
        ("Runtime.X\r\nEvil: 1", ""),
    ],
)
def test_an_error_is_posted_as_it_is(
    api: RuntimeApi, invocations: ScriptedInvocations, error_type: str, sent: str
) -> None:
    """ERR-14: the body is posted verbatim; a type that Lambda would not take is not sent."""
    api.fail(ATTEMPT, b"\xff{", error_type)

    told = invocations.expect(Said.FAILED)
    assert told.body == b"\xff{"
    assert told.posted is not None
    assert told.posted.error_type == sent


@pytest.mark.parametrize("request_id", ["a/../b c?d#e", "\u00e4\u2028%"])
def test_request_ids_are_opaque(
    api: RuntimeApi, invocations: ScriptedInvocations, request_id: str
) -> None:
    """A request ID of any characters names its invocation, and no nonce is made up."""
    api.respond(Attempt(request_id, None), b"1")

    told = invocations.expect(Said.RESPONDED)
    assert told.request_id == request_id
    assert told.posted is not None
    assert told.posted.invocation_id == ""


def test_a_nonce_is_echoed_verbatim(api: RuntimeApi, invocations: ScriptedInvocations) -> None:
    """A nonce goes back as the bytes that it came as."""
    api.respond(Attempt("a-1", "n\u00f6nce \u2028"), b"1")

    posted = invocations.expect(Said.RESPONDED).posted
    assert posted is not None
    assert posted.invocation_id == "n\u00f6nce \u2028"


def test_a_failed_start_is_posted(api: RuntimeApi, invocations: ScriptedInvocations) -> None:
    """ERR-8: what keeps the runtime from starting is told to Lambda."""
    api.fail_init(b"{}", "Proxy.Misconfigured")

    assert invocations.expect(Said.INIT_FAILED).body == b"{}"


class ScriptedServer:
    """A server that answers each connection with the next of these texts, and hangs up."""

    def __init__(self, *answers: bytes) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._answers = answers
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.requests: list[bytes] = []

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        for answer in self._answers:
            connection, _ = self._socket.accept()
            with connection:
                self.requests.append(_read(connection))
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
        self._socket.close()

    def end(self) -> list[bytes]:
        """Wait for the end; the bodies of the requests."""
        self._thread.join()
        return self.requests


def _read(connection: socket.socket) -> bytes:
    """The body of a request."""
    with connection.makefile("rb") as stream:
        head = iter(stream.readline, b"\r\n")
        lengths = [int(line[16:]) for line in head if line.lower().startswith(b"content-length: ")]
        return stream.read(sum(lengths))


def answer(status: str) -> bytes:
    """An answer that leaves the connection open, as far as one can tell."""
    return f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}".encode()


def test_a_kept_connection_that_is_gone_is_made_anew() -> None:
    """A connection that ended while the environment was frozen costs no invocation."""
    server = ScriptedServer(answer("202 Accepted"), answer("202 Accepted"))

    with closing(RuntimeApi(server.address)) as api:
        api.respond(ATTEMPT, b"1")
        api.respond(ATTEMPT, b"2")

    assert server.end() == [b"1", b"2"]


@pytest.mark.parametrize("status", ["400 Bad Request", "410 Gone", "413 Too Large"])
def test_a_refused_post_is_no_reason_to_end(status: str, caplog: pytest.LogCaptureFixture) -> None:
    """An invocation that is over is logged; the environment is good for the next one."""
    server = ScriptedServer(answer(status))

    with closing(RuntimeApi(server.address)) as api:
        api.respond(ATTEMPT, b"1")

    server.end()
    (record,) = [r for r in caplog.records if r.message == "runtime_api.post_refused"]
    assert record.__dict__["status"] == int(status[:3])


def test_a_broken_runtime_api_ends_the_runtime() -> None:
    """A server error, or another answer than 200 to /next, leaves nothing to do."""
    server = ScriptedServer(answer("500 Oops"), answer("403 Forbidden"))

    with closing(RuntimeApi(server.address)) as api:
        with pytest.raises(RuntimeApiError, match="500 to a post"):
            api.respond(ATTEMPT, b"1")
        api.close()
        with pytest.raises(RuntimeApiError, match="403 to /next") as caught:
            api.next()
    assert "Lambda replaces" in caught.value.hint
    server.end()


def test_a_runtime_api_that_does_not_answer_ends_the_runtime() -> None:
    """What is no HTTP, twice, is not the Runtime API."""
    server = ScriptedServer(b"SSH-2.0\r\n", b"SSH-2.0\r\n")

    with pytest.raises(RuntimeApiError, match="does not answer"):
        RuntimeApi(server.address).next()
    server.end()


def test_an_event_may_come_in_chunks() -> None:
    """PAY-1: Lambda sends events in chunks, too; the event is the same."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = ScriptedServer(head + b"3\r\n{ }\r\n2\r\n\r\n\r\n0\r\n\r\n")

    with closing(RuntimeApi(server.address)) as api:
        assert api.next().body == b"{ }\r\n"
    server.end()


def test_an_address_has_a_port() -> None:
    """ERR-8: what is no address is a sentence that names the variable."""
    with pytest.raises(ConfigError, match=r"AWS_LAMBDA_RUNTIME_API is '127\.0\.0\.1:x'"):
        RuntimeApi("127.0.0.1:x")
