from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_testing.deliveries import NOW_MS
from ldp_wire.deadlines import answer_by, margin_ms
from ldp_wire.failures import Failure, FailureType


@pytest.mark.parametrize(
    ("remaining_ms", "kept_ms"),
    [(900_000, 5_000), (100_000, 5_000), (99_980, 4_999), (60_000, 3_000), (20_000, 1_000),
     (3_000, 1_000), (0, 1_000), (-5, 1_000)],
)  # fmt: skip
def test_the_margin_is_a_share_within_bounds(remaining_ms: int, kept_ms: int) -> None:
    """The proxy keeps 5 % of the time, at least 1 s and at most 5 s (EXC-4)."""
    assert margin_ms(remaining_ms) == kept_ms
    assert margin_ms(remaining_ms, has_bucket=True) == kept_ms + 3_000


def test_the_wait_ends_a_margin_before_the_deadline() -> None:
    """The wait ends at the deadline less the margin, 3 s earlier with a bucket (EXC-4)."""
    assert answer_by(NOW_MS + 900_000, NOW_MS) == NOW_MS + 895_000
    assert answer_by(NOW_MS + 900_000, NOW_MS, has_bucket=True) == NOW_MS + 892_000


@pytest.mark.parametrize(
    ("remaining_ms", "has_bucket"), [(1_999, False), (4_999, True), (-1, False)]
)
def test_less_than_a_second_to_wait_is_refused(remaining_ms: int, has_bucket: bool) -> None:  # noqa: FBT001
    """An invocation that leaves less than 1 s to wait fails at once (EXC-5, ERR-7)."""
    failure = answer_by(NOW_MS + remaining_ms, NOW_MS, has_bucket=has_bucket)

    assert isinstance(failure, Failure)
    assert failure.type is FailureType.TIMEOUT_TOO_SHORT
    assert str(remaining_ms) in failure.message


@given(remaining_ms=st.integers(-1_000, 5_400_000), has_bucket=st.booleans())
def test_there_is_a_second_to_wait_and_a_second_left(remaining_ms: int, has_bucket: bool) -> None:  # noqa: FBT001
    """Whoever waits has 1 s or more, and 1 s to 8 s left afterwards (EXC-4, EXC-5)."""
    until_ms = answer_by(NOW_MS + remaining_ms, NOW_MS, has_bucket=has_bucket)

    if isinstance(until_ms, int):
        assert until_ms - NOW_MS >= 1_000
        assert 1_000 <= NOW_MS + remaining_ms - until_ms <= 8_000
    else:
        assert remaining_ms < 5_000
