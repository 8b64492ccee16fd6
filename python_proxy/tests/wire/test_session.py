from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    CONTEXT,
    NOW_MS,
    REQUEST,
    TERMS,
    TRUST,
    Delivered,
    arrival,
    kinds,
    the,
)
from ldp_testing.wire_stage import (
    ID,
    KEEP_UNTIL_MS,
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
    Keep,
    Notice,
    NoticeKind,
    Recorded,
    Release,
    Renew,
    Returned,
    Send,
    SendFailure,
    Start,
    Status,
)
from ldp_wire.arrivals import BadArrival, read
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import Declined, RequestId
from ldp_wire.session import (
    SessionState,
)

if TYPE_CHECKING:
    from ldp_wire.envelopes import Request


COPY = Delivered("", message_id="m-2", receipt="h-2")


AGAIN = Delivered("", receipt="h-9", receive_count=2)


def _other(number: int) -> Request:
    return replace(REQUEST, request_id=RequestId(f"other-{number}"))


def test_a_request_starts_the_handler_with_its_bytes() -> None:
    """A valid request starts the handler at once, and nothing is sent (PAY-1, SES-20)."""
    actions = new_session().receive(arrival(), None, NOW_MS)

    assert actions == [Start(REQUEST, b'{"order": 1}')]


def test_no_more_is_received_than_handlers_are_free() -> None:
    """Each running handler takes one place; an answer on its way takes none (SES-1)."""
    session = new_session(replace(SETTINGS, handlers=2))

    free = [session.free_handlers]
    for number in range(2):
        session.receive(arrival(_other(number)), None, NOW_MS)
        free.append(session.free_handlers)
    session.handler_ended(RequestId("other-0"), Returned(b""), NOW_MS)

    assert [*free, session.free_handlers] == [2, 1, 0, 1]


def test_what_comes_to_a_busy_client_is_released() -> None:
    """A message without a free handler is given back at once (SES-1, SES-11)."""
    session = running_session()
    actions = session.receive(arrival(_other(1), COPY), None, NOW_MS)

    assert acts_of(actions) == [Release("h-2", 0)]


@pytest.mark.parametrize(("now_ms", "runs"), [(ANSWER_BY_MS - 1, True), (ANSWER_BY_MS, False)])
def test_an_expired_request_is_recorded_and_deleted(now_ms: int, runs: object) -> None:
    """An expired request is recorded, deleted and told of, never started (SES-2)."""
    actions = new_session().receive(arrival(), None, now_ms)

    if runs:
        assert kinds(actions) == ["Start"]
    else:
        assert notices_of(actions) == [NoticeKind.EXPIRED_BEFORE_START]
        assert acts_of(actions) == [
            record_of(Status.DISCARDED, "expired before start"),
            Delete("h-1"),
        ]


def test_the_functions_deadline_decides_nothing() -> None:
    """Whatever deadlineMs is, a request runs by its answerByMs alone (ENV-23)."""
    for deadline_ms in (0, NOW_MS - 1, 2**53 - 1):
        request = replace(REQUEST, context=replace(CONTEXT, deadline_ms=deadline_ms))
        assert kinds(new_session().receive(arrival(request), None, NOW_MS)) == ["Start"]


def test_a_copy_of_a_running_request_is_adopted() -> None:
    """A copy is not run a second time, but held, renewed and deleted in the end (SES-3, SES-4)."""
    session = running_session()

    assert notices_of(session.receive(arrival(REQUEST, COPY), None, NOW_MS)) == [
        NoticeKind.COPY_ADOPTED
    ]
    assert session.receive(arrival(REQUEST, AGAIN), None, NOW_MS) == []
    assert session.tick(NOW_MS + 5_000) == [
        Renew(ID, "m-1", "h-9", 20),
        Renew(ID, "m-2", "h-2", 20),
    ]
    answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS + 6_000))
    assert session.sent(answer, NOW_MS, NOW_MS + 6_000) == [
        record_of(Status.ANSWERED, "answered"),
        Delete("h-9"),
        Delete("h-2"),
    ]


