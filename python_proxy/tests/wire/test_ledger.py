from __future__ import annotations

from ldp_testing.deliveries import ANSWER_BY_MS, NOW_MS, ONE_WAY_REQUEST, REQUEST, arrival
from ldp_wire.actions import Record, Status
from ldp_wire.ledger import Ledger

HOUR_MS = 3_600_000


def test_a_record_is_kept_for_an_hour_after_answer_by() -> None:
    """An entry is kept until answerByMs + 1 h, on disk and in memory (SES-24, SES-26)."""
    ledger = Ledger()

    record = ledger.record(arrival(), Status.ANSWERED, "answered", NOW_MS)

    assert record == Record(REQUEST.request_id, Status.ANSWERED, "answered", ANSWER_BY_MS + HOUR_MS)
    ledger.forget(ANSWER_BY_MS + HOUR_MS)
    assert ledger.is_done(REQUEST.request_id)
    ledger.forget(ANSWER_BY_MS + HOUR_MS + 1)
    assert not ledger.is_done(REQUEST.request_id)


def test_a_one_way_record_is_kept_for_an_hour() -> None:
    """Without answerByMs an entry is kept for 1 h, whatever the deadline is (ENV-23)."""
    record = Ledger().record(arrival(ONE_WAY_REQUEST), Status.DISCARDED, "x", NOW_MS + 5)

    assert record.keep_until_ms == NOW_MS + 5 + HOUR_MS


def test_what_is_accepted_is_not_done() -> None:
    """An accepted request may be taken over; it is neither answered nor discarded (SES-25)."""
    ledger = Ledger()
    ledger.record(arrival(), Status.ACCEPTED, "accepted in time", NOW_MS)

    assert not ledger.is_done(REQUEST.request_id)


def test_what_is_declined_is_remembered_as_long() -> None:
    """A declined request is not done, but remembered as long as one that is (SES-22)."""
    ledger = Ledger()
    ledger.decline(arrival(), NOW_MS)

    assert not ledger.is_done(REQUEST.request_id)
    assert ledger.has_declined(REQUEST.request_id)
    ledger.forget(ANSWER_BY_MS + HOUR_MS + 1)
    assert not ledger.has_declined(REQUEST.request_id)
