"""A port as a running process: how it is started, spoken to, stopped and listened to.

Nothing here knows the protocol. A port may be several processes, in several sessions; they are
stopped and killed as one, as a machine would that sleeps or dies. Where there is a /proc they are
known by a variable that each of them inherits, elsewhere only those of one group are.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
import uuid
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from ldp_conformance.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: How much of a port's output is kept, in bytes: its end. Some ports print without end.
KEPT_OUTPUT_BYTES: Final = 256 * 1024
#: How long to leave a port that prints without end waiting for its reader, at each piece of 64 KiB,
#: in seconds: it would otherwise take a processor for itself.
_BREATH_S: Final = 0.01
#: How long the last words of a port that ended may take to arrive, in seconds. A process of its
#: that lives on in another group would keep the pipes open for ever.
_HEARD_S: Final = 1.0
#: Marks every process that a port becomes.
_MARK: Final = "CONFORMANCE_SUBJECT"
#: Variables of the suite's own surroundings that no port may see.
_HIDDEN: Final = ("AWS_", "LAMBDA_", "_LAMBDA_", "_X_AMZN_")


class Subject:
    """A started port.

    Args:
        command: The words that start it.
        folder: Where it is started.
        variables: What it gets beside the suite's own surroundings.
        scratch: A folder of its own.

    Raises:
        UsageError: There is no such program.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, variables: Mapping[str, str], scratch: Path
    ) -> None:
        self.command = tuple(command)
        self.scratch = scratch
        self._folder = folder
        self._mark = uuid.uuid4().hex
        self._variables = {**variables, _MARK: self._mark}
        self._output: deque[tuple[float, bytes]] = deque()
        self._kept_bytes = 0
        self._lock = threading.Lock()
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        surroundings = {
            name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)
        }
        try:
            process = subprocess.Popen(  # noqa: S603 - to start the port is the purpose
                self.command,
                cwd=self._folder,
                env=surroundings | self._variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                umask=0o022,  # that what it keeps private is its own doing
            )
        except OSError as exc:
            raise UsageError(
                f"cannot start {self.command[0]}: {exc.strerror}",
                hint="Give the port's command behind `--`, as it would be typed in its folder.",
            ) from exc
        streams = [each for each in (process.stdout, process.stderr) if each is not None]
        self._listeners = [
            threading.Thread(target=self._listen, args=(stream,), daemon=True) for stream in streams
        ]
        for listener in self._listeners:
            listener.start()
        return process

    def _listen(self, stream: IO[bytes]) -> None:
        with stream:
            while chunk := os.read(stream.fileno(), 65536):
                with self._lock:
                    self._output.append((time.monotonic(), chunk))
                    self._kept_bytes += len(chunk)
                    is_full = self._kept_bytes > KEPT_OUTPUT_BYTES
                    while self._kept_bytes > KEPT_OUTPUT_BYTES and len(self._output) > 1:
                        self._kept_bytes -= len(self._output.popleft()[1])
                if is_full:
                    time.sleep(_BREATH_S)

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """With what it ended, negative for a signal; None while it runs."""
        return self._process.poll()

    @property
    def output(self) -> str:
        """What it wrote to its standard output and error, the end of it."""
        return self.output_since(0.0)

    def output_since(self, moment: float) -> str:
        """What it wrote since a moment of `time.monotonic`."""
        with self._lock:
            chunks = [chunk for at, chunk in self._output if at >= moment]
        return b"".join(chunks).decode(errors="backslashreplace")

    def output_until_still(self, moment: float, still_s: float) -> str:
        """What it wrote since a moment, once it has written nothing for so many seconds."""
        said, silent_since = "", time.monotonic()
        while time.monotonic() < silent_since + still_s:
            time.sleep(_BREATH_S)
            if (now := self.output_since(moment)) != said:
                said, silent_since = now, time.monotonic()
        return said

    def wait_heard(self) -> None:
        """Wait until everything that it wrote is in `output`; for one that has ended."""
        for listener in self._listeners:
            listener.join(_HEARD_S)

    def pids(self) -> list[int]:
        """Every process of it, as /proc lists them; only the first where there is no /proc."""
        mark = f"{_MARK}={self._mark}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ValueError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                # A port may give its own processes groups, or clean variables.
                is_of_session = self.pid in (int(fields[2]), int(fields[3]))
                if fields[0] != "Z" and (is_of_session or mark in (entry / "environ").read_bytes()):
                    found.append(int(entry.name))
        return found or [self.pid]

    def write_line(self) -> None:
        """Press Enter."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process that was started, as a process manager does."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    def stop(self) -> None:
        """Let all of it stand still, as a laptop that sleeps."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let all of it go on."""
        self._signal_all(signal.SIGCONT)

    def kill(self) -> None:
        """End all of it at once, as a power cut."""
        self._signal_all(signal.SIGSTOP)  # so that none of it sees another die
        self._signal_all(signal.SIGKILL)
        self._process.wait()

    def wait_end(self, within_s: float) -> int | None:
        """Wait for its end; with what it ended, or None if it did not in time."""
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return None

    def restart(self) -> None:
        """End all of it if it still runs, and start it again in the same surroundings."""
        self.close()
        self._process = self._start()

    def close(self) -> None:
        """End all of it, and take its leave of the pipes."""
        self.kill()
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def _signal_all(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)
        for pid in set(self.pids()) - {self.pid}:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def end_all(marker: str) -> None:
    """Kill every process whose environment holds this text, as far as /proc tells.

    An interrupt may come between the start of a port and the moment at which somebody knows of it.
    """
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another user's, or gone meanwhile
            if marker.encode() in (entry / "environ").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