def test_a_copy_is_adopted_whatever_the_journal_says() -> None:
    """What runs here is adopted, whatever another client wrote into the journal (SES-5)."""
    session = running_session()
    recorded = Recorded(Status.ACCEPTED, "accepted in time")

    assert kinds(session.receive(arrival(REQUEST, COPY), recorded, NOW_MS)) == ["Notice"]


def test_a_copy_that_comes_while_the_answer_is_on_its_way_is_adopted() -> None:
    """Until SQS has the answer no copy is deleted (SES-5, SES-13)."""
    session, answer = answering_session()

    assert acts_of(session.receive(arrival(REQUEST, COPY), None, NOW_MS)) == []
    assert Delete("h-2") in session.sent(answer, NOW_MS, NOW_MS)


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.DISCARDED])
def test_a_copy_of_what_the_journal_knows_is_deleted(status: Status) -> None:
    """An answered or discarded request is deleted without a run, even by a new client (SES-6)."""
    actions = new_session().receive(arrival(), Recorded(status, "why"), NOW_MS)

    assert actions == [Notice(NoticeKind.COPY_DELETED, ID, "why"), Delete("h-1")]


def test_a_copy_that_reappears_is_deleted_without_a_journal() -> None:
    """A client remembers what it answered, until no copy can come any more (SES-6, SES-26)."""
    session, answer = answering_session()
    session.sent(answer, NOW_MS, NOW_MS)

    assert acts_of(session.receive(arrival(REQUEST, AGAIN), None, NOW_MS + 1)) == [Delete("h-9")]
    session.tick(KEEP_UNTIL_MS)
    assert kinds(session.receive(arrival(REQUEST, AGAIN), None, KEEP_UNTIL_MS)) == [
        "Notice",
        "Delete",
    ]
    session.tick(KEEP_UNTIL_MS + 1)
    forgotten = session.receive(arrival(REQUEST, AGAIN), None, KEEP_UNTIL_MS + 1)
    assert notices_of(forgotten) == [NoticeKind.EXPIRED_BEFORE_START]


def _bad(text: str, trust: object = TRUST) -> BadArrival:
    found = read(Delivered(text), TRUST if trust else None)
    assert isinstance(found, BadArrival)
    return found


def test_bad_input_is_kept_then_answered_then_deleted() -> None:
    """A bad request is kept with reason and pointer, refused, then deleted (SES-30, SES-31)."""
    text = encode(REQUEST).replace('"1.0"', '"2.0"')
    session = new_session()
    actions = session.receive(_bad(text), None, NOW_MS)

    assert kinds(actions) == ["Notice", "Keep", "refusal", "Delete"]
    assert the(Keep, actions) == Keep(
        "m-1", text, "ENV-10", "/version", "version is of major version 2, not 1"
    )
    assert session.free_handlers == 1


def test_bad_input_without_an_address_is_kept_and_deleted() -> None:
    """What cannot be answered is kept and deleted, and work goes on (SES-29, SES-30)."""
    session = new_session()
    actions = session.receive(_bad("no JSON"), None, NOW_MS)

    assert kinds(actions) == ["Notice", "Keep", "Delete"]
    assert kinds(session.receive(arrival(), None, NOW_MS)) == ["Start"]


def test_bad_input_is_left_to_a_redrive_policy() -> None:
    """Where a redrive policy takes bad messages they stay, but are refused (SES-30, SES-31)."""
    session = new_session(replace(SETTINGS, leaves_bad_messages=True))
    text = encode(REQUEST).replace('"1.0"', '"2.0"')

    assert kinds(session.receive(_bad(text), None, NOW_MS)) == ["Notice", "refusal"]
    assert kinds(session.receive(_bad("{"), None, NOW_MS)) == ["Notice"]


def test_an_untrusted_request_is_kept_and_never_answered() -> None:
    """Nothing is sent for a request whose replyTo is not trusted (SEC-3)."""
    terms = replace(TERMS, reply_to=TERMS.reply_to + "X")
    bad = _bad(encode(replace(REQUEST, terms=terms)))

    assert kinds(new_session().receive(bad, None, NOW_MS)) == ["Notice", "Keep", "Delete"]


