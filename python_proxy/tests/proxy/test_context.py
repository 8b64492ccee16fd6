from __future__ import annotations

import json

import pytest
from awslambdaric.lambda_context import LambdaContext
from hypothesis import given

from ldp_proxy.context import Function, context_of_headers, context_of_object, read_function
from ldp_proxy.errors import RuntimeApiError
from ldp_testing.json_texts import json_texts
from ldp_wire.envelopes import Context, Identity

FUNCTION = Function("orders", "7", 512, "/aws/lambda/orders", "2024/06/11/[7]8f1c")
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders:7"
SMALLEST = {
    "lambda-runtime-aws-request-id": "a-1",
    "lambda-runtime-deadline-ms": "1718072241165",
    "lambda-runtime-invoked-function-arn": ARN,
}
VARIABLES = {
    "AWS_LAMBDA_FUNCTION_NAME": "orders",
    "AWS_LAMBDA_FUNCTION_VERSION": "7",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
    "AWS_LAMBDA_LOG_STREAM_NAME": "2024/06/11/[7]8f1c",
}


@pytest.fixture
def _function(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


def test_the_function_is_read_from_lambdas_variables() -> None:
    """ENV-21: name, version, memory and log names are those of the environment."""
    assert read_function(VARIABLES) == FUNCTION


@pytest.mark.parametrize("memory", ["", "0", "much"])
def test_an_emulator_may_leave_variables_out(memory: str) -> None:
    """ENV-21: the members that a context must have are there even where Lambda is not."""
    function = read_function({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory})

    assert function == Function("function", "$LATEST", 128, "", "")


def test_headers_pass_unchanged() -> None:
    """ENV-21, ENV-22: every header becomes its member as it is, the client context as text."""
    client_context = '{ "custom": {"b": 1.10, "a": "\\ud800"}, "services": [1] }'
    headers = {
        **SMALLEST,
        "lambda-runtime-trace-id": "Root=1-a;Sampled=0",
        "lambda-runtime-aws-tenant-id": "blue",
        "lambda-runtime-invocation-id": "i-1",
        "lambda-runtime-client-context": client_context,
        "lambda-runtime-cognito-identity": '{"cognitoIdentityId":"u","cognitoIdentityPoolId":"p"}',
    }

    assert context_of_headers(headers, FUNCTION) == Context(
        aws_request_id="a-1",
        function_name="orders",
        function_version="7",
        invoked_function_arn=ARN,
        memory_limit_in_mb=512,
        log_group_name="/aws/lambda/orders",
        log_stream_name="2024/06/11/[7]8f1c",
        deadline_ms=1718072241165,
        trace_id="Root=1-a;Sampled=0",
        tenant_id="blue",
        invocation_id="i-1",
        client_context=client_context,
        identity=Identity("u", "p"),
    )


def test_what_lambda_does_not_give_is_absent() -> None:
    """ENV-21: optional members are there only where Lambda gave them."""
    context = context_of_headers({**SMALLEST, "lambda-runtime-trace-id": ""}, FUNCTION)

    optional = (context.trace_id, context.tenant_id, context.invocation_id)
    assert optional == (None, None, None)
    assert (context.client_context, context.identity) == (None, None)


@pytest.mark.parametrize(
    ("header", "identity"),
    [
        ("", None),
        ("no JSON", None),
        ("[]", None),
        ("{}", None),
        ('{"cognitoIdentityId":null,"cognitoIdentityPoolId":7}', None),
        ('{"cognitoIdentityId":"u"}', Identity("u", None)),
        ('{"cognitoIdentityPoolId":""}', Identity(None, "")),
    ],
)
def test_the_identity_is_read_where_there_is_one(header: str, identity: Identity | None) -> None:
    """ENV-21: an identity that says nothing is no identity."""
    headers = {**SMALLEST, "lambda-runtime-cognito-identity": header}

    assert context_of_headers(headers, FUNCTION).identity == identity


@pytest.mark.parametrize("missing", ["lambda-runtime-aws-request-id", "lambda-runtime-deadline-ms"])
def test_an_invocation_has_an_id_and_a_deadline(missing: str) -> None:
    """Without a request ID or a deadline there is nothing that a runtime can do."""
    with pytest.raises(RuntimeApiError, match="named no request ID or no deadline"):
        context_of_headers({**SMALLEST, missing: ""}, FUNCTION)


@pytest.mark.usefixtures("_function")
def test_the_managed_object_gives_what_it_has() -> None:
    """ENV-21, ENV-22: of the managed runtime's object everything that it keeps is passed on."""
    client_context = {
        "client": {"app_title": "t", "installation_id": None, "unknown": 1},
        "custom": {"b": "\ud800"},
        "env": {},
        "services": [1],
        "w3c": {"traceparent": "00-1"},
    }
    identity = {"cognitoIdentityId": "u", "cognitoIdentityPoolId": "p"}
    managed = LambdaContext("a-1", client_context, identity, 1718072241165, ARN, "blue")

    context = context_of_object(managed, now_ms=0, trace_id="Root=1-a")

    assert context.client_context is not None
    assert json.loads(context.client_context) == {
        "client": {"app_title": "t"},
        "custom": {"b": "\ud800"},
        "env": {},
        "w3c": {"traceparent": "00-1"},
    }
    assert context == Context(
        aws_request_id="a-1",
        function_name="orders",
        function_version="7",
        invoked_function_arn=ARN,
        memory_limit_in_mb=512,
        log_group_name="/aws/lambda/orders",
        log_stream_name="2024/06/11/[7]8f1c",
        deadline_ms=1718072241165,
        trace_id="Root=1-a",
        tenant_id="blue",
        client_context=context.client_context,
        identity=Identity("u", "p"),
    )


@pytest.mark.usefixtures("_function")
def test_the_managed_object_can_be_all_but_empty() -> None:
    """ENV-21: what the managed runtime was not given is absent, not null."""
    context = context_of_object(
        LambdaContext("a-1", None, None, 1718072241165), now_ms=0, trace_id=""
    )

    assert (context.trace_id, context.tenant_id, context.identity) == (None, None, None)
    assert (context.client_context, context.invocation_id) == (None, None)
    assert context.invoked_function_arn == "function"


class _OldContext:
    """The context object of an older runtime: less, and no deadline that one could read."""

    aws_request_id = "a-1"
    function_name = function_version = invoked_function_arn = None
    memory_limit_in_mb = log_group_name = log_stream_name = None

    class client_context:  # noqa: N801 - stands for an object
        """One that was never filled in."""

    def get_remaining_time_in_millis(self) -> int:
        return 5000


def test_an_older_context_object_suffices() -> None:
    """ENV-21: a runtime with fewer attributes still gives every required member."""
    context = context_of_object(_OldContext(), now_ms=1000, trace_id=None)

    assert context.deadline_ms == 6000
    assert (context.function_name, context.function_version) == ("function", "$LATEST")
    assert context.memory_limit_in_mb == 128
    assert context.client_context == "{}"


@given(custom=json_texts())
def test_a_client_context_can_always_be_written(custom: bytes) -> None:
    """ENV-22: whatever JSON the client context held, its text is pure ASCII and means the same."""
    try:
        parsed = json.loads(custom)
    except ValueError:  # a number of more digits than Python reads
        return
    managed = LambdaContext("a-1", {"custom": parsed}, None, 1)

    text = context_of_object(managed, now_ms=0, trace_id=None).client_context

    assert text is not None
    assert text.isascii()
    if parsed is not None:
        assert repr(json.loads(text)) == repr({"custom": parsed})
