"""The queues of the one account that the witness plays, by name."""

from __future__ import annotations

import re
from threading import RLock
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness import refusals
from ldp_conformance.witness.names import ACCOUNT
from ldp_conformance.witness.queue import WitnessQueue
from ldp_conformance.witness.refusals import Refusal
from ldp_conformance.witness.settings import first_difference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ldp_conformance.witness.settings import QueueSettings

#: How long the name of a deleted queue cannot be used again (CreateQueue).
NAME_REST_MS: Final = 60_000
_PATH: Final = re.compile(r"(?:https?://[^/]+)?/([0-9]{12})/([^/?#]+)/?")


class Account:
    """All queues; safe among threads.

    Args:
        endpoint: Begins the URL of each queue.
        clock_ms: The time.
    """

    def __init__(self, endpoint: Callable[[], str], clock_ms: Callable[[], int]) -> None:
        self._endpoint = endpoint
        self.clock_ms = clock_ms
        self._lock = RLock()
        self._queues: dict[str, WitnessQueue] = {}
        self._deleted_at_ms: dict[str, int] = {}

    def add(self, name: str, settings: QueueSettings) -> WitnessQueue:
        """Make a queue, in the place of one of that name."""
        with self._lock:
            queue = WitnessQueue(name, self.url(name), settings, self.clock_ms, self.by_arn)
            self._queues[name] = queue
            return queue

    def create(
        self, name: str, settings: QueueSettings, attributes: Mapping[str, str]
    ) -> tuple[WitnessQueue, bool]:
        """The queue of a name, as CreateQueue makes or finds it, and whether it is new.

        Args:
            name: Its name.
            settings: What it is to be like.
            attributes: The attributes that were said, which one that exists has to share.

        Raises:
            Refusal: The name cannot be, its queue is different, or was deleted just now.
        """
        refusals.check_queue_name(name)
        with self._lock:
            if queue := self.find(name):
                _check_same(queue, settings, attributes)
                return queue, False
            gone_ms = self._deleted_at_ms.get(name)
            if gone_ms is not None and self.clock_ms() < gone_ms + NAME_REST_MS:
                raise Refusal(
                    "AWS.SimpleQueueService.QueueDeletedRecently",
                    "You must wait 60 seconds after deleting a queue before you can create "
                    "another with the same name.",
                    name="QueueDeletedRecently",
                )
            return self.add(name, settings), True

    def find(self, name: str) -> WitnessQueue | None:
        """The queue of a name, if there is one."""
        with self._lock:
            queue = self._queues.get(name)
            return queue if queue is not None and queue.exists else None

    def at(self, url: str) -> WitnessQueue | None:
        """The queue at a URL, if there is one; by account and name, whatever its host says."""
        match = _PATH.fullmatch(url)
        return self.find(match[2]) if match and match[1] == ACCOUNT else None

    def by_arn(self, arn: str) -> WitnessQueue | None:
        """The queue of an ARN, if there is one."""
        return self.find(arn.rpartition(":")[2])

    def delete(self, queue: WitnessQueue) -> None:
        """Delete a queue, as DeleteQueue does."""
        with self._lock:
            queue.remove()
            self._deleted_at_ms[queue.name] = self.clock_ms()

    def named(self, prefix: str = "") -> list[WitnessQueue]:
        """The queues whose names begin so, in the order of their names."""
        with self._lock:
            return [
                queue
                for name, queue in sorted(self._queues.items())
                if name.startswith(prefix) and queue.exists
            ]

    def url(self, name: str) -> str:
        """The URL of the queue of a name."""
        return f"{self._endpoint()}/{ACCOUNT}/{name}"


def name_in(url: str) -> str:
    """The name of the queue that a URL is of; empty if it is of none."""
    match = _PATH.fullmatch(url)
    return match[2] if match else ""


def _check_same(
    queue: WitnessQueue, settings: QueueSettings, attributes: Mapping[str, str]
) -> None:
    name = first_difference(queue.settings, settings, attributes)
    if name is not None:
        raise Refusal(
            "QueueAlreadyExists",
            f"A queue already exists with the same name and a different value for attribute {name}",
            name="QueueNameExists",
        )
