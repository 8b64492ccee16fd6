"""What importing Lambda's entry point does, in this process and in one of its own."""

from __future__ import annotations

import gc
import importlib
import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from awslambdaric.lambda_context import LambdaContext
from awslambdaric.lambda_runtime_client import BaseLambdaRuntimeClient
from awslambdaric.lambda_runtime_exception import FaultException

from ldp_proxy.managed import Verbatim
from ldp_testing.moto_server import process_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.moto_server import MotoServer

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/"
VARIABLES = {
    "LAMBDA_PROXY_REQ_QUEUE_URL": f"{URL}req",
    "LAMBDA_PROXY_RESP_QUEUE_URL": f"{URL}resp",
    "LAMBDA_PROXY_START_WITHIN_S": "2.5",
}


@pytest.fixture
def imported(_aws: None, moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module as Lambda imports it, with everything that it touches as before at the end."""
    own, root = logging.getLogger("ldp_proxy"), logging.getLogger()
    marshaller, level, handlers = BaseLambdaRuntimeClient.marshaller, own.level, root.handlers[:]
    formatters = [(handler, handler.formatter, handler.filters[:]) for handler in handlers]
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
    monkeypatch.setenv("LAMBDA_PROXY_MODE", "notify")
    monkeypatch.setenv("LAMBDA_PROXY_REQ_QUEUE_URL", moto_server.create_queue())
    monkeypatch.delitem(sys.modules, "ldp_proxy.handler", raising=False)
    yield importlib.import_module("ldp_proxy.handler")
    BaseLambdaRuntimeClient.marshaller = marshaller
    own.setLevel(level)
    for handler, formatter, filters in formatters:
        handler.formatter, handler.filters = formatter, filters
    gc.unfreeze()


def test_the_import_wires_everything(imported: Any) -> None:
    """EXC-28, PAY-2: imported, the module has its hook in place and serves invocations."""
    context = LambdaContext("a-1", None, None, 2**50, ARN)

    assert isinstance(BaseLambdaRuntimeClient.marshaller, Verbatim)
    assert imported.handler(b"{}", context) == b"null"
    assert gc.isenabled()


def test_a_waiting_proxy_is_wired_without_a_call(imported: Any) -> None:
    """EXC-9: wiring asks AWS for nothing where there is no fallback to check."""
    entry = imported.wire(VARIABLES)

    assert callable(entry.handle)


def test_a_wrong_variable_is_an_init_error(imported: Any) -> None:
    """ERR-8: what the runtime is raised makes it post an error of the proxy's own type."""
    with pytest.raises(FaultException) as caught:
        imported.wire({**VARIABLES, "LAMBDA_PROXY_REPLY": "mine"})

    assert caught.value.exception_type == "Proxy.Misconfigured"
    assert caught.value.msg.startswith("LAMBDA_PROXY_REPLY is 'mine'")
    assert gc.isenabled()


_LOADED = """
import json, sys
import boto3
boto3.client("sqs", region_name="eu-west-1")
before = set(sys.modules)
import ldp_proxy.{module}
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(json.dumps(sorted(loaded - set(sys.builtin_module_names))))
"""


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("handler", {"ldp_proxy", "ldp_queues", "ldp_wire", "awslambdaric", "simplejson"}),
        ("runtime", {"ldp_proxy", "ldp_queues", "ldp_wire"}),
    ],
)
def test_a_cold_start_imports_nothing_else(module: str, expected: set[str]) -> None:
    """Beyond what the SDK has loaded already, an entry loads its own packages only."""
    command = [sys.executable, "-c", _LOADED.format(module=module)]
    environment = {**process_environment("http://127.0.0.1:1"), **VARIABLES}

    done = subprocess.run(command, env=environment, capture_output=True, check=True)

    loaded = {name for name in json.loads(done.stdout) if name != "runtime_client"}
    assert loaded <= expected


def test_without_an_sdk_the_import_says_so() -> None:
    """ERR-8: a zip without boto3 within reach is told as such, in one sentence."""
    code = (
        "import sys; sys.modules['botocore'] = None\n"
        "try: import ldp_proxy.handler\n"
        "except Exception as exc: print(exc.exception_type, exc.msg)"
    )
    environment = {**process_environment("http://127.0.0.1:1"), **VARIABLES}

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("Proxy.Misconfigured The AWS SDK cannot be imported")
