"""The queue side as its parent sees it: start it, end it, and hear what becomes of it.

The parent is the process that runs the handler. It may be stopped at a breakpoint, with all its
threads, for as long as it likes; nothing of the queue side runs in it.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final

from ldp_client.handlers.hold import HoldSign
from ldp_client.handlers.signals import leave_signals_to_main_thread
from ldp_client.queue_side.channel import (
    MMAP_THRESHOLD,
    MMAP_THRESHOLD_BYTES,
    VARIABLE,
    Abandon,
    Channel,
    Closed,
    Configure,
    Drain,
    Failed,
    Held,
    Hello,
    HoldEnded,
    Ready,
    Rerun,
)
from ldp_client.queue_side.errors import NotStarted, QueueSideFailed

if TYPE_CHECKING:
    from ldp_client.config import ClientConfig

_MODULE: Final = "ldp_client.queue_side"
#: How long a child may take to come up, in seconds: importing the SDK takes one on a slow disk,
#: and SQS is asked about two queues.
_START_LIMIT_S: Final = 60.0
#: How long a stranger on the port may keep others waiting, and how often the child is looked at.
_GLANCE_S: Final = 0.2
_HELLO_LIMIT_S: Final = 5.0
#: How long a child that has said why it failed may take to end.
_FAREWELL_S: Final = 2.0


class QueueSide:
    """A running queue side; from `start_queue_side`.

    Attributes:
        runtime_api: Where it serves the Lambda Runtime API, `host:port`.
        failure: Why it ended by itself, if it said so.
        is_closed: Whether it ended in good order: as it was asked to, or after its one event.
        hold: Shows whether an event is held.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], channel: Channel, runtime_api: str
    ) -> None:
        self.runtime_api = runtime_api
        self.failure: QueueSideFailed | None = None
        self.is_closed = False
        self.hold = HoldSign()
        self._process = process
        self._channel = channel
        self._ended = threading.Event()
        threading.Thread(target=self._listen, name="queue-side", daemon=True).start()

    def rerun(self, hold: int) -> None:
        """Run again what has been held since the sign showed this, if it still is (SES-36)."""
        self._channel.say(Rerun(hold))

    def drain(self) -> None:
        """Take no more events, and close once the running one is answered (SES-32).

        A signal handler may call this and `abandon`.
        """
        self._channel.say(Drain())

    def abandon(self) -> None:
        """Close at once; a running event is given up (SES-33)."""
        self._channel.say(Abandon())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for its end: closed as it was asked to, after its one event, failed, or lost.

        Args:
            timeout: The longest time to wait, in seconds; None for as long as it takes.

        Returns:
            Whether it has ended. Its process can outlive that by one receive, whose message it
            gives back; it writes nothing any more.
        """
        return self._ended.wait(timeout)

    @property
    def is_alive(self) -> bool:
        """Whether it still works."""
        return not self._ended.is_set()

    @property
    def pid(self) -> int:
        """The ID of its process."""
        return self._process.pid

    def _listen(self) -> None:
        leave_signals_to_main_thread()
        while isinstance(word := self._channel.hear(), Held | HoldEnded):
            self.hold.show(word.hold if isinstance(word, Held) else 0)
        if isinstance(word, Failed):
            self.failure = QueueSideFailed(word.message, hint=word.hint)
        self.is_closed = isinstance(word, Closed)
        self._ended.set()
        # The line stays open until this process ends or the child hangs up: the child takes its
        # end as the sign that nobody waits for the rest of an answer any more.
        while isinstance(word, Closed | Failed):
            word = self._channel.hear()
        self._channel.close()
        self._process.wait()


def start_queue_side(config: ClientConfig, *, stdout: int | None = None) -> QueueSide:
    """Start a queue side as a child of this process, and wait until it serves.

    Args:
        config: The settings.
        stdout: Descriptor of the child's standard output; None for this process's.

    Raises:
        NotStarted: The process did not come up.
        QueueSideFailed: It came up, and cannot work: a queue that is not there, credentials that
            are not valid.
    """
    token = secrets.token_hex(16)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = _start(f"{listener.getsockname()[1]}:{token}", stdout)
        with contextlib.ExitStack() as otherwise:
            otherwise.callback(_reap, process)
            channel = _accept(listener, token, process)
            otherwise.callback(channel.close)
            channel.say(Configure(config.to_json()))
            word = channel.hear()
            if isinstance(word, Failed):
                raise QueueSideFailed(word.message, hint=word.hint)
            if not isinstance(word, Ready):
                raise NotStarted(_last_words(process))
            otherwise.pop_all()
    return QueueSide(process, channel, word.runtime_api)


def _start(meeting_point: str, stdout: int | None) -> subprocess.Popen[bytes]:
    """Start the child outside the terminal's process group, so that Ctrl-C is the parent's alone.

    -P keeps the current folder, and with it the user's modules, out of the child's imports.
    """
    command = [sys.executable, "-P", "-m", _MODULE]
    environment = {MMAP_THRESHOLD: MMAP_THRESHOLD_BYTES, **os.environ, VARIABLE: meeting_point}
    group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows has no sessions
    with _without_debugger():
        return subprocess.Popen(  # noqa: S603 - this interpreter and a module of this package
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            env=environment,
            start_new_session=True,
            creationflags=group,
        )


def _without_debugger() -> AbstractContextManager[None]:
    """Keep a debugger from attaching itself to the child, which must not stop with the handler.

    pydevd, which debugpy and PyCharm are made of, rewrites the command lines of subprocesses.
    """
    monkey = sys.modules.get("_pydev_bundle.pydev_monkey")
    skip = getattr(monkey, "skip_subprocess_arg_patch", None)
    patch: AbstractContextManager[None] = nullcontext() if skip is None else skip()
    return patch


def _accept(listener: socket.socket, token: str, process: subprocess.Popen[bytes]) -> Channel:
    """The line to the child, which knows the token; others on this machine do not."""
    listener.settimeout(_GLANCE_S)
    secret = token.encode()
    give_up = time.monotonic() + _START_LIMIT_S
    while process.poll() is None and time.monotonic() < give_up:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        connection.settimeout(_HELLO_LIMIT_S)
        channel = Channel(connection)
        word = channel.hear()
        if isinstance(word, Hello) and hmac.compare_digest(str(word.token).encode(), secret):
            connection.settimeout(None)
            return channel
        channel.close()
    raise NotStarted(_last_words(process))


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Let a child that failed end, by force if need be."""
    try:
        process.wait(_FAREWELL_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_words(process: subprocess.Popen[bytes]) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return f"it ended with status {process.wait(_FAREWELL_S)}."
    return "it does not answer."
