"""The runtime of the proxy's own, in this process, against a server of the Runtime API."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_client.runtime_api import Invocation
from ldp_client.runtime_api import RuntimeApi as Server
from ldp_proxy import runtime
from ldp_proxy.context import read_function
from ldp_proxy.errors import RuntimeApiError
from ldp_proxy.runtime_api import RuntimeApi
from ldp_testing.json_texts import json_texts
from ldp_testing.proxy_stage import Stage, echo, error, event_of, result
from ldp_testing.runtime_side import Said, ScriptedInvocations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.moto_server import MotoServer
    from ldp_wire.envelopes import Envelope, Request

EVENT = b'{"a": 1.10, "a": 2}'


class Host:
    """The runtime's loop in a thread, serving a stage, and the server that it asks."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.invocations = ScriptedInvocations()
        self._server = Server(self.invocations).start()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self.invocations.expect(Said.ASKED)

    def _run(self) -> None:
        with closing(RuntimeApi(self._server.address)) as api, suppress(RuntimeApiError):
            runtime.serve(api, self.stage.proxy(), read_function({}))

    def offer(self, event: bytes, trace_id: str | None = None) -> None:
        """Let the runtime have an event."""
        deadline_ms = self.stage.clock.now_ms() + 60_000
        self.invocations.offer(
            Invocation("a-1", deadline_ms, "arn:x", event, trace_id, invocation_id="i-1")
        )

    def close(self) -> None:
        """End the server, and so the loop."""
        self.invocations.close()
        self._server.close()
        self._thread.join()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """One loop for all."""
    started = Host()
    yield started
    started.close()


@given(event=json_texts(), answer=json_texts(), is_error=st.booleans())
def test_bytes_pass_through_the_runtime(
    host: Host, event: bytes, answer: bytes, *, is_error: bool
) -> None:
    """PAY-1, PAY-2, ERR-14, ENV-27: events, results and error bodies pass byte for byte."""
    received = []
    script = error(answer.decode()) if is_error else result(answer.decode())

    def client(request: Request) -> Envelope | str:
        received.append(event_of(request))
        return script(request)

    host.stage.script(client)
    host.offer(event)

    told = host.invocations.expect(Said.FAILED if is_error else Said.RESPONDED)
    host.invocations.expect(Said.ASKED)
    assert received == [event]
    assert told.body == answer
    assert told.posted is not None
    assert (told.request_id, told.posted.invocation_id) == ("a-1", "i-1")
    assert host.stage.replies.bodies() == []


@pytest.mark.parametrize("trace_id", ["Root=1-a;Sampled=0", None])
def test_the_trace_is_left_for_the_sdk(
    host: Host, monkeypatch: pytest.MonkeyPatch, trace_id: str | None
) -> None:
    """The X-Ray header stands where the SDK looks for it, and goes with its invocation."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "of the invocation before")
    host.stage.script(echo)
    host.offer(EVENT, trace_id)

    host.invocations.expect(Said.RESPONDED)
    host.invocations.expect(Said.ASKED)
    assert os.environ.get("_X_AMZN_TRACE_ID") == trace_id


def test_the_answer_is_posted_before_its_message_is_deleted() -> None:
    """EXC-33: what happens to the message cannot cost or delay the answer."""
    order: list[str] = []

    class Api:
        """A Runtime API that hands out one invocation."""

        def next(self) -> object:
            if order:
                raise RuntimeApiError("over")
            return _Next()

        def respond(self, *_: object) -> None:
            order.append("posted")

    class Proxy:
        """A proxy that answers."""

        def invoke(self, *_: object) -> object:
            return type("Reply", (), {"body": b"1", "error": None})

        def discard(self, *_: object) -> None:
            order.append("deleted")

    with pytest.raises(RuntimeApiError):
        runtime.serve(Api(), Proxy(), read_function({}))  # type: ignore[arg-type]

    assert order == ["posted", "deleted"]


class _Next:
    """An invocation, as little of it as there can be."""

    headers = {  # noqa: RUF012 - read only
        "lambda-runtime-aws-request-id": "a-1",
        "lambda-runtime-deadline-ms": "1",
    }
    body = b"{}"


@pytest.fixture
def started(
    moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ScriptedInvocations]:
    """The environment of a runtime's process, in this one, with a server that it asks."""
    for name, value in moto_server.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LAMBDA_PROXY_REQ_QUEUE_URL", moto_server.create_queue())
    monkeypatch.setenv("LAMBDA_PROXY_MODE", "notify")
    root = logging.getLogger()
    handlers = list(root.handlers)
    invocations = ScriptedInvocations()
    with Server(invocations) as server:
        monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", server.address)
        yield invocations
        invocations.close()
    root.handlers[:] = handlers


def test_main_serves_until_the_runtime_api_is_gone(started: ScriptedInvocations) -> None:
    """EXC-28: the process serves from its environment alone, and ends with a status of 1."""
    status: list[int] = []
    thread = threading.Thread(target=lambda: status.append(runtime.main()))
    thread.start()

    started.expect(Said.ASKED)
    started.offer(Invocation("a-1", 2**50, "arn:x", EVENT))
    assert started.expect(Said.RESPONDED).body == b"null"
    started.expect(Said.ASKED)
    started.close()
    thread.join()

    assert status == [1]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LAMBDA_PROXY_REQ_QUEUE_URL", "", "LAMBDA_PROXY_REQ_QUEUE_URL is missing"),
        ("AWS_ENDPOINT_URL_SQS", "nowhere", "Check AWS_ENDPOINT_URL_SQS"),
        ("AWS_PROFILE", "nobody", "The config profile (nobody) could not be found"),
    ],
)
def test_a_proxy_that_cannot_start_tells_lambda(
    started: ScriptedInvocations,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    sentence: str,
) -> None:
    """ERR-8, ERR-2: a misconfigured proxy posts an init error of its type, and ends."""
    monkeypatch.setenv(name, value)

    assert runtime.main() == 1

    posted = json.loads(started.expect(Said.INIT_FAILED).body)
    assert posted["errorType"] == "Proxy.Misconfigured"
    assert sentence in posted["errorMessage"]


def test_a_missing_sdk_is_told_too(
    started: ScriptedInvocations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ERR-8: where the runtime's boto3 is not found, Lambda hears that, not of an exit."""
    for name in [name for name in sys.modules if name.startswith(("ldp_queues.s", "ldp_proxy.w"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "botocore", None)

    assert runtime.main() == 1

    posted = json.loads(started.expect(Said.INIT_FAILED).body)
    assert "The AWS SDK cannot be imported" in posted["errorMessage"]
    assert "has to be found" in posted["errorMessage"]


def test_without_lambda_there_is_nobody_to_tell(
    started: ScriptedInvocations,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """ERR-8: started by hand, the runtime says on standard error that it needs Lambda."""
    monkeypatch.delenv("AWS_LAMBDA_RUNTIME_API")

    assert runtime.main() == 1

    line = json.loads(capsys.readouterr().err)
    assert line["message"] == "runtime.start_failed"
    assert line["reason"].startswith("AWS_LAMBDA_RUNTIME_API is missing")
    assert started.told.empty()
