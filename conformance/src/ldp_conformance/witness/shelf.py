"""The physical messages of a queue, and which of them are to be had at a time.

A message that is shown or hidden is placed again, so that an older place of it means nothing.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ldp_conformance.witness.fresh import identifier
from ldp_conformance.witness.message import Message, Receive

if TYPE_CHECKING:
    from ldp_conformance.witness.message import Attribute


@dataclass(slots=True)
class Copy:
    """One physical message; `serial` is its place in the order of arrival."""

    serial: int
    id: str
    body: str
    attributes: tuple[Attribute, ...]
    sender: str
    sent_at_ms: int
    visible_at_ms: int
    copy_of: str | None = None
    receives: list[Receive] = field(default_factory=list)
    deleted_at_ms: int | None = None
    deleted_by: str | None = None
    #: Whether it is to be had although somebody holds it.
    is_exposed: bool = False
    _seen: Message | None = None

    @property
    def receive_count(self) -> int:
        """ApproximateReceiveCount."""
        return len(self.receives)

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone."""
        return self.deleted_at_ms is not None

    def changed(self) -> None:
        """Say that what `seen` told is no longer so."""
        self._seen = None

    def seen(self) -> Message:
        """What is known of it now."""
        if self._seen is None:
            self._seen = Message(
                id=self.id,
                body=self.body,
                sender=self.sender,
                sent_at_ms=self.sent_at_ms,
                attributes=self.attributes,
                receives=tuple(self.receives),
                visible_at_ms=self.visible_at_ms,
                deleted_at_ms=self.deleted_at_ms,
                deleted_by=self.deleted_by,
                copy_of=self.copy_of,
            )
        return self._seen


@dataclass(frozen=True, slots=True)
class New:
    """A message that is to be stored; without an ID it gets a new one."""

    body: str
    attributes: tuple[Attribute, ...]
    sender: str
    sent_at_ms: int
    copy_of: str | None = None
    id: str = ""


class Shelf:
    """All copies in order of arrival, those that are visible, and when the others become so."""

    def __init__(self) -> None:
        self.copies: list[Copy] = []
        self._visible: dict[int, Copy] = {}
        self._hidden: list[tuple[int, int]] = []

    def add(self, new: New, visible_at_ms: int) -> Copy:
        """Store a message that is there from a time on."""
        copy = Copy(
            serial=len(self.copies),
            id=new.id or identifier(),
            body=new.body,
            attributes=new.attributes,
            sender=new.sender,
            sent_at_ms=new.sent_at_ms,
            visible_at_ms=visible_at_ms,
            copy_of=new.copy_of,
        )
        self.copies.append(copy)
        self.place(copy, visible_at_ms)
        return copy

    def place(self, copy: Copy, visible_at_ms: int) -> None:
        """Have a copy be there from a time on."""
        copy.visible_at_ms = visible_at_ms
        copy.is_exposed = False
        self._visible.pop(copy.serial, None)
        heapq.heappush(self._hidden, (visible_at_ms, copy.serial))

    def expose(self, copy: Copy) -> None:
        """Have a copy be there now, whoever holds it."""
        copy.is_exposed = True
        self._visible[copy.serial] = copy

    def remove(self, copy: Copy) -> None:
        """Take a copy out of sight for good."""
        copy.is_exposed = False
        self._visible.pop(copy.serial, None)

    def visible(self, now_ms: int) -> dict[int, Copy]:
        """The copies that are to be had, in the order in which they became so."""
        while self._hidden and self._hidden[0][0] <= now_ms:
            visible_at_ms, serial = heapq.heappop(self._hidden)
            copy = self.copies[serial]
            if self._counts(copy, visible_at_ms):
                self._visible[serial] = copy
        return self._visible

    def next_change_ms(self) -> int | None:
        """When the next copy becomes visible; None if none does by itself."""
        while self._hidden:
            visible_at_ms, serial = self._hidden[0]
            if self._counts(self.copies[serial], visible_at_ms):
                return visible_at_ms
            heapq.heappop(self._hidden)
        return None

    def in_flight(self, now_ms: int) -> list[Copy]:
        """The copies that somebody holds."""
        return [copy for copy in self._hidden_now(now_ms) if copy.receive_count]

    def counts(self, now_ms: int) -> tuple[int, int, int]:
        """How many copies are visible, in flight, and delayed."""
        present = sum(not copy.is_deleted for copy in self.copies)
        hidden, held = len(self._hidden_now(now_ms)), len(self.in_flight(now_ms))
        return present - hidden, held, hidden - held

    def _hidden_now(self, now_ms: int) -> list[Copy]:
        return [
            copy
            for copy in self.copies
            if copy.visible_at_ms > now_ms and not copy.is_deleted and not copy.is_exposed
        ]

    @staticmethod
    def _counts(copy: Copy, visible_at_ms: int) -> bool:
        return copy.visible_at_ms == visible_at_ms and not copy.is_deleted
