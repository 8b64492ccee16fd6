"""The battery that any queue of text passes: in memory, on an emulator, on SQS itself.

Every check is told how to make a fresh queue, and nothing else about the implementation. It asks
for no more than SQS promises: where SQS may do the one or the other, so may the queue. Time
passes only in receives that wait, so that a check takes a few seconds on a real clock and none on
a virtual one. Run all with `check_queue`, or each of `CHECKS` as a test of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_queues import checks_facts as facts
from ldp_queues.checks_facts import ContractBroken, TextQueue

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHECKS", "Check", "ContractBroken", "TextQueue", "check_queue"]


@dataclass(frozen=True, slots=True)
class Check:
    """One fact about every queue of text.

    Attributes:
        name: The fact in short, good as the ID of a test.
        run: Raises `ContractBroken`, or what the queue raises, where it is not so.
        needs_real_time: Whether two threads meet in it, which a virtual clock cannot do.
    """

    name: str
    run: Callable[[Callable[[], TextQueue]], None]
    needs_real_time: bool = False


def check_queue(make: Callable[[], TextQueue], *, virtual_time: bool = False) -> None:
    """Run the whole battery.

    Args:
        make: Makes a fresh, empty queue that takes messages of up to 1 MiB.
        virtual_time: Whether the queues live on a virtual clock.

    Raises:
        ContractBroken: A fact does not hold.
    """
    for check in CHECKS:
        if not (virtual_time and check.needs_real_time):
            check.run(make)


CHECKS: tuple[Check, ...] = (
    *(
        Check(run.__name__, run)
        for run in (
            facts.what_is_sent_arrives,
            facts.a_full_message_arrives,
            facts.a_message_over_the_limit_is_refused,
            facts.forbidden_characters_are_refused,
            facts.arguments_out_of_range_are_bugs,
            facts.an_empty_queue_brings_nothing,
            facts.queues_are_apart,
            facts.a_receive_brings_no_more_than_asked,
            facts.a_received_message_is_invisible,
            facts.an_expired_message_comes_again,
            facts.a_message_can_be_looked_at,
            facts.a_deleted_message_stays_away,
            facts.an_expired_receipt_still_deletes,
            facts.only_the_newest_receipt_is_sure,
            facts.a_kept_message_stays_invisible,
            facts.a_released_message_is_there,
            facts.a_deleted_message_cannot_be_kept,
            facts.a_foreign_receipt_is_refused,
        )
    ),
    Check(
        facts.a_waiting_receive_is_woken.__name__,
        facts.a_waiting_receive_is_woken,
        needs_real_time=True,
    ),
)
