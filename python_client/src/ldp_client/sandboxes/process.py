"""One sandbox process: started, stopped and continued, killed; with its lines and its end.

POSIX only. The process leads a group of its own within this session: so all that it starts is
frozen and killed with it, a Ctrl-C at the terminal does not reach it, and if this process dies
while it is frozen, the kernel ends it (a stopped group that becomes orphaned gets SIGHUP).
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ldp_client.sandboxes.errors import ProgramUnavailable

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

LogSink: TypeAlias = Callable[[str], None]
"""Called with each line, without its end, from several threads."""

_logger = logging.getLogger(__name__)

_JOIN_S = 10.0
_LAST_LINES_S = 1.0  # a descendant that left the group may hold the pipe for good


@dataclass(frozen=True, slots=True)
class Command:
    """A process to start.

    Attributes:
        argv: The program and its arguments.
        environment: All of its variables.
        cwd: Its current folder.
        stdout: The descriptor of its standard output where nobody takes its lines; None for that of
            this process.
    """

    argv: tuple[str, ...]
    environment: dict[str, str]
    cwd: Path
    stdout: int | None = None


class SandboxProcess:
    """A running process of a sandbox.

    Args:
        command: What to start.
        log: Gets each line of its output; None to let it write where this process writes.
        on_exit: Called once, in a thread of its own, with the exit status; a negative one is a
            signal.

    Raises:
        ProgramUnavailable: The process cannot be started.
    """

    def __init__(
        self, command: Command, log: LogSink | None, on_exit: Callable[[int], None]
    ) -> None:
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - running the user's code is the purpose
                command.argv,
                env=command.environment,
                cwd=command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=command.stdout if log is None else subprocess.PIPE,
                stderr=None if log is None else subprocess.STDOUT,
                process_group=0,
            )
        except OSError as exc:
            raise ProgramUnavailable(command.argv[0], exc.strerror or str(exc)) from exc
        self._on_exit = on_exit
        self._lock = threading.Lock()
        self._ended = False
        self._reader = threading.Thread(target=_pump, args=(self._popen.stdout, log), daemon=True)
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to pass on its lines and its end."""
        self._reader.start()
        self._watcher.start()
        _logger.info("sandbox.started", extra={"pid": self.pid})

    @property
    def pid(self) -> int:
        """The process ID, which is the process group's too."""
        return self._popen.pid

    def freeze(self) -> None:
        """Stop it and all that it started, as Lambda does between invocations."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it and all that it started, and wait until `on_exit` has returned."""
        self.send_kill()
        if threading.current_thread() is not self._watcher:
            self._watcher.join(_JOIN_S)

    def send_kill(self) -> None:
        """End it and all that it started, without waiting."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with self._lock, contextlib.suppress(ProcessLookupError):
            if not self._ended:
                os.killpg(self.pid, number)

    def _watch(self) -> None:
        code = self._popen.wait()
        self.send_kill()  # what it started and left behind
        with self._lock:
            self._ended = True
        self._reader.join(_LAST_LINES_S)
        _logger.info("sandbox.ended", extra={"pid": self.pid, "exit_status": code})
        self._on_exit(code)


def _pump(output: IO[bytes] | None, log: LogSink | None) -> None:
    if output is None or log is None:
        return
    with output:
        for line in output:
            log(line.decode("utf-8", "replace").rstrip("\r\n"))
