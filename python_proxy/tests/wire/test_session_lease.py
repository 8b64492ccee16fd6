from __future__ import annotations

from dataclasses import replace

import pytest

from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    NOW_MS,
    REQUEST,
    Delivered,
    arrival,
    kinds,
    the,
)
from ldp_testing.wire_stage import (
    ID,
    SETTINGS,
    acts_of,
    answering_session,
    new_session,
    notices_of,
    record_of,
    running_session,
)
from ldp_wire.actions import (
    Delete,
    Notice,
    NoticeKind,
    Renew,
    Returned,
    Send,
    Status,
)

COPY = Delivered("", message_id="m-2", receipt="h-2")


def test_a_lease_is_kept_while_the_handler_runs() -> None:
    """The lease is renewed every quarter for as long as the handler runs (SES-7)."""
    session = running_session()
    renewed_ms = []
    while (due_ms := session.due_ms()) is not None and due_ms < ANSWER_BY_MS - 20_000:
        renew = the(Renew, session.tick(due_ms))
        session.renewed(renew, due_ms)
        renewed_ms.append(due_ms - NOW_MS)

    assert renewed_ms == list(range(5_000, 875_000, 5_000))


@pytest.mark.parametrize("lease_s", [2, 20, 60])
def test_the_lease_time_is_configured(lease_s: int) -> None:
    """Renewals follow the configured lease, whatever it is (SES-12)."""
    session = new_session(replace(SETTINGS, lease_s=lease_s))
    session.receive(arrival(), None, NOW_MS)

    assert session.due_ms() == NOW_MS + lease_s * 250
    assert the(Renew, session.tick(NOW_MS + lease_s * 250)).visibility_s == lease_s


def test_a_lease_is_kept_while_the_answer_waits() -> None:
    """Until SQS has the answer, the request stays hidden from others (SES-7)."""
    session, _ = answering_session()

    assert kinds(session.tick(NOW_MS + 5_000)) == ["Renew"]


def test_a_handler_that_runs_past_answer_by_is_given_up() -> None:
    """At answerByMs the request is recorded and deleted while its handler runs on (SES-9)."""
    session = running_session()
    actions = session.tick(ANSWER_BY_MS)

    assert session.due_ms() is None
    assert [*notices_of(actions)] == [NoticeKind.EXPIRED_WHILE_RUNNING, NoticeKind.LEASE_LAPSED]
    assert acts_of(actions) == [record_of(Status.DISCARDED, "expired while running")]
    assert session.free_handlers == 0
    assert session.tick(ANSWER_BY_MS + 1) == []


def test_a_request_that_is_given_up_is_deleted_if_its_lease_is_held() -> None:
    """What is still held at answerByMs is deleted after the reason was recorded (SES-9, SES-13)."""
    session = running_session()
    renew = the(Renew, session.tick(NOW_MS + 5_000))
    session.renewed(replace(renew, visibility_s=900), NOW_MS + 5_000)

    assert acts_of(session.tick(ANSWER_BY_MS)) == [
        record_of(Status.DISCARDED, "expired while running"),
        Delete("h-1"),
    ]


def test_a_late_result_is_discarded_with_a_sentence() -> None:
    """A result after answerByMs is told of, not sent, and frees its handler (SES-9, SES-17)."""
    session = running_session()
    session.tick(ANSWER_BY_MS)
    actions = session.handler_ended(ID, Returned(b"42"), ANSWER_BY_MS + 5)

    assert actions == [Notice(NoticeKind.LATE_RESULT, ID)]
    assert session.free_handlers == 1


def test_a_result_at_answer_by_is_late_before_any_tick() -> None:
    """A result that comes at answerByMs is given up on the spot (SES-9, SES-17)."""
    actions = running_session().handler_ended(ID, Returned(b"42"), ANSWER_BY_MS)

    assert notices_of(actions) == [
        NoticeKind.EXPIRED_WHILE_RUNNING,
        NoticeKind.LEASE_LAPSED,
        NoticeKind.LATE_RESULT,
    ]
    assert acts_of(actions) == [record_of(Status.DISCARDED, "expired while running")]


def test_a_copy_of_an_overdue_request_is_deleted() -> None:
    """A request that was given up is not run again while its handler runs on (SES-3, SES-6)."""
    session = running_session()
    session.tick(ANSWER_BY_MS)

    assert acts_of(session.receive(arrival(REQUEST, COPY), None, ANSWER_BY_MS)) == [Delete("h-2")]


def test_a_lapsed_lease_is_told_of_and_its_handle_is_not_used() -> None:
    """After a suspension the handle is dropped, but the answer is still sent (SES-10)."""
    session = running_session()
    actions = session.tick(NOW_MS + 60_000)

    assert actions == [Notice(NoticeKind.LEASE_LAPSED, ID)]
    answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS + 60_000))
    assert session.sent(answer, NOW_MS, NOW_MS + 61_000) == [record_of(Status.ANSWERED, "answered")]


def test_a_lapse_that_is_found_at_the_answer_is_told_of_too() -> None:
    """A lease that ended while the answer was sent is not deleted by in silence (SES-10)."""
    session, answer = answering_session()

    assert session.sent(answer, NOW_MS, NOW_MS + 20_001) == [
        Notice(NoticeKind.LEASE_LAPSED, ID),
        record_of(Status.ANSWERED, "answered"),
    ]


def test_a_renewal_of_what_is_over_changes_nothing() -> None:
    """The word that a lease was extended may come after the answer (SQS-12)."""
    session, answer = answering_session()
    renew = the(Renew, session.tick(NOW_MS + 5_000))
    session.sent(answer, NOW_MS, NOW_MS + 5_000)
    session.renewed(renew, NOW_MS + 5_000)

    assert session.due_ms() is None
