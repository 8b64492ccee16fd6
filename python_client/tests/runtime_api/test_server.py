from __future__ import annotations

import base64
import json
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ldp_client.runtime_api import Invocation, RuntimeApi
from ldp_testing.runtime_side import LIMIT_S, NEXT, RawRuntime, Said, ScriptedInvocations

if TYPE_CHECKING:
    from ldp_client.runtime_api import Worker

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
POST = "/2018-06-01/runtime/invocation/r-1/response"
TYPE_TRAILER = b"Lambda-Runtime-Function-Error-Type: Function.Broke\r\n"


def invocation(event: bytes = b"{}", request_id: str = "r-1") -> Invocation:
    """An invocation with this event."""
    return Invocation(request_id, 1718072241165, ARN, event, invocation_id="n-1")


def test_an_offer_answers_the_waiting_worker(
    invocations: ScriptedInvocations, runtime: RawRuntime
) -> None:
    """The event travels as it is, with status 200 and the invocation's headers."""
    runtime.ask()
    invocations.expect(Said.ASKED)
    invocations.offer(invocation(b'{"a":1.10,"a":2}'))
    reply = runtime.reply()

    assert (reply.status, reply.body) == (200, b'{"a":1.10,"a":2}')
    assert reply.headers["Lambda-Runtime-Aws-Request-Id"] == "r-1"
    assert reply.headers["Lambda-Runtime-Invocation-Id"] == "n-1"


@pytest.mark.parametrize(("path", "said"), [("response", Said.RESPONDED), ("error", Said.FAILED)])
def test_posts_reach_the_invocations_with_what_came_along(
    invocations: ScriptedInvocations, runtime: RawRuntime, path: str, said: Said
) -> None:
    """Body, content type, error type and echoed nonce are handed on."""
    headers = {
        "Content-Type": "application/unknown",
        "Lambda-Runtime-Function-Error-Type": "Function.Odd",
        "Lambda-Runtime-Invocation-Id": "n-1",
    }
    reply = runtime.call("POST", POST.replace("response", path), b"\xff\x00", headers)
    told = invocations.expect(said)

    assert (reply.status, json.loads(reply.body)) == (202, {"status": "OK"})
    assert told.posted is not None
    assert (told.request_id, told.body, told.posted.size_bytes) == ("r-1", b"\xff\x00", 2)
    assert told.posted.content_type == "application/unknown"
    assert (told.posted.error_type, told.posted.invocation_id) == ("Function.Odd", "n-1")


def test_init_errors_reach_the_invocations(
    invocations: ScriptedInvocations, runtime: RawRuntime
) -> None:
    """A runtime that cannot start is heard, and answered with 202."""
    reply = runtime.call("POST", "/2018-06-01/runtime/init/error", b'{"errorType":"X"}')

    assert reply.status == 202
    assert invocations.expect(Said.INIT_FAILED).body == b'{"errorType":"X"}'


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("POST", NEXT), ("GET", "/2018-06-01/runtime/restore/next")]
)
def test_unknown_calls_are_404_with_a_json_error(
    runtime: RawRuntime, method: str, path: str
) -> None:
    """What the Runtime API does not have is refused in its own error form."""
    reply = runtime.call(method, path)

    assert reply.status == 404
    assert json.loads(reply.body)["errorType"] == "NotFound"
    assert path in json.loads(reply.body)["errorMessage"]


def test_what_is_no_http_is_400_and_the_end(api: RuntimeApi) -> None:
    """Nonsense is refused without disturbing the server."""
    host, _, port = api.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT_S) as peer:
        peer.sendall(b"nonsense\r\n\r\n")
        assert peer.makefile("rb").read().startswith(b"HTTP/1.1 400 ")


def test_the_error_of_a_broken_stream_is_an_error(
    invocations: ScriptedInvocations, api: RuntimeApi
) -> None:
    """Trailers that carry an error turn a response into a failure with the trailer's body."""
    error = b'{"errorType":"Function.Broke","errorMessage":"midway"}'
    streamed(api, base64.b64encode(error))
    told = invocations.expect(Said.FAILED)

    assert told.posted is not None
    assert (told.request_id, told.body) == ("r-1", error)
    assert told.posted.error_type == "Function.Broke"


