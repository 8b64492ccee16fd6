from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    CLIENT,
    CONTEXT,
    NOW_MS,
    ONE_WAY_REQUEST,
    REPLY_QUEUE,
    REQUEST,
    TERMS,
    TRUST,
    Delivered,
    arrival,
    kinds,
    the,
)
from ldp_wire.actions import (
    Delete,
    Keep,
    Notice,
    NoticeKind,
    Purpose,
    Raised,
    Record,
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
from ldp_wire.envelopes import Declined, HandlerError, RequestId, Response
from ldp_wire.errors import LocalProtocolError
from ldp_wire.session import (
    TRANSITIONS,
    ClientSession,
    SessionSettings,
    SessionState,
    SessionTrigger,
)

if TYPE_CHECKING:
    from ldp_wire.actions import Action
    from ldp_wire.envelopes import Request

ID = REQUEST.request_id
KEEP_UNTIL_MS = ANSWER_BY_MS + 3_600_000
SETTINGS = SessionSettings(CLIENT, lease_s=20, handlers=1, max_message_bytes=1_048_576)
COPY = Delivered("", message_id="m-2", receipt="h-2")
AGAIN = Delivered("", receipt="h-9", receive_count=2)


def _session(settings: SessionSettings = SETTINGS) -> ClientSession:
    return ClientSession(settings)


def _running(request: Request = REQUEST) -> ClientSession:
    session = _session()
    assert kinds(session.receive(arrival(request), None, NOW_MS)) == ["Start"]
    return session


def _answering() -> tuple[ClientSession, Send]:
    session = _running()
    return session, the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS))


def _notices(actions: list[Action]) -> list[NoticeKind]:
    return [action.kind for action in actions if isinstance(action, Notice)]


def _acts(actions: list[Action]) -> list[Action]:
    """Everything but what the developer is told."""
    return [action for action in actions if not isinstance(action, Notice)]


def _record(status: Status, reason: str) -> Record:
    return Record(ID, status, reason, KEEP_UNTIL_MS)


def _other(number: int) -> Request:
    return replace(REQUEST, request_id=RequestId(f"other-{number}"))


@pytest.mark.parametrize(
    ("state", "trigger"), list(itertools.product(SessionState, SessionTrigger))
)
def test_a_session_moves_as_the_table_says_or_not_at_all(
    state: SessionState, trigger: SessionTrigger
) -> None:
    """Each trigger in each state leads where the table says, or is a bug of this side."""
    session = _session()
    session.state = state
    target = TRANSITIONS[state].get(trigger)

    if target is None:
        with pytest.raises(LocalProtocolError, match=f"{trigger.value!r} in state"):
            session._move(trigger)
        assert session.state is state
    else:
        session._move(trigger)
        assert session.state is target


def test_the_table_has_a_row_for_each_state_and_a_use_for_each_trigger() -> None:
    """No state is left out of the table, and no trigger is never used."""
    assert set(TRANSITIONS) == set(SessionState)
    assert {trigger for row in TRANSITIONS.values() for trigger in row} == set(SessionTrigger)


# Receiving


def test_a_request_starts_the_handler_with_its_bytes() -> None:
    """A valid request starts the handler at once, and nothing is sent (PAY-1, SES-20)."""
    actions = _session().receive(arrival(), None, NOW_MS)

    assert actions == [Start(REQUEST, b'{"order": 1}')]


def test_no_more_is_received_than_handlers_are_free() -> None:
    """Each running handler takes one place; an answer on its way takes none (SES-1)."""
    session = _session(replace(SETTINGS, handlers=2))

    free = [session.free_handlers]
    for number in range(2):
        session.receive(arrival(_other(number)), None, NOW_MS)
        free.append(session.free_handlers)
    session.handler_ended(RequestId("other-0"), Returned(b""), NOW_MS)

    assert [*free, session.free_handlers] == [2, 1, 0, 1]


def test_what_comes_to_a_busy_client_is_released() -> None:
    """A message without a free handler is given back at once (SES-1, SES-11)."""
    session = _running()
    actions = session.receive(arrival(_other(1), COPY), None, NOW_MS)

    assert _acts(actions) == [Release("h-2", 0)]


