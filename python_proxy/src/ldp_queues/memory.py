"""A queue in memory with SQS's semantics, for tests and simulations; it never leaves the process.

Standard queues as SQS documents them: visibility in whole seconds, a new receipt handle at each
receive, a receive count, long polls, and handles that are no longer good for anything. What SQS
only may do is left to `Faults`. Not modelled: retention, redrive, the 12-hour end of visibility
and message attributes. One lock guards it, so threads may share it under a `RealClock`.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import islice
from threading import Condition
from typing import TYPE_CHECKING

from ldp_queues.bodies import MAX_BODY_BYTES, check_body, check_receive, check_visibility
from ldp_queues.errors import QueueNotFound, QueueThrottled, QueueUnreachable, ReceiptExpired
from ldp_queues.memory_clock import RealClock
from ldp_queues.memory_faults import Fault, Faults
from ldp_queues.ports import Message, Stored

if TYPE_CHECKING:
    from ldp_queues.memory_clock import Clock

_MS_PER_S = 1000
#: The longest that a delayed or reappearing message stays away. Short enough for a test to see.
_LONGEST_ABSENCE_S = 5


@dataclass(slots=True)
class _Copy:
    """One physical copy of a message; `serial` is its place in the order of arrival."""

    serial: int
    message_id: str
    body: str
    sent_at_ms: int
    visible_at_ms: int
    receive_count: int = 0
    newest_receipt: str = ""
    is_deleted: bool = False

    @property
    def was_had(self) -> bool:
        """Whether a receive has brought it."""
        return self.receive_count > 0


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a queue, as it was asked.

    Attributes:
        operation: `send`, `receive`, `delete` or `change_visibility`.
        at_ms: When, epoch milliseconds on the queue's clock.
        wait_s: The wait that a receive asked for, else 0.
    """

    operation: str
    at_ms: int
    wait_s: int = 0


class _Shelf:
    """All copies, and which of them are to be had now."""

    def __init__(self) -> None:
        self.copies: list[_Copy] = []
        self.visible: dict[int, _Copy] = {}
        # (time, serial), soonest first. A copy is placed again whenever its time changes, so an
        # entry counts only while it agrees with the copy.
        self._hidden: list[tuple[int, int]] = []

    def hide(self, copy: _Copy, until_ms: int) -> None:
        """Take a copy out of sight until a time."""
        copy.visible_at_ms = until_ms
        self.visible.pop(copy.serial, None)
        heapq.heappush(self._hidden, (until_ms, copy.serial))

    def remove(self, copy: _Copy) -> None:
        """Take a copy out of sight for good."""
        copy.is_deleted = True
        self.visible.pop(copy.serial, None)

    def uncover(self, now_ms: int) -> None:
        """Show what has become visible."""
        while self._hidden and self._hidden[0][0] <= now_ms:
            entry = heapq.heappop(self._hidden)
            if self._counts(entry):
                self.visible[entry[1]] = self.copies[entry[1]]

    def next_change_ms(self, latest_ms: int) -> int:
        """When the next copy may become visible, or the given time if none does before it."""
        return min(latest_ms, self._hidden[0][0]) if self._hidden else latest_ms

    def in_other_hands(self) -> list[_Copy]:
        """The copies that a receive has brought and that are invisible now."""
        serials = {entry[1] for entry in self._hidden if self._counts(entry)}
        return [self.copies[serial] for serial in sorted(serials) if self.copies[serial].was_had]

    def _counts(self, entry: tuple[int, int]) -> bool:
        visible_at_ms, serial = entry
        copy = self.copies[serial]
        return visible_at_ms == copy.visible_at_ms and not copy.is_deleted


