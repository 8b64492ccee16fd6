"""A served Runtime API and a queue side of its own, and a current folder for the user's code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ldp_client.handlers import environment
from ldp_client.runtime_api import RuntimeApi
from ldp_testing.runtime_side import ScriptedInvocations
from ldp_testing.scripted_queue_side import ScriptedQueueSide

if TYPE_CHECKING:
    from collections.abc import Iterator
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
def queue_side(api: RuntimeApi, invocations: ScriptedInvocations) -> ScriptedQueueSide:
    """A queue side that serves them."""
    return ScriptedQueueSide(api, invocations)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that a runtime sets are put back after each test."""
    names = ("FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE")
    logs = ("LOG_GROUP_NAME", "LOG_STREAM_NAME")
    for name in (*names, *logs):
        monkeypatch.delenv(f"AWS_LAMBDA_{name}", raising=False)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", environment.TRACE_ID):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty current folder; modules imported from it are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if file.startswith(str(tmp_path)) or getattr(sys.modules[name], "__file__", 0) is None:
            del sys.modules[name]
