"""What a queue may do to its users, drawn from a seed and written down.

SQS promises delivery at least once, in any order, and little else. `Faults` decides at each
occasion whether one of the things that are thereby allowed happens, so that a run can be
repeated from its seed, and a failed one can be read from `injected`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fault(Enum):
    """One thing that can happen. The value names it in reports."""

    #: A receive brings a message and forgets to hide it: the next one brings it again.
    DUPLICATE_DELIVERY = "duplicate delivery"
    #: A send stores the text twice, each copy with a message ID of its own.
    SECOND_COPY = "second copy"
    #: A receive brings any visible message instead of the oldest.
    REORDERING = "reordering"
    #: A delete succeeds, and some seconds later the message is there again.
    REAPPEARANCE = "reappearance after delete"
    #: A receive brings a message that is in other hands, in mid-visibility.
    REDELIVERY = "redelivery while invisible"
    #: A sent message becomes visible only some seconds later.
    DELAY = "delay"
    #: A receive takes its messages and the connection is dead: nobody has them for a while.
    LOST_POLL = "lost poll"
    #: A receive waits in vain, with messages in the queue.
    EMPTY_POLL = "empty poll"
    #: A send, delete or change of visibility is done, and its answer does not arrive.
    LOST_ANSWER = "lost answer"
    #: Any call is refused with `QueueThrottled`.
    THROTTLED = "throttled"
    #: Any call fails with `QueueUnreachable` before it does anything.
    UNREACHABLE = "unreachable"
    #: A handle that is not the newest works as if it were. Without this fault it succeeds and
    #: does nothing, which is the worse of the two ways that SQS leaves itself.
    STALE_HANDLE_WORKS = "stale handle works"


@dataclass(frozen=True, slots=True)
class Injected:
    """One fault that happened.

    Attributes:
        fault: Which.
        at_ms: When, epoch milliseconds on the queue's clock.
        message_id: To which message; empty where it met a call.
    """

    fault: Fault
    at_ms: int
    message_id: str = ""


class Faults:
    """Decides what goes wrong; of one seed, always the same.

    Attributes:
        rates: How often each fault happens at its occasion, 0.0..1.0; an absent one never does.
            May be changed at any time.
        random: The source of all decisions.
        injected: What happened so far.
    """

    def __init__(
        self,
        rates: Mapping[Fault, float] | None = None,
        *,
        random: Random | None = None,
        seed: int = 0,
    ) -> None:
        """Set the rates and the seed; Hypothesis's `randoms()` can be the random source."""
        self.rates = dict(rates or {})
        self.random = Random(seed) if random is None else random  # noqa: S311 - repeatable on purpose
        self.injected: list[Injected] = []
        self._next: Counter[Fault] = Counter()

    def force(self, fault: Fault, times: int = 1) -> None:
        """Let a fault happen at its next occasions, whatever its rate."""
        self._next[fault] += times

    def happens(self, fault: Fault, at_ms: int, message_id: str = "") -> bool:
        """Decide at an occasion of a fault, and write down a yes."""
        if self._next[fault] > 0:
            self._next[fault] -= 1
        elif not self._is_drawn(fault):
            return False
        self.injected.append(Injected(fault, at_ms, message_id))
        return True

    def may_happen(self, fault: Fault) -> bool:
        """Whether a fault can happen at all now, for occasions that are costly to look for."""
        return self._next[fault] > 0 or self.rates.get(fault, 0.0) > 0.0

    def count(self, fault: Fault) -> int:
        """How often a fault has happened."""
        return sum(injected.fault is fault for injected in self.injected)

    def _is_drawn(self, fault: Fault) -> bool:
        rate = self.rates.get(fault, 0.0)
        return rate > 0.0 and self.random.random() < rate
