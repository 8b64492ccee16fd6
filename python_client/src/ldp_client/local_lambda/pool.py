"""The sandboxes of one function: as many as needed, at most as many as reserved, kept warm."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from ldp_client.local_lambda.errors import FunctionClosed, TooManyRequests
from ldp_client.local_lambda.limits import SETTLE_S
from ldp_client.local_lambda.sandbox import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.local_lambda.sandbox import Sandbox

    MakeSandbox = Callable[[Callable[[], None]], Sandbox]


class SandboxPool:
    """Sandboxes, started on demand.

    Args:
        make: Starts a sandbox; its argument is what the sandbox calls when it changes.
        limit: The largest number, or None for no limit.
    """

    def __init__(self, make: MakeSandbox, limit: int | None) -> None:
        self._make = make
        self._limit = limit
        self._changed = threading.Condition()
        self._sandboxes: list[Sandbox] = []
        self._closed = False

    def acquire(self, *, wait: bool) -> Sandbox:
        """Claim a warm sandbox, or start one.

        Args:
            wait: Wait for one to become free, as asynchronous events do.

        Raises:
            TooManyRequests: All are busy, and `wait` is false.
            FunctionClosed: The pool was closed.
            EntryUnavailable: A new process cannot be started.
        """
        settled_s = time.monotonic() + SETTLE_S
        with self._changed:
            while True:
                sandbox = self._claim_or_start(settled_s)
                if sandbox is not None:
                    return sandbox
                if not (wait or self._is_any(Phase.ENDING) or self._may_settle(settled_s)):
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
                self._sandboxes.remove(sandbox)
                return self._start()
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

    def _claim_or_start(self, settled_s: float) -> Sandbox | None:
        self._refuse_if_closed()
        self._drop_dead()
        warm = next((each for each in self._sandboxes if each.try_claim()), None)
        if warm is not None:
            return warm
        if self._may_settle(settled_s):
            return None  # one that is as good as free spares a cold start
        has_room = self._limit is None or len(self._sandboxes) < self._limit
        return self._start() if has_room else None

    def _may_settle(self, settled_s: float) -> bool:
        return self._is_any(Phase.SETTLING) and time.monotonic() < settled_s

    def _is_any(self, phase: Phase) -> bool:
        return any(each.phase is phase for each in self._sandboxes)

    def _start(self) -> Sandbox:
        sandbox = self._make(self._notify)
        self._sandboxes.append(sandbox)
        return sandbox

    def _drop_dead(self) -> None:
        self._sandboxes = [each for each in self._sandboxes if not each.is_spent()]
        for each in self._sandboxes:
            if each.is_overdue():
                each.doom()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise FunctionClosed

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()
