"""What changed, in order, so that threads can wait for a change without looking at all the rest."""

from __future__ import annotations

import time
from threading import Condition
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from threading import RLock as _RLock

_T = TypeVar("_T")


class Journal:
    """The places of what changed; every method is called with its lock held, except `wait`.

    Args:
        lock: Guards whatever is written down here.
    """

    def __init__(self, lock: _RLock) -> None:
        self.condition = Condition(lock)
        self._changes: list[int] = []
        self._dropped = 0

    @property
    def end(self) -> int:
        """How many changes there were."""
        return self._dropped + len(self._changes)

    def note(self, place: int) -> None:
        """Say that something changed at a place."""
        self._changes.append(place)
        self.condition.notify_all()

    def since(self, position: int) -> list[int]:
        """The places of the changes since a position, each once."""
        return list(dict.fromkeys(self._changes[max(0, position - self._dropped) :]))

    def drop(self, keep: int = 0) -> None:
        """Forget all changes but the last so many, without a change of positions."""
        gone = max(0, len(self._changes) - keep)
        self._dropped += gone
        del self._changes[:gone]

    def wait(
        self,
        first: Callable[[], Iterable[_T]],
        look: Callable[[list[int]], Iterable[_T]],
        wanted: Callable[[_T], bool],
        within_s: float,
    ) -> _T | None:
        """The first thing that is wanted, of those there are and of those that change then.

        Args:
            first: All that there is now.
            look: What is at some places now.
            wanted: Whether it is it; called without the lock.
            within_s: For how long to wait; 0 looks once.
        """
        end_s = time.monotonic() + within_s
        with self.condition:
            fresh, position = list(first()), self.end
        while True:
            for each in fresh:
                if wanted(each):
                    return each
            with self.condition:
                self.condition.wait_for(
                    lambda seen=position: self.end > seen,  # type: ignore[misc]
                    max(0.0, end_s - time.monotonic()),
                )
                if self.end == position:
                    return None
                fresh, position = list(look(self.since(position))), self.end
