"""Events one after another, as most acts send them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_client.demo.caller import invoke
from ldp_client.demo.show import Row
from ldp_client.demo.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ldp_client.demo.samples import Sample
    from ldp_client.demo.show import Show
    from ldp_client.demo.verdict import Reply

    Trip = tuple[Sample, Reply]


def make_trips(show: Show, invoke_url: str, events: Iterable[Sample]) -> Iterator[Trip]:
    """Send each event when it is asked for, and wait for its answer."""
    for sample in events:
        show.sending(sample.source, len(sample.body))
        yield sample, invoke(invoke_url, sample.body)


def judge_trips(show: Show, trips: Iterable[Trip]) -> list[Row]:
    """Judge each answer as it comes."""
    rows = []
    for sample, reply in trips:
        row = Row(sample.source, len(sample.body), reply, judge(sample, reply))
        show.answered(row)
        rows.append(row)
    return rows
