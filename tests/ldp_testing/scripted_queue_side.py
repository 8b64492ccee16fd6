"""A queue side without queues: a real Runtime API in front of what a test scripts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ldp_client.handlers.hold import HoldSign

if TYPE_CHECKING:
    from ldp_client.errors import ClientError
    from ldp_client.runtime_api import RuntimeApi
    from ldp_testing.runtime_side import ScriptedInvocations


class ScriptedQueueSide:
    """What the runtime sees of a queue side, with its end in a test's hands."""

    def __init__(self, api: RuntimeApi, invocations: ScriptedInvocations) -> None:
        self.runtime_api = api.address
        self.failure: ClientError | None = None
        self.is_closed = False
        self.drained = threading.Event()
        self.abandoned = threading.Event()
        self.hold = HoldSign()
        self.reruns: list[int] = []
        self.asked = threading.Event()
        self._api = api
        self._invocations = invocations
        self._ended = threading.Event()

    def rerun(self, hold: int) -> None:
        """Note it."""
        self.reruns.append(hold)
        self.asked.set()

    def drain(self) -> None:
        """Close in good order."""
        self.drained.set()
        self.close()

    def abandon(self) -> None:
        """Close at once."""
        self.abandoned.set()
        self._end()

    def close(self) -> None:
        """Hang up once what runs is answered, having nothing more to do."""
        self.is_closed = True
        self._end()

    def die(self, failure: ClientError | None = None) -> None:
        """Be gone, with every connection, from one moment to the next."""
        self.failure = failure
        self._end()
        self._api.close()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end."""
        return self._ended.wait(timeout)

    def _end(self) -> None:
        self._invocations.close()
        self._ended.set()