def test_a_trailer_that_is_no_base64_is_taken_as_it_is(
    invocations: ScriptedInvocations, api: RuntimeApi
) -> None:
    """A wrongly encoded error still is an error."""
    streamed(api, b"not base64!")

    assert invocations.expect(Said.FAILED).body == b"not base64!"


def test_declared_trailers_that_stay_empty_mean_success(
    invocations: ScriptedInvocations, api: RuntimeApi
) -> None:
    """Go's runtime declares error trailers on every post and seldom sends them."""
    streamed(api, b"")

    assert invocations.expect(Said.RESPONDED).body == b'{"half'


def test_a_trailer_with_no_more_than_a_type_is_an_error(
    invocations: ScriptedInvocations, api: RuntimeApi
) -> None:
    """A stream that broke off is no result, even if nobody says how."""
    streamed(api, b"", TYPE_TRAILER)

    error = json.loads(invocations.expect(Said.FAILED).body)
    assert error == {"errorType": "Function.Broke", "errorMessage": ""}


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        (
            b'{"errorCause":{"paths":[]},"errorMessage":"m","errorType":"T","stackTrace":[1]}',
            b'{"errorMessage":"m","errorType":"T","stackTrace":[1]}',
        ),
        (b'{"errorType":"T"}', b'{"errorType":"T"}'),
        (b"[1]", b'"Invalid error body"'),
        (b"\xff", b'"Invalid error body"'),
        (b"[" * 100_000, b'"Invalid error body"'),
    ],
)
def test_a_cause_in_the_body_is_not_the_callers(
    invocations: ScriptedInvocations, runtime: RawRuntime, posted: bytes, told: bytes
) -> None:
    """Under a content type of its own an error carries the X-Ray cause, which Lambda takes out."""
    path = "/2018-06-01/runtime/invocation/r-1/error"
    kind = {"Content-Type": b"application/vnd.aws.lambda.error.cause+json"}

    assert runtime.call("POST", path, posted, kind).status == 202
    assert invocations.expect(Said.FAILED).body == told


def streamed(api: RuntimeApi, error_body: bytes, trailers: bytes = b"") -> None:
    """Post a result in chunks, with these trailers, and an error's if there is its body."""
    if error_body:
        body = b"Lambda-Runtime-Function-Error-Body: " + error_body + b"\r\n"
        trailers = TYPE_TRAILER + body
    head = (
        f"POST {POST} HTTP/1.1\r\nHost: {api.address}\r\nTransfer-Encoding: chunked\r\n"
        "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
        "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n"
    ).encode()
    host, _, port = api.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT_S) as peer:
        peer.sendall(head + b'6\r\n{"half\r\n0\r\n' + trailers + b"\r\n")
        assert peer.recv(65536).startswith(b"HTTP/1.1 202 ")


def test_six_mebibytes_travel_each_way(
    invocations: ScriptedInvocations, runtime: RawRuntime
) -> None:
    """Lambda's largest event and result pass unchanged."""
    event = bytes(range(256)) * 24_577  # 6,291,712 bytes, beyond Lambda's 6,291,556
    invocations.offer(invocation(event))
    runtime.ask()
    assert runtime.reply().body == event
    invocations.expect(Said.ASKED)
    runtime.call("POST", POST, event[::-1])

    assert invocations.expect(Said.RESPONDED).body == event[::-1]


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(event=st.binary(), result=st.binary())
def test_bytes_are_never_looked_into(
    invocations: ScriptedInvocations, runtime: RawRuntime, event: bytes, result: bytes
) -> None:
    """Whatever event and result are, they arrive byte for byte."""
    invocations.offer(invocation(event))
    runtime.ask()
    assert runtime.reply().body == event
    invocations.expect(Said.ASKED)
    runtime.call("POST", POST, result)

    assert invocations.expect(Said.RESPONDED).body == result