@pytest.mark.parametrize(("now_ms", "runs"), [(ANSWER_BY_MS - 1, True), (ANSWER_BY_MS, False)])
def test_an_expired_request_is_recorded_and_deleted(now_ms: int, runs: object) -> None:
    """An expired request is recorded, deleted and told of, never started (SES-2)."""
    actions = _session().receive(arrival(), None, now_ms)

    if runs:
        assert kinds(actions) == ["Start"]
    else:
        assert _notices(actions) == [NoticeKind.EXPIRED_BEFORE_START]
        assert _acts(actions) == [
            _record(Status.DISCARDED, "expired before start"),
            Delete("h-1"),
        ]


def test_the_functions_deadline_decides_nothing() -> None:
    """Whatever deadlineMs is, a request runs by its answerByMs alone (ENV-23)."""
    for deadline_ms in (0, NOW_MS - 1, 2**53 - 1):
        request = replace(REQUEST, context=replace(CONTEXT, deadline_ms=deadline_ms))
        assert kinds(_session().receive(arrival(request), None, NOW_MS)) == ["Start"]


def test_a_copy_of_a_running_request_is_adopted() -> None:
    """A copy is not run a second time, but held, renewed and deleted in the end (SES-3, SES-4)."""
    session = _running()

    assert _notices(session.receive(arrival(REQUEST, COPY), None, NOW_MS)) == [
        NoticeKind.COPY_ADOPTED
    ]
    assert session.receive(arrival(REQUEST, AGAIN), None, NOW_MS) == []
    assert session.tick(NOW_MS + 5_000) == [
        Renew(ID, "m-1", "h-9", 20),
        Renew(ID, "m-2", "h-2", 20),
    ]
    answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS + 6_000))
    assert session.sent(answer, NOW_MS, NOW_MS + 6_000) == [
        _record(Status.ANSWERED, "answered"),
        Delete("h-9"),
        Delete("h-2"),
    ]


def test_a_copy_is_adopted_whatever_the_journal_says() -> None:
    """What runs here is adopted, whatever another client wrote into the journal (SES-5)."""
    session = _running()
    recorded = Recorded(Status.ACCEPTED, "accepted in time")

    assert kinds(session.receive(arrival(REQUEST, COPY), recorded, NOW_MS)) == ["Notice"]


def test_a_copy_that_comes_while_the_answer_is_on_its_way_is_adopted() -> None:
    """Until SQS has the answer no copy is deleted (SES-5, SES-13)."""
    session, answer = _answering()

    assert _acts(session.receive(arrival(REQUEST, COPY), None, NOW_MS)) == []
    assert Delete("h-2") in session.sent(answer, NOW_MS, NOW_MS)


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.DISCARDED])
def test_a_copy_of_what_the_journal_knows_is_deleted(status: Status) -> None:
    """An answered or discarded request is deleted without a run, even by a new client (SES-6)."""
    actions = _session().receive(arrival(), Recorded(status, "why"), NOW_MS)

    assert actions == [Notice(NoticeKind.COPY_DELETED, ID, "why"), Delete("h-1")]


def test_a_copy_that_reappears_is_deleted_without_a_journal() -> None:
    """A client remembers what it answered, until no copy can come any more (SES-6, SES-26)."""
    session, answer = _answering()
    session.sent(answer, NOW_MS, NOW_MS)

    assert _acts(session.receive(arrival(REQUEST, AGAIN), None, NOW_MS + 1)) == [Delete("h-9")]
    session.tick(KEEP_UNTIL_MS)
    assert kinds(session.receive(arrival(REQUEST, AGAIN), None, KEEP_UNTIL_MS)) == [
        "Notice",
        "Delete",
    ]
    session.tick(KEEP_UNTIL_MS + 1)
    forgotten = session.receive(arrival(REQUEST, AGAIN), None, KEEP_UNTIL_MS + 1)
    assert _notices(forgotten) == [NoticeKind.EXPIRED_BEFORE_START]


# Lease