class MemoryQueue:
    """A queue in memory; both `Outgoing` and `Incoming`.

    Attributes:
        name: Begins its message IDs and receipt handles.
        clock: Its time.
        faults: What goes wrong.
        limit_bytes: The most UTF-8 bytes that a text may have.
        calls: Every call that was made, refused ones too.
    """

    def __init__(
        self,
        name: str = "queue",
        *,
        clock: Clock | None = None,
        faults: Faults | None = None,
        limit_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        """Make an empty queue, in real time and without faults unless told otherwise."""
        self.name = name
        self.clock = RealClock() if clock is None else clock
        self.faults = Faults() if faults is None else faults
        self.limit_bytes = limit_bytes
        self.calls: list[Call] = []
        self._changed = Condition()
        self._shelf = _Shelf()
        self._copy_of_receipt: dict[str, _Copy] = {}
        self._exists = True

    def send(self, body: str) -> Stored:
        """Store a text; see `Outgoing.send`."""
        check_body(body, self.limit_bytes)
        with self._changed:
            self._enter("send")
            copy = self._store(body)
            if self._happens(Fault.SECOND_COPY, copy):
                self._store(body)
            self._leave()
            return Stored(copy.message_id, copy.sent_at_ms // _MS_PER_S * _MS_PER_S)

    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        """Bring messages; see `Incoming.receive`."""
        check_receive(wait_s, visibility_s, max_messages)
        with self._changed:
            self._enter("receive", wait_s)
            until_ms = self.clock.now_ms() + wait_s * _MS_PER_S
            copies = self._wait_for(until_ms, max_messages)
            messages = [self._hand_out(copy, visibility_s) for copy in copies]
            if messages and self._happens(Fault.LOST_POLL, copies[0]):
                raise QueueUnreachable(f"{self.name}: the connection died with messages on it")
            return messages

    def delete(self, receipt: str) -> None:
        """Delete a message; see `Incoming.delete`."""
        with self._changed:
            self._enter("delete")
            copy = self._find(receipt)
            if not copy.is_deleted and self._is_good(receipt, copy):
                self._shelf.remove(copy)
                if self._happens(Fault.REAPPEARANCE, copy):
                    copy.is_deleted = False
                    self._hide(copy, self._absence_ms())
            self._leave()

    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        """Keep a message invisible or release it; see `Incoming.change_visibility`."""
        check_visibility(visibility_s)
        with self._changed:
            self._enter("change_visibility")
            copy = self._find(receipt)
            if copy.is_deleted or copy.visible_at_ms <= self.clock.now_ms():
                raise ReceiptExpired(f"{self.name}: {copy.message_id} is deleted or visible")
            if self._is_good(receipt, copy):
                self._hide(copy, visibility_s * _MS_PER_S)
            self._leave()

    def vanish(self) -> None:
        """Delete the queue: every call from now on, and every poll in progress, finds it gone."""
        with self._changed:
            self._exists = False
            self._changed.notify_all()

    def bodies(self) -> list[str]:
        """The texts of all copies that are not deleted, visible or not, in order of arrival."""
        with self._changed:
            return [copy.body for copy in self._shelf.copies if not copy.is_deleted]

    def _enter(self, operation: str, wait_s: int = 0) -> None:
        self.clock.tick()
        now_ms = self.clock.now_ms()
        self.calls.append(Call(operation, now_ms, wait_s))
        self._check_existence()
        if self.faults.happens(Fault.UNREACHABLE, now_ms):
            raise QueueUnreachable(f"{self.name}: no connection")
        if self.faults.happens(Fault.THROTTLED, now_ms):
            raise QueueThrottled(f"{self.name}: too many calls")

    def _leave(self) -> None:
        self._changed.notify_all()
        if self.faults.happens(Fault.LOST_ANSWER, self.clock.now_ms()):
            raise QueueUnreachable(f"{self.name}: the answer did not arrive")

    def _check_existence(self) -> None:
        if not self._exists:
            raise QueueNotFound(f"{self.name} does not exist")

    def _store(self, body: str) -> _Copy:
        now_ms, serial = self.clock.now_ms(), len(self._shelf.copies)
        copy = _Copy(serial, f"{self.name}-m{serial}", body, now_ms, visible_at_ms=now_ms)
        self._shelf.copies.append(copy)
        self._hide(copy, self._absence_ms() if self._happens(Fault.DELAY, copy) else 0)
        return copy

    def _wait_for(self, until_ms: int, at_most: int) -> list[_Copy]:
        """Wait for visible copies; the caller takes them before the lock is free again."""
        waits_in_vain = self.faults.happens(Fault.EMPTY_POLL, self.clock.now_ms())
        copies = [] if waits_in_vain else self._redeliver()
        while not copies:
            self._shelf.uncover(self.clock.now_ms())
            if not waits_in_vain:
                copies = self._choose(at_most)
            if copies or self.clock.now_ms() >= until_ms:
                break
            self.clock.wait(self._changed, self._shelf.next_change_ms(until_ms))
            self._check_existence()
        return copies

    def _choose(self, at_most: int) -> list[_Copy]:
        oldest = list(islice(self._shelf.visible.values(), at_most))
        if oldest and self._happens(Fault.REORDERING, oldest[0]):
            visible = list(self._shelf.visible.values())
            return self.faults.random.sample(visible, len(oldest))
        return oldest

    def _redeliver(self) -> list[_Copy]:
        held = self._shelf.in_other_hands() if self.faults.may_happen(Fault.REDELIVERY) else []
        if not held:
            return []
        copy = self.faults.random.choice(held)
        return [copy] if self._happens(Fault.REDELIVERY, copy) else []

    def _hand_out(self, copy: _Copy, visibility_s: int) -> Message:
        copy.receive_count += 1
        copy.newest_receipt = f"{self.name}-r{len(self._copy_of_receipt)}"
        self._copy_of_receipt[copy.newest_receipt] = copy
        is_hidden = not self._happens(Fault.DUPLICATE_DELIVERY, copy)
        self._hide(copy, visibility_s * _MS_PER_S if is_hidden else 0)
        return Message(
            message_id=copy.message_id,
            receipt=copy.newest_receipt,
            body=copy.body,
            receive_count=copy.receive_count,
            sent_at_ms=copy.sent_at_ms,
        )

    def _find(self, receipt: str) -> _Copy:
        copy = self._copy_of_receipt.get(receipt)
        if copy is None:
            raise ReceiptExpired(f"{self.name}: {receipt!r} is no receipt handle of this queue")
        return copy

    def _is_good(self, receipt: str, copy: _Copy) -> bool:
        return receipt == copy.newest_receipt or self._happens(Fault.STALE_HANDLE_WORKS, copy)

    def _hide(self, copy: _Copy, for_ms: int) -> None:
        self._shelf.hide(copy, self.clock.now_ms() + for_ms)

    def _absence_ms(self) -> int:
        return self.faults.random.randint(1, _LONGEST_ABSENCE_S) * _MS_PER_S

    def _happens(self, fault: Fault, copy: _Copy) -> bool:
        return self.faults.happens(fault, self.clock.now_ms(), copy.message_id)
