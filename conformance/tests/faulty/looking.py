"""Faulty ports judged side by side, with a second look, alone, at each that surprised.

Dozens of processes at a time make a machine stand still now and then, and what waits for a moment
misses it. What is wrong with a check or a fault is wrong at the second look, too.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from ldp_conformance.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ldp_conformance.outcomes import Result

_Fault = TypeVar("_Fault")


def surprises_of(
    faults: Sequence[_Fault], judge: Callable[[_Fault], Iterable[str]], at_a_time: int
) -> list[str]:
    """What surprises twice.

    Args:
        faults: The faults.
        judge: What surprises about one.
        at_a_time: How many are judged side by side at first.
    """
    with ThreadPoolExecutor(at_a_time) as workers:
        found = list(workers.map(lambda fault: list(judge(fault)), faults))
    doubtful = [fault for fault, some in zip(faults, found, strict=True) if some]
    return [each for fault in doubtful for each in judge(fault)]


def wrong_of(results: Mapping[str, Result]) -> dict[str, str]:
    """The checks that did not pass, with what they say."""
    return {
        name: result.finding.sentence if result.finding else result.reason
        for name, result in results.items()
        if result.outcome is not Outcome.PASSED
    }
