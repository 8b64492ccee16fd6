from __future__ import annotations

from dataclasses import replace

from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    NOW_MS,
    ONE_WAY_REQUEST,
    REQUEST,
    WINDOW_REQUEST,
    Delivered,
    all_of,
    arrival,
    kinds,
    the,
)
from ldp_testing.wire_stage import SETTINGS, new_session, notices_of, record_of
from ldp_wire.actions import (
    Notice,
    NoticeKind,
    Raised,
    Record,
    Recorded,
    Release,
    Renew,
    Returned,
    Send,
    Start,
    Status,
)
from ldp_wire.codec import decode
from ldp_wire.envelopes import HandlerError, Request, Response
from ldp_wire.session import ClientSession, OnError, SessionState

HOLDING = replace(SETTINGS, on_error=OnError.HOLD)
ID = REQUEST.request_id
FAILURE = Raised("ValueError", "no such order", b'{"errorType": "ValueError"}')
HOLD_UNTIL_MS = ANSWER_BY_MS - 2_000


def _held(request: Request = REQUEST) -> ClientSession:
    session = new_session(HOLDING)
    session.receive(arrival(request), None, NOW_MS)
    actions = session.handler_ended(ID, FAILURE, NOW_MS)
    until_ms = None if request.terms is None else HOLD_UNTIL_MS
    assert actions == [Notice(NoticeKind.HELD, ID, until_ms=until_ms)]
    return session


def _error(send: Send) -> HandlerError:
    response = decode(send.text)
    assert isinstance(response, Response)
    assert isinstance(response.result, HandlerError)
    return response.result


def test_a_failed_event_is_held_and_nothing_is_sent() -> None:
    """The event waits in its handler's place; nobody hears of the failure (SES-36, SES-19)."""
    session = _held()

    assert session.is_holding
    assert session.free_handlers == 0


def test_a_held_event_stays_leased() -> None:
    """Its lease is renewed as if the handler ran (SES-7)."""
    session = _held()
    renewals = all_of(Renew, session.tick(NOW_MS + 5_000))

    assert [renewal.receipt for renewal in renewals] == ["h-1"]
    assert kinds(session.tick(NOW_MS + 5_001)) == []


def test_a_copy_of_a_held_event_is_adopted() -> None:
    """Another copy is kept with it, and never run or deleted (SES-4, SES-5)."""
    session = _held()
    copy = Delivered("", message_id="m-2", receipt="h-2")

    assert notices_of(session.receive(arrival(REQUEST, copy), None, NOW_MS)) == [
        NoticeKind.COPY_ADOPTED
    ]


def test_a_held_event_runs_again_only_when_it_is_asked_for() -> None:
    """The same event, and then the good answer, which is the only one (SES-36, SES-14)."""
    session = _held()

    assert session.rerun(NOW_MS + 1_000) == [Start(REQUEST, b'{"order": 1}', attempt=2)]
    assert not session.is_holding
    assert session.rerun(NOW_MS + 1_000) == []
    answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS + 2_000))
    assert kinds(session.sent(answer, NOW_MS, NOW_MS + 2_000)) == ["Record", "Delete"]


def test_an_event_that_fails_again_is_held_again() -> None:
    """Each failure waits for the developer (SES-19)."""
    session = _held()
    session.rerun(NOW_MS + 1_000)

    assert notices_of(session.handler_ended(ID, FAILURE, NOW_MS + 2_000)) == [NoticeKind.HELD]
    assert session.is_holding


def test_the_last_error_goes_by_itself_before_nobody_waits() -> None:
    """Two seconds before `answerByMs` the caller gets the error that is held (SES-36)."""
    session = _held()
    session.tick(HOLD_UNTIL_MS - 1)
    due_ms = session.due_ms()
    assert due_ms is not None
    assert due_ms <= HOLD_UNTIL_MS
    actions = session.tick(HOLD_UNTIL_MS)

    assert NoticeKind.HOLD_ENDED in notices_of(actions)
    error = _error(the(Send, actions))
    assert (error.error_type, error.error_message) == ("ValueError", "no such order")
    assert session.rerun(HOLD_UNTIL_MS) == []


def test_a_failure_with_no_time_left_is_sent_at_the_next_tick() -> None:
    """A hold of no length is none (SES-36)."""
    session = new_session(HOLDING)
    session.receive(arrival(), None, NOW_MS)
    session.handler_ended(ID, FAILURE, HOLD_UNTIL_MS + 1)

    due_ms = session.due_ms()
    assert due_ms is not None
    assert due_ms <= HOLD_UNTIL_MS
    assert _error(the(Send, session.tick(HOLD_UNTIL_MS + 1))).error_type == "ValueError"


def test_a_hold_that_was_slept_through_is_given_up() -> None:
    """After `answerByMs` nothing is sent; the reason is recorded (SES-17, SES-13)."""
    session = _held()

    assert session.rerun(ANSWER_BY_MS) == []
    actions = session.tick(ANSWER_BY_MS)
    assert notices_of(actions)[0] is NoticeKind.HOLD_EXPIRED
    assert the(Record, actions) == record_of(Status.DISCARDED, "expired while held")
    assert all_of(Send, actions) == []


def test_draining_gives_a_held_event_back() -> None:
    """Whoever starts a client again has it again (SES-32, SES-36)."""
    session = _held()
    actions = session.drain(NOW_MS + 1_000)

    assert all_of(Release, actions) == [Release("h-1", 0)]
    assert all_of(Send, actions) == []
    assert session.is_closed


def test_an_event_that_fails_while_draining_is_given_back() -> None:
    """There will be no other run here (SES-32)."""
    session = new_session(HOLDING)
    session.receive(arrival(), None, NOW_MS)
    session.drain(NOW_MS)
    assert session.state is SessionState.DRAINING

    assert all_of(Release, session.handler_ended(ID, FAILURE, NOW_MS)) == [Release("h-1", 0)]
    assert session.is_closed


def test_abandoning_gives_a_held_event_back() -> None:
    """The second signal is as good as the first for what is held (SES-33)."""
    session = _held()

    assert all_of(Release, session.abandon(NOW_MS)) == [Release("h-1", 0)]


def test_a_client_that_starts_again_takes_a_held_event_over() -> None:
    """The journal shows that it was accepted in time, so it may start late (SES-23, SES-36)."""
    session = new_session(HOLDING)
    late_ms = NOW_MS + 60_000
    again = Delivered("", receipt="h-9", receive_count=2)
    recorded = Recorded(Status.ACCEPTED, "accepted in time")

    actions = session.receive(arrival(WINDOW_REQUEST, again), recorded, late_ms)

    assert actions == [Start(WINDOW_REQUEST, b'{"order": 1}', attempt=2)]


def test_a_one_way_event_is_held_without_end() -> None:
    """Nobody waits for it, so nothing is sent and nothing expires (SES-27, SES-28, SES-36)."""
    session = _held(ONE_WAY_REQUEST)
    far_ms = ANSWER_BY_MS + 10_000_000

    assert all_of(Send, session.tick(far_ms)) == []
    assert kinds(session.rerun(far_ms)) == ["Start"]
    assert "Record" in kinds(session.handler_ended(ID, Returned(b"null"), far_ms))
