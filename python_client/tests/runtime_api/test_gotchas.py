"""The findings about real runtimes that shaped the server, under their numbers, with awslambdaric.

Numbers 4 and 7 stand with the environment, too; 9 is about Node's handlers and no server's matter.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ldp_client.runtime_api import Invocation
from ldp_testing.runtime_side import LIMIT_S, RawRuntime, Said, ScriptedInvocations

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.runtime_api import RuntimeApi

    StartPython = Callable[[str], subprocess.Popen[bytes]]

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
ECHO = """
    def handler(event, context):
        return event
"""


def invocation(event: bytes, request_id: str = "r-1") -> Invocation:
    """An invocation with this event and an hour to go."""
    return Invocation(request_id, 4_102_444_800_000, ARN, event, invocation_id="n-1")


def test_1_content_type_is_exact_so_that_handlers_get_values(
    invocations: ScriptedInvocations, python_runtime: StartPython
) -> None:
    """Python's runtime parses the event, which it does for `application/json` alone."""
    python_runtime("def handler(event, context): return type(event).__name__")
    invocations.offer(invocation(b'{"a": 1}'))
    invocations.expect(Said.ASKED)

    assert invocations.expect(Said.RESPONDED).body == b'"dict"'


def test_1_next_is_held_until_there_is_something(
    invocations: ScriptedInvocations, runtime: RawRuntime
) -> None:
    """Nothing is sent before there is an event, and then a 200: never a 204."""
    runtime.ask()
    invocations.expect(Said.ASKED)
    runtime.socket.settimeout(0)
    with pytest.raises(BlockingIOError):
        runtime.socket.recv(1)
    runtime.socket.settimeout(LIMIT_S)
    invocations.offer(invocation(b"{}"))
    reply = runtime.reply()

    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("path", ["r-unknown/response", "r-unknown/error"])
def test_2_posts_for_unknown_invocations_are_accepted(
    invocations: ScriptedInvocations, runtime: RawRuntime, path: str
) -> None:
    """Another status than 202 would end the runtime, so late posts are told to the sink only."""
    for _ in range(2):
        reply = runtime.call("POST", f"/2018-06-01/runtime/invocation/{path}", b"1")
        told = invocations.told.get(timeout=LIMIT_S)

        assert (reply.status, json.loads(reply.body)) == (202, {"status": "OK"})
        assert told.request_id == "r-unknown"


def test_3_an_x_ray_header_of_a_mebibyte_is_read(
    invocations: ScriptedInvocations, runtime: RawRuntime
) -> None:
    """The cause header is as long as 1 MiB and holds raw UTF-8."""
    cause = '{"message":"é\u2028"}'.encode() + b"x" * (1024 * 1024)
    path = "/2018-06-01/runtime/invocation/r-1/error"
    reply = runtime.call("POST", path, b"{}", {"Lambda-Runtime-Function-XRay-Error-Cause": cause})

    assert reply.status == 202
    assert invocations.expect(Said.FAILED).body == b"{}"


def test_3_a_recursion_error_does_not_end_the_runtime(
    invocations: ScriptedInvocations, python_runtime: StartPython
) -> None:
    """The traceback of 4,000 frames is a header of hundreds of kilobytes, and is survived."""
    python_runtime("""
        import sys

        sys.setrecursionlimit(4_000)
        name = "dig_" + "deeper" * 20
        exec(f"def {name}(depth): return {name}(depth + 1)")

        def handler(event, context):
            return globals()[name](0) if event else "alive"
    """)
    invocations.offer(invocation(b"1"))
    invocations.offer(invocation(b"0"))
    invocations.expect(Said.ASKED)
    error = json.loads(invocations.expect(Said.FAILED).body)
    invocations.expect(Said.ASKED)

    assert error["errorType"] == "RecursionError"
    assert invocations.expect(Said.RESPONDED).body == b'"alive"'


def test_4_a_lone_surrogate_in_a_result_is_survived(
    invocations: ScriptedInvocations, python_runtime: StartPython
) -> None:
    """Without AWS_EXECUTION_ENV the runtime escapes what UTF-8 cannot hold."""
    python_runtime(ECHO)
    invocations.offer(invocation(b'"\\ud800"'))
    invocations.expect(Said.ASKED)

    assert invocations.expect(Said.RESPONDED).body == b'"\\ud800"'


def test_5_an_init_error_is_heard_before_the_runtime_exits(
    invocations: ScriptedInvocations, python_runtime: StartPython
) -> None:
    """The error of a missing module arrives with its type in body and header."""
    process = python_runtime("import no_such_module")
    told = invocations.expect(Said.INIT_FAILED)

    assert told.posted is not None
    assert json.loads(told.body)["errorType"] == "Runtime.ImportModuleError"
    assert told.posted.error_type == "Runtime.ImportModuleError"
    assert process.wait(LIMIT_S) == 1


