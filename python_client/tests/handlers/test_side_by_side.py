"""The same handlers on the same events, here and under awslambdaric in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ldp_client.handlers.loader import load_handler
from ldp_client.handlers.runtime import Runtime
from ldp_client.runtime_api import Invocation, RuntimeApi, RuntimeProcess, lambda_environment
from ldp_client.runtime_api.headers import (
    FUNCTION_NAME,
    FUNCTION_VERSION,
    LOG_GROUP_NAME,
    LOG_STREAM_NAME,
    MEMORY_LIMIT_IN_MB,
)
from ldp_testing.json_texts import NASTY_JSON
from ldp_testing.runtime_side import LIMIT_S, Said, ScriptedInvocations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from ldp_client.handlers.runner import Handler
    from ldp_testing.scripted_queue_side import ScriptedQueueSide

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
APP = """
import decimal, os

class OrderMissing(Exception):
    pass

def find(order):
    raise OrderMissing(f"no order {order} \\u00e9")

def handler(event, context):
    if event == "raise":
        try:
            find(7)
        except OrderMissing as exc:
            raise LookupError("gone") from exc
    if event == "context":
        names = sorted(name for name in vars(context) if not name.startswith("_"))
        variables = {name: os.environ.get(name) for name in os.environ["SHOWN"].split()}
        return [repr(context), {name: repr(getattr(context, name)) for name in names}, variables]
    if event == "set":
        return {1, 2}
    if event == "bytes":
        return b"\\x00\\xff"
    if event == "decimal":
        return {"sum": decimal.Decimal("1.10"), "nan": float("nan")}
    return event
"""
SHOWN = (
    "AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_FUNCTION_MEMORY_SIZE "
    "AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_REGION _X_AMZN_TRACE_ID"
)
EVENTS = (
    *(text.encode() for text in NASTY_JSON),
    *(f'"{word}"'.encode() for word in ("raise", "context", "set", "bytes", "decimal")),
    b"{",
    b"\xff",
    b"",
)
PROCESS = RuntimeProcess(
    function_name="orders",
    function_version="7",
    memory_limit_mb=512,
    log_group_name="/aws/lambda/orders",
    log_stream_name="2026/11/23/[7]ab",
    region="eu-west-1",
    handler="side_app.handler",
    task_root="/var/task",
    runtime_api="",
)


def works() -> Iterator[Invocation]:
    """The events as invocations, with everything that a caller can send along."""
    for number, event in enumerate(EVENTS):
        yield Invocation(
            f"r-{number}",
            4_102_444_800_000,
            ARN,
            event,
            trace_id=f"Root={number}",
            tenant_id="blue",
            client_context='{"custom": {"a": "é"}, "w3c": {"traceparent": "00"}}',
            cognito_identity='{"cognitoIdentityId": "i", "cognitoIdentityPoolId": "p"}',
            extra_headers={
                FUNCTION_NAME: PROCESS.function_name,
                FUNCTION_VERSION: PROCESS.function_version,
                MEMORY_LIMIT_IN_MB: str(PROCESS.memory_limit_mb),
                LOG_GROUP_NAME: PROCESS.log_group_name,
                LOG_STREAM_NAME: PROCESS.log_stream_name,
            },
        )


@contextmanager
def awslambdaric(address: str, folder: Path) -> Iterator[None]:
    """The real runtime, with the application in a folder."""
    minor = sys.version_info.minor
    environment = {
        "PATH": os.environ["PATH"],
        "SHOWN": SHOWN,
        **lambda_environment(PROCESS),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python3.{minor}",
        "AWS_LAMBDA_RUNTIME_API": address,
    }
    argv = [sys.executable, "-m", "awslambdaric", PROCESS.handler]
    popen = subprocess.Popen(argv, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        popen.kill()
        popen.wait(LIMIT_S)


def posted(invocations: ScriptedInvocations) -> list[tuple[Said, str, bytes]]:
    """What was posted for each of the events, in order."""
    answers: list[tuple[Said, str, bytes]] = []
    while len(answers) < len(EVENTS):
        told = invocations.told.get(timeout=LIMIT_S)
        if told.said is not Said.ASKED:
            answers.append((told.said, told.request_id, told.body))
    return answers


def of_awslambdaric(folder: Path) -> list[tuple[Said, str, bytes]]:
    """What the real runtime posts."""
    invocations = ScriptedInvocations()
    with RuntimeApi(invocations) as api, awslambdaric(api.address, folder):
        for work in works():
            invocations.offer(work)
        answers = posted(invocations)
        invocations.close()
    return answers


def of_ours(
    handler: Handler, queue_side: ScriptedQueueSide, invocations: ScriptedInvocations
) -> list[tuple[Said, str, bytes]]:
    """What ours posts."""
    answers: list[tuple[Said, str, bytes]] = []

    def collect() -> None:
        answers.extend(posted(invocations))
        queue_side.close()

    for work in works():
        invocations.offer(work)
    collector = threading.Thread(target=collect)
    collector.start()
    Runtime(handler, lambda: queue_side, lease_s=2).run()
    collector.join()
    return answers


def test_every_body_is_the_one_of_lambdas_runtime(
    here: Path,
    queue_side: ScriptedQueueSide,
    invocations: ScriptedInvocations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Results, errors, faults and contexts are awslambdaric's (ENV-21, ENV-27, PAY-1, PAY-2)."""
    (here / "side_app.py").write_text(APP, encoding="utf-8")
    monkeypatch.setenv("SHOWN", SHOWN)
    handler = load_handler(PROCESS.handler)

    assert of_ours(handler, queue_side, invocations) == of_awslambdaric(here)