def test_a_refusal_that_could_not_be_sent_is_told_of() -> None:
    """A refusal is tried once; the body is kept whatever becomes of it (SES-30)."""
    session = new_session()
    bad = _bad(encode(REQUEST).replace('"1.0"', '"2.0"'))
    refusal = the(Send, session.receive(bad, None, NOW_MS))

    assert session.send_failed(refusal, SendFailure.GONE, "why", NOW_MS) == [
        Notice(NoticeKind.SEND_FAILED, ID, "why")
    ]
    assert session.sent(refusal, NOW_MS, NOW_MS) == []


def test_draining_finishes_and_answers_what_runs() -> None:
    """At the first signal nothing is received; the running event is answered (SES-32)."""
    session = new_session(replace(SETTINGS, handlers=2))
    session.receive(arrival(), None, NOW_MS)
    session.drain(NOW_MS)

    assert (session.state, session.free_handlers) == (SessionState.DRAINING, 0)
    answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS))
    assert not session.is_closed
    assert kinds(session.sent(answer, NOW_MS, NOW_MS)) == ["Record", "Delete"]
    assert session.is_closed


def test_what_an_open_receive_brings_while_draining_is_released() -> None:
    """A message that comes after the signal is given back at once (SES-32)."""
    session = new_session(replace(SETTINGS, handlers=2))
    session.receive(arrival(), None, NOW_MS)
    session.drain(NOW_MS)

    assert acts_of(session.receive(arrival(_other(1), COPY), None, NOW_MS)) == [Release("h-2", 0)]
    session.abandon(NOW_MS)
    assert acts_of(session.receive(arrival(_other(2), COPY), None, NOW_MS)) == [Release("h-2", 0)]


def test_an_idle_session_closes_at_once() -> None:
    """Nothing runs, so nothing is waited for; signals may come again (SES-32)."""
    session = new_session()
    session.drain(NOW_MS)

    assert session.is_closed
    session.drain(NOW_MS)
    assert session.abandon(NOW_MS) == []
    assert session.is_closed


def test_a_drained_session_closes_when_a_late_handler_ends() -> None:
    """An overdue handler is waited for, although nobody gets its result (SES-32)."""
    session = running_session()
    session.drain(NOW_MS)
    session.tick(ANSWER_BY_MS)
    assert not session.is_closed
    session.handler_ended(ID, Returned(b""), ANSWER_BY_MS)

    assert session.is_closed


def test_abandoning_releases_what_is_surely_held() -> None:
    """At the second signal the event is given back at once, unanswered (SES-33, SES-11)."""
    session = running_session()
    session.drain(NOW_MS)

    assert session.abandon(NOW_MS + 1_000) == [
        Release("h-1", 0),
        Notice(NoticeKind.RELEASED, ID),
    ]
    assert session.is_closed
    assert session.handler_ended(ID, Returned(b""), NOW_MS) == [Notice(NoticeKind.LATE_RESULT, ID)]


def test_abandoning_leaves_what_may_belong_to_another() -> None:
    """A lease that may have ended is not released by its old handle (SES-11, SES-33)."""
    session = running_session()

    assert session.abandon(NOW_MS + 15_000) == [Notice(NoticeKind.RELEASED, ID)]


def test_abandoning_an_overdue_request_has_nothing_to_release() -> None:
    """What was given up at answerByMs is not given back (SES-9, SES-33)."""
    session = running_session()
    session.tick(ANSWER_BY_MS)

    assert session.abandon(ANSWER_BY_MS) == []


def test_declined_is_not_sent_for_what_nobody_windowed() -> None:
    """Without a window nothing but the answer is sent (SES-20, SES-22)."""
    session, answer = answering_session()
    texts = [answer.text, *(a.text for a in session.tick(ANSWER_BY_MS) if isinstance(a, Send))]

    assert not any(isinstance(decode(text), Declined) for text in texts)
