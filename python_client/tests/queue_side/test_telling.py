"""The way to the report."""

from __future__ import annotations

import threading

from ldp_client.queue_side.telling import Teller
from ldp_testing.engine_stage import LIMIT_S, RecordingReporter


def test_things_are_told_in_order_by_one_thread() -> None:
    """The reporter hears everything in the order in which it was said."""
    reporter = RecordingReporter()
    teller = Teller(reporter)
    for number in range(100):
        teller(lambda reporter, number=number: reporter.problem(str(number), ""))  # type: ignore[misc]
    teller.close()

    assert reporter.problems == [str(number) for number in range(100)]


def test_nothing_is_told_after_the_end() -> None:
    """What comes later, from a receive that was open, is not told."""
    reporter = RecordingReporter()
    teller = Teller(reporter)
    teller.close()
    teller(lambda reporter: reporter.problem("late", ""))

    assert reporter.told == []


def test_a_terminal_that_is_gone_ends_nothing() -> None:
    """A report that cannot be written is passed over."""
    reporter = RecordingReporter()

    def fail(_: object) -> None:
        raise BrokenPipeError

    teller = Teller(reporter)
    teller(fail)
    teller(lambda reporter: reporter.problem("next", ""))
    teller.close()

    assert reporter.problems == ["next"]


def test_the_report_keeps_still_until_it_may_go_on() -> None:
    """While an event is on its way, telling waits for the word that it has arrived."""
    told = threading.Event()
    moments = []
    teller = Teller(RecordingReporter())
    teller.keep_still()
    teller._still_until_s += LIMIT_S
    teller(lambda _: moments.append("told"))
    teller(lambda _: told.set())
    moments.append("arrived")
    teller.go_on()

    assert told.wait(LIMIT_S)
    assert moments == ["arrived", "told"]
    teller.close()


def test_the_report_does_not_keep_still_for_long() -> None:
    """An event that nobody sees arrive is told all the same."""
    told = threading.Event()
    teller = Teller(RecordingReporter())
    teller.keep_still()
    teller(lambda _: told.set())

    assert told.wait(LIMIT_S)
    teller.close()
