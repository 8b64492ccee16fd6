"""A held event in the loop on the main thread: Enter, new code, and what goes wrong with it."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from ldp_client.errors import HandlerSyntaxError
from ldp_client.handlers.runtime import Runtime
from ldp_client.runtime_api import Invocation
from ldp_testing.runtime_side import LIMIT_S, Said, ScriptedInvocations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_client.handlers.runner import Handler
    from ldp_testing.scripted_queue_side import ScriptedQueueSide

WORK = Invocation("r-1", 4_102_444_800_000, "arn", b"{}", invocation_id="n-1")


def failing(_event: Any, _context: Any) -> None:
    """A handler before it is mended."""
    raise ValueError("no such order")


class Developer:
    """Who waits until the event is held, and presses Enter, on a thread of its own."""

    def __init__(self, queue_side: ScriptedQueueSide, invocations: ScriptedInvocations) -> None:
        self._queue_side = queue_side
        self._invocations = invocations
        read, self._write = os.pipe()
        self.stdin = os.fdopen(read)
        self._thread = threading.Thread(target=self._mend)
        self.enters = 1

    def _mend(self) -> None:
        for said in (Said.ASKED, Said.FAILED, Said.ASKED):
            self._invocations.expect(said)
        self._queue_side.hold.show(1)
        for _ in range(self.enters):
            os.write(self._write, b"\n")
        assert self._queue_side.asked.wait(LIMIT_S)
        self._queue_side.hold.show(0)
        self._invocations.offer(WORK)
        assert self._invocations.expect(Said.RESPONDED).body == b'"mended"'
        self._queue_side.close()

    def watch(self, reload: Callable[[], Handler] | None, handler: Handler = failing) -> None:
        """Serve one event, that is held, to its good end."""
        self._invocations.offer(WORK)
        self._thread.start()
        Runtime(handler, lambda: self._queue_side, 7, reload).run()
        self._thread.join(LIMIT_S)
        assert self._queue_side.reruns == [1]

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._write)
        self.stdin.close()


@pytest.fixture
def developer(
    queue_side: ScriptedQueueSide,
    invocations: ScriptedInvocations,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Developer]:
    """A developer whose keyboard is a pipe."""
    developer = Developer(queue_side, invocations)
    monkeypatch.setattr("sys.stdin", developer.stdin)
    yield developer
    developer.close()


def mended(_event: Any, _context: Any) -> str:
    """A handler as it is after the edit."""
    return "mended"


def test_the_second_run_has_the_new_code(developer: Developer) -> None:
    """Enter loads the handler again, and what was held runs with that (SES-36)."""
    developer.watch(lambda: mended)


def test_code_that_cannot_be_loaded_is_told_and_tried_again(
    developer: Developer, capfd: pytest.CaptureFixture[str]
) -> None:
    """The queue side hears nothing of an Enter after which the code does not load (SES-36)."""
    developer.enters = 2
    tries: list[int] = []

    def reload() -> Handler:
        tries.append(1)
        if len(tries) == 1:
            raise HandlerSyntaxError("app.py, line 1, is no valid Python.", hint="Correct it.")
        return mended

    developer.watch(reload)

    err = capfd.readouterr().err
    assert "lambda-debug: app.py, line 1, is no valid Python.\n  Correct it." in err
    assert "still held" in err


def test_code_without_a_name_runs_as_it_was(
    developer: Developer, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where the code cannot be loaded again, Enter runs it once more and says so."""
    runs: list[int] = []

    def handler(_event: Any, _context: Any) -> str:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError
        return "mended"

    developer.watch(None, handler)

    assert "start the client again" in capfd.readouterr().err


def test_signals_are_the_sessions_again_after_new_code(
    developer: Developer, queue_side: ScriptedQueueSide
) -> None:
    """A debugger that stopped while the code was loaded keeps no signal."""

    def reload() -> Handler:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return interrupted

    def interrupted(_event: Any, _context: Any) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return "mended"

    developer.watch(reload)

    assert queue_side.drained.is_set()
