"""Hosting small functions in a local Lambda: what tests of it say again and again."""

from __future__ import annotations

import os
import queue
import select
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, Self

from ldp_client.local_lambda import Entry, FunctionSettings, LocalLambda
from ldp_testing.function_zips import function_zip, runtime_zip
from ldp_testing.limits import WAIT_LIMIT_S

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

LIMIT_S: Final = WAIT_LIMIT_S

ON_AWSLAMBDARIC = FunctionSettings(handler="app.handler")
ON_ITS_OWN = FunctionSettings(entry=Entry.RUNTIME)


class Lines:
    """A log sink whose lines a test can wait for."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue()

    def __call__(self, line: str) -> None:
        """Keep a line."""
        self._lines.put(line)

    def next(self) -> str:
        """The next line, waited for."""
        return self._lines.get(timeout=LIMIT_S)

    def until(self, part: str) -> str:
        """The next line with this in it; those before it are passed over."""
        while part not in (line := self.next()):
            pass
        return line

    def rest(self) -> list[str]:
        """The lines that are there."""
        return [self._lines.get() for _ in range(self._lines.qsize())]


class Gate:
    """Holds handlers, which open its FIFO for reading, until the test opens it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)

    def open(self) -> None:
        """Let a waiting handler go on, after waiting for it to come."""
        self.path.write_text("go")


class Hosts:
    """Starts local Lambdas from source texts and ends them all."""

    def __init__(self, folder: Path, log: Lines) -> None:
        self._folder = folder
        self._log = log
        self._stack = ExitStack()

    def handler(self, app: str, settings: FunctionSettings = ON_AWSLAMBDARIC) -> LocalLambda:
        """Host `app.handler` of this source under the real awslambdaric."""
        path = function_zip(self._folder / "function.zip", app)
        return self._stack.enter_context(LocalLambda(settings, path, log=self._log))

    def runtime(self, runtime: str, settings: FunctionSettings = ON_ITS_OWN) -> LocalLambda:
        """Host this source as a runtime of its own, through the real wrapper script."""
        path = runtime_zip(self._folder / "runtime.zip", runtime)
        return self._stack.enter_context(LocalLambda(settings, path, log=self._log))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def await_stop(pid: int) -> None:
    """Wait until a child of this process has been stopped by a signal."""
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)


def await_end(pid: int) -> bool:
    """Wait until a process, anybody's child, has ended; false if it takes too long."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], LIMIT_S)[0])
    finally:
        os.close(descriptor)


def await_state(pid: int, letter: str) -> bool:
    """Wait until a process, anybody's child, is in a state; false if it takes too long."""
    until_s = time.monotonic() + LIMIT_S
    while process_state(pid) != letter:
        if time.monotonic() > until_s:
            return False
        os.sched_yield()
    return True


def process_state(pid: int) -> str:
    """The state letter of a process as the kernel reports it; T is stopped, "" is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 - no path of files
            return stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""