def test_6_the_connection_is_kept_for_all_invocations(
    invocations: ScriptedInvocations, python_runtime: StartPython
) -> None:
    """Python's runtime asks and posts on one connection for its whole life."""
    python_runtime(ECHO)
    workers = set()
    for number in range(5):
        invocations.offer(invocation(str(number).encode(), f"r-{number}"))
        workers.add(invocations.expect(Said.ASKED).worker)
        told = invocations.expect(Said.RESPONDED)
        workers.add(told.worker)
        assert (told.request_id, told.body) == (f"r-{number}", str(number).encode())

    assert len(workers) == 1


def test_7_the_context_is_what_environment_and_headers_say(
    invocations: ScriptedInvocations, python_runtime: StartPython
) -> None:
    """A handler sees name, version, memory, logs, ARN, tenant, client context and identity."""
    python_runtime("""
        def handler(event, context):
            return [
                context.function_name, context.function_version, context.memory_limit_in_mb,
                context.log_group_name, context.log_stream_name, context.invoked_function_arn,
                context.aws_request_id, context.tenant_id, context.client_context.custom,
                context.identity.cognito_identity_id,
            ]
    """)
    invocations.offer(
        Invocation(
            "r-1",
            4_102_444_800_000,
            ARN,
            b"{}",
            tenant_id="blue",
            client_context='{\n "custom": {"k": "\u00fc"}\n}',
            cognito_identity='{"cognitoIdentityId":"c","cognitoIdentityPoolId":"p"}',
        )
    )
    invocations.expect(Said.ASKED)

    assert json.loads(invocations.expect(Said.RESPONDED).body) == [
        "orders",
        "$LATEST",
        "128",
        "/aws/lambda/orders",
        "2026/11/23/[$LATEST]0",
        ARN,
        "r-1",
        "blue",
        {"k": "\u00fc"},
        "c",
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/octet-stream"},
        {"Content-Type": "application/unknown"},
        {"Content-Type": "application/vnd.aws.lambda.error+json"},
    ],
    ids=["rust", "go", "python", "dotnet"],
)
def test_8_any_content_type_is_accepted(
    invocations: ScriptedInvocations, runtime: RawRuntime, headers: dict[str, str]
) -> None:
    """Runtimes call their JSON all sorts of things, or nothing."""
    reply = runtime.call("POST", "/2018-06-01/runtime/invocation/r-1/response", b"1", headers)

    assert reply.status == 202
    assert invocations.expect(Said.RESPONDED).body == b"1"


def test_8_ids_may_be_percent_encoded(
    invocations: ScriptedInvocations, runtime: RawRuntime
) -> None:
    """Node's runtime encodes the ID, which is opaque and may hold anything."""
    runtime.call("POST", "/2018-06-01/runtime/invocation/a%2Fb%20%C3%BC/response")

    assert invocations.expect(Said.RESPONDED).request_id == "a/b \u00fc"


def test_10_nothing_here_needs_awslambdaric() -> None:
    """The runtime client for Python exists for Linux alone; the server does without it."""
    code = "import sys, ldp_client.runtime_api as _; print('awslambdaric' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout.strip() == b"False"


def test_the_attempt_nonce_is_echoed_by_the_runtime(
    invocations: ScriptedInvocations, python_runtime: StartPython
) -> None:
    """The runtime client returns the invocation ID that `/next` gave it."""
    python_runtime(ECHO)
    invocations.offer(invocation(b"{}"))
    invocations.expect(Said.ASKED)
    told = invocations.expect(Said.RESPONDED)

    assert told.posted is not None
    assert told.posted.invocation_id == "n-1"


def test_a_killed_runtime_is_noticed_while_it_waits(
    invocations: ScriptedInvocations, python_runtime: StartPython, api: RuntimeApi
) -> None:
    """The process dies with its `/next` open, and the event goes to the one that comes after."""
    process = python_runtime(ECHO)
    invocations.expect(Said.ASKED)
    process.kill()
    invocations.expect(Said.LOST)
    invocations.offer(invocation(b'"for the living"'))
    with RawRuntime(api.address) as successor:
        successor.ask()

        assert successor.reply().body == b'"for the living"'


def test_the_address_is_what_runtimes_parse(api: RuntimeApi) -> None:
    """One colon, no scheme, no path."""
    assert re.fullmatch(r"[0-9.]+:[0-9]+", api.address)
