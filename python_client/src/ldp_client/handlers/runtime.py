"""The loop on the main thread: an event, the handler, its answer, the next event.

The queue side is a child process that does everything else, and closes the connection when there
is nothing more to do: after a drain, after the one event of `--once`, and when it dies. So waiting
for the next event is also how the end is noticed, without a race between a signal and an event.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from ldp_client.errors import (
    Abandoned,
    ClientError,
    HandlerError,
    NotMainThread,
    QueueSideLost,
)
from ldp_client.handlers import environment
from ldp_client.handlers.api import RuntimeApiClient
from ldp_client.handlers.current import running_on
from ldp_client.handlers.hold import Wait
from ldp_client.handlers.line_input import LineInput
from ldp_client.handlers.runner import Result, Runner
from ldp_client.handlers.signals import Signals, leave_signals_to_main_thread, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.handlers.failure import Failure
    from ldp_client.handlers.hold import HoldSign
    from ldp_client.handlers.invocation import Invocation
    from ldp_client.handlers.runner import Handler

_END_S: Final = 30.0
"""How long the queue side may take to end after it hung up; it has nothing left to wait for."""

_ABANDON_S: Final = 5.0
"""How long it may take to end when it is told to drop everything."""

_GLANCE_S: Final = 0.5


class QueueSide(Protocol):
    """What the session needs of the process that talks to SQS."""

    @property
    def runtime_api(self) -> str:
        """`host:port` of its Runtime API."""

    @property
    def is_closed(self) -> bool:
        """Whether it ended in good order: as it was asked to, or after its one event."""

    @property
    def failure(self) -> ClientError | None:
        """Why it ended by itself, if it said so."""

    @property
    def hold(self) -> HoldSign:
        """Whether an event is held."""

    def rerun(self, hold: int) -> None:
        """Ask it to run again what has been held since the sign showed this."""

    def drain(self) -> None:
        """Ask it to receive nothing more, and to end once what runs is answered."""

    def abandon(self) -> None:
        """Ask it to end at once."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for its end, up to so many seconds; whether it has ended."""


def require_main_thread() -> None:
    """Refuse to run anywhere but on the main thread.

    Raises:
        NotMainThread: This is another one.
    """
    thread = threading.current_thread()
    if thread is not threading.main_thread():
        raise NotMainThread(thread.name)


class Runtime:
    """Serves a queue side with one handler until there is nothing more to do.

    Args:
        handler: The user's function.
        start: Starts the queue side, and returns when it is up.
        lease_s: Length of its leases in seconds, to say when an event comes back.
        reload: Loads the handler's code as it now is; None if that is not possible.
    """

    def __init__(
        self,
        handler: Handler,
        start: Callable[[], QueueSide],
        lease_s: int,
        reload: Callable[[], Handler] | None = None,
    ) -> None:
        self._runner = Runner(handler)
        self._reload = reload
        self._has_warned = False
        self._start = start
        self._lease_s = lease_s
        self._signals = Signals(self._drain, self._abandon)
        self._queue_side: QueueSide | None = None
        self._running = False

    def run(self) -> None:
        """Start, and serve until a signal, the end of `--once`, or the end of the queue side.

        Raises:
            Abandoned: A second signal came.
            ClientError: The queue side did not start or ended by itself; what it said, or
                QueueSideLost.
            RuntimeApiUnusable: Something else answers in its place.
        """
        with self._signals:
            try:
                self._serve(self._begin())
            except (KeyboardInterrupt, ClientError):
                if not self._signals.abandoned:
                    self._abandon()
                    raise
            if self._signals.abandoned:
                if self._queue_side is not None:
                    _wait(self._queue_side, _ABANDON_S)
                raise Abandoned(self._lease_s)

    def _begin(self) -> QueueSide:
        queue_side = self._queue_side = self._start()
        if self._signals.count:  # a signal came while it started
            queue_side.drain()
        threading.Thread(
            target=self._watch, args=(queue_side,), name="lambda-debug", daemon=True
        ).start()
        return queue_side

    def _serve(self, queue_side: QueueSide) -> None:
        lines = LineInput()
        wait = Wait(queue_side.hold, partial(self._run_again, queue_side), lines)
        with RuntimeApiClient(queue_side.runtime_api) as api:
            while (invocation := api.next(wait)) is not None:
                outcome = self._run(invocation)
                if self._signals.abandoned:
                    return
                lines.begin()
                if not _post(api, invocation, outcome):
                    raise self._loss(queue_side, in_hand=True)
        # It hung up, so it has ended or is about to.
        if not _wait(queue_side, _END_S) or not queue_side.is_closed:
            raise self._loss(queue_side, in_hand=False)

    def _run(self, invocation: Invocation) -> Result | Failure:
        environment.prepare(invocation)
        self._running = True
        try:
            with running_on(invocation.event):
                return self._runner.run(invocation)
        finally:
            self._running = False
            self._signals.arm()

    def _run_again(self, queue_side: QueueSide, hold: int) -> bool:
        """Have a held event run again with the code as it now is; whether that could be loaded."""
        if self._reload is None:
            if not self._has_warned:
                say(
                    "The handler's code cannot be loaded again, since no module has it by a name; "
                    "it runs as it was. To take over what you edited, start the client again."
                )
            self._has_warned = True
        else:
            try:
                self._runner = Runner(self._reload())
            except HandlerError as exc:
                _write(exc.report)
                say("The event is still held. Press Enter once the code is mended.")
                return False
            finally:
                self._signals.arm()
        queue_side.rerun(hold)
        return True

    def _loss(self, queue_side: QueueSide, *, in_hand: bool) -> ClientError:
        _wait(queue_side, _ABANDON_S)  # for what it says last
        failure = queue_side.failure
        if failure is not None and not in_hand:
            return failure
        return QueueSideLost(failure, self._lease_s if in_hand else None)

    def _drain(self) -> None:
        if self._running:
            say("Ending after the running event. Interrupt again to abandon it.")
        else:
            say("Ending.")
        if self._queue_side is not None:
            self._queue_side.drain()

    def _abandon(self) -> None:
        if self._queue_side is not None:
            self._queue_side.abandon()

    def _watch(self, queue_side: QueueSide) -> None:
        """Say at once when the queue side dies under a running handler (SES-34)."""
        leave_signals_to_main_thread()
        queue_side.wait()
        if self._running and not self._signals.abandoned:
            say(
                "The process that talks to SQS ended. The running event will be delivered again "
                f"within {self._lease_s} s; what the handler returns will be lost."
            )


def _wait(queue_side: QueueSide, limit_s: float) -> bool:
    """Wait for a queue side's end in short pieces, so that signals are taken in between."""
    return any(queue_side.wait(_GLANCE_S) for _ in range(round(limit_s / _GLANCE_S)))


def _post(api: RuntimeApiClient, invocation: Invocation, outcome: Result | Failure) -> bool:
    if isinstance(outcome, Result):
        return api.post_result(invocation, outcome.body, outcome.content_type)
    _write(outcome.report)
    return api.post_error(invocation, outcome.body)


def _write(report: str) -> None:
    """Print a failure where the developer looks, as Lambda prints it into the log."""
    with suppress(OSError, ValueError, AttributeError):  # closed, or None, by the handler
        sys.stderr.write(report)
        sys.stderr.flush()
