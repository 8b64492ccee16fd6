"""Clients as developers run them, two processes each, and what weather can do to one of them.

A client keeps its place and its journal through all its lives, and has another name in each.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_testing.chaos.history import STOPS, Event, Weather
from ldp_testing.chaos.wire import now_ms
from ldp_testing.chaos.witness import APP, CLIENT
from ldp_testing.client_process import ClientProcess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from threading import Event as Flag

    from ldp_testing.chaos.plan import Front
    from ldp_testing.chaos.starvation import Starvation
    from ldp_testing.chaos.wire import Wire

_SIDES: Final = {
    Weather.HANDLER_KILLED: (True, False),
    Weather.QUEUE_SIDE_KILLED: (False, True),
    Weather.BOTH_KILLED: (True, True),
}
#: How long a client that was told to end, or has lost its other half, may take for it, in seconds.
_END_S: Final = 15.0
_REAL: Final = ("-m", "ldp_client")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all clients share.

    Attributes:
        environment: The whole environment, but for what differs.
        wire: Where it is noted what happens to them.
        starvation: Who watches over them.
        program: What is started, as arguments of Python.
    """

    environment: Mapping[str, str]
    wire: Wire
    starvation: Starvation
    program: Sequence[str] = _REAL


class Client:
    """One place of a client.

    Args:
        number: Which.
        folder: For its files.
        journal: Its state folder; clients of one machine share it.
        surroundings: What all clients share.

    Attributes:
        names: Those of all its lives.
    """

    def __init__(
        self, number: int, folder: Path, journal: Path, surroundings: Surroundings
    ) -> None:
        self.names: list[str] = []
        self.journal = journal
        self._number = number
        self._folder = folder
        self._environment = surroundings.environment
        self._wire = surroundings.wire
        self._starvation = surroundings.starvation
        self._program = surroundings.program
        self._life = ExitStack()
        self._process: ClientProcess | None = None
        self._queue_sides: list[int] = []
        self._is_to_live = False
        folder.mkdir()

    @property
    def name(self) -> str:
        """That of its present life."""
        return self.names[-1]

    def start(self) -> None:
        """Begin a life, when the one before is over, and wait until it listens."""
        if self._process is not None:
            self._end()
            self._life.close()
        name = f"client{self._number}-{len(self.names) + 1}"
        self.names.append(name)
        environment = {**self._environment, CLIENT: name, "AWS_ACCESS_KEY_ID": name}
        program = [sys.executable, *self._program]
        self._process = self._life.enter_context(
            ClientProcess(self._folder, environment, app=APP, state=self.journal, program=program)
        )
        self._process.wait_for("listening")
        self._is_to_live = True
        pid = self._process.queue_side_pid
        self._queue_sides.append(os.pidfd_open(pid))
        self._starvation.watch(pid, name)

    def meet(self, front: Front, over: Flag) -> None:
        """Let a front come over it, and leave it alive.

        Args:
            front: What comes.
            over: Set when the run is over, and nothing has to last any more.
        """
        self._look()
        if self.is_alive and front.kind in STOPS:
            self.stop(front, over)
            return
        if front.kind is Weather.INTERRUPTED:
            self.interrupt()
        elif front.kind not in STOPS:
            self.kill(front.kind)
            over.wait(front.lasts_s)
        if not over.is_set():
            self.start()

    def _look(self) -> None:
        """Note it if it ended although nobody ended it."""
        if self._is_to_live and not self.is_alive:
            self._note(Weather.ENDED_BY_ITSELF)

    @property
    def is_alive(self) -> bool:
        """Whether its handler's process runs, be it stopped."""
        return self._process is not None and self._process.process.poll() is None

    def stop(self, front: Front, over: Flag) -> None:
        """Stop both processes as the lid of a laptop does, or one as a breakpoint does."""
        begun_ms, is_lid = now_ms(), front.kind is Weather.PAUSED
        self._signal(signal.SIGSTOP, queue_side=is_lid)
        over.wait(front.lasts_s)
        self._signal(signal.SIGCONT, queue_side=is_lid)
        self._note(front.kind, begun_ms)

    def kill(self, kind: Weather) -> None:
        """End one process or both with SIGKILL, the queue side first."""
        handler, queue_side = _SIDES[kind]
        self._is_to_live = False
        self._note(kind)
        self._signal(signal.SIGKILL, handler=handler, queue_side=queue_side)

    def interrupt(self) -> None:
        """Do what Ctrl-C does, and wait for the end."""
        self._is_to_live = False
        self._note(Weather.INTERRUPTED)
        self._signal(signal.SIGINT, queue_side=False)
        self._end()

    def close(self) -> None:
        """End it for good, in good order if it can, with all that is left of its lives."""
        if self._process is not None:
            self._look()
            self._is_to_live = False
            self._signal(signal.SIGINT, queue_side=False)
            self._end()
            self._process = None
            self._life.close()
        for queue_side in self._queue_sides:
            _tell(queue_side, signal.SIGKILL)
            os.close(queue_side)
        self._queue_sides.clear()

    def _end(self) -> None:
        """Wait for the end of the handler's process, and bring it about if it takes too long."""
        assert self._process is not None
        try:
            self._process.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.kill(Weather.HANDLER_KILLED)
            self._process.process.wait()

    def _signal(
        self, number: signal.Signals, *, handler: bool = True, queue_side: bool = True
    ) -> None:
        assert self._process is not None
        if queue_side:
            _tell(self._queue_sides[-1], number)
        if handler and self.is_alive:
            self._process.process.send_signal(number)

    def _note(self, kind: Weather, since_ms: int | None = None) -> None:
        at_ms = now_ms()
        self._wire.note(Event(kind, at_ms if since_ms is None else since_ms, at_ms, self.name))


def _tell(process: int, number: signal.Signals) -> None:
    """Signal a process that may be gone, by a descriptor of it: IDs are given to others."""
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, number)
