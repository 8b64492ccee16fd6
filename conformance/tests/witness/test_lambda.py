"""Functions of the witness as the SDK sees them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ldp_conformance.witness import Deny, FunctionAnswer, ServerError, Throttle

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.witness import Witness, WitnessFunction


def answer(event: bytes) -> FunctionAnswer:
    """Fails if told to, and says the event twice otherwise."""
    if event == b'"fail"':
        return FunctionAnswer(b'{"errorType": "E"}', error="Unhandled")
    return FunctionAnswer(json.dumps([json.loads(event or b"null")] * 2).encode())


@pytest.fixture(scope="module")
def client(target: dict[str, Any]) -> Any:
    """The SDK's Lambda."""
    return boto3.Session().client(
        "lambda", config=Config(retries={"total_max_attempts": 1}), **target
    )


@pytest.fixture
def function(witness: Witness, new_name: Callable[[], str]) -> WitnessFunction:
    """A function of the test's own."""
    return witness.create_function(
        new_name(),
        answer,
        versions=("1", "2"),
        aliases={"live": "2"},
        weights={"live": {"1": 0.5}},
        reserved_concurrency=3,
    )


@pytest.mark.parametrize(("qualifier", "version"), [("1", "1"), ("live", "2"), (None, "$LATEST")])
def test_a_version_answers(
    client: Any, witness: Witness, function: WitnessFunction, qualifier: str | None, version: str
) -> None:
    """An invocation reaches the version that is meant, and the log has what came with it."""
    mark = witness.calls.mark()
    context = base64.b64encode(b'{"a": 1}').decode()
    asked = {"Qualifier": qualifier} if qualifier else {}
    told = client.invoke(FunctionName=function.arn, Payload=b"7", ClientContext=context, **asked)
    assert (told["Payload"].read(), told["ExecutedVersion"]) == (b"[7, 7]", version)
    assert "FunctionError" not in told
    [call] = witness.calls.since(mark, sender="sdk", operation="Lambda.Invoke")
    assert call.request["FunctionName"] == function.name
    assert call.request["Payload"] == b"7"
    assert call.request["ClientContext"] == context


def test_a_function_fails(client: Any, function: WitnessFunction) -> None:
    """A function's failure is an answer with a mark and its error body."""
    told = client.invoke(FunctionName=function.name, Payload=b'"fail"')
    assert told["FunctionError"] == "Unhandled"
    assert json.load(told["Payload"]) == {"errorType": "E"}


def test_nobody_waits_for_events(client: Any, function: WitnessFunction) -> None:
    """An asynchronous invocation and a dry run are answered without a result."""
    told = client.invoke(FunctionName=function.name, Payload=b"1", InvocationType="Event")
    assert told["StatusCode"] == 202
    told = client.invoke(FunctionName=function.name, InvocationType="DryRun")
    assert told["StatusCode"] == 204


def test_a_function_can_be_looked_at(
    client: Any, witness: Witness, function: WitnessFunction
) -> None:
    """Alias, reserved concurrency and configuration are to be had."""
    alias = client.get_alias(FunctionName=function.name, Name="live")
    assert alias["FunctionVersion"] == "2"
    assert alias["RoutingConfig"]["AdditionalVersionWeights"] == {"1": 0.5}
    reserved = client.get_function_concurrency(FunctionName=function.name)
    assert reserved["ReservedConcurrentExecutions"] == 3
    about = client.get_function_configuration(FunctionName=function.name, Qualifier="live")
    assert (about["Version"], about["FunctionArn"]) == ("2", f"{function.arn}:live")
    assert client.get_function(FunctionName=function.name)["Configuration"]["Version"] == "$LATEST"
    plain = witness.create_function(f"{function.name}-2", answer, aliases={"a": "1"})
    reserved = client.get_function_concurrency(FunctionName=plain.name)
    assert "ReservedConcurrentExecutions" not in reserved
    assert "RoutingConfig" not in client.get_alias(FunctionName=plain.name, Name="a")


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda it, name: it.invoke(FunctionName=f"{name}x"), "ResourceNotFoundException"),
        (
            lambda it, name: it.invoke(FunctionName=name, Qualifier="9"),
            "ResourceNotFoundException",
        ),
        (
            lambda it, name: it.get_alias(FunctionName=name, Name="none"),
            "ResourceNotFoundException",
        ),
        (
            lambda it, name: it.invoke(FunctionName=name, Payload=b"{"),
            "InvalidRequestContentException",
        ),
        (lambda it, name: it.list_aliases(FunctionName=f"{name}"), "ResourceNotFoundException"),
        (lambda it, name: it.get_policy(FunctionName=name), "UnknownOperationException"),
    ],
)
def test_refusals_are_those_of_lambda(
    client: Any, function: WitnessFunction, ask: Callable[[Any, str], object], code: str
) -> None:
    """What cannot be is refused under Lambda's code."""
    with pytest.raises(ClientError) as refused:
        ask(client, function.name)
    assert refused.value.response["Error"]["Code"] == code


def test_faults_meet_a_function(client: Any, function: WitnessFunction) -> None:
    """A function can be throttled, denied, and fail for Lambda's own reasons."""
    for fault, code in (
        (Throttle("Lambda.Invoke"), "TooManyRequestsException"),
        (Deny("Lambda.Invoke"), "AccessDeniedException"),
        (ServerError("Lambda.Invoke", status=502), "ServiceException"),
    ):
        function.inject(fault)
        with pytest.raises(ClientError) as refused:
            client.invoke(FunctionName=function.name)
        assert refused.value.response["Error"]["Code"] == code
    function.clear_faults()
