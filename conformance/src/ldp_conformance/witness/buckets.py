"""Buckets of the witness: bytes by key, as the suite puts and gets them and as S3 does."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from ldp_conformance.witness.fault_box import FaultBox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_conformance.witness.fault_box import Fault


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What is under a key.

    Attributes:
        body: Its bytes.
        headers: What is told with it, as its Content-Type and its checksums; names in lower case.
    """

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """Its ETag, in quotes."""
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


class WitnessBucket:
    """A bucket; safe among threads.

    Attributes:
        name: Its name.
        faults: What goes wrong with it; operations are `S3.PutObject`, `S3.GetObject`, and so on.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults = FaultBox()
        self._lock = Lock()
        self._objects: dict[str, StoredObject] = {}

    def put(self, key: str, body: bytes) -> None:
        """Store bytes under a key."""
        self.store(key, StoredObject(body))

    def get(self, key: str) -> bytes | None:
        """The bytes under a key; None if there are none."""
        found = self.find(key)
        return None if found is None else found.body

    def keys(self) -> list[str]:
        """All keys, in their order."""
        with self._lock:
            return sorted(self._objects)

    def remove(self, key: str) -> None:
        """Have nothing be under a key."""
        with self._lock:
            self._objects.pop(key, None)

    def inject(self, fault: Fault) -> None:
        """Have something go wrong from now on."""
        self.faults.inject(fault)

    def clear_faults(self) -> None:
        """Have everything go right again."""
        self.faults.clear()

    def store(self, key: str, stored: StoredObject) -> None:
        """Store an object under a key."""
        with self._lock:
            self._objects[key] = stored

    def find(self, key: str) -> StoredObject | None:
        """The object under a key; None if there is none."""
        with self._lock:
            return self._objects.get(key)


class Buckets:
    """All buckets by name; safe among threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._buckets: dict[str, WitnessBucket] = {}

    def create(self, name: str) -> WitnessBucket:
        """The bucket of a name, which is made if there is none."""
        with self._lock:
            return self._buckets.setdefault(name, WitnessBucket(name))

    def find(self, name: str) -> WitnessBucket | None:
        """The bucket of a name, if there is one."""
        with self._lock:
            return self._buckets.get(name)