def test_a_lease_is_kept_while_the_handler_runs() -> None:
    """The lease is renewed every quarter for as long as the handler runs (SES-7)."""
    session = _running()
    renewed_ms = []
    while (due_ms := session.due_ms()) is not None and due_ms < ANSWER_BY_MS - 20_000:
        renew = the(Renew, session.tick(due_ms))
        session.renewed(renew, due_ms)
        renewed_ms.append(due_ms - NOW_MS)

    assert renewed_ms == list(range(5_000, 875_000, 5_000))


@pytest.mark.parametrize("lease_s", [2, 20, 60])
def test_the_lease_time_is_configured(lease_s: int) -> None:
    """Renewals follow the configured lease, whatever it is (SES-12)."""
    session = _session(replace(SETTINGS, lease_s=lease_s))
    session.receive(arrival(), None, NOW_MS)

    assert session.due_ms() == NOW_MS + lease_s * 250
    assert the(Renew, session.tick(NOW_MS + lease_s * 250)).visibility_s == lease_s


def test_a_lease_is_kept_while_the_answer_waits() -> None:
    """Until SQS has the answer, the request stays hidden from others (SES-7)."""
    session, _ = _answering()

    assert kinds(session.tick(NOW_MS + 5_000)) == ["Renew"]


def test_a_handler_that_runs_past_answer_by_is_given_up() -> None:
    """At answerByMs the request is recorded and deleted while its handler runs on (SES-9)."""
    session = _running()
    actions = session.tick(ANSWER_BY_MS)

    assert session.due_ms() is None
    assert [*_notices(actions)] == [NoticeKind.EXPIRED_WHILE_RUNNING, NoticeKind.LEASE_LAPSED]
    assert _acts(actions) == [_record(Status.DISCARDED, "expired while running")]
    assert session.free_handlers == 0
    assert session.tick(ANSWER_BY_MS + 1) == []


def test_a_request_that_is_given_up_is_deleted_if_its_lease_is_held() -> None:
    """What is still held at answerByMs is deleted after the reason was recorded (SES-9, SES-13)."""
    session = _running()
    renew = the(Renew, session.tick(NOW_MS + 5_000))
    session.renewed(replace(renew, visibility_s=900), NOW_MS + 5_000)

    assert _acts(session.tick(ANSWER_BY_MS)) == [
        _record(Status.DISCARDED, "expired while running"),
        Delete("h-1"),
    ]


def test_a_late_result_is_discarded_with_a_sentence() -> None:
    """A result after answerByMs is told of, not sent, and frees its handler (SES-9, SES-17)."""
    session = _running()
    session.tick(ANSWER_BY_MS)
    actions = session.handler_ended(ID, Returned(b"42"), ANSWER_BY_MS + 5)

    assert actions == [Notice(NoticeKind.LATE_RESULT, ID)]
    assert session.free_handlers == 1


def test_a_result_at_answer_by_is_late_before_any_tick() -> None:
    """A result that comes at answerByMs is given up on the spot (SES-9, SES-17)."""
    actions = _running().handler_ended(ID, Returned(b"42"), ANSWER_BY_MS)

    assert _notices(actions) == [
        NoticeKind.EXPIRED_WHILE_RUNNING,
        NoticeKind.LEASE_LAPSED,
        NoticeKind.LATE_RESULT,
    ]
    assert _acts(actions) == [_record(Status.DISCARDED, "expired while running")]


def test_a_copy_of_an_overdue_request_is_deleted() -> None:
    """A request that was given up is not run again while its handler runs on (SES-3, SES-6)."""
    session = _running()
    session.tick(ANSWER_BY_MS)

    assert _acts(session.receive(arrival(REQUEST, COPY), None, ANSWER_BY_MS)) == [Delete("h-2")]


def test_a_lapsed_lease_is_told_of_and_its_handle_is_not_used() -> None:
    """After a suspension the handle is dropped, but the answer is still sent (SES-10)."""
    session = _running()
    actions = session.tick(NOW_MS + 60_000)

    assert actions == [Notice(NoticeKind.LEASE_LAPSED, ID)]
    answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS + 60_000))
    assert session.sent(answer, NOW_MS, NOW_MS + 61_000) == [_record(Status.ANSWERED, "answered")]


