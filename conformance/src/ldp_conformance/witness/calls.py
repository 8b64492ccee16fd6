"""Every call that came over the wire, from the moment it came, in order."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from threading import RLock
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from threading import RLock as _RLock

_BATCH: Final = "Batch"


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        number: Its place in the order in which calls began.
        sender: Who made it, by its access key.
        operation: Such as `SendMessage`, `ReceiveMessage`, `S3.PutObject` or `Lambda.Invoke`.
        queue: The name of its queue; None for what concerns none.
        begun_ms: When it came, epoch milliseconds.
        ended_ms: When it was answered or cut; None as long as it is neither.
        request: Its parameters; of an object in S3 `Bucket`, `Key` and `Size`.
        status: The HTTP status of the answer; None if there was none.
        error: AWS's code of the error that was answered.
        message_ids: The messages that it stored, brought, deleted, or changed the visibility of.
        was_cut: Whether the connection was gone before the answer, or was cut by a fault.
        headers: A few of its headers, names in lower case.
    """

    number: int
    sender: str
    operation: str
    queue: str | None
    begun_ms: int
    request: Mapping[str, object]
    headers: Mapping[str, str]
    ended_ms: int | None = None
    status: int | None = None
    error: str | None = None
    message_ids: tuple[str, ...] = ()
    was_cut: bool = False

    def is_operation(self, operation: str) -> bool:
        """Whether it is this operation; a batch of it is it, too."""
        return self.operation in (operation, operation + _BATCH)


class _Part:
    """The numbers of the calls of one sender, or of all, in order, and what changed about them."""

    def __init__(self, lock: _RLock) -> None:
        self.numbers: list[int] = []
        self.journal = Journal(lock)

    def since(self, mark: int) -> list[int]:
        """The numbers from a mark on."""
        return self.numbers[bisect_left(self.numbers, mark) :]

    def drop_before(self, number: int) -> None:
        """Forget the calls before one."""
        self.numbers = self.since(number)
        self.journal.drop(len(self.numbers))


class CallLog:
    """All calls; safe among threads.

    Dozens of ports call at a time, and each is waited for by somebody: so each sender's calls are
    kept apart, and who waits for one sender's is not woken by the others'.

    Args:
        most: How many calls are kept; the older half is dropped where there are more.
    """

    def __init__(self, most: int = 200_000) -> None:
        self._most = most
        self._lock = RLock()
        self._calls: dict[int, Call] = {}
        self._next = 0
        self._all = _Part(self._lock)
        self._parts: dict[str, _Part] = {}

    def mark(self) -> int:
        """A position: what comes later is since it."""
        with self._lock:
            return self._next

    def since(
        self,
        mark: int = 0,
        *,
        sender: str | None = None,
        operation: str | None = None,
        queue: str | None = None,
    ) -> list[Call]:
        """The calls that began since a mark, in order.

        Args:
            mark: The position; 0 for the beginning.
            sender: Whose calls; None for everybody's.
            operation: Which operation, batches of it included; None for all.
            queue: The name of a queue; None for all.
        """
        with self._lock:
            found = self._at(self._part(sender).since(mark))
        return [
            call
            for call in found
            if queue in (None, call.queue) and (operation is None or call.is_operation(operation))
        ]

    def wait(
        self,
        wanted: Callable[[Call], bool],
        *,
        since: int = 0,
        sender: str | None = None,
        within_s: float,
    ) -> Call | None:
        """The first call that is wanted: one there is, or the next that begins or ends so.

        Args:
            wanted: Whether it is it; it is asked about a call when it begins and when it ends.
            since: The mark since which calls count.
            sender: Whose calls count; None for everybody's, which wakes at each of them.
            within_s: For how long to wait.
        """
        with self._lock:
            part = self._part(sender)
        return part.journal.wait(
            lambda: self._at(part.since(since)),
            lambda numbers: self._at(number for number in numbers if number >= since),
            wanted,
            within_s,
        )

    def begin(self, call: Call) -> Call:
        """Write down a call that came; the call with its number."""
        with self._lock:
            if len(self._calls) >= self._most:
                self._drop_before(self._next - self._most // 2)
            call = replace(call, number=self._next)
            self._next += 1
            self._calls[call.number] = call
            for part in (self._all, self._part(call.sender)):
                part.numbers.append(call.number)
                part.journal.note(call.number)
            return call

    def end(self, call: Call) -> None:
        """Write down how a call ended."""
        with self._lock:
            if call.number in self._calls:
                self._calls[call.number] = call
                for part in (self._all, self._part(call.sender)):
                    part.journal.note(call.number)

    def _part(self, sender: str | None) -> _Part:
        if sender is None:
            return self._all
        if sender not in self._parts:
            self._parts[sender] = _Part(self._lock)
        return self._parts[sender]

    def _drop_before(self, number: int) -> None:
        for gone in range(self._next - len(self._calls), number):
            del self._calls[gone]
        for part in (self._all, *self._parts.values()):
            part.drop_before(number)

    def _at(self, numbers: Iterable[int]) -> list[Call]:
        return [self._calls[number] for number in numbers if number in self._calls]
