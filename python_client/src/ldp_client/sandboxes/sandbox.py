"""One sandbox: a runtime's process, its Runtime API, and what it is doing.

The sandbox is what its Runtime API asks for work. It knows one invocation at a time; how many
sandboxes there are and what callers are told is decided elsewhere. `on_change` is never called with
the lock held, so that a pool may lock itself first and a sandbox second.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from ldp_client.runtime_api import RuntimeApi
from ldp_client.sandboxes.outcomes import Answered, Exited, InitFailed, Ready, TimedOut
from ldp_client.sandboxes.process import SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.runtime_api import Invocation, Posted, Worker
    from ldp_client.sandboxes.outcomes import Outcome, Start
    from ldp_client.sandboxes.process import Command, LogSink

_logger = logging.getLogger(__name__)


class Phase(Enum):
    """What a sandbox is doing.

    Members:
        STARTING: The runtime has not yet asked for work, or lost the connection that it asked on.
        IDLE: It waits for work, frozen unless somebody has claimed it.
        RUNNING: It has an event.
        SETTLING: It has answered and will ask for more.
        ENDING: It is being killed.
        DEAD: Its process has ended.
    """

    STARTING = auto()
    IDLE = auto()
    RUNNING = auto()
    SETTLING = auto()
    ENDING = auto()
    DEAD = auto()


@dataclass(slots=True)
class _Run:
    """An invocation and its outcome.

    Not fields of the sandbox: it may be claimed for the next invocation before the thread that
    waits for this one has woken.
    """

    invocation: Invocation
    is_pending: bool = True
    outcome: Outcome | None = None

    def awaits(self, request_id: str, invocation_id: str) -> bool:
        """Whether a post is the first answer to this very attempt."""
        if self.outcome is not None or request_id != self.invocation.request_id:
            return False
        # A retry has the same request ID: where the runtime echoes the attempt's nonce, it decides.
        return invocation_id in ("", self.invocation.invocation_id)

    def drop(self) -> None:
        """Conclude from a runtime that asks for work that it has lost what it was handed.

        A supervisor inside the sandbox has put another in its place, say, because a file changed.
        """
        if self.outcome is None and not self.is_pending:
            self.outcome = Exited(0)


class Sandbox:
    """A sandbox, claimed by whoever made it until its first answer.

    Args:
        command: What to start, given the address of its Runtime API.
        log: Gets the lines of the process; None to let it write where this process writes.
        on_change: Called when it has become idle or dead, from any thread.
        freezes: Stop the process while it is nobody's, as Lambda does.

    Raises:
        ProgramUnavailable: The process cannot be started.
    """

    def __init__(
        self,
        command: Callable[[str], Command],
        log: LogSink | None,
        on_change: Callable[[], None],
        *,
        freezes: bool = True,
    ) -> None:
        self._on_change = on_change
        self._freezes = freezes
        self._changed = threading.Condition()
        self._phase = Phase.STARTING
        self._claimed = True
        self._run: _Run | None = None
        self._init_failure: InitFailed | None = None
        self._exit: Exited | None = None
        self._until_s = 0.0
        self._api = RuntimeApi(self)
        try:
            self._process = SandboxProcess(command(self._api.address), log, self._ended)
        except BaseException:
            self._api.close()
            raise
        self._api.start()
        self._process.start()

    @property
    def phase(self) -> Phase:
        """What it is doing at this moment."""
        return self._phase

    @property
    def pid(self) -> int:
        """The process ID of the runtime."""
        return self._process.pid

    def try_claim(self) -> bool:
        """Claim it if it is idle and free; until its next answer nobody else gets it."""
        with self._changed:
            free = self._phase is Phase.IDLE and not self._claimed
            self._claimed = self._claimed or free
            return free

    def is_idle(self) -> bool:
        """Whether it has nothing to do and is nobody's."""
        with self._changed:
            return self._phase is Phase.IDLE and not self._claimed

    def is_overdue(self) -> bool:
        """Whether it has answered but not asked for more within its invocation's time."""
        return self._phase is Phase.SETTLING and time.monotonic() > self._until_s

    def is_spent(self) -> bool:
        """Whether it is dead and nobody's: a claimed one keeps its place for its owner."""
        with self._changed:
            return self._phase is Phase.DEAD and not self._claimed

    def release(self) -> None:
        """Give up a claim that no answer has ended."""
        with self._changed:
            self._claimed = False
        self._on_change()

    def await_start(self, timeout_s: float) -> Start:
        """Wait until the runtime asks for work, at once if it does already.

        For the first time, or after an answer.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._start() is not None, timeout_s)
            return self._start() or TimedOut()

    def handle(self, invocation: Invocation, until_s: float) -> Outcome:
        """Have the runtime handle an invocation; the sandbox must be claimed and ready.

        Args:
            invocation: What to hand out.
            until_s: The end of its time on the monotonic clock; then the sandbox is killed.
                Infinity for never.
        """
        run = _Run(invocation)
        with self._changed:
            self._run = run
            self._until_s = until_s
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: run.outcome is not None or self._exit is not None,
                min(until_s - time.monotonic(), threading.TIMEOUT_MAX),
            )
            outcome = run.outcome or self._exit or TimedOut()
            if self._run is run:  # an event and its result can have 6 MiB each
                self._run = None
        if isinstance(outcome, TimedOut):
            self.kill()
        if not isinstance(outcome, Answered):
            self.release()
        return outcome

    def kill(self) -> None:
        """End the process with SIGKILL; on return it is dead."""
        self._process.kill()

    def doom(self) -> None:
        """End the process with SIGKILL without waiting; `on_change` tells when it is dead."""
        with self._changed:
            if self._phase is not Phase.DEAD:
                self._phase = Phase.ENDING
        self._process.send_kill()

    def next(self, worker: Worker) -> Invocation | None:
        """Hand out the invocation that the sandbox is claimed for, when there is one."""
        self._settle()
        self._on_change()
        with self._changed:
            self._changed.wait_for(
                lambda: self._has_work() or worker.gone or self._exit is not None
            )
            if worker.gone or self._exit is not None or self._run is None:
                return None
            self._run.is_pending = False
            self._phase = Phase.RUNNING
            if self._freezes:
                self._process.thaw()
            return self._run.invocation

    def responded(self, worker: Worker, request_id: str, posted: Posted) -> None:
        """Take in a result, unless it comes late."""
        self._answer(worker, request_id, Answered(posted, is_error=False))

    def failed(self, worker: Worker, request_id: str, posted: Posted) -> None:
        """Take in an error, unless it comes late."""
        self._answer(worker, request_id, Answered(posted, is_error=True))

    def init_failed(self, worker: Worker, posted: Posted) -> None:
        """Take in why the runtime cannot start."""
        with self._changed:
            self._init_failure = InitFailed(posted)
            self._changed.notify_all()
        _logger.warning("sandbox.init_failed", extra={"pid": self.pid, "worker": worker.number})

    def lost(self, worker: Worker) -> None:
        """Let go of a worker whose connection ended; its process is dead or will ask again."""
        with self._changed:
            if self._phase is Phase.IDLE:
                self._phase = Phase.STARTING
            self._changed.notify_all()
        _logger.debug("sandbox.worker_lost", extra={"pid": self.pid, "worker": worker.number})

    def undelivered(self, worker: Worker, invocation: Invocation) -> None:
        """Keep an invocation that did not reach the runtime, for its next try."""
        with self._changed:
            if self._run is not None and self._run.invocation is invocation:
                self._run.is_pending = self._run.outcome is None
        _logger.warning("sandbox.undelivered", extra={"pid": self.pid, "worker": worker.number})

    def _has_work(self) -> bool:
        return self._run is not None and self._run.is_pending

    def _settle(self) -> None:
        with self._changed:
            if self._run is not None:
                self._run.drop()
            if self._phase not in (Phase.ENDING, Phase.DEAD):
                self._phase = Phase.IDLE
            if self._freezes and not self._claimed:
                self._process.freeze()
            self._changed.notify_all()

    def _answer(self, worker: Worker, request_id: str, answered: Answered) -> None:
        with self._changed:
            run = self._run
            in_time = run is not None and run.awaits(request_id, answered.posted.invocation_id)
            if run is not None and in_time:
                run.outcome = answered
                self._claimed = False
                self._phase = Phase.SETTLING
                self._changed.notify_all()
        if not in_time:
            extra = {"pid": self.pid, "worker": worker.number, "aws_request_id": request_id}
            _logger.warning("sandbox.late_post", extra=extra)

    def _start(self) -> Start | None:
        if self._init_failure is not None or self._exit is not None:
            return self._init_failure or self._exit
        return Ready() if self._phase is Phase.IDLE else None

    def _ended(self, code: int) -> None:
        with self._changed:
            self._exit = Exited(code)
            self._phase = Phase.DEAD
            self._changed.notify_all()
        self._api.close()
        self._on_change()
