"""The Invoke API as an SDK, curl and the careless see it."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ldp_client.local_lambda import InvokeEndpoint
from ldp_testing.local_functions import LIMIT_S, ON_AWSLAMBDARIC, Gate, Hosts, Lines
from ldp_testing.runtime_side import RawRuntime, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_client.local_lambda import LocalLambda

APP = """
    def handler(event, context):
        if event == "fail":
            raise LookupError("no such order")
        if isinstance(event, str) and event.startswith("/"):
            print("waiting")
            open(event).read()
        custom = context.client_context and context.client_context.custom
        print("ran", event if len(str(event)) < 100 else "")
        return [event, custom, context.tenant_id, context.invoked_function_arn]
"""
ARN = "arn:aws:lambda:us-east-1:123456789012:function:orders"


@pytest.fixture
def function(hosts: Hosts) -> LocalLambda:
    """A function with room for one."""
    settings = replace(ON_AWSLAMBDARIC, name="orders", reserved_concurrency=1, timeout_s=LIMIT_S)
    return hosts.handler(APP, settings)


@pytest.fixture
def endpoint(function: LocalLambda) -> Iterator[InvokeEndpoint]:
    """Its Invoke API."""
    with InvokeEndpoint(function) as served:
        yield served


@pytest.fixture
def client(endpoint: InvokeEndpoint) -> Any:
    """An SDK client that asks once."""
    return boto3.client(
        "lambda",
        endpoint_url=endpoint.url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"max_attempts": 0}),
    )


def post(
    endpoint: InvokeEndpoint, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Reply:
    """A request of no SDK."""
    with RawRuntime(endpoint.url.removeprefix("http://")) as connection:
        return connection.call("POST", path, body, headers or {})


def test_boto3_invokes(client: Any) -> None:
    """Payload, status, version and request ID are where the SDK looks for them."""
    answer = client.invoke(FunctionName="orders", Payload=b'{"a":1}')

    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(answer["Payload"].read()) == [{"a": 1}, None, None, ARN]
    assert "FunctionError" not in answer
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36


def test_boto3_sees_function_errors(client: Any) -> None:
    """A failing handler is an answer with FunctionError, not an exception."""
    answer = client.invoke(FunctionName="orders", Payload=b'"fail"')

    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.loads(answer["Payload"].read())["errorType"] == "LookupError"


def test_boto3_passes_client_context_and_tenant(client: Any) -> None:
    """Base64 on the way in, JSON at the function."""
    context = base64.b64encode(b'{"custom":{"k":"v"}}').decode()
    answer = client.invoke(
        FunctionName="orders", ClientContext=context, TenantId="blue", LogType="Tail", Payload=b"1"
    )

    assert json.loads(answer["Payload"].read()) == [1, {"k": "v"}, "blue", ARN]


def test_boto3_queues_events(client: Any, lines: Lines) -> None:
    """An event is accepted with 202 and runs."""
    answer = client.invoke(FunctionName="orders", InvocationType="Event", Payload=b"7")

    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
    assert lines.until("ran") == "ran 7"


def test_boto3_dry_runs(client: Any) -> None:
    """A dry run is 204."""
    assert client.invoke(FunctionName="orders", InvocationType="DryRun")["StatusCode"] == 204


@pytest.mark.parametrize(
    ("name", "qualifier", "arn"),
    [
        ("orders", "$LATEST", f"{ARN}:$LATEST"),
        ("orders:$LATEST", None, f"{ARN}:$LATEST"),
        (ARN, None, ARN),
        ("123456789012:function:orders", None, ARN),
    ],
)
def test_functions_are_found_by_all_their_names(
    client: Any, name: str, qualifier: str | None, arn: str
) -> None:
    """Name, ARN and partial ARN, with or without a qualifier."""
    more = {"Qualifier": qualifier} if qualifier else {}
    answer = client.invoke(FunctionName=name, Payload=b"1", **more)

    assert json.loads(answer["Payload"].read())[3] == arn


@pytest.mark.parametrize(
    ("arguments", "error", "status"),
    [
        ({"FunctionName": "other"}, "ResourceNotFoundException", 404),
        ({"FunctionName": "orders", "Qualifier": "9"}, "ResourceNotFoundException", 404),
        ({"Payload": b"{"}, "InvalidRequestContentException", 400),
        ({"Payload": b"1" * 6_291_557}, "RequestTooLargeException", 413),
        ({"Payload": b"1" * 9_000_000}, "RequestTooLargeException", 413),
        ({"TenantId": "a#b"}, "InvalidParameterValueException", 400),
        ({"ClientContext": "e30"}, "InvalidRequestContentException", 400),
        ({"ClientContext": "/w=="}, "InvalidRequestContentException", 400),
        ({"InvocationType": "Sometimes"}, "InvalidParameterValueException", 400),
    ],
)
def test_refusals_are_the_sdks_exceptions(
    client: Any, arguments: dict[str, Any], error: str, status: int
) -> None:
    """Code, status and a message that says more."""
    with pytest.raises(ClientError) as caught:
        client.invoke(**{"FunctionName": "orders", **arguments})

    response: Any = caught.value.response
    assert response["Error"]["Code"] == error
    assert response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_busy_function_is_too_many_requests(client: Any, gate: Gate, lines: Lines) -> None:
    """Code and reason are those of reserved concurrency."""
    client.invoke(
        FunctionName="orders",
        InvocationType="Event",
        Payload=json.dumps(str(gate.path)).encode(),
    )
    lines.until("waiting")
    with pytest.raises(client.exceptions.TooManyRequestsException) as caught:
        client.invoke(FunctionName="orders", Payload=b"1")
    gate.open()

    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_six_mebibytes_pass_each_way(client: Any) -> None:
    """The largest event arrives and comes back, over HTTP."""
    event = b'"' + b"x" * (6_291_456 - 100) + b'"'
    answer = client.invoke(FunctionName="orders", Payload=event)

    assert json.loads(answer["Payload"].read())[0] == json.loads(event)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_invokes(endpoint: InvokeEndpoint, function: LocalLambda, gate: Gate) -> None:
    """The printed URL works with curl, also for bodies that it asks about first."""
    event = gate.path.with_name("event.json")
    event.write_text(json.dumps("x" * 2_000_000))
    argv = ["curl", "-s", "-S", "-d", f"@{event}", endpoint.invoke_url(function)]
    done = subprocess.run(argv, capture_output=True, check=True, timeout=LIMIT_S)

    assert json.loads(done.stdout)[0] == "x" * 2_000_000


def test_the_trace_header_of_the_caller_is_the_functions(hosts: Hosts) -> None:
    """X-Amzn-Trace-Id travels into the invocation."""
    function = hosts.handler(
        "import os\nhandler = lambda event, context: os.environ['_X_AMZN_TRACE_ID']"
    )
    with InvokeEndpoint(function) as endpoint:
        path = endpoint.invoke_url(function).removeprefix(endpoint.url)
        answer = post(endpoint, path, b"1", {"X-Amzn-Trace-Id": "Root=1-2-3"})

        assert answer.body == b'"Root=1-2-3"'


@pytest.mark.parametrize(
    "path", ["/", "/2015-03-31/functions/", "/2015-03-31/functions/orders/configuration"]
)
def test_other_operations_are_unknown(endpoint: InvokeEndpoint, path: str) -> None:
    """The endpoint invokes, answers two questions, and nothing else."""
    answer = post(endpoint, path)

    assert answer.status == 404
    assert answer.headers["x-amzn-ErrorType"] == "UnknownOperationException"


def test_malformed_names_are_not_found(endpoint: InvokeEndpoint) -> None:
    """A name that is none is answered like one that nobody has."""
    answer = post(endpoint, f"/2015-03-31/functions/{quote('a/b c', safe='')}/invocations")

    assert answer.headers["x-amzn-ErrorType"] == "ResourceNotFoundException"


def test_what_is_no_http_is_400(endpoint: InvokeEndpoint) -> None:
    """Nonsense is refused without disturbing others."""
    host, _, port = endpoint.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT_S) as peer:
        peer.sendall(b"nonsense\r\n\r\n")

        assert peer.makefile("rb").read().startswith(b"HTTP/1.1 400 ")


def test_a_sandbox_that_cannot_be_started_is_500(
    endpoint: InvokeEndpoint, function: LocalLambda
) -> None:
    """A fault of the host is told as the service's, with the reason in the message."""
    shutil.rmtree(function._latest._task_root.path)
    answer = post(endpoint, endpoint.invoke_url(function).removeprefix(endpoint.url), b"1")

    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (500, "ServiceException")
    assert "cannot be started" in json.loads(answer.body)["message"]
