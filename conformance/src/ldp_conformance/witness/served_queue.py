"""A queue as the service sees it: a core behind a lock, and what goes wrong with it."""

from __future__ import annotations

import random
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness import faults, redrive, refusals
from ldp_conformance.witness.core import QueueCore
from ldp_conformance.witness.fault_box import FaultBox
from ldp_conformance.witness.journal import Journal
from ldp_conformance.witness.names import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ldp_conformance.witness.message import Attribute, Delivery, Message
    from ldp_conformance.witness.settings import QueueSettings

_MS_PER_S: Final = 1_000
#: How long a queue rests between two purges (PurgeQueue).
_PURGE_REST_MS: Final = 60_000


class ServedQueue:
    """A queue of the witness; safe among threads.

    Attributes:
        name: Its name.
        url: Its URL.
        tags: Its tags.
        faults: What goes wrong with it.
        created_at_ms: When it was made.
        version: Another number whenever something may have become visible.
    """

    def __init__(
        self,
        name: str,
        url: str,
        settings: QueueSettings,
        clock_ms: Callable[[], int],
        by_arn: Callable[[str], ServedQueue | None],
    ) -> None:
        """Make an empty queue.

        Args:
            name: Its name.
            url: Its URL.
            settings: Its attributes.
            clock_ms: The time.
            by_arn: Finds other queues, for redrive policies.
        """
        self.name = name
        self.url = url
        self.tags: dict[str, str] = {}
        self.faults = FaultBox()
        self.clock_ms = clock_ms
        self._by_arn = by_arn
        self.version = 0
        self.created_at_ms = self.modified_at_ms = clock_ms()
        self._lock = RLock()
        self._journal = Journal(self._lock)
        self._core = QueueCore(settings, self._journal.note)
        self._sleepers: list[Callable[[], None]] = []
        self._purged_at_ms: int | None = None
        self._exists = True

    @property
    def settings(self) -> QueueSettings:
        """Its attributes."""
        return self._core.settings

    @property
    def exists(self) -> bool:
        """Whether it is there for others than the suite."""
        return self._exists

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.name}"

    def change_settings(self, settings: QueueSettings) -> None:
        """Give it other attributes."""
        with self._lock:
            self._core.settings = settings
            self.modified_at_ms = self.clock_ms()

    def check_exists(self) -> None:
        """Raise what SQS answers where the queue is gone.

        Raises:
            Refusal: It is.
        """
        if not self._exists:
            raise refusals.no_such_queue()

    def store(
        self,
        body: str,
        *,
        sender: str,
        attributes: tuple[Attribute, ...] = (),
        delay_s: int | None = None,
    ) -> Message:
        """Take a message in.

        Raises:
            Refusal: SQS does not take it.
        """
        with self._changing():
            now_ms = self.clock_ms()
            message = self._core.send(
                body, now_ms, sender=sender, attributes=attributes, delay_s=delay_s
            )
            if self.faults.take(faults.SecondCopy):
                self._core.copy(message.id, now_ms)
            if delay := self.faults.take(faults.Delay):
                self._core.hide(message.id, now_ms + int(delay.seconds * _MS_PER_S))
            return message

    def receive(
        self, *, sender: str, visibility_s: int | None = None, at_most: int = 1
    ) -> list[Delivery]:
        """Give what is there now.

        Raises:
            Refusal: The queue is gone.
        """
        with self._lock:
            self.check_exists()
            now_ms = self.clock_ms()
            if self.settings.redrive_policy:
                self._redrive(now_ms)
            if self.faults.has(faults.Redeliver):
                self._redeliver_one(now_ms)
            found = self._core.receive(
                now_ms,
                sender=sender,
                at_most=at_most,
                visibility_s=visibility_s,
                order=self._order if self.faults.has(faults.Reorder) else None,
            )
            for each in found:
                if self.faults.take(faults.Duplicate):
                    self._core.expose(each.message.id)
            return found

    def delete_by(self, receipt: str, *, sender: str) -> Message | None:
        """Delete a message by a receipt handle.

        Raises:
            Refusal: It never was one of this queue.
        """
        with self._lock:
            now_ms = self.clock_ms()
            if not self._core.is_newest(receipt) and self.faults.take(faults.IgnoreStaleDelete):
                return None
            message = self._core.delete(receipt, now_ms, sender=sender)
            if message and (back := self.faults.take(faults.BringBack)):
                self._core.bring_back(message.id, now_ms + int(back.seconds * _MS_PER_S))
                self._wake()
            return message

    def change_visibility(self, receipt: str, visibility_s: int) -> Message:
        """Hide a message for so many seconds from now, by a receipt handle.

        Raises:
            Refusal: It cannot be.
        """
        with self._changing():
            return self._core.change_visibility(receipt, visibility_s, self.clock_ms())

    def purge(self, *, sender: str) -> None:
        """Delete all messages.

        Raises:
            Refusal: The last time is less than a minute ago.
        """
        with self._lock:
            now_ms = self.clock_ms()
            if self._purged_at_ms is not None and now_ms < self._purged_at_ms + _PURGE_REST_MS:
                raise refusals.purged_just_now(self.name)
            self._purged_at_ms = now_ms
            self._core.purge(now_ms, sender=sender)

    def counts(self) -> tuple[int, int, int]:
        """How many messages are visible, in flight, and delayed."""
        with self._lock:
            return self._core.counts(self.clock_ms())

    def sleep_until_changed(self, wake: Callable[[], None], version: int) -> float | None:
        """Have `wake` called when something may have become visible.

        Args:
            wake: Is called from any thread, and must not wait.
            version: What `version` was before the queue was looked at.

        Returns:
            In how many seconds something becomes visible by itself; None if nothing does.
        """
        with self._lock:
            if version != self.version:
                return 0.0
            self._sleepers.append(wake)
            next_ms = self._core.next_change_ms()
            return None if next_ms is None else (next_ms - self.clock_ms()) / _MS_PER_S

    def stop_sleeping(self, wake: Callable[[], None]) -> None:
        """Have `wake` called no more."""
        with self._lock:
            if wake in self._sleepers:
                self._sleepers.remove(wake)

    def adopt(self, message: Message) -> None:
        """Take a message over from a queue whose redrive policy says so."""
        with self._changing():
            self._core.adopt(message, self.clock_ms())

    def _redrive(self, now_ms: int) -> None:
        policy = redrive.parse(self.settings.redrive_policy)
        target = self._by_arn(policy.target_arn) if policy else None
        if policy is None or target is None:
            return
        for message in self._core.exhausted(now_ms, policy.max_receives):
            self._core.remove(message.id, now_ms, sender="redrive")
            target.adopt(message)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            yield
            self._wake()

    def _wake(self) -> None:
        self.version += 1
        sleepers, self._sleepers = self._sleepers, []
        for wake in sleepers:
            wake()

    def _redeliver_one(self, now_ms: int) -> None:
        held = self._core.in_flight(now_ms)
        if held and self.faults.take(faults.Redeliver):
            self._core.expose(held[0])

    def _order(self, serials: list[int]) -> Iterable[int]:
        reorder = self.faults.take(faults.Reorder)
        if reorder is None:
            return serials
        # Of the seed and of what there is, so that it hangs on nothing else.
        return random.Random(f"{reorder.seed}:{serials}").sample(serials, len(serials))  # noqa: S311
