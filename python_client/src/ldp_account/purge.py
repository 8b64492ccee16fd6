"""Emptying the queues of a stack: events that nobody took, and answers that nobody fetched.

SQS takes 60 s to delete what a queue holds, and takes no second order for it in that time. What
was sent after an earlier order needs one of its own, so that an order that is refused is repeated.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_account.errors import StillPurging
from ldp_account.queues import Queues
from ldp_account.stacks import Stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_account.aws import Aws
    from ldp_account.queues import Depth

ORDERED_AGAIN_WITHIN_S: Final = 65.0
"""SQS takes an order to purge once in 60 s, as it says of PurgeQueue."""

_GLANCE_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """What purging will empty.

    Attributes:
        queues: URLs of the queues, and how many messages are in each.
    """

    queues: tuple[tuple[str, Depth], ...]

    @property
    def lines(self) -> list[str]:
        """What goes, a line for each queue."""
        return [
            f"- {url}: {depth.visible} waiting, {depth.in_flight} in flight, "
            f"{depth.delayed} delayed"
            for url, depth in self.queues
        ]


class Purge:
    """Empties the queues of a deployed proxy.

    Args:
        aws: The way to the account.
        tell: Is called with each line of progress.
        patience_s: How long SQS may say that it is still at an earlier order.
    """

    def __init__(
        self, aws: Aws, tell: Callable[[str], None], patience_s: float = ORDERED_AGAIN_WITHIN_S
    ) -> None:
        self._tell = tell
        self._patience_s = patience_s
        self._stacks = Stacks(aws, tell)
        self._queues = Queues(aws)

    def plan(self, name: str) -> PurgePlan | None:
        """Find out what is in the queues; changes nothing.

        Returns:
            What would go; None if there is no such stack.

        Raises:
            AccountError: A call failed, or the stack is somebody else's.
        """
        stack = self._stacks.find(name)
        return None if stack is None else PurgePlan(self._queues.depths(stack))

    def carry_out(self, plan: PurgePlan) -> None:
        """Have it all deleted.

        Raises:
            StillPurging: SQS is at an earlier order of somebody's.
            AccountError: A call failed.
        """
        for url, _ in plan.queues:
            self._tell(f"emptying {url}")
            until_s = time.monotonic() + self._patience_s
            while not self._queues.purge(url):
                if time.monotonic() >= until_s:
                    raise StillPurging(url)
                self._tell("waiting: SQS is still at an earlier order")
                time.sleep(_GLANCE_S)
