"""What a seed makes of a run: the invocations and the fronts of weather, before anything starts.

What hits single calls is drawn as they come, from a generator of the same seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from ldp_testing.chaos.history import STOPS, Weather

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: What comes over clients, dealt from decks of these so that a short run sees each of them.
_DECK: Final = (
    Weather.PAUSED,
    Weather.HANDLER_KILLED,
    Weather.QUEUE_SIDE_KILLED,
    Weather.BOTH_KILLED,
    Weather.INTERRUPTED,
    Weather.PAUSED,
    Weather.BREAKPOINT,
)
#: One front for so many invocations, and one outage.
_FRONT_EVERY: Final = 12
_OUTAGE_EVERY: Final = 50
#: Seconds: pauses outlast a lease of 2 s.
_PAUSE_S: Final = (2.5, 4.5)
_AWAY_S: Final = (0.0, 1.5)
_OUTAGE_S: Final = (0.3, 2.5)
#: How long a handler works, in ms, with weights: mostly for nothing, now and then beyond a lease.
_WORK_MS: Final = ((0, 30), (100, 500), (1_000, 2_000), (2_500, 4_000))
_WORK_WEIGHTS: Final = (79, 12, 5, 4)
_FAILS_SHARE: Final = 0.1
_LARGEST_BYTES_LOG2: Final = 13.0


@dataclass(frozen=True, slots=True)
class Planned:
    """One invocation to make.

    Attributes:
        nonce: What its handler computes on.
        event_bytes: About how large its event is.
        reply_bytes: About how large its answer is.
        work_ms: How long its handler works.
        fails: Whether its handler raises.
        until_runs: The number of begun runs that ends them earlier; 0 for none.
    """

    nonce: str
    event_bytes: int = 0
    reply_bytes: int = 0
    work_ms: int = 0
    fails: bool = False
    until_runs: int = 0


@dataclass(frozen=True, slots=True)
class Front:
    """Something that comes over one client, or over the endpoint.

    Attributes:
        after: It comes when so many invocations have begun.
        kind: What it is.
        lasts_s: How long a pause or an outage lasts, or a killed client is away.
    """

    after: int
    kind: Weather
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is known of a run beforehand.

    Attributes:
        seed: What it was drawn from.
        invocations: What is invoked, by whichever caller is free.
        fronts: What comes over each client, by its number.
        outages: What comes over the endpoint.
    """

    seed: int
    invocations: tuple[Planned, ...]
    fronts: Mapping[int, tuple[Front, ...]]
    outages: tuple[Front, ...]


def draw_plan(seed: int, invocations: int, clients: int) -> Plan:
    """Draw a plan.

    Args:
        seed: The same seed and numbers give the same plan.
        invocations: How many.
        clients: How many.
    """
    chance = Random(seed)
    fronts: dict[int, list[Front]] = {number: [] for number in range(clients)}
    for after, kind in _moments(chance, invocations, _FRONT_EVERY, _DECK):
        lasts_s = chance.uniform(*(_PAUSE_S if kind in STOPS else _AWAY_S))
        fronts[chance.randrange(clients)].append(Front(after, kind, lasts_s))
    return Plan(
        seed,
        tuple(_invocation(chance) for _ in range(invocations)),
        {number: tuple(sorted(those, key=_after)) for number, those in fronts.items()},
        tuple(
            Front(after, kind, chance.uniform(*_OUTAGE_S))
            for after, kind in _moments(chance, invocations, _OUTAGE_EVERY, [Weather.OUTAGE])
        ),
    )


def _moments(
    chance: Random, invocations: int, every: int, deck: Sequence[Weather]
) -> Iterator[tuple[int, Weather]]:
    """When what comes: once in each stretch of invocations, somewhere in it."""
    left: list[Weather] = []
    for start in range(0, invocations - every + 1, every):
        left = left or chance.sample(deck, len(deck))
        yield start + chance.randrange(every), left.pop()


def _after(front: Front) -> int:
    return front.after


def _invocation(chance: Random) -> Planned:
    (work_ms,) = chance.choices(_WORK_MS, _WORK_WEIGHTS)
    return Planned(
        nonce=f"nonce-{chance.getrandbits(96):024x}",
        event_bytes=_size(chance),
        reply_bytes=_size(chance),
        work_ms=chance.randint(*work_ms),
        fails=chance.random() < _FAILS_SHARE,
    )


def _size(chance: Random) -> int:
    """From nothing to some KB, small ones as often as large ones."""
    return int(2 ** chance.uniform(0, _LARGEST_BYTES_LOG2)) - 1
