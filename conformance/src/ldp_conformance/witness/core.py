"""A standard queue without I/O: it is told the time, and does what SQS documents, always.

Visibility in whole seconds, set by each receive for itself; a new receipt handle each time; an
older handle still deletes, as SQS allows. Whatever SQS may do besides is a verb of its own
(`expose`, `copy`, `bring_back`, `hide`), which `faults` and tests make use of. It belongs to
whoever holds the lock of its queue.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness import refusals
from ldp_conformance.witness.fresh import token
from ldp_conformance.witness.message import Delivery, Message, Receive
from ldp_conformance.witness.shelf import Copy, New, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ldp_conformance.witness.message import Attribute
    from ldp_conformance.witness.settings import QueueSettings

_MS_PER_S: Final = 1_000


class QueueCore:
    """The messages of one queue.

    Attributes:
        settings: Its attributes.
        changed: Called with the serial of each message that changes.
    """

    def __init__(self, settings: QueueSettings, changed: Callable[[int], None]) -> None:
        self.settings = settings
        self.changed = changed
        self._shelf = Shelf()
        self._serials: dict[str, int] = {}
        self._holds: dict[str, tuple[Copy, int]] = {}
        self._receipt_prefix = f"AQEB{token()}"
        self._kept_from = 0

    def send(
        self,
        body: str,
        now_ms: int,
        *,
        sender: str,
        attributes: tuple[Attribute, ...] = (),
        delay_s: int | None = None,
    ) -> Message:
        """Store a message.

        Raises:
            Refusal: SQS does not take it.
        """
        refusals.check_body(body, attributes, self.settings.maximum_message_size_bytes)
        delay_s = self.settings.delay_s if delay_s is None else refusals.DELAY.check(delay_s)
        new = New(body, attributes, sender, now_ms)
        return self._add(new, now_ms + delay_s * _MS_PER_S).seen()

    def receive(
        self,
        now_ms: int,
        *,
        sender: str,
        at_most: int = 1,
        visibility_s: int | None = None,
        order: Callable[[list[int]], Iterable[int]] | None = None,
    ) -> list[Delivery]:
        """Give messages that are visible, the one that became so first before all others.

        Args:
            now_ms: The time.
            sender: Who asks.
            at_most: The most messages to give.
            visibility_s: For how long they are hidden then; None for what the queue says.
            order: Puts the serials of all that are visible into another order.
        """
        found = self._visible(now_ms)
        if order is not None and found:
            found = {serial: found[serial] for serial in order(list(found))}
        seconds = self.settings.visibility_s if visibility_s is None else visibility_s
        chosen = list(islice(found.values(), at_most))
        return [self._give(copy, now_ms, sender, seconds) for copy in chosen]

    def delete(self, receipt: str, now_ms: int, *, sender: str) -> Message | None:
        """Delete a message by a receipt handle, the newest or not.

        Returns:
            The message, or None if it is gone already.

        Raises:
            Refusal: It never was a handle of this queue.
        """
        copy = self._held(receipt)
        if copy is None or copy.is_deleted:
            return None
        self._delete(copy, now_ms, sender)
        return copy.seen()

    def change_visibility(self, receipt: str, visibility_s: int, now_ms: int) -> Message:
        """Hide a message that somebody holds until so many seconds from now.

        Through a receipt handle that is no longer the newest, the visibility of its own receive
        changes, and that of the message does not.

        Raises:
            Refusal: Nobody holds it, or it is gone, or it is for more than 12 hours since it was
                received, or it never was a handle of this queue.
        """
        copy = self._held(receipt)
        refusals.VISIBILITY.check(visibility_s)
        if copy is None or copy.is_deleted:
            raise refusals.gone_message(receipt)
        if copy.visible_at_ms <= now_ms:
            raise refusals.not_in_flight()
        visible_at_ms = now_ms + visibility_s * _MS_PER_S
        index = self._holds[receipt][1]
        if visible_at_ms > copy.receives[index].at_ms + refusals.MAX_VISIBILITY_S * _MS_PER_S:
            raise refusals.too_long_in_flight(visibility_s)
        self._renew(copy, index, now_ms, visibility_s)
        return copy.seen()

    def is_newest(self, receipt: str) -> bool:
        """Whether nobody received the message since this receipt handle was given."""
        copy = self._held(receipt)
        return copy is None or copy.receives[-1].receipt == receipt

    def next_change_ms(self) -> int | None:
        """When a message becomes visible by itself; None if none does."""
        return self._shelf.next_change_ms()

    def counts(self, now_ms: int) -> tuple[int, int, int]:
        """How many messages are visible, in flight, and delayed."""
        self._visible(now_ms)
        return self._shelf.counts(now_ms)

    def in_flight(self, now_ms: int) -> list[str]:
        """The IDs of the messages that somebody holds, in order of arrival."""
        return [copy.id for copy in self._shelf.in_flight(now_ms)]

    def messages(self) -> list[Message]:
        """All that it ever held, in order of arrival."""
        return [copy.seen() for copy in self._shelf.copies]

    def at(self, serials: Iterable[int]) -> list[Message]:
        """The messages at these places in the order of arrival, as far as they are still known."""
        copies = self._shelf.copies
        return [copies[serial].seen() for serial in serials if serial < len(copies)]

    def message(self, message_id: str) -> Message:
        """One of them.

        Raises:
            KeyError: There is none of that ID.
        """
        return self._copy(message_id).seen()

    def expose(self, message_id: str) -> None:
        """Have a message be received although somebody holds it, or although it is delayed."""
        copy = self._copy(message_id)
        if not copy.is_deleted:
            self._shelf.expose(copy)
            self._note(copy)

    def copy(self, message_id: str, now_ms: int) -> Message:
        """Store a message once more, under another ID."""
        old = self._copy(message_id)
        new = New(old.body, old.attributes, old.sender, old.sent_at_ms, copy_of=old.id)
        return self._add(new, now_ms).seen()

    def adopt(self, old: Message, now_ms: int) -> None:
        """Take a message over from another queue, with its ID and its time."""
        new = New(old.body, old.attributes, old.sender, old.sent_at_ms, id=old.id)
        self._add(new, now_ms)

    def exhausted(self, now_ms: int, max_receives: int) -> list[Message]:
        """The messages that are visible and were received so many times."""
        return [
            copy.seen()
            for copy in self._visible(now_ms).values()
            if copy.receive_count >= max_receives
        ]

    def hide(self, message_id: str, until_ms: int) -> None:
        """Have a message be there from a time on only."""
        copy = self._copy(message_id)
        self._shelf.place(copy, until_ms)
        self._note(copy)

    def bring_back(self, message_id: str, at_ms: int) -> None:
        """Have a message that was deleted be there again from a time on."""
        copy = self._copy(message_id)
        copy.deleted_at_ms = copy.deleted_by = None
        self._shelf.place(copy, at_ms)
        self._note(copy)

    def release(self, message_id: str, now_ms: int) -> None:
        """Give a message back that somebody holds, through its newest receipt handle."""
        copy = self._copy(message_id)
        if copy.receives and not copy.is_deleted:
            self._renew(copy, len(copy.receives) - 1, now_ms, 0)

    def remove(self, message_id: str, now_ms: int, *, sender: str) -> None:
        """Delete a message without a receipt handle."""
        copy = self._copy(message_id)
        if not copy.is_deleted:
            self._delete(copy, now_ms, sender)

    def purge(self, now_ms: int, *, sender: str) -> None:
        """Delete all messages."""
        for copy in self._shelf.copies:
            if not copy.is_deleted:
                self._delete(copy, now_ms, sender)

    def forget(self) -> None:
        """Drop all messages as if they never were; their receipt handles do nothing any more."""
        self._shelf = Shelf()
        self._kept_from = 0
        self._serials.clear()
        self._holds.clear()

    def _add(self, new: New, visible_at_ms: int) -> Copy:
        copy = self._shelf.add(new, visible_at_ms)
        self._serials[copy.id] = copy.serial
        self._note(copy)
        return copy

    def _visible(self, now_ms: int) -> dict[int, Copy]:
        oldest_ms = now_ms - self.settings.retention_s * _MS_PER_S
        copies = self._shelf.copies
        while self._kept_from < len(copies) and copies[self._kept_from].sent_at_ms <= oldest_ms:
            if not copies[self._kept_from].is_deleted:
                self._delete(copies[self._kept_from], now_ms, "retention")
            self._kept_from += 1
        return self._shelf.visible(now_ms)

    def _give(self, copy: Copy, now_ms: int, sender: str, visibility_s: int) -> Delivery:
        receipt = f"{self._receipt_prefix}{token()}"
        until_ms = now_ms + visibility_s * _MS_PER_S
        self._holds[receipt] = (copy, len(copy.receives))
        copy.receives.append(Receive(receipt, sender, now_ms, until_ms))
        self._shelf.place(copy, until_ms)
        self._note(copy)
        return Delivery(copy.seen(), receipt, copy.receive_count, copy.receives[0].at_ms)

    def _renew(self, copy: Copy, index: int, now_ms: int, visibility_s: int) -> None:
        old, until_ms = copy.receives[index], now_ms + visibility_s * _MS_PER_S
        copy.receives[index] = replace(
            old,
            visible_again_ms=until_ms,
            renewals=(*old.renewals, (now_ms, visibility_s)),
            released=visibility_s == 0,
        )
        if index == len(copy.receives) - 1:
            self._shelf.place(copy, until_ms)
        self._note(copy)

    def _delete(self, copy: Copy, now_ms: int, sender: str) -> None:
        copy.deleted_at_ms, copy.deleted_by = now_ms, sender
        self._shelf.remove(copy)
        self._note(copy)

    def _held(self, receipt: str) -> Copy | None:
        """The copy that a receipt handle was given for; None if it was forgotten since."""
        if receipt in self._holds:
            return self._holds[receipt][0]
        if receipt.startswith(self._receipt_prefix):
            return None
        raise refusals.bad_receipt(receipt)

    def _copy(self, message_id: str) -> Copy:
        return self._shelf.copies[self._serials[message_id]]

    def _note(self, copy: Copy) -> None:
        copy.changed()
        self.changed(copy.serial)
