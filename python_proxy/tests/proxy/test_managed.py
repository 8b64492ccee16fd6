"""The managed entry's code under the real runtime client's, in this process."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from awslambdaric import bootstrap
from awslambdaric.lambda_context import LambdaContext
from awslambdaric.lambda_runtime_client import BaseLambdaRuntimeClient
from hypothesis import given
from hypothesis import strategies as st

from ldp_proxy.managed import ManagedEntry, function_error, pass_bytes_through
from ldp_proxy.reply import ErrorParts
from ldp_testing.json_texts import json_texts
from ldp_testing.proxy_stage import Stage, echo, error, event_of, response, result
from ldp_wire.envelopes import Encoding, Inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.proxy_stage import Script
    from ldp_wire.envelopes import Request

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
EVENT = b'{"a": 1.10, "a": 2}'


@pytest.fixture(autouse=True, scope="module")
def _function() -> Iterator[None]:
    """A function's environment, and the runtime client's own marshaller back at the end."""
    original = BaseLambdaRuntimeClient.marshaller
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
        yield
    BaseLambdaRuntimeClient.marshaller = original


@dataclass
class Client:
    """The runtime client as its bootstrap uses it; what is posted stays here."""

    posted: list[tuple[str, Any, str]] = field(default_factory=list)

    @property
    def marshaller(self) -> Any:
        """Whatever is installed."""
        return BaseLambdaRuntimeClient.marshaller

    def post_invocation_result(self, invoke_id: str, body: Any, kind: str, _: object) -> None:
        """Keep a result."""
        self.posted.append((invoke_id, body, kind))

    def post_invocation_error(self, invoke_id: str, body: str, _: str, __: object) -> None:
        """Keep an error."""
        self.posted.append((invoke_id, body, "error"))


class _Sink:
    """A log sink that encodes what it gets, as a terminal does."""

    def log_error(self, lines: list[str]) -> None:
        "\r".join(lines).encode()


def run(stage: Stage, event: bytes) -> tuple[str, Any, str]:
    """One invocation through the real bootstrap; what it posted."""
    client = Client()
    bootstrap.handle_event_request(
        client,
        ManagedEntry(stage.proxy()).handle,
        "a-1",
        event,
        "application/json",
        None,
        None,
        ARN,
        stage.clock.now_ms() + 60_000,
        None,
        _Sink(),
    )
    (posted,) = client.posted
    return posted


def answered(*scripts: Script) -> Stage:
    """A stage on which a client answers so."""
    stage = Stage()
    stage.script(*scripts)
    return stage


@given(event=json_texts(), answer=json_texts())
def test_bytes_pass_through_the_managed_runtime(event: bytes, answer: bytes) -> None:
    """PAY-1, PAY-2: through the marshaller hook JSON texts pass byte for byte, both ways."""
    assert pass_bytes_through()
    received = []

    def client(request: Request) -> Any:
        received.append(event_of(request))
        return result(answer.decode())(request)

    posted = run(answered(client), event)

    assert received == [event]
    assert posted == ("a-1", answer, "application/json")


def test_the_message_is_deleted_before_the_return() -> None:
    """EXC-33: the answer's message is gone when the runtime gets the result."""
    pass_bytes_through()
    stage = answered(echo)

    assert run(stage, EVENT)[1] == EVENT
    assert stage.replies.bodies() == []


@given(
    error_type=st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    message=json_texts(),
    trace=st.lists(json_texts(), max_size=3),
)
def test_type_message_and_stack_pass(error_type: str, message: bytes, trace: list[bytes]) -> None:
    """ERR-15: the runtime posts the error's own type, message and stack, and survives any."""
    body = b'{"errorType":%s,"errorMessage":%s,"stackTrace":[%s],"cause":{}}' % (
        json.dumps(error_type).encode(),
        json.dumps(message.decode()).encode(),
        b",".join(json.dumps(line.decode()).encode() for line in trace),
    )

    _, posted, kind = run(answered(error(body.decode())), EVENT)

    assert kind == "error"
    assert json.loads(posted) == {
        "errorType": error_type,
        "errorMessage": message.decode(),
        "requestId": "a-1",
        "stackTrace": [line.decode() for line in trace],
    }


def test_a_failure_of_the_proxy_is_a_function_error_of_its_type() -> None:
    """ERR-1, ERR-3: nobody there reaches the caller as a function error of its own type."""
    _, posted, kind = run(Stage(), EVENT)

    failure = json.loads(posted)
    assert (kind, failure["errorType"]) == ("error", "Proxy.NoResponse")
    assert failure["stackTrace"] == []


@pytest.fixture
def _without_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A runtime that has neither the marshaller nor the exception."""
    monkeypatch.setitem(sys.modules, "awslambdaric.lambda_runtime_client", None)
    monkeypatch.setitem(sys.modules, "awslambdaric.lambda_runtime_exception", None)


@pytest.mark.usefixtures("_without_hooks")
class TestWithoutHooks:
    """ERR-15: where the runtime has no hooks, equivalent JSON passes, and the loss is known."""

    def handle(self, stage: Stage, event: object) -> object:
        """Handle an event as it is handed over."""
        context = LambdaContext("a-1", None, None, stage.clock.now_ms() + 60_000, ARN)
        return ManagedEntry(stage.proxy()).handle(event, context)

    def test_there_is_nothing_to_install(self) -> None:
        """A runtime without the hook is found out."""
        assert not pass_bytes_through()

    def test_equivalent_json_passes(self) -> None:
        """PAY-1: the parsed event is written anew, and the result is parsed for the runtime."""
        event = {"a": [1.5, "\ud800", None], "b": 12345678901234567890}

        assert self.handle(answered(echo), event) == event

    def test_bytes_pass_as_they_are(self) -> None:
        """An event that the runtime did not parse gets its result as bytes."""
        assert self.handle(answered(echo), EVENT) == EVENT

    @pytest.mark.parametrize("body", ["no JSON", "[" * 100_000])
    def test_a_result_that_is_no_json_is_an_error(self, body: str) -> None:
        """ERR-6: what this runtime cannot pass on is a typed error."""
        with pytest.raises(Exception, match="it is no JSON") as caught:
            self.handle(answered(result(body)), {})

        assert type(caught.value).__name__ == "Proxy.BadAnswer"

    def test_an_error_is_a_class_of_its_name(self) -> None:
        """The type and the message pass, the stack trace does not."""
        body = '{"errorType":"java.lang.RuntimeException","errorMessage":"m","stackTrace":["x"]}'

        with pytest.raises(Exception, match=r"^m$") as caught:
            self.handle(answered(error(body)), {})

        assert type(caught.value).__name__ == "java.lang.RuntimeException"

    @pytest.mark.parametrize(("error_type", "name"), [("", "Error"), ("a\0b", "ab")])
    def test_a_class_can_have_any_name(self, error_type: str, name: str) -> None:
        """What cannot be a class's name is mended."""
        assert type(function_error(ErrorParts(error_type, "m", []))).__name__ == name


def test_a_runtime_client_without_a_marshaller_has_no_hook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ERR-15: an older or changed runtime client is no reason to fail."""
    monkeypatch.delattr(BaseLambdaRuntimeClient, "marshaller")

    assert not pass_bytes_through()


def test_an_event_that_is_no_text_passes_through() -> None:
    """PAY-5: the marshaller does not look at what an event claims to be."""
    pass_bytes_through()
    stage = answered(lambda r: response(r, Inline(Encoding.BASE64, "/w==")))

    assert run(stage, b"\xff\xfe")[1] == b"\xff"