def test_a_lapse_that_is_found_at_the_answer_is_told_of_too() -> None:
    """A lease that ended while the answer was sent is not deleted by in silence (SES-10)."""
    session, answer = _answering()

    assert session.sent(answer, NOW_MS, NOW_MS + 20_001) == [
        Notice(NoticeKind.LEASE_LAPSED, ID),
        _record(Status.ANSWERED, "answered"),
    ]


def test_a_renewal_of_what_is_over_changes_nothing() -> None:
    """The word that a lease was extended may come after the answer (SQS-12)."""
    session, answer = _answering()
    renew = the(Renew, session.tick(NOW_MS + 5_000))
    session.sent(answer, NOW_MS, NOW_MS + 5_000)
    session.renewed(renew, NOW_MS + 5_000)

    assert session.due_ms() is None


# Answering


def test_a_result_is_answered_then_recorded_then_deleted() -> None:
    """The answer comes first, the record second, the delete last (SES-13, SES-25)."""
    session = _running()
    answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS))

    assert (answer.purpose, answer.queue_name) == (Purpose.ANSWER, REPLY_QUEUE)
    assert session.sent(answer, NOW_MS, NOW_MS) == [
        _record(Status.ANSWERED, "answered"),
        Delete("h-1"),
    ]
    assert session.sent(answer, NOW_MS, NOW_MS) == []


def test_a_failure_is_reported_as_the_answer() -> None:
    """The handler's error is the answer, and the event is not run again (SES-18, SES-19)."""
    session = _running()
    failed = Raised("ValueError", "no such order", b'{"errorType": "ValueError"}')
    answer = the(Send, session.handler_ended(ID, failed, NOW_MS))
    envelope = decode(answer.text)

    assert isinstance(envelope, Response)
    assert isinstance(envelope.result, HandlerError)
    assert envelope.result.error_type == "ValueError"
    assert kinds(session.sent(answer, NOW_MS, NOW_MS)) == ["Record", "Delete"]
    assert _acts(session.receive(arrival(REQUEST, AGAIN), None, NOW_MS)) == [Delete("h-9")]


def test_a_result_that_is_too_large_is_told_of() -> None:
    """The developer learns why the caller gets an error instead of the result (PAY-9, ERR-12)."""
    terms = replace(TERMS, max_reply_bytes=1024, accept_encodings=("text",))
    session = _running(replace(REQUEST, terms=terms))
    actions = session.handler_ended(ID, Returned(b"a" * 2000), NOW_MS)

    assert kinds(actions) == ["Notice", "answer"]
    assert _notices(actions) == [NoticeKind.RESULT_TOO_LARGE]


def test_an_answer_that_could_not_be_sent_is_repeated_byte_for_byte() -> None:
    """The same bytes are sent again, ever more slowly, until SQS takes them (SES-14, SES-15)."""
    session, answer = _answering()
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
    session, answer = _answering()
    session.send_failed(answer, SendFailure.OTHER, "unreachable", ANSWER_BY_MS - 1)
    actions = session.tick(ANSWER_BY_MS)

    assert NoticeKind.LATE_RESULT in _notices(actions)
    assert _acts(actions) == [_record(Status.DISCARDED, "the answer could not be sent in time")]
    assert (session.due_ms(), session.free_handlers) == (None, 1)


@pytest.mark.parametrize("failure", [SendFailure.OTHER, SendFailure.REFUSED])
def test_a_send_that_fails_at_answer_by_is_the_last(failure: SendFailure) -> None:
    """Once it is too late, no other answer is sent instead (SES-17)."""
    session, answer = _answering()
    actions = session.send_failed(answer, failure, "why", ANSWER_BY_MS)

    assert kinds(_acts(actions)) == ["Record"]


def test_an_answer_that_sqs_will_never_take_becomes_an_error() -> None:
    """A refused answer, which nobody has seen, is replaced by Client.ResultTooLarge (SES-14)."""
    session, answer = _answering()
    instead = the(Send, session.send_failed(answer, SendFailure.REFUSED, "too long", NOW_MS))

    assert "Client.ResultTooLarge" in instead.text
    assert kinds(session.send_failed(instead, SendFailure.REFUSED, "too long", NOW_MS)) == [
        "Notice"
    ]
    assert session.tick(NOW_MS + 1_000) == [instead]
    assert kinds(session.sent(instead, NOW_MS, NOW_MS)) == ["Record", "Delete"]


