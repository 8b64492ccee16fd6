"""Every call that came over the wire, from the moment it came, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import RLock
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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


class CallLog:
    """All calls; safe among threads.

    Args:
        most: How many calls are kept; the older half is dropped where there are more.
    """

    def __init__(self, most: int = 200_000) -> None:
        self._most = most
        self._lock = RLock()
        self._journal = Journal(self._lock)
        self._calls: list[Call] = []
        self._dropped = 0

    def mark(self) -> int:
        """A position: what comes later is since it."""
        with self._lock:
            return self._dropped + len(self._calls)

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
            found = self._calls[max(0, mark - self._dropped) :]
        return [
            call
            for call in found
            if sender in (None, call.sender)
            and queue in (None, call.queue)
            and (operation is None or call.is_operation(operation))
        ]

    def wait(
        self, wanted: Callable[[Call], bool], *, since: int = 0, within_s: float
    ) -> Call | None:
        """The first call that is wanted: one there is, or the next that begins or ends so.

        Args:
            wanted: Whether it is it; it is asked about a call when it begins and when it ends.
            since: The mark since which calls count.
            within_s: For how long to wait.
        """
        return self._journal.wait(
            lambda: self.since(since), lambda places: self._at(places, since), wanted, within_s
        )

    def forget(self) -> None:
        """Drop the calls so far, which many thousands fill the memory with; marks stay good."""
        with self._lock:
            self._drop(keep=0)

    def begin(self, call: Call) -> Call:
        """Write down a call that came; the call with its number."""
        with self._lock:
            if len(self._calls) >= self._most:
                self._drop(keep=self._most // 2)
            call = replace(call, number=self._dropped + len(self._calls))
            self._calls.append(call)
            self._journal.note(call.number)
            return call

    def end(self, call: Call) -> None:
        """Write down how a call ended."""
        with self._lock:
            if call.number >= self._dropped:
                self._calls[call.number - self._dropped] = call
                self._journal.note(call.number)

    def _drop(self, keep: int) -> None:
        gone = len(self._calls) - keep
        self._dropped += gone
        del self._calls[:gone]
        self._journal.drop(keep)

    def _at(self, numbers: Iterable[int], since: int) -> list[Call]:
        with self._lock:
            return [
                self._calls[number - self._dropped]
                for number in numbers
                if number >= max(since, self._dropped)
            ]
