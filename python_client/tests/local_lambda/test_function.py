"""A hosted function under the real awslambdaric: what it is told, and what its callers are told."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import (
    FunctionClosed,
    FunctionNotFound,
    FunctionSettings,
    InvocationType,
    InvokeOptions,
)
from ldp_testing.local_functions import (
    ON_AWSLAMBDARIC,
    Gate,
    Hosts,
    Lines,
    await_end,
    await_stop,
    process_state,
)

if TYPE_CHECKING:
    from ldp_client.local_lambda import InvokeResult

ECHO = "handler = lambda event, context: event"
PID = """
    import os

    def handler(event, context):
        return os.getpid()
"""


def fault(result: InvokeResult) -> tuple[str, str]:
    """The type and message of a function error."""
    assert (result.status, result.function_error) == (200, "Unhandled")
    error = json.loads(result.payload)
    return error["errorType"], error["errorMessage"]


def test_a_result_beyond_the_limit_is_an_error_and_no_end(hosts: Hosts) -> None:
    """The caller gets the service's error; the sandbox goes on."""
    function = hosts.handler("""
        import os

        def handler(event, context):
            return "x" * event + str(os.getpid())
    """)
    pid = function.invoke(b"0").payload

    assert fault(function.invoke(b"6291556"))[0] == "Function.ResponseSizeTooLarge"
    assert function.invoke(b"0").payload == pid


def test_a_handlers_exception_reaches_the_caller(hosts: Hosts) -> None:
    """Type, message, request ID and stack are the runtime's own."""
    function = hosts.handler("""
        def handler(event, context):
            raise LookupError("no such order")
    """)
    result = function.invoke()
    error = json.loads(result.payload)

    assert fault(result) == ("LookupError", "no such order")
    assert error["requestId"] == result.request_id
    assert "LookupError" in error["stackTrace"][0]


def test_a_recursion_error_is_survived(hosts: Hosts) -> None:
    """Its X-Ray header is far beyond what ordinary HTTP servers take."""
    function = hosts.handler("""
        import os, sys

        sys.setrecursionlimit(4_000)
        name = "dig_" + "deeper" * 20
        exec(f"def {name}(depth): return {name}(depth + 1)")

        def handler(event, context):
            return globals()[name](0) if event else os.getpid()
    """)
    pid = function.invoke(b"0").payload

    assert fault(function.invoke(b"1"))[0] == "RecursionError"
    assert function.invoke(b"0").payload == pid


def test_the_context_is_the_callers_and_the_functions(hosts: Hosts) -> None:
    """Client context, tenant, identity, trace, ARN and remaining time are what they are."""
    function = hosts.handler(
        """
        import os

        def handler(event, context):
            return {
                "custom": context.client_context.custom,
                "tenant": context.tenant_id,
                "identity": context.identity.cognito_identity_id,
                "trace": os.environ["_X_AMZN_TRACE_ID"],
                "arn": context.invoked_function_arn,
                "left": 0 < context.get_remaining_time_in_millis() <= 30_000,
                "version": context.function_version,
                "id": context.aws_request_id,
            }
    """,
        replace(ON_AWSLAMBDARIC, name="orders", timeout_s=30),
    )
    options = InvokeOptions(
        qualifier="$LATEST",
        client_context='{"custom":{"k":"v"}}',
        tenant_id="blue",
        cognito_identity='{"cognitoIdentityId":"c","cognitoIdentityPoolId":"p"}',
        trace_id="Root=1-2-3",
    )
    result = function.invoke(b"{}", options)

    assert result.executed_version == "$LATEST"
    assert json.loads(result.payload) == {
        "custom": {"k": "v"},
        "tenant": "blue",
        "identity": "c",
        "trace": "Root=1-2-3",
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:orders:$LATEST",
        "left": True,
        "version": "$LATEST",
        "id": result.request_id,
    }


def test_another_qualifier_is_not_found(hosts: Hosts) -> None:
    """A function has no version but `$LATEST` until one is published."""
    function = hosts.handler(ECHO)
    with pytest.raises(FunctionNotFound, match=":8"):
        function.invoke(b"1", InvokeOptions(qualifier="8"))

    assert function.invoke(b"1", InvokeOptions(qualifier="$LATEST")).payload == b"1"


def test_a_dry_run_runs_nothing(hosts: Hosts) -> None:
    """The call is checked and the function left alone."""
    function = hosts.handler("raise SystemExit(1)")
    result = function.invoke(b"1", InvokeOptions(invocation_type=InvocationType.DRY_RUN))

    assert (result.status, result.payload) == (204, b"")


def test_the_sandbox_is_frozen_between_invocations(hosts: Hosts, lines: Lines) -> None:
    """While nothing is pending the process is stopped; the next event wakes it."""
    function = hosts.handler(PID)
    pid = int(function.invoke().payload)
    await_stop(pid)

    assert process_state(pid) == "T"
    assert int(function.invoke().payload) == pid
    assert lines.rest() == []


