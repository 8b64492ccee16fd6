"""The first act: events as AWS's services send them, whose bytes arrive and return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_client.demo.acts.trips import judge_trips, make_trips
from ldp_client.demo.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_client.demo.acts.trips import Trip
    from ldp_client.demo.show import Row, Show
    from ldp_client.demo.stage import Stage

_EVENTS_TO_SWAP: Final = 2


def events_of_all_sources(stage: Stage, show: Show, *, swap_answers: bool) -> list[Row]:
    """One event of each source.

    Args:
        stage: What is running.
        show: Where to tell of it.
        swap_answers: Exchange the first two answers, to show that the caller would notice.
    """
    trips = make_trips(show, stage.invoke_url, samples())
    return judge_trips(show, _swapped(trips) if swap_answers else trips)


def _swapped(trips: Iterator[Trip]) -> Iterator[Trip]:
    """The same round trips with the first two answers exchanged."""
    first = [next(trips) for _ in range(_EVENTS_TO_SWAP)]
    replies = [reply for _, reply in reversed(first)]
    yield from ((sample, reply) for (sample, _), reply in zip(first, replies, strict=True))
    yield from trips