def test_a_worker_that_dies_while_it_waits_is_reported(
    invocations: ScriptedInvocations, api: RuntimeApi, runtime: RawRuntime
) -> None:
    """The next event goes to a living worker, not to the closed connection."""
    with RawRuntime(api.address) as doomed:
        doomed.ask()
        waiting = invocations.expect(Said.ASKED).worker
    lost = invocations.expect(Said.LOST)
    invocations.offer(invocation())
    runtime.ask()

    assert lost.worker is waiting
    assert lost.worker.gone
    assert runtime.reply().status == 200


def test_a_connection_that_ends_between_calls_is_no_loss(
    invocations: ScriptedInvocations, api: RuntimeApi
) -> None:
    """Only a worker that waits can be lost: Go drops idle connections while a handler runs."""
    with RawRuntime(api.address) as polite:
        polite.call("POST", POST)
        invocations.expect(Said.RESPONDED)
    with RawRuntime(api.address) as other:
        other.call("POST", POST)

    assert invocations.expect(Said.RESPONDED).worker.number == 2


class TooLate(ScriptedInvocations):
    """Gives an invocation to a worker precisely because it has gone."""

    def next(self, worker: Worker) -> Invocation | None:
        """Ask like the others, then be too slow to notice."""
        super().next(worker)
        return invocation(request_id="r-late")


def test_an_invocation_for_a_dead_worker_comes_back() -> None:
    """What could not be handed over is returned, and not lost with the connection."""
    invocations = TooLate()
    with RuntimeApi(invocations) as api:
        with RawRuntime(api.address) as doomed:
            doomed.ask()
            invocations.expect(Said.ASKED)
        invocations.expect(Said.LOST)
        returned = invocations.expect(Said.UNDELIVERED)

    assert returned.request_id == "r-late"
    assert returned.worker.gone


def test_shutting_down_ends_the_connection_without_an_answer(
    invocations: ScriptedInvocations, runtime: RawRuntime
) -> None:
    """A worker that gets None sees its connection end."""
    runtime.ask()
    invocations.expect(Said.ASKED)
    invocations.close()

    assert runtime.socket.recv(1) == b""


def test_closing_the_server_loses_the_waiting_worker() -> None:
    """A `next` that waits is told, so that it can return."""
    invocations = ScriptedInvocations()
    with RuntimeApi(invocations) as api, RawRuntime(api.address) as runtime:
        runtime.ask()
        invocations.expect(Said.ASKED)
        api.close()

        assert invocations.expect(Said.LOST).worker.gone
        assert runtime.socket.recv(1) == b""


class Broken(ScriptedInvocations):
    """Has a bug."""

    def next(self, worker: Worker) -> Invocation | None:
        """Fail."""
        message = f"worker {worker.number}"
        raise LookupError(message)


def test_a_bug_in_the_invocations_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime is never left waiting for a `next` that failed."""
    hooked: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: hooked.append(str(args.exc_value)))
    with RuntimeApi(Broken()) as api, RawRuntime(api.address) as runtime:
        runtime.ask()

        assert runtime.socket.recv(1) == b""
    assert hooked == ["worker 1"]


def test_each_server_has_a_port_of_its_own() -> None:
    """The port says which runtime is asking; there is no path prefix to do it."""
    with RuntimeApi(ScriptedInvocations()) as one, RuntimeApi(ScriptedInvocations()) as two:
        assert one.address != two.address


def test_a_hundred_workers_wait_at_once(invocations: ScriptedInvocations, api: RuntimeApi) -> None:
    """Waiting workers do not get in each other's way."""
    runtimes = [RawRuntime(api.address) for _ in range(100)]
    for each in runtimes:
        each.ask()
    for number in range(100):
        invocations.offer(invocation(str(number).encode()))
    events = {each.reply().body for each in runtimes}
    for each in runtimes:
        each.close()

    assert events == {str(number).encode() for number in range(100)}
