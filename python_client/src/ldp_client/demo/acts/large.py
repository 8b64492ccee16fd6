"""The second act: what fits in no message goes by way of the payload bucket, each way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_client.demo.acts.trips import judge_trips, make_trips
from ldp_client.demo.samples import large_samples

if TYPE_CHECKING:
    from ldp_client.demo.show import Row, Show
    from ldp_client.demo.stage import Stage


def large_payloads(stage: Stage, show: Show) -> list[Row]:
    """An event of 5 MiB, and an answer of 5 MiB."""
    return judge_trips(show, make_trips(show, stage.invoke_url, large_samples()))
