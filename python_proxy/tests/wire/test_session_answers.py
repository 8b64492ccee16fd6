from __future__ import annotations

from dataclasses import replace

import pytest

from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    CONTEXT,
    NOW_MS,
    ONE_WAY_REQUEST,
    REPLY_QUEUE,
    REQUEST,
    TERMS,
    Delivered,
    arrival,
    kinds,
    the,
)
from ldp_testing.wire_stage import (
    ID,
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
    Purpose,
    Raised,
    Record,
    Renew,
    Returned,
    Send,
    SendFailure,
    Status,
)
from ldp_wire.codec import decode
from ldp_wire.envelopes import HandlerError, RequestId, Response

AGAIN = Delivered("", receipt="h-9", receive_count=2)


def test_a_result_is_answered_then_recorded_then_deleted() -> None:
    """The answer comes first, the record second, the delete last (SES-13, SES-25)."""
    session = running_session()
    answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS))

    assert (answer.purpose, answer.queue_name) == (Purpose.ANSWER, REPLY_QUEUE)
    assert session.sent(answer, NOW_MS, NOW_MS) == [
        record_of(Status.ANSWERED, "answered"),
        Delete("h-1"),
    ]
    assert session.sent(answer, NOW_MS, NOW_MS) == []


def test_a_failure_is_reported_as_the_answer() -> None:
    """The handler's error is the answer, and the event is not run again (SES-18, SES-19)."""
    session = running_session()
    failed = Raised("ValueError", "no such order", b'{"errorType": "ValueError"}')
    answer = the(Send, session.handler_ended(ID, failed, NOW_MS))
    envelope = decode(answer.text)

    assert isinstance(envelope, Response)
    assert isinstance(envelope.result, HandlerError)
    assert envelope.result.error_type == "ValueError"
    assert kinds(session.sent(answer, NOW_MS, NOW_MS)) == ["Record", "Delete"]
    assert acts_of(session.receive(arrival(REQUEST, AGAIN), None, NOW_MS)) == [Delete("h-9")]


def test_a_result_that_is_too_large_is_told_of() -> None:
    """The developer learns why the caller gets an error instead of the result (PAY-9, ERR-12)."""
    terms = replace(TERMS, max_reply_bytes=1024, accept_encodings=("text",))
    session = running_session(replace(REQUEST, terms=terms))
    actions = session.handler_ended(ID, Returned(b"a" * 2000), NOW_MS)

    assert kinds(actions) == ["Notice", "answer"]
    assert notices_of(actions) == [NoticeKind.RESULT_TOO_LARGE]


def test_an_answer_that_could_not_be_sent_is_repeated_byte_for_byte() -> None:
    """The same bytes are sent again, ever more slowly, until SQS takes them (SES-14, SES-15)."""
    session, answer = answering_session()
    now_ms = NOW_MS
    pauses_ms = []
    for _ in range(6):
        told = session.send_failed(answer, SendFailure.OTHER, "throttled", now_ms)
        assert told == [Notice(NoticeKind.SEND_FAILED, ID, "throttled")]
        begun_ms = now_ms
        while answer not in session.tick(now_ms):
            due_ms = session.due_ms()
            assert due_ms is not None
            now_ms = due_ms
        pauses_ms.append(now_ms - begun_ms)

    assert pauses_ms == [500, 1_000, 2_000, 5_000, 5_000, 5_000]


def test_an_answer_is_not_repeated_past_answer_by() -> None:
    """At answerByMs an answer that SQS did not take is recorded as unsent (SES-15, SES-17)."""
    session, answer = answering_session()
    session.send_failed(answer, SendFailure.OTHER, "unreachable", ANSWER_BY_MS - 1)
    actions = session.tick(ANSWER_BY_MS)

    assert NoticeKind.LATE_RESULT in notices_of(actions)
    assert acts_of(actions) == [record_of(Status.DISCARDED, "the answer could not be sent in time")]
    assert (session.due_ms(), session.free_handlers) == (None, 1)


@pytest.mark.parametrize("failure", [SendFailure.OTHER, SendFailure.REFUSED])
def test_a_send_that_fails_at_answer_by_is_the_last(failure: SendFailure) -> None:
    """Once it is too late, no other answer is sent instead (SES-17)."""
    session, answer = answering_session()
    actions = session.send_failed(answer, failure, "why", ANSWER_BY_MS)

    assert kinds(acts_of(actions)) == ["Record"]


def test_an_answer_that_sqs_will_never_take_becomes_an_error() -> None:
    """A refused answer, which nobody has seen, is replaced by Client.ResultTooLarge (SES-14)."""
    session, answer = answering_session()
    instead = the(Send, session.send_failed(answer, SendFailure.REFUSED, "too long", NOW_MS))

    assert "Client.ResultTooLarge" in instead.text
    assert kinds(session.send_failed(instead, SendFailure.REFUSED, "too long", NOW_MS)) == [
        "Notice"
    ]
    assert session.tick(NOW_MS + 1_000) == [instead]
    assert kinds(session.sent(instead, NOW_MS, NOW_MS)) == ["Record", "Delete"]


def test_an_answer_that_may_be_stored_is_not_replaced() -> None:
    """After a send of unknown outcome only the same bytes are sent, even if refused (SES-14)."""
    session, answer = answering_session()
    session.send_failed(answer, SendFailure.OTHER, "timed out", NOW_MS)
    session.tick(NOW_MS + 500)

    assert kinds(session.send_failed(answer, SendFailure.REFUSED, "no", NOW_MS + 500)) == ["Notice"]
    assert session.tick(NOW_MS + 1_500) == [answer]


def test_a_reply_queue_that_is_gone_means_that_the_caller_is_gone() -> None:
    """Without the reply queue the reason is recorded and the request deleted (SES-16)."""
    session, answer = answering_session()

    assert session.send_failed(answer, SendFailure.GONE, "no such queue", NOW_MS) == [
        Notice(NoticeKind.CALLER_GONE, ID),
        record_of(Status.DISCARDED, "the caller is gone"),
        Delete("h-1"),
    ]


def test_a_result_of_what_was_not_started_is_late() -> None:
    """A result that belongs to nothing, or comes twice, is told of and not sent (SES-14)."""
    session, _ = answering_session()

    for request_id in (ID, RequestId("unknown")):
        assert session.handler_ended(request_id, Returned(b"1"), NOW_MS) == [
            Notice(NoticeKind.LATE_RESULT, request_id)
        ]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (Returned(b"1"), "one-way: the handler returned"),
        (Raised("E", "m", b"{}"), "one-way: the handler failed"),
    ],
)
def test_a_one_way_request_is_deleted_when_its_handler_ended(
    result: Returned | Raised, reason: str
) -> None:
    """A one-way request is never answered; its outcome is recorded, then it is deleted (SES-27)."""
    session = running_session(ONE_WAY_REQUEST)

    assert session.handler_ended(ID, result, NOW_MS) == [
        Record(ID, Status.DISCARDED, reason, NOW_MS + 3_600_000),
        Delete("h-1"),
    ]


def test_a_one_way_request_does_not_expire() -> None:
    """A one-way request is run however late it comes, and for as long as it takes (SES-28)."""
    late_ms = CONTEXT.deadline_ms + 86_400_000
    session = new_session()

    assert kinds(session.receive(arrival(ONE_WAY_REQUEST), None, late_ms)) == ["Start"]
    for hour in range(1, 20):
        assert kinds(session.tick(late_ms + hour * 5_000)) == ["Renew"]
        session.renewed(Renew(ID, "m-1", "h-1", 20), late_ms + hour * 5_000)
