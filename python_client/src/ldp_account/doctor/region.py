"""The region that calls go to, against those that the queues' URLs name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_account.doctor.findings import REPLIES, REQUESTS, good, wrong
from ldp_queues.addresses import region_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_account.doctor.findings import Finding


def examine_region(region: str, variables: Mapping[str, str]) -> list[Finding]:
    """Compare the regions.

    Args:
        region: Where calls go.
        variables: Those that name queues.
    """
    named = {name: region_of(variables.get(name, "")) for name in (REQUESTS, REPLIES)}
    return [
        wrong(
            f"calls go to {region}, and {name} names a queue in {other}",
            f"export AWS_REGION={other} AWS_DEFAULT_REGION={other}",
        )
        for name, other in named.items()
        if other not in (None, region)
    ] or [good(region)]
