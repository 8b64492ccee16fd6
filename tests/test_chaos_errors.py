"""The ledger of chaos judges the typed errors that callers got: which of them are legal."""

from __future__ import annotations

import pytest

from ldp_testing.chaos.evidence import RECEIVE, SEND
from ldp_testing.chaos.history import (
    Outcome,
    Weather,
)
from ldp_testing.chaos.tale import REPLIES, answered, sent


def test_no_response_is_legal_where_the_time_ran_out() -> None:
    """Nobody had answered, or too late for anybody's good."""
    for tale in (sent(), sent().replied(18, "a1"), sent().replied(1, "a1", done=False)):
        ledger = tale.heard(Outcome.ERROR, "Proxy.NoResponse").judged()

        assert dict(ledger.errors) == {("Proxy.NoResponse", "the time ran out"): 1}
        assert ledger.is_clean


def test_no_response_is_not_legal_where_an_answer_lay_in_its_queue() -> None:
    """An answer that was there in time has to be found."""
    ledger = answered().heard(Outcome.ERROR, "Proxy.NoResponse").judged()

    assert dict(ledger.errors) == {("Proxy.NoResponse", "unexplained"): 1}
    assert not ledger.is_clean


def test_faults_hide_an_answer_each_for_a_while() -> None:
    """A receive whose answer was cut off hides a reply for 2 s, and so does each further one."""
    tale = sent().replied(10, "a1").heard(Outcome.ERROR, "Proxy.NoResponse")
    for at_s in (11, 14):
        tale.met(Weather.CUT_AFTER, at_s, who="function", operation=RECEIVE, queue=REPLIES)
        tale.met(Weather.SLOW, at_s, who="function", operation=RECEIVE, queue=REPLIES)
        tale.met(Weather.CUT_AFTER, at_s, who="function", operation=RECEIVE, queue="another")
    assert not tale.judged().is_clean

    tale.met(Weather.DELIVERED_TO_NOBODY, 17, who="function", operation=RECEIVE, queue=REPLIES)
    ledger = tale.judged()
    assert dict(ledger.errors) == {("Proxy.NoResponse", "replies kept away"): 1}
    assert ledger.is_clean


def test_a_machine_that_stands_still_moves_no_answer() -> None:
    """What passes through several hands takes its time where none of them is let run."""
    tale = sent().replied(15, "a1").heard(Outcome.ERROR, "Proxy.NoResponse")
    assert not tale.met(Weather.STALLED, 16, 17, lost_ms=1000).judged().is_clean
    assert not tale.met(Weather.STALLED, 17, 19, "a1", lost_ms=2000).judged().is_clean
    assert tale.met(Weather.STALLED, 17, 19, lost_ms=1500).judged().is_clean


def test_absence_is_legal_where_nobody_accepted_in_time() -> None:
    """The proxy may not conclude absence where an `accepted` lay in its queue."""
    late = sent().replied(4.1, "a1", "accepted").heard(Outcome.ERROR, "Proxy.Absent")
    assert dict(late.judged().errors) == {("Proxy.Absent", "nobody was free in time"): 1}

    early = sent().replied(3.9, "a1", "accepted").heard(Outcome.ERROR, "Proxy.Absent")
    assert not early.judged().is_clean
    early.met(Weather.CUT_AFTER, 4, who="function", operation=RECEIVE, queue=REPLIES)
    assert dict(early.judged().errors) == {("Proxy.Absent", "replies kept away"): 1}


def test_a_queue_error_needs_a_queue_that_failed() -> None:
    """A proxy that gives up a call has met a fault; a slow call is none."""
    tale = sent().heard(Outcome.ERROR, "Proxy.QueueError")
    assert not tale.judged().is_clean
    tale.met(Weather.SLOW, 1, who="function", operation=SEND)
    assert not tale.judged().is_clean
    tale.met(Weather.SERVER_ERROR, 1, who="function", operation="CreateQueue")
    assert tale.judged().is_clean


@pytest.mark.parametrize("error_type", ["Proxy.BadAnswer", "Client.BadRequest", "ValueError"])
def test_no_weather_brings_about_any_other_error(error_type: str) -> None:
    """Bad weather garbles nothing."""
    tale = answered().met(Weather.OUTAGE, 0, 20).heard(Outcome.ERROR, error_type)

    assert dict(tale.judged().errors) == {(error_type, "unexplained"): 1}
