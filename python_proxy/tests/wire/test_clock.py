from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_testing.deliveries import NOW_MS
from ldp_wire.clock import ClockOffset


def _offset(*calls: tuple[int, int, int]) -> int:
    """The correction after calls, each `Date` minus local, before and after, in ms."""
    clock = ClockOffset()
    for date_ms, before_ms, after_ms in calls:
        clock.observe(
            date_ms=NOW_MS + date_ms, before_ms=NOW_MS + before_ms, after_ms=NOW_MS + after_ms
        )
    return clock.correction_ms


def test_without_a_sample_nothing_is_corrected() -> None:
    """A client that has not called SQS yet trusts its own clock (SQS-13)."""
    assert _offset() == 0


def test_the_offset_is_the_date_plus_half_a_second_less_the_middle() -> None:
    """A call's offset is Date + 0.5 s less the middle of the call (SQS-13)."""
    assert _offset((240_000, 0, 200)) == 240_400
    assert _offset((-240_000, 100, 300)) == -239_700


@pytest.mark.parametrize(("date_ms", "corrected_ms"), [(1_500, 0), (1_501, 2_001), (-2_500, 0)])
def test_a_small_difference_is_left_alone(date_ms: int, corrected_ms: int) -> None:
    """A difference is corrected only above 2 s (SQS-13)."""
    assert _offset((date_ms, 0, 0)) == corrected_ms


def test_a_slow_call_says_nothing() -> None:
    """Calls of 2 s or more, and those during which the clock was set, are passed over (SQS-13)."""
    assert _offset((60_000, 0, 2_000)) == 0
    assert _offset((60_000, 0, -1)) == 0
    assert _offset((60_000, 0, 1_999)) == 59_500


def test_the_median_of_the_last_five_counts() -> None:
    """One odd answer changes nothing, and a clock that was set is followed (SQS-13)."""
    odd, good = (900_000, 0, 0), (10_000, 0, 0)

    assert _offset(good, good, odd, good, good) == 10_500
    assert _offset(odd, odd, odd, good, good, good) == 10_500


@given(
    st.integers(-600_000, 600_000),
    st.lists(st.tuples(st.integers(0, 1_999), st.integers(0, 999)), min_size=1, max_size=9),
)
def test_a_constant_difference_is_found(off_ms: int, calls: list[tuple[int, int]]) -> None:
    """A clock that is off by a constant is corrected to within 1.5 s and half a call (SQS-13)."""
    clock = ClockOffset()
    for took_ms, fraction_ms in calls:
        aws_ms = NOW_MS + fraction_ms + took_ms // 2
        clock.observe(
            date_ms=aws_ms // 1000 * 1000,
            before_ms=NOW_MS + fraction_ms - off_ms,
            after_ms=NOW_MS + fraction_ms - off_ms + took_ms,
        )

    assert abs(off_ms - clock.correction_ms) <= 2_501
