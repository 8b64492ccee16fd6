"""The sandboxes of one function: as many as needed, at most as many as reserved, kept warm.

A reservation is the function's and not a version's: sandboxes of all versions share it. One that
is idle takes no part of it from another version.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from ldp_client.local_lambda.errors import FunctionClosed, TooManyRequests
from ldp_client.local_lambda.limits import SETTLE_S
from ldp_client.sandboxes.sandbox import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.sandboxes.sandbox import Sandbox


class SandboxSource(Protocol):
    """Where sandboxes of one kind come from: a version."""

    def start(self, on_change: Callable[[], None]) -> Sandbox:
        """Start a sandbox, which calls `on_change` when it changes.

        Raises:
            EntryUnavailable: The process cannot be started.
        """


class SandboxPool:
    """Sandboxes, started on demand.

    Args:
        limit: The largest number that may be busy at once, or None for no limit.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._changed = threading.Condition()
        self._sandboxes: dict[Sandbox, SandboxSource] = {}
        self._closed = False

    def acquire(self, source: SandboxSource, *, wait: bool) -> Sandbox:
        """Claim a warm sandbox of a version, or start one.

        Args:
            source: The version.
            wait: Wait for one to become free, as asynchronous events do.

        Raises:
            TooManyRequests: All are busy, and `wait` is false.
            FunctionClosed: The pool was closed.
            EntryUnavailable: A new process cannot be started.
        """
        settled_s = time.monotonic() + SETTLE_S
        with self._changed:
            while True:
                self._refuse_if_closed()
                self._drop_dead()
                # Looked at before claiming: what settles or dies in between leaves a place.
                soon = self._is_any(Phase.ENDING) or self._may_settle(settled_s)
                sandbox = self._claim_or_start(source, settled_s)
                if sandbox is not None:
                    return sandbox
                if not (wait or soon):
                    raise TooManyRequests
                self._changed.wait(SETTLE_S)  # a sandbox that becomes overdue makes no sound

    def replace(self, sandbox: Sandbox) -> Sandbox:
        """Kill a claimed sandbox and start another in its place, claimed by the same invocation.

        Raises:
            FunctionClosed: The pool was closed.
            EntryUnavailable: A new process cannot be started.
        """
        try:
            with self._changed:
                self._refuse_if_closed()
                return self._start(self._sandboxes.pop(sandbox))
        finally:
            sandbox.kill()

    def discard(self, sandbox: Sandbox) -> None:
        """Kill a claimed sandbox that is of no more use."""
        sandbox.kill()
        sandbox.release()

    def close(self) -> None:
        """Kill all sandboxes; whoever waits for one is refused."""
        with self._changed:
            self._closed = True
            sandboxes = tuple(self._sandboxes)
            self._changed.notify_all()
        for sandbox in sandboxes:
            sandbox.kill()

    def _claim_or_start(self, source: SandboxSource, settled_s: float) -> Sandbox | None:
        if not self._has_room():
            return None
        own = [each for each, its in self._sandboxes.items() if its is source]
        warm = next((each for each in own if each.try_claim()), None)
        if warm is not None:
            return warm
        if any(each.phase is Phase.SETTLING for each in own) and time.monotonic() < settled_s:
            return None  # one that is as good as free spares a cold start
        return self._start(source)

    def _has_room(self) -> bool:
        """Whether one more may be busy, of whichever version."""
        busy = sum(not each.is_idle() for each in self._sandboxes)
        return self._limit is None or busy < self._limit

    def _may_settle(self, settled_s: float) -> bool:
        return self._is_any(Phase.SETTLING) and time.monotonic() < settled_s

    def _is_any(self, phase: Phase) -> bool:
        return any(each.phase is phase for each in self._sandboxes)

    def _start(self, source: SandboxSource) -> Sandbox:
        sandbox = source.start(self._notify)
        self._sandboxes[sandbox] = source
        return sandbox

    def _drop_dead(self) -> None:
        for each in [each for each in self._sandboxes if each.is_spent()]:
            del self._sandboxes[each]
        for each in self._sandboxes:
            if each.is_overdue():
                each.doom()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise FunctionClosed

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()
