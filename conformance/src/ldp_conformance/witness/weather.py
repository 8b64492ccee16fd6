"""Faults by chance, drawn from a seed and from the order of the calls of each operation.

Each kind of fault and operation has a row of chances of its own, so that what meets the sends does
not hang on how often somebody polled.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from ldp_conformance.witness import faults
from ldp_conformance.witness.faults import Single

if TYPE_CHECKING:
    from collections.abc import Callable

_F = TypeVar("_F", bound=Single)


@dataclass(frozen=True, slots=True)
class Weather:
    """Every fault by chance: each rate is its probability for one call or message, 0 to 1.

    Attributes:
        seed: What chance is drawn from.
        longest_s: The most seconds for everything that takes time.
    """

    seed: int
    throttle: float = 0.0
    server_error: float = 0.0
    cut_before: float = 0.0
    cut_after: float = 0.0
    hang: float = 0.0
    empty_poll: float = 0.0
    dead_poll: float = 0.0
    late_store: float = 0.0
    delay: float = 0.0
    second_copy: float = 0.0
    duplicate: float = 0.0
    redeliver: float = 0.0
    bring_back: float = 0.0
    stale_delete: float = 0.0
    reorder: float = 0.0
    longest_s: float = 2.0


class Sky:
    """What a weather brings, call by call."""

    def __init__(self, weather: Weather) -> None:
        self._seed = weather.seed
        self._rows: dict[tuple[type[Single], str], random.Random] = {}
        self._chances = {kind: chance for kind, chance in _chances(weather).items() if chance[0]}

    def draw(self, kind: type[_F], operation: str) -> _F | None:
        """A fault of the kind, or more often none."""
        if kind not in self._chances:
            return None
        rate, make = self._chances[kind]
        row = self._row(kind, operation)
        return cast("_F", make(row)) if row.random() < rate else None

    def _row(self, kind: type[Single], operation: str) -> random.Random:
        if (kind, operation) not in self._rows:
            seed = f"{self._seed}:{kind.__name__}:{operation}"
            self._rows[kind, operation] = random.Random(seed)  # noqa: S311 - chance, no secret
        return self._rows[kind, operation]


def _chances(
    weather: Weather,
) -> dict[type[Single], tuple[float, Callable[[random.Random], Single]]]:
    """For each kind its rate, and what makes one."""

    def seconds(row: random.Random) -> float:
        return row.uniform(0.0, weather.longest_s)

    def cut(row: random.Random) -> faults.Cut:
        is_late = row.random() * (weather.cut_before + weather.cut_after) >= weather.cut_before
        return faults.Cut(after_effect=is_late)

    return {
        faults.Throttle: (weather.throttle, lambda _: faults.Throttle()),
        faults.ServerError: (
            weather.server_error,
            lambda row: faults.ServerError(status=row.choice((500, 503))),
        ),
        faults.Cut: (weather.cut_before + weather.cut_after, cut),
        faults.Hang: (
            weather.hang,
            lambda row: faults.Hang(seconds=seconds(row), after_effect=row.random() < 0.5),  # noqa: PLR2004 - a coin
        ),
        faults.EmptyPolls: (weather.empty_poll, lambda _: faults.EmptyPolls()),
        faults.DeadPoll: (weather.dead_poll, lambda _: faults.DeadPoll()),
        faults.LateStore: (weather.late_store, lambda row: faults.LateStore(seconds(row))),
        faults.Delay: (weather.delay, lambda row: faults.Delay(seconds(row))),
        faults.SecondCopy: (weather.second_copy, lambda _: faults.SecondCopy()),
        faults.Duplicate: (weather.duplicate, lambda _: faults.Duplicate()),
        faults.Redeliver: (weather.redeliver, lambda _: faults.Redeliver()),
        faults.BringBack: (weather.bring_back, lambda row: faults.BringBack(seconds(row))),
        faults.IgnoreStaleDelete: (weather.stale_delete, lambda _: faults.IgnoreStaleDelete()),
        faults.Reorder: (weather.reorder, lambda row: faults.Reorder(row.getrandbits(32))),
    }