def test_an_answer_that_may_be_stored_is_not_replaced() -> None:
    """After a send of unknown outcome only the same bytes are sent, even if refused (SES-14)."""
    session, answer = _answering()
    session.send_failed(answer, SendFailure.OTHER, "timed out", NOW_MS)
    session.tick(NOW_MS + 500)

    assert kinds(session.send_failed(answer, SendFailure.REFUSED, "no", NOW_MS + 500)) == ["Notice"]
    assert session.tick(NOW_MS + 1_500) == [answer]


def test_a_reply_queue_that_is_gone_means_that_the_caller_is_gone() -> None:
    """Without the reply queue the reason is recorded and the request deleted (SES-16)."""
    session, answer = _answering()

    assert session.send_failed(answer, SendFailure.GONE, "no such queue", NOW_MS) == [
        Notice(NoticeKind.CALLER_GONE, ID),
        _record(Status.DISCARDED, "the caller is gone"),
        Delete("h-1"),
    ]


def test_a_result_of_what_was_not_started_is_late() -> None:
    """A result that belongs to nothing, or comes twice, is told of and not sent (SES-14)."""
    session, _ = _answering()

    for request_id in (ID, RequestId("unknown")):
        assert session.handler_ended(request_id, Returned(b"1"), NOW_MS) == [
            Notice(NoticeKind.LATE_RESULT, request_id)
        ]


# One-way requests


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
    session = _running(ONE_WAY_REQUEST)

    assert session.handler_ended(ID, result, NOW_MS) == [
        Record(ID, Status.DISCARDED, reason, NOW_MS + 3_600_000),
        Delete("h-1"),
    ]


def test_a_one_way_request_does_not_expire() -> None:
    """A one-way request is run however late it comes, and for as long as it takes (SES-28)."""
    late_ms = CONTEXT.deadline_ms + 86_400_000
    session = _session()

    assert kinds(session.receive(arrival(ONE_WAY_REQUEST), None, late_ms)) == ["Start"]
    for hour in range(1, 20):
        assert kinds(session.tick(late_ms + hour * 5_000)) == ["Renew"]
        session.renewed(Renew(ID, "m-1", "h-1", 20), late_ms + hour * 5_000)


# Bad input


def _bad(text: str, trust: object = TRUST) -> BadArrival:
    found = read(Delivered(text), TRUST if trust else None)
    assert isinstance(found, BadArrival)
    return found


def test_bad_input_is_kept_then_answered_then_deleted() -> None:
    """A bad request is kept with reason and pointer, refused, then deleted (SES-30, SES-31)."""
    text = encode(REQUEST).replace('"1.0"', '"2.0"')
    session = _session()
    actions = session.receive(_bad(text), None, NOW_MS)

    assert kinds(actions) == ["Notice", "Keep", "refusal", "Delete"]
    assert the(Keep, actions) == Keep(
        "m-1", text, "ENV-10", "/version", "version is of major version 2, not 1"
    )
    assert session.free_handlers == 1


def test_bad_input_without_an_address_is_kept_and_deleted() -> None:
    """What cannot be answered is kept and deleted, and work goes on (SES-29, SES-30)."""
    session = _session()
    actions = session.receive(_bad("no JSON"), None, NOW_MS)

    assert kinds(actions) == ["Notice", "Keep", "Delete"]
    assert kinds(session.receive(arrival(), None, NOW_MS)) == ["Start"]


def test_bad_input_is_left_to_a_redrive_policy() -> None:
    """Where a redrive policy takes bad messages they stay, but are refused (SES-30, SES-31)."""
    session = _session(replace(SETTINGS, leaves_bad_messages=True))
    text = encode(REQUEST).replace('"1.0"', '"2.0"')

    assert kinds(session.receive(_bad(text), None, NOW_MS)) == ["Notice", "refusal"]
    assert kinds(session.receive(_bad("{"), None, NOW_MS)) == ["Notice"]


