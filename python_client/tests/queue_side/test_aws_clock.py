"""AWS's time on this machine."""

from __future__ import annotations

import time

from ldp_client.queue_side.aws_clock import AwsClock

_MINUTES_MS = 60_000


def test_the_clock_follows_the_dates_of_quick_answers() -> None:
    """A clock that is four minutes behind is corrected by what SQS says (SQS-13)."""
    clock = AwsClock(lambda: 1_000_000)
    assert clock.now_ms() == 1_000_000
    clock.observe(1_000_000 + 4 * _MINUTES_MS, 999_990, 1_000_010)

    assert abs(clock.now_ms() - 1_000_000 - 4 * _MINUTES_MS) <= 500
    assert clock.to_local_ms(clock.now_ms()) == 1_000_000
    assert clock.correction_ms == clock.now_ms() - 1_000_000


def test_slow_answers_say_nothing() -> None:
    """A call of two seconds or more, such as a long poll, is no measure of time (SQS-13)."""
    clock = AwsClock(lambda: 1_000_000)
    clock.observe(2_000_000, 1_000_000, 1_002_000)

    assert clock.correction_ms == 0


def test_the_wall_clock_is_the_local_clock() -> None:
    """Time that passes while the machine sleeps counts, so the wall clock is used (SES-10)."""
    before_ms = time.time_ns() // 1_000_000
    assert before_ms <= AwsClock().now_ms() <= time.time_ns() // 1_000_000
