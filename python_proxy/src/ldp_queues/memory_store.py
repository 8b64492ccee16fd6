"""A bucket in memory, for tests and simulations; it never leaves the process.

As S3 documents it: what is stored can be read at once by everybody, as often as they like. Of
`Faults` it knows those that meet any call.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from ldp_queues.errors import ObjectNotFound, StoreThrottled, StoreUnreachable
from ldp_queues.memory_clock import RealClock
from ldp_queues.memory_faults import Fault, Faults

if TYPE_CHECKING:
    from ldp_queues.memory_clock import Clock


class MemoryStore:
    """A bucket in memory; it is a `Store`.

    Attributes:
        name: Stands in its errors.
        clock: Its time.
        faults: What goes wrong.
        objects: What lies in it, by key.
        calls: The operation and the key of every call that was made, refused ones too.
    """

    def __init__(
        self, name: str = "bucket", *, clock: Clock | None = None, faults: Faults | None = None
    ) -> None:
        """Make an empty bucket, in real time and without faults unless told otherwise."""
        self.name = name
        self.clock = RealClock() if clock is None else clock
        self.faults = Faults() if faults is None else faults
        self.objects: dict[str, bytes] = {}
        self.calls: list[tuple[str, str]] = []
        self._lock = Lock()

    def put(self, key: str, body: bytes) -> None:
        """Store bytes; see `Store.put`."""
        with self._lock:
            self._enter("put", key)
            self.objects[key] = body
            if self.faults.happens(Fault.LOST_ANSWER, self.clock.now_ms()):
                raise StoreUnreachable(f"{self.name}: the answer did not arrive")

    def get(self, key: str, limit_bytes: int) -> bytes:
        """Fetch bytes; see `Store.get`."""
        with self._lock:
            self._enter("get", key)
            if key not in self.objects:
                raise ObjectNotFound(f"{self.name}: nothing is stored under {key}")
            return self.objects[key][: limit_bytes + 1]

    def _enter(self, operation: str, key: str) -> None:
        self.clock.tick()
        now_ms = self.clock.now_ms()
        self.calls.append((operation, key))
        if self.faults.happens(Fault.UNREACHABLE, now_ms):
            raise StoreUnreachable(f"{self.name}: no connection")
        if self.faults.happens(Fault.THROTTLED, now_ms):
            raise StoreThrottled(f"{self.name}: too many calls")
