from __future__ import annotations

import re
from dataclasses import replace

from ldp_client.runtime_api import RuntimeProcess, lambda_environment

PROCESS = RuntimeProcess(
    function_name="orders",
    function_version="7",
    memory_limit_mb=256,
    log_group_name="/aws/lambda/orders",
    log_stream_name="2026/11/23/[7]0",
    region="eu-west-1",
    handler="app.handler",
    task_root="/var/task",
    runtime_api="127.0.0.1:9001",
)


def test_the_set_is_complete() -> None:
    """Every variable that a runtime reads has the function's value."""
    assert lambda_environment(PROCESS) == {
        "_HANDLER": "app.handler",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_NAME": "orders",
        "AWS_LAMBDA_FUNCTION_VERSION": "7",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/23/[7]0",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
        "AWS_REGION": "eu-west-1",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
    }


def test_gotcha_7_nothing_is_empty() -> None:
    """Node's runtime throws on an empty log group or stream, so both have defaults."""
    environment = lambda_environment(replace(PROCESS, log_group_name="", log_stream_name=""))

    assert all(environment.values())


def test_gotcha_4_the_execution_environment_is_not_named() -> None:
    """AWS_EXECUTION_ENV would let a lone surrogate in a result kill Python's runtime."""
    assert "AWS_EXECUTION_ENV" not in lambda_environment(PROCESS)


def test_gotcha_7_the_address_has_one_colon(api_address: str) -> None:
    """The Runtime API's address is host and port alone, as Node's client insists."""
    assert re.fullmatch(r"127\.0\.0\.1:[0-9]+", api_address)
