"""What a program is started with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ldp_client.queue_side.program import Function, Program
from ldp_testing.deliveries import CONTEXT

FUNCTION = Function.of(CONTEXT)


def variables(
    environment: dict[str, str], region: str = "", function: Function = FUNCTION
) -> dict[str, str]:
    """What Lambda's variables are for such a program."""
    program = Program(("run", "app.handler"), environment, region)
    return program.variables(function, "127.0.0.1:9001")


def test_all_that_runtimes_insist_on_is_there() -> None:
    """None of Lambda's variables is missing or empty, whatever the event does not say."""
    nameless = replace(FUNCTION, log_group_name="", log_stream_name="")
    told = variables({}, function=nameless)

    assert all(told.values())
    assert told["AWS_LAMBDA_RUNTIME_API"] == "127.0.0.1:9001"
    assert told["AWS_LAMBDA_FUNCTION_NAME"] == "orders"
    assert told["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert told["_HANDLER"] == "app.handler"
    assert told["LAMBDA_TASK_ROOT"] == str(Path.cwd())


def test_what_the_developer_says_stays() -> None:
    """Handler, task root and region are theirs where they set them."""
    own = {"_HANDLER": "its.handler", "LAMBDA_TASK_ROOT": "/code", "AWS_REGION": "ap-south-1"}
    told = variables(own, "us-west-2")

    assert own.items() <= told.items()
    assert told["AWS_DEFAULT_REGION"] == "ap-south-1"


@pytest.mark.parametrize(
    ("environment", "arn", "queues", "region"),
    [
        ({"AWS_DEFAULT_REGION": "ap-south-1"}, CONTEXT.invoked_function_arn, "", "ap-south-1"),
        ({}, CONTEXT.invoked_function_arn, "us-west-2", "eu-west-1"),
        ({}, "orders", "us-west-2", "us-west-2"),
        ({}, "arn:aws", "", "us-east-1"),
    ],
)
def test_a_region_is_always_known(
    environment: dict[str, str], arn: str, queues: str, region: str
) -> None:
    """The developer's, else the function's, else that of the queues, else Lambda's first."""
    function = Function.of(replace(CONTEXT, invoked_function_arn=arn))
    told = Program(("run",), environment, queues).variables(function, "127.0.0.1:9001")

    assert told["AWS_REGION"] == told["AWS_DEFAULT_REGION"] == region


def test_a_process_has_the_developers_variables_too() -> None:
    """Lambda's go before them; where the report needs standard output, prints go elsewhere."""
    own = {"PATH": "/bin", "TZ": "Asia/Tokyo", "AWS_LAMBDA_RUNTIME_API": "of another"}
    program = Program(("run", "it"), own)
    command = program.command(FUNCTION, "127.0.0.1:9001")

    assert command.argv == ("run", "it")
    assert command.environment["PATH"] == "/bin"
    assert command.environment["TZ"] == ":UTC"
    assert command.environment["AWS_LAMBDA_RUNTIME_API"] == "127.0.0.1:9001"
    assert command.cwd == Path.cwd()
    assert command.stdout is None
    reserved = replace(program, leaves_stdout=True)
    assert reserved.command(FUNCTION, "127.0.0.1:9001").stdout == 2
