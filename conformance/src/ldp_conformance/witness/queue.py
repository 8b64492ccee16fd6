"""A queue as the suite holds it: it sees all that happens, and can have anything happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.witness.served_queue import ServedQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.witness.fault_box import Fault
    from ldp_conformance.witness.message import Message

_MS_PER_S: Final = 1_000


class WitnessQueue(ServedQueue):
    """A queue of the witness in the suite's hands; safe among threads."""

    def send(self, body: str, *, sender: str = "suite", age_s: float = 0.0) -> str:
        """Store a message without a call over the wire; its ID.

        Args:
            body: Its text.
            sender: Who sent it.
            age_s: How long ago it was sent, in seconds, by its SentTimestamp.

        Raises:
            Refusal: SQS would not take it.
        """
        if not age_s:
            return self.store(body, sender=sender).id
        with self._changing():
            sent_at_ms = self.clock_ms() - int(age_s * _MS_PER_S)
            return self._core.send(body, sent_at_ms, sender=sender).id

    def messages(self) -> list[Message]:
        """All that it ever held, deleted ones too, in order of arrival."""
        with self._lock:
            return self._core.messages()

    def message(self, message_id: str) -> Message:
        """One of them.

        Raises:
            KeyError: There is none of that ID.
        """
        with self._lock:
            return self._core.message(message_id)

    def wait(self, wanted: Callable[[Message], bool], *, within_s: float) -> Message | None:
        """The first message that is wanted: one there is, or the next that comes or changes so.

        Args:
            wanted: Whether it is it.
            within_s: For how long to wait; None comes then.
        """
        return self._journal.wait(self.messages, self._at, wanted, within_s)

    def take(
        self, *, within_s: float, visibility_s: int = 30, sender: str = "suite"
    ) -> Message | None:
        """Receive a message as a peer would; None if none comes in time."""
        end_ms = self.clock_ms() + int(within_s * _MS_PER_S)
        with self._lock:
            while True:
                found = self.receive(sender=sender, visibility_s=visibility_s)
                now_ms = self.clock_ms()
                if found or now_ms >= end_ms:
                    return found[0].message if found else None
                until_ms = min(end_ms, self._core.next_change_ms() or end_ms)
                self._journal.condition.wait((until_ms - now_ms) / _MS_PER_S)

    def delete(self, message_id: str) -> None:
        """Delete a message as a peer would."""
        with self._lock:
            self._core.remove(message_id, self.clock_ms(), sender="suite")

    def release(self, message_id: str) -> None:
        """Give a message back that somebody holds."""
        with self._changing():
            self._core.release(message_id, self.clock_ms())

    # What SQS may do at any time

    def redeliver(self, message_id: str) -> None:
        """Have a message be received although somebody holds it."""
        with self._changing():
            self._core.expose(message_id)

    def copy(self, message_id: str) -> str:
        """Store a second physical copy of a message; its ID."""
        with self._changing():
            return self._core.copy(message_id, self.clock_ms()).id

    def bring_back(self, message_id: str) -> None:
        """Have a deleted message be there again."""
        with self._changing():
            self._core.bring_back(message_id, self.clock_ms())

    def hide(self, message_id: str, seconds: float) -> None:
        """Have a message be there only in so many seconds."""
        with self._changing():
            self._core.hide(message_id, self.clock_ms() + int(seconds * _MS_PER_S))

    def inject(self, fault: Fault) -> None:
        """Have something go wrong from now on."""
        self.faults.inject(fault)
        with self._changing():
            pass

    def clear_faults(self) -> None:
        """Have everything go right again."""
        self.faults.clear()

    def forget(self) -> None:
        """Drop all messages; receipt handles of theirs do nothing any more, without an error."""
        with self._lock:
            self._core.forget()
            self._journal.drop()

    def remove(self) -> None:
        """Have the queue exist no longer, for everybody but the suite."""
        with self._changing():
            self._exists = False

    def _at(self, serials: list[int]) -> list[Message]:
        with self._lock:
            return self._core.at(serials)
