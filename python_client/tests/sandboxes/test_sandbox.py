"""A sandbox as its Runtime API sees it, where real runtimes are too quick to be caught."""

from __future__ import annotations

import math
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda.launch import Launcher
from ldp_client.local_lambda.package import TaskRoot
from ldp_client.runtime_api import Invocation, Posted, Worker
from ldp_client.sandboxes.outcomes import Answered, Exited, Ready, TimedOut
from ldp_client.sandboxes.process import Command
from ldp_client.sandboxes.sandbox import Phase, Sandbox
from ldp_testing.function_zips import runtime_zip
from ldp_testing.local_functions import LIMIT_S, ON_ITS_OWN, Lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INVOCATION = Invocation("r-1", 4_102_444_800_000, "arn", b"{}", invocation_id="n-1")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox whose process never asks, so that the test can ask in its place."""
    root = TaskRoot(runtime_zip(tmp_path / "f.zip", "import signal; signal.pause()"))
    made = Sandbox(Launcher(ON_ITS_OWN, root.path).command, Lines(), lambda: None)
    yield made
    made.kill()
    root.remove()


def test_an_invocation_that_was_not_delivered_is_given_again(sandbox: Sandbox) -> None:
    """A worker that dies with the event on its way does not cost the caller the invocation."""
    with ThreadPoolExecutor() as pool:
        first, second = Worker(1), Worker(2)
        asked = pool.submit(sandbox.next, first)
        assert sandbox.await_start(LIMIT_S) == Ready()
        outcome = pool.submit(sandbox.handle, INVOCATION, time.monotonic() + LIMIT_S)
        assert asked.result(LIMIT_S) is INVOCATION
        first.gone = True
        sandbox.undelivered(first, INVOCATION)
        assert sandbox.next(second) is INVOCATION
        sandbox.responded(second, "r-1", Posted(b"1", 1))

        assert outcome.result(LIMIT_S) == Answered(Posted(b"1", 1), is_error=False)


def test_an_invocation_that_is_over_is_not_given_again(sandbox: Sandbox) -> None:
    """What comes back after the answer is dropped."""
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(sandbox.next, Worker(1))
        sandbox.await_start(LIMIT_S)
        outcome = pool.submit(sandbox.handle, INVOCATION, time.monotonic() + LIMIT_S)
        asked.result(LIMIT_S)
        sandbox.responded(Worker(1), "r-1", Posted(b"1", 1))
        outcome.result(LIMIT_S)
        sandbox.undelivered(Worker(1), INVOCATION)
        lost = Worker(2)
        lost.gone = True

        assert sandbox.next(lost) is None


def test_a_sandbox_that_lost_its_worker_is_not_ready(sandbox: Sandbox) -> None:
    """Nobody waits for an event any more, until the runtime asks again."""
    with ThreadPoolExecutor() as pool:
        worker = Worker(1)
        asked = pool.submit(sandbox.next, worker)
        sandbox.await_start(LIMIT_S)
        worker.gone = True
        sandbox.lost(worker)

        assert asked.result(LIMIT_S) is None
        assert sandbox.phase is Phase.STARTING
        assert sandbox.await_start(0) == TimedOut()


def test_a_sandbox_that_is_being_killed_stays_so(sandbox: Sandbox) -> None:
    """Asking for work does not bring a doomed sandbox back."""
    assert not sandbox.try_claim()
    sandbox.doom()

    assert sandbox.next(Worker(1)) is None
    assert sandbox.phase is Phase.DEAD
    sandbox.doom()
    assert sandbox.phase is Phase.DEAD


def test_a_runtime_that_asks_for_more_has_lost_its_event(sandbox: Sandbox) -> None:
    """Whoever waits for the answer hears at once that none will come."""
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(sandbox.next, Worker(1))
        sandbox.await_start(LIMIT_S)
        outcome = pool.submit(sandbox.handle, INVOCATION, math.inf)
        asked.result(LIMIT_S)
        again = pool.submit(sandbox.next, Worker(2))

        assert outcome.result(LIMIT_S) == Exited(0)
        assert sandbox.await_start(LIMIT_S) == Ready()
        sandbox.kill()
        assert again.result(LIMIT_S) is None


def test_a_sandbox_need_not_freeze(tmp_path: Path) -> None:
    """Where a debugger may be attached the process is never stopped while it is nobody's."""
    pipe = tmp_path / "line"
    os.mkfifo(pipe)
    code = f"[print(open({str(pipe)!r}).read(), flush=True) for _ in range(2)]"
    lines = Lines()
    command = Command((sys.executable, "-c", code), {}, tmp_path)
    made = Sandbox(lambda _: command, lines, lambda: None, freezes=False)
    pipe.write_text("claimed")
    assert lines.next() == "claimed"
    with ThreadPoolExecutor() as pool:
        made.release()
        pool.submit(made.next, Worker(1))
        assert made.await_start(LIMIT_S) == Ready()
        pipe.write_text("free")
        assert lines.next() == "free"
        made.kill()
