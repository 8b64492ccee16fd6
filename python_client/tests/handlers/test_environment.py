from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ldp_client.handlers.environment import prepare, set_region
from ldp_client.handlers.invocation import FunctionInfo, Invocation

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
ALLOWED = {
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "_X_AMZN_TRACE_ID",
}
_TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def test_a_handler_reads_lambdas_variables() -> None:
    """Name, version, memory, log names, region and trace are where Lambda puts them (ENV-21)."""
    environment: dict[str, str] = {}
    function = FunctionInfo("orders", "7", "512", "/aws/lambda/orders", "stream")
    prepare(
        Invocation(
            request_id="r",
            event=b"",
            deadline_ms=0,
            invoked_function_arn=ARN,
            trace_id="Root=1",
            function=function,
        ),
        environment,
    )

    assert environment == {
        "AWS_LAMBDA_FUNCTION_NAME": "orders",
        "AWS_LAMBDA_FUNCTION_VERSION": "7",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "_X_AMZN_TRACE_ID": "Root=1",
    }


def test_the_trace_of_the_last_event_does_not_stay() -> None:
    """Without a trace header the variable is removed, as in awslambdaric."""
    environment = {"_X_AMZN_TRACE_ID": "Root=0"}
    prepare(Invocation(request_id="r", event=b"", deadline_ms=0), environment)

    assert environment == {}


def test_what_the_user_chose_stays() -> None:
    """A region that the user set is not overruled by the function's."""
    environment = {"AWS_REGION": "us-east-1"}
    prepare(
        Invocation(request_id="r", event=b"", deadline_ms=0, invoked_function_arn=ARN), environment
    )
    set_region(None, environment)

    assert environment == {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1"}


@given(
    arn=_TEXTS,
    trace_id=_TEXTS,
    function=st.builds(FunctionInfo, _TEXTS, _TEXTS, _TEXTS, _TEXTS, _TEXTS),
)
def test_no_message_sets_another_variable(
    arn: str | None, trace_id: str | None, function: FunctionInfo
) -> None:
    """Whatever an invocation says, only these variables change, no credential ever (SEC-5)."""
    environment = {"AWS_SECRET_ACCESS_KEY": "mine", "PATH": "/bin"}
    work = Invocation(
        request_id="r",
        event=b"",
        deadline_ms=0,
        invoked_function_arn=arn,
        trace_id=trace_id,
        function=function,
    )
    prepare(work, environment)

    assert set(environment) - {"AWS_SECRET_ACCESS_KEY", "PATH"} <= ALLOWED
    assert environment["AWS_SECRET_ACCESS_KEY"] == "mine"