def test_a_timeout_kills_the_sandbox(hosts: Hosts, lines: Lines) -> None:
    """The caller is told in the service's words, and the next event finds a new process."""
    function = hosts.handler(
        """
        import os, signal

        def handler(event, context):
            print(os.getpid())
            if event:
                signal.pause()
    """,
        replace(ON_AWSLAMBDARIC, timeout_s=0.5),
    )
    result = function.invoke(b"1")
    pid = int(lines.until(""))

    assert fault(result) == (
        "Sandbox.Timedout",
        f"RequestId: {result.request_id} Error: Task timed out after 0.50 seconds",
    )
    assert process_state(pid) == ""
    assert function.invoke(b"0").function_error is None
    assert int(lines.until("")) != pid


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_a_process_that_ends_in_mid_handler_is_reported(hosts: Hosts, end: str, text: str) -> None:
    """Exits and signals are told in the service's words; then a new process serves."""
    function = hosts.handler(f"""
        import os, sys

        def handler(event, context):
            if event:
                {end}
            return "alive"
    """)
    result = function.invoke(b"1")

    assert fault(result) == ("Runtime.ExitError", f"RequestId: {result.request_id} Error: {text}")
    assert function.invoke(b"0").payload == b'"alive"'


def test_a_sandbox_killed_while_frozen_is_replaced(hosts: Hosts) -> None:
    """Nobody is told of a process that dies between invocations."""
    function = hosts.handler(PID)
    pid = int(function.invoke().payload)
    await_stop(pid)
    os.kill(pid, signal.SIGKILL)
    next(iter(function._pool._sandboxes))._process._watcher.join()

    assert int(function.invoke().payload) != pid


def test_an_init_error_is_told_after_a_second_try(hosts: Hosts, lines: Lines) -> None:
    """The runtime's own error is the answer; the init phase runs again inside the invocation."""
    function = hosts.handler("print('starting'); import no_such_module")
    result = function.invoke()

    assert fault(result)[0] == "Runtime.ImportModuleError"
    assert [line for line in lines.rest() if line == "starting"] == ["starting"] * 2


def test_an_exit_while_starting_is_told(hosts: Hosts) -> None:
    """A module that ends the process is an exit error."""
    result = hosts.handler("import os; os._exit(3)").invoke()

    assert fault(result) == (
        "Runtime.ExitError",
        f"RequestId: {result.request_id} Error: Runtime exited with error: exit status 3",
    )


def test_a_start_that_never_ends_is_a_timeout(hosts: Hosts) -> None:
    """After the init phase the start is tried again within the invocation's own time."""
    settings = replace(ON_AWSLAMBDARIC, init_timeout_s=0.2, timeout_s=0.2)
    result = hosts.handler("import signal; signal.pause()", settings).invoke()

    assert fault(result)[0] == "Sandbox.Timedout"


def test_a_start_that_succeeds_the_second_time_is_not_noticed(hosts: Hosts, gate: Gate) -> None:
    """The caller gets the result, as after the service's own second init."""
    mark = gate.path.with_name("mark")
    function = hosts.handler(f"""
        import os, pathlib

        mark = pathlib.Path({str(mark)!r})
        if not mark.exists():
            mark.touch()
            os._exit(1)

        def handler(event, context):
            return "well"
    """)

    assert function.invoke().payload == b'"well"'


def test_closing_leaves_no_process_and_no_folder(hosts: Hosts, lines: Lines) -> None:
    """Frozen and running sandboxes end, with what they started."""
    function = hosts.handler("""
        import os, signal

        def handler(event, context):
            child = os.fork() or signal.pause()
            print(os.getpid(), child, os.getcwd())
            if event:
                signal.pause()
    """)
    function.invoke(b"0")
    options = InvokeOptions(invocation_type=InvocationType.EVENT)
    function.invoke(b"1", options)
    reports = [lines.next().split(" ", 2) for _ in range(2)]
    function.close()

    for pid, child, folder in reports:
        assert process_state(int(pid)) == ""
        assert await_end(int(child))
        assert not os.path.exists(folder)  # noqa: PTH110
    with pytest.raises(FunctionClosed):
        function.invoke(b"0")


def test_the_deadline_is_the_timeout_from_the_start_of_the_handler(hosts: Hosts) -> None:
    """A slow start costs the first invocation nothing of its time."""
    function = hosts.handler(
        """
        import time

        time.sleep(0.3)

        def handler(event, context):
            return context.get_remaining_time_in_millis()
    """,
        FunctionSettings(handler="app.handler", timeout_s=60),
    )
    started = time.monotonic()
    left_ms = json.loads(function.invoke().payload)
    took_ms = (time.monotonic() - started) * 1000

    assert 60_000 - (took_ms - 300) <= left_ms <= 60_000
