"""A whole client as the developer runs it, with a handler that a test holds in its hand.

The client is `lambda-debug run app.handler --json`: two processes, which a test may stop or kill
one by one. The handler calls the test: it says that it runs, and does what it is told. So a test
knows how often it ran, and ends it whenever it likes.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.limits import WAIT_LIMIT_S
from ldp_testing.processes import children

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

LIMIT_S: Final = WAIT_LIMIT_S

HANDLER: Final = """
import json
import os
import socket

def handler(event, context):
    if "port" not in event:
        return event
    with socket.create_connection(("127.0.0.1", event["port"])) as line:
        about = {
            "nonce": event.get("nonce"),
            "pid": os.getpid(),
            "awsRequestId": context.aws_request_id,
            "remainingMs": context.get_remaining_time_in_millis(),
        }
        line.sendall(json.dumps(about).encode() + b"\\n")
        orders = json.loads(line.makefile().readline())
    if "raise" in orders:
        raise ValueError(orders["raise"])
    return orders["return"]
"""


@dataclass(slots=True)
class Run:
    """A handler that is running, from its first line to the order that ends it.

    Attributes:
        about: What it said of itself.
    """

    about: dict[str, Any]
    _line: socket.socket

    def returns(self, result: object) -> None:
        """Let it return this."""
        self._say({"return": result})

    def raises(self, message: str) -> None:
        """Let it raise a ValueError."""
        self._say({"raise": message})

    def _say(self, orders: Mapping[str, object]) -> None:
        with closing(self._line):
            self._line.sendall(json.dumps(orders).encode() + b"\n")

    def wait_for_death(self) -> None:
        """Return when its process is gone."""
        self._line.settimeout(LIMIT_S)
        with closing(self._line), suppress(ConnectionResetError):
            assert self._line.recv(1) == b""


class Switchboard:
    """Where handlers call in; a context manager."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(LIMIT_S)
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[socket.socket] = []

    def event(self, nonce: object = None) -> dict[str, object]:
        """An event that makes a handler call here."""
        return {"port": self.port, "nonce": nonce}

    def next_run(self) -> Run:
        """Wait for a handler to run.

        Raises:
            TimeoutError: None did in time.
        """
        line, _ = self._listener.accept()
        self._lines.append(line)  # a run that a test forgets goes on
        return Run(json.loads(line.makefile().readline()), line)

    def assert_quiet(self) -> None:
        """Nobody has called since the last run."""
        self._listener.settimeout(0)
        try:
            line, _ = self._listener.accept()
        except BlockingIOError:
            self._listener.settimeout(LIMIT_S)
        else:
            line.close()
            raise AssertionError("a handler ran that nobody expected")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        for line in self._lines:
            line.close()


class ClientProcess:
    """A running client; a context manager that leaves nothing of it behind.

    Args:
        folder: The current folder of the client.
        environment: The whole environment.
        options: More of the command line.
        app: What `app.py` has, if the folder has none yet.
        state: Where its state goes; None for a folder below its own.
        program: What runs the command `run`.
        serves: What serves; nothing if the options say it behind `--`.
    """

    def __init__(  # noqa: PLR0913 - each is one thing that tests vary
        self,
        folder: Path,
        environment: Mapping[str, str],
        *options: str,
        app: str = HANDLER,
        state: Path | None = None,
        program: Sequence[str] = (sys.executable, "-m", "ldp_client"),
        serves: Sequence[str] = ("app.handler",),
    ) -> None:
        self.folder = folder
        self.lines: list[dict[str, Any]] = []
        self._news: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.app = folder / "app.py"
        if not self.app.exists():
            self.app.write_text(app)
        self.errors = folder / "stderr.txt"
        state_variable = {"LAMBDA_DEBUG_STATE_DIR": str(state or folder / "state")}
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [*program, "run", *serves, "--json", *options],
                cwd=folder,
                env={**environment, **state_variable},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self._news.put(json.loads(line))
        self._news.put(None)

    def wait_for(self, type_: str, **members: object) -> dict[str, Any]:
        """Wait for a line of the report, and take in those before it.

        Raises:
            AssertionError: The client ended without it.
            TimeoutError: It did not come in time.
        """
        return self.wait_until(
            lambda line: line["type"] == type_ and members.items() <= line.items()
        )

    def wait_until(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a line that is the one; see `wait_for`."""
        while True:
            try:
                line = self._news.get(timeout=LIMIT_S)
            except queue.Empty:
                raise TimeoutError(f"it did not come; {self.told()}") from None
            assert line is not None, f"the client ended before; {self.told()}"
            self.lines.append(line)
            if is_it(line):
                return line

    def wait_for_error(self, sentence: str) -> None:
        """Wait until standard error has a sentence.

        Raises:
            TimeoutError: It did not come in time.
        """
        until_s = time.monotonic() + LIMIT_S
        glance = threading.Event()
        while sentence not in self.errors.read_text():
            if time.monotonic() > until_s:
                raise TimeoutError(f"{sentence!r} did not come; {self.told()}")
            glance.wait(0.02)

    def told(self) -> str:
        """All that it has told, for a failing test."""
        return f"{self.lines}\n{self.errors.read_text()}"

    @property
    def queue_side_pid(self) -> int:
        """The process that talks to SQS: the only child of the one that runs the handler."""
        (child,) = children(self.process.pid)
        return child

    def type_in(self, text: str) -> None:
        """Write to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)

    def kill_handler_side(self) -> None:
        """End the handler's process with SIGKILL."""
        self.process.kill()
        self.process.wait()

    def kill_queue_side(self) -> None:
        """End the process that talks to SQS with SIGKILL."""
        os.kill(self.queue_side_pid, signal.SIGKILL)

    def kill_both(self) -> None:
        """End both, the queue side first, so that it can give nothing back."""
        self.kill_queue_side()
        self.kill_handler_side()

    def wait_for_exit(self) -> int:
        """Wait until it has ended; the exit status, all of its report being taken in."""
        status = self.process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        while (line := self._news.get(timeout=LIMIT_S)) is not None:
            self.lines.append(line)
        return status

    def types(self) -> list[str]:
        """The types of the lines that were taken in, in order."""
        return [line["type"] for line in self.lines]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        self.process.stdin.close()