def test_an_untrusted_request_is_kept_and_never_answered() -> None:
    """Nothing is sent for a request whose replyTo is not trusted (SEC-3)."""
    terms = replace(TERMS, reply_to=TERMS.reply_to + "X")
    bad = _bad(encode(replace(REQUEST, terms=terms)))

    assert kinds(_session().receive(bad, None, NOW_MS)) == ["Notice", "Keep", "Delete"]


def test_a_refusal_that_could_not_be_sent_is_told_of() -> None:
    """A refusal is tried once; the body is kept whatever becomes of it (SES-30)."""
    session = _session()
    bad = _bad(encode(REQUEST).replace('"1.0"', '"2.0"'))
    refusal = the(Send, session.receive(bad, None, NOW_MS))

    assert session.send_failed(refusal, SendFailure.GONE, "why", NOW_MS) == [
        Notice(NoticeKind.SEND_FAILED, ID, "why")
    ]
    assert session.sent(refusal, NOW_MS, NOW_MS) == []


# Ending


def test_draining_finishes_and_answers_what_runs() -> None:
    """At the first signal nothing is received; the running event is answered (SES-32)."""
    session = _session(replace(SETTINGS, handlers=2))
    session.receive(arrival(), None, NOW_MS)
    session.drain()

    assert (session.state, session.free_handlers) == (SessionState.DRAINING, 0)
    answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS))
    assert not session.is_closed
    assert kinds(session.sent(answer, NOW_MS, NOW_MS)) == ["Record", "Delete"]
    assert session.is_closed


def test_what_an_open_receive_brings_while_draining_is_released() -> None:
    """A message that comes after the signal is given back at once (SES-32)."""
    session = _session(replace(SETTINGS, handlers=2))
    session.receive(arrival(), None, NOW_MS)
    session.drain()

    assert _acts(session.receive(arrival(_other(1), COPY), None, NOW_MS)) == [Release("h-2", 0)]
    session.abandon(NOW_MS)
    assert _acts(session.receive(arrival(_other(2), COPY), None, NOW_MS)) == [Release("h-2", 0)]


def test_an_idle_session_closes_at_once() -> None:
    """Nothing runs, so nothing is waited for; signals may come again (SES-32)."""
    session = _session()
    session.drain()

    assert session.is_closed
    session.drain()
    assert session.abandon(NOW_MS) == []
    assert session.is_closed


def test_a_drained_session_closes_when_a_late_handler_ends() -> None:
    """An overdue handler is waited for, although nobody gets its result (SES-32)."""
    session = _running()
    session.drain()
    session.tick(ANSWER_BY_MS)
    assert not session.is_closed
    session.handler_ended(ID, Returned(b""), ANSWER_BY_MS)

    assert session.is_closed


def test_abandoning_releases_what_is_surely_held() -> None:
    """At the second signal the event is given back at once, unanswered (SES-33, SES-11)."""
    session = _running()
    session.drain()

    assert session.abandon(NOW_MS + 1_000) == [
        Release("h-1", 0),
        Notice(NoticeKind.RELEASED, ID),
    ]
    assert session.is_closed
    assert session.handler_ended(ID, Returned(b""), NOW_MS) == [Notice(NoticeKind.LATE_RESULT, ID)]


def test_abandoning_leaves_what_may_belong_to_another() -> None:
    """A lease that may have ended is not released by its old handle (SES-11, SES-33)."""
    session = _running()

    assert session.abandon(NOW_MS + 15_000) == [Notice(NoticeKind.RELEASED, ID)]


def test_abandoning_an_overdue_request_has_nothing_to_release() -> None:
    """What was given up at answerByMs is not given back (SES-9, SES-33)."""
    session = _running()
    session.tick(ANSWER_BY_MS)

    assert session.abandon(ANSWER_BY_MS) == []


def test_declined_is_not_sent_for_what_nobody_windowed() -> None:
    """Without a window nothing but the answer is sent (SES-20, SES-22)."""
    session, answer = _answering()
    texts = [answer.text, *(a.text for a in session.tick(ANSWER_BY_MS) if isinstance(a, Send))]

    assert not any(isinstance(decode(text), Declined) for text in texts)
