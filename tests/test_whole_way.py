"""An event from its caller to the handler and back, through everything that is real.

The local Lambda hosts the proxy's zip, moto's server holds the queues, and `lambda-debug run` is
a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from ldp_client.local_lambda import Entry, FunctionSettings, LocalLambda
from ldp_testing.deployed_proxy import proxy_zip
from ldp_testing.json_texts import json_texts
from ldp_testing.moto_server import REGION, MotoServer, process_environment
from ldp_testing.raw_runtime import RAW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


#: Returns the bytes that it saw and proof of them, or fails with a message that holds them.
HANDLER = """
import hashlib
from ldp_client import raw_event

def handler(event, context):
    body = raw_event()
    if body.startswith(b'"fail:'):
        raise LookupError(event)
    return hashlib.sha256(body).hexdigest().encode() + b" " + body
"""
#: The same in a runtime of its own.
PROGRAM = f"""{RAW}
import hashlib

while True:
    headers, body = ask()
    if body.startswith(b'"fail:'):
        fault = dict(errorType="LookupError", errorMessage=json.loads(body))
        fault["stackTrace"] = ["raise LookupError(event)"]
        post(headers, json.dumps(fault).encode(), "error")
    else:
        post(headers, hashlib.sha256(body).hexdigest().encode() + b" " + body)
"""
IN_PYTHON = ("app.handler",)
AS_PROGRAM = ("--", sys.executable, "program.py")
SANDBOX_VARIABLES = ("AWS_ENDPOINT_URL_SQS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@pytest.fixture(
    params=[
        (Entry.AWSLAMBDARIC, IN_PYTHON),
        (Entry.RUNTIME, IN_PYTHON),
        (Entry.RUNTIME, AS_PROGRAM),
    ],
    ids=["awslambdaric", "runtime", "program"],
)
def function(
    request: pytest.FixtureRequest, moto_server: MotoServer, tmp_path: Path
) -> Iterator[LocalLambda]:
    """The proxy under one of its entries, with a client attached that serves one of both."""
    entry, serves = request.param
    queues = {
        "LAMBDA_PROXY_REQ_QUEUE_URL": moto_server.create_queue(),
        "LAMBDA_PROXY_RESP_QUEUE_URL": moto_server.create_queue(),
    }
    environment = process_environment(moto_server.url) | queues
    (tmp_path / "proxy.zip").write_bytes(proxy_zip())
    (tmp_path / "app.py").write_text(HANDLER)
    (tmp_path / "program.py").write_text(PROGRAM)
    hosted = FunctionSettings(
        timeout_s=60.0,
        environment=queues | {name: environment[name] for name in SANDBOX_VARIABLES},
        entry=entry,
        region=REGION,
    )
    client = subprocess.Popen(
        [sys.executable, "-m", "ldp_client", "run", *serves],
        cwd=tmp_path,
        env=environment | {"LAMBDA_DEBUG_STATE_DIR": str(tmp_path / "state")},
        stderr=subprocess.DEVNULL,
    )
    try:
        with LocalLambda(hosted, tmp_path / "proxy.zip") as running:
            yield running
    finally:
        client.terminate()
        client.wait()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=json_texts())
def test_every_byte_arrives_and_returns(function: LocalLambda, event: bytes) -> None:
    """The handler's runtime gets the caller's bytes, and the caller its bytes (PAY-1, PAY-2)."""
    result = function.invoke(event)

    assert result.function_error is None, result.payload
    assert result.payload == hashlib.sha256(event).hexdigest().encode() + b" " + event


def test_a_failure_is_the_handlers_own(function: LocalLambda) -> None:
    """The caller gets the type, the message and the stack of the exception (ENV-27, ERR-15)."""
    result = function.invoke('"fail: \u2028 ü"'.encode())

    error = json.loads(result.payload)
    assert result.function_error == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("LookupError", "fail: \u2028 ü")
    assert "raise LookupError(event)" in error["stackTrace"][0]
