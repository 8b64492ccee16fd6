"""A served Runtime API, and the real runtime client for Python at its other end."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from ldp_client.runtime_api import RuntimeApi, RuntimeProcess, lambda_environment
from ldp_testing.runtime_side import LIMIT_S, RawRuntime, ScriptedInvocations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def invocations() -> ScriptedInvocations:
    """Invocations that the test scripts."""
    return ScriptedInvocations()


@pytest.fixture
def api(invocations: ScriptedInvocations) -> Iterator[RuntimeApi]:
    """A Runtime API in front of them."""
    with RuntimeApi(invocations) as served:
        yield served
        invocations.close()


@pytest.fixture
def api_address(api: RuntimeApi) -> str:
    """The value of AWS_LAMBDA_RUNTIME_API."""
    return api.address


@pytest.fixture
def runtime(api: RuntimeApi) -> Iterator[RawRuntime]:
    """A runtime that says raw HTTP."""
    with RawRuntime(api.address) as connected:
        yield connected


@pytest.fixture
def python_runtime(
    api: RuntimeApi, tmp_path: Path
) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts awslambdaric, the real one, with the handler `app.handler` of a source text."""
    started: list[subprocess.Popen[bytes]] = []

    def start(app: str) -> subprocess.Popen[bytes]:
        (tmp_path / "app.py").write_text(textwrap.dedent(app), encoding="utf-8")
        process = RuntimeProcess(
            function_name="orders",
            function_version="$LATEST",
            memory_limit_mb=128,
            log_group_name="/aws/lambda/orders",
            log_stream_name="2026/11/23/[$LATEST]0",
            region="eu-west-1",
            handler="app.handler",
            task_root=str(tmp_path),
            runtime_api=api.address,
        )
        environment = {"PATH": os.environ["PATH"], **lambda_environment(process)}
        argv = [sys.executable, "-m", "awslambdaric", "app.handler"]
        popen = subprocess.Popen(argv, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
        started.append(popen)
        return popen

    yield start
    for popen in started:
        popen.kill()
        popen.wait(LIMIT_S)
