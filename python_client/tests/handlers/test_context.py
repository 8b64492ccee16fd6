"""Held against awslambdaric's LambdaContext, attribute by attribute."""

from __future__ import annotations

import json
import logging
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_exception import FaultException
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ldp_client.handlers.context import LambdaContext
from ldp_client.handlers.environment import prepare
from ldp_client.handlers.faults import Fault
from ldp_client.handlers.invocation import FunctionInfo, Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR_MS = 3_600_000
ORDERS = FunctionInfo("orders", "7", "512", "/aws/lambda/orders", "2026/11/23/[7]ab")
CLIENT_CONTEXT = {
    "client": {"installation_id": "i", "app_title": "t", "more": 1},
    "custom": {"a": [1]},
    "env": {"b": "c"},
    "services": {},
    "w3c": {"traceparent": "00-1", "tracestate": 2, "baggage": "k=v", "other": "x"},
}


def invocation(**members: Any) -> Invocation:
    """An invocation of the function `orders`, with an hour to go."""
    deadline_ms = int(time.time() * 1000) + HOUR_MS
    given_ = {"invoked_function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders:7"}
    return Invocation(
        request_id="4850", event=b"{}", deadline_ms=deadline_ms, **{**given_, **members}
    )


def theirs(of: Invocation) -> Any:
    """The context of awslambdaric for an invocation, in an environment that was prepared for it."""
    return bootstrap.create_lambda_context(
        of.client_context,
        of.cognito_identity,
        of.deadline_ms,
        of.request_id,
        of.invoked_function_arn,
        of.tenant_id,
    )


def described(context: Any) -> str:
    """Everything that a handler can read of a context, as text."""
    public = {
        name: repr(value) for name, value in vars(context).items() if not name.startswith("_")
    }
    return f"{public} {context.w3c()} {context!r}"


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"tenant_id": "blue"},
        {"client_context": json.dumps(CLIENT_CONTEXT)},
        {"client_context": '{"client": null}'},
        {"client_context": '{"w3c": "text"}'},
        {"client_context": "null"},
        {"cognito_identity": '{"cognitoIdentityId": "i", "cognitoIdentityPoolId": "p"}'},
        {"cognito_identity": "{}"},
        {"cognito_identity": "null"},
        {"invoked_function_arn": None},
    ],
    ids=str,
)
def test_a_handler_reads_what_it_would_read_in_lambda(members: Mapping[str, Any]) -> None:
    """Names, values and texts of the context are those of awslambdaric (ENV-21)."""
    work = invocation(function=ORDERS, **members)
    prepare(work, os.environ)

    assert described(LambdaContext(work)) == described(theirs(work))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.sampled_from(["", "{", "[]", "1", '"x"', '{"client": 1}', "[" * 100_000]) | st.text()
)
@example(text='{"w3c": {}, "custom": 1}')
def test_a_strange_client_context_fails_as_in_lambda(text: str) -> None:
    """Every text gives the context or the complaint of awslambdaric."""

    def outcome(make: Any) -> str:
        try:
            return described(make(invocation(client_context=text, cognito_identity=text)))
        except FaultException as fault:
            return f"{fault.exception_type}: {fault.msg}"
        except Fault as fault:
            return f"{fault.type.value}: {fault}"
        except AttributeError as exc:
            return f"AttributeError: {exc}"

    assert outcome(LambdaContext) == outcome(theirs)


def test_memory_is_a_text() -> None:
    """`memory_limit_in_mb` is a string, as in Lambda."""
    assert LambdaContext(invocation(function=ORDERS)).memory_limit_in_mb == "512"


def test_what_the_api_does_not_say_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under another Runtime API the variables speak, as for awslambdaric."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "from-variable")

    assert LambdaContext(invocation()).function_name == "from-variable"


def test_remaining_time_is_true_and_never_negative() -> None:
    """It lies between the deadline and now; after the deadline it is 0 (ENV-23)."""
    left_ms = LambdaContext(invocation()).get_remaining_time_in_millis()

    assert 0 < left_ms <= HOUR_MS
    late = Invocation(request_id="r", event=b"", deadline_ms=1)
    assert LambdaContext(late).get_remaining_time_in_millis() == 0


def test_log_writes_the_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a sink of Lambda's, a message goes to standard output without a line end."""
    context = LambdaContext(invocation())
    context.log("a")
    context.log(1)

    assert capsys.readouterr().out == "a1"


def test_log_uses_the_sink_of_lambdas_handler() -> None:
    """A root handler with a sink gets the message, as awslambdaric's does."""
    written: list[str] = []

    class Sink(logging.NullHandler):
        class log_sink:  # noqa: N801 - an attribute of awslambdaric's
            log = staticmethod(written.append)

    handler = Sink()
    logging.getLogger().addHandler(handler)
    try:
        LambdaContext(invocation()).log({"a": 1})
    finally:
        logging.getLogger().removeHandler(handler)

    assert written == ["{'a': 1}"]
