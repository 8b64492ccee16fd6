"""Queues themselves in memory, with SQS's semantics, for tests and simulations.

What it makes are `MemoryQueue`s on its own clock. Not modelled: that a deletion takes up to a
minute, that a listing is a minute old, and throttling; faults of single calls are its users'.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from ldp_queues.addresses import QueueAddress, check_name
from ldp_queues.admin import NAME_REST_S
from ldp_queues.errors import QueueNameTaken, QueueNotFound
from ldp_queues.memory import MemoryQueue
from ldp_queues.memory_clock import RealClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_queues.admin import QueueAttributes
    from ldp_queues.memory_clock import Clock
    from ldp_queues.ports import Message, Stored

_MS_PER_S = 1000
_HERE = QueueAddress("https://sqs.memory", "123456789012", "any")


@dataclass(frozen=True, slots=True)
class _Made:
    attributes: QueueAttributes
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class AdminCall:
    """One call, as it was asked.

    Attributes:
        operation: `create`, `find`, `tags` or `delete`.
        about: The name, the prefix or the URL.
    """

    operation: str
    about: str


@dataclass(slots=True)
class MemoryAdmin:
    """The queues of one account; safe among threads under a `RealClock`.

    Attributes:
        clock: Its time, and that of the queues.
        here: Any address of the account; what it makes are siblings of it.
        calls: Every call that was made, refused ones too.
    """

    clock: Clock = field(default_factory=RealClock)
    here: QueueAddress = _HERE
    calls: list[AdminCall] = field(default_factory=list)
    _made: dict[str, _Made] = field(default_factory=dict)
    _queues: dict[str, MemoryQueue] = field(default_factory=dict)
    _deleted_at_ms: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        """Make a queue; see `QueueAdmin.create`."""
        url = self.here.sibling(name).url
        self._enter("create", name)
        with self._lock:
            made = self._made.get(url)
            if made is None:
                self._check_rest(name, url)
                limit_bytes = attributes.maximum_message_size_bytes
                queue = MemoryQueue(name, clock=self.clock, limit_bytes=limit_bytes)
                self._queues[url] = queue
                self._made[url] = _Made(attributes, dict(tags))
            elif made.attributes != attributes:
                raise QueueNameTaken(f"{name} exists with other attributes")
        return url

    def find(self, prefix: str) -> Iterator[str]:
        """The queues whose names begin so; see `QueueAdmin.find`."""
        check_name(prefix)
        self._enter("find", prefix)
        with self._lock:
            found = [url for url in self._made if self._queues[url].name.startswith(prefix)]
        yield from found

    def tags(self, url: str) -> Mapping[str, str]:
        """The tags of a queue; see `QueueAdmin.tags`."""
        self._enter("tags", url)
        with self._lock:
            if url not in self._made:
                raise QueueNotFound(f"{url} does not exist")
            return dict(self._made[url].tags)

    def delete(self, url: str) -> None:
        """Delete a queue; see `QueueAdmin.delete`."""
        self._enter("delete", url)
        with self._lock:
            if self._made.pop(url, None) is not None:
                self._deleted_at_ms[url] = self.clock.now_ms()
                self._queues[url].vanish()

    def open(self, url: str) -> OpenedQueue:
        """The queue at a URL, whether there is one or not, without a call."""
        return OpenedQueue(self, url)

    def queue(self, url: str) -> MemoryQueue:
        """The queue itself; one that was deleted refuses whatever it is asked.

        Raises:
            QueueNotFound: There never was one.
        """
        with self._lock:
            if url not in self._queues:
                raise QueueNotFound(f"{url} does not exist")
            return self._queues[url]

    def _enter(self, operation: str, about: str) -> None:
        self.clock.tick()
        with self._lock:
            self.calls.append(AdminCall(operation, about))

    def _check_rest(self, name: str, url: str) -> None:
        deleted_at_ms = self._deleted_at_ms.get(url)
        if deleted_at_ms is None:
            return
        if self.clock.now_ms() < deleted_at_ms + NAME_REST_S * _MS_PER_S:
            raise QueueNameTaken(f"a queue {name} was deleted less than {NAME_REST_S} s ago")


@dataclass(frozen=True, slots=True)
class OpenedQueue:
    """Whatever queue is at a URL when something is asked of it; `Outgoing` and `Incoming`."""

    admin: MemoryAdmin
    url: str

    def send(self, body: str) -> Stored:
        """Store a text; see `Outgoing.send`."""
        return self.admin.queue(self.url).send(body)

    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        """Bring messages; see `Incoming.receive`."""
        return self.admin.queue(self.url).receive(
            wait_s=wait_s, visibility_s=visibility_s, max_messages=max_messages
        )

    def delete(self, receipt: str) -> None:
        """Delete a message; see `Incoming.delete`."""
        self.admin.queue(self.url).delete(receipt)

    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        """Keep a message invisible or release it; see `Incoming.change_visibility`."""
        self.admin.queue(self.url).change_visibility(receipt, visibility_s)
