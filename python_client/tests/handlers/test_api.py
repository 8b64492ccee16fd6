from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ldp_client.errors import RuntimeApiUnusable
from ldp_client.handlers.api import RuntimeApiClient
from ldp_client.runtime_api import Invocation, RuntimeApi
from ldp_client.runtime_api.headers import (
    FUNCTION_NAME,
    FUNCTION_VERSION,
    LOG_GROUP_NAME,
    LOG_STREAM_NAME,
    MEMORY_LIMIT_IN_MB,
)
from ldp_testing.runtime_side import Said, ScriptedInvocations

if TYPE_CHECKING:
    from collections.abc import Iterator

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
DEADLINE_MS = 4_102_444_800_000


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """Something on a port that answers the first request with these bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(raw)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_everything_that_the_api_says_arrives(
    api: RuntimeApi, invocations: ScriptedInvocations
) -> None:
    """Event, context and what is said of the function reach the runtime (ENV-21, PAY-1)."""
    invocations.offer(
        Invocation(
            "r/1 é",
            DEADLINE_MS,
            ARN,
            b'{"a":1.10,"a":2}\n',
            trace_id="Root=1",
            tenant_id="blue",
            invocation_id="n-1",
            client_context='{"custom": {"é": "😀"}}',
            cognito_identity='{"cognitoIdentityId": "i"}',
            extra_headers={
                FUNCTION_NAME: "orders",
                FUNCTION_VERSION: "7",
                MEMORY_LIMIT_IN_MB: "512",
                LOG_GROUP_NAME: "/aws/lambda/orders",
                LOG_STREAM_NAME: "2026/11/23/[7]ab",
            },
        )
    )
    with RuntimeApiClient(api.address) as client:
        work = client.next()

    assert work is not None
    assert (work.request_id, work.event) == ("r/1 é", b'{"a":1.10,"a":2}\n')
    assert (work.deadline_ms, work.invoked_function_arn) == (DEADLINE_MS, ARN)
    assert (work.trace_id, work.tenant_id, work.invocation_id) == ("Root=1", "blue", "n-1")
    assert work.client_context == '{"custom": {"é": "😀"}}'
    assert work.cognito_identity == '{"cognitoIdentityId": "i"}'
    assert work.function.name == "orders"
    assert work.function.version == "7"
    assert work.function.memory_limit_in_mb == "512"
    assert work.function.log_group_name == "/aws/lambda/orders"
    assert work.function.log_stream_name == "2026/11/23/[7]ab"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    event=st.binary(max_size=50),
    text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30),
)
@example(event=b"", text="\u0085 next line")
def test_any_event_and_header_arrive_as_they_are(
    api: RuntimeApi, invocations: ScriptedInvocations, event: bytes, text: str
) -> None:
    """Bytes and texts are not changed on the way, whatever they are (PAY-1)."""
    invocations.offer(Invocation("r", DEADLINE_MS, ARN, event, client_context=f"|{text}|"))
    with RuntimeApiClient(api.address) as client:
        work = client.next()

    assert work is not None
    assert work.event == event
    assert work.client_context == f"|{text}|"


def test_results_and_errors_are_posted_with_the_nonce(
    api: RuntimeApi, invocations: ScriptedInvocations
) -> None:
    """Bodies arrive as posted, under the request ID, with the invocation ID (PAY-2, ENV-27)."""
    with RuntimeApiClient(api.address) as client:
        invocations.offer(Invocation("r/é", DEADLINE_MS, ARN, b"1", invocation_id="n-1"))
        work = client.next()
        invocations.expect(Said.ASKED)
        assert work is not None
        assert client.post_result(work, b"\x00\xff", "application/unknown")
        result = invocations.expect(Said.RESPONDED)
        assert client.post_error(work, b'{"errorType": "E"}')
        error = invocations.expect(Said.FAILED)

    assert (result.request_id, result.body) == ("r/é", b"\x00\xff")
    assert (error.request_id, error.body) == ("r/é", b'{"errorType": "E"}')
    assert result.posted is not None
    assert result.posted.content_type == "application/unknown"
    assert result.posted.invocation_id == "n-1"


def test_a_hang_up_is_the_end(api: RuntimeApi, invocations: ScriptedInvocations) -> None:
    """Without more to do the other side hangs up; posting to nobody is told."""
    with RuntimeApiClient(api.address) as client:
        invocations.offer(Invocation("r", DEADLINE_MS, ARN, b"1"))
        work = client.next()
        assert work is not None
        invocations.close()
        assert client.next() is None
        api.close()
        assert not client.post_result(work, b"", "application/json")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "status 403"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "without a request ID"),
        (
            b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: r\r\nContent-Length: 0\r\n\r\n",
            "without a request ID or deadline",
        ),
        (b"SSH-2.0-OpenSSH\r\n", "BadStatusLine"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "IncompleteRead"),
    ],
)
def test_something_else_on_the_port_is_told(raw: bytes, reason: str) -> None:
    """An answer that is no Runtime API's is an error with a hint, not a traceback."""
    with (
        answering(raw) as address,
        RuntimeApiClient(address) as client,
        pytest.raises(RuntimeApiUnusable, match=reason),
    ):
        client.next()


def test_a_post_that_is_refused_is_told(api: RuntimeApi, invocations: ScriptedInvocations) -> None:
    """Anything but a 202 for a result is an error."""
    invocations.offer(Invocation("r", DEADLINE_MS, ARN, b"1"))
    with RuntimeApiClient(api.address) as client:
        work = client.next()
    assert work is not None
    with (
        answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as address,
        RuntimeApiClient(address) as client,
        pytest.raises(RuntimeApiUnusable, match="status 400"),
    ):
        client.post_result(work, b"", "application/json")
