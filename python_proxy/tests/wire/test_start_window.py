"""A client and the start window: `accepted` first, and the handler only if it was in time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    CLIENT,
    NOW_MS,
    START_BY_MS,
    WINDOW_REQUEST,
    Delivered,
    arrival,
    kinds,
    the,
)
from ldp_wire.actions import (
    Delete,
    Notice,
    NoticeKind,
    Purpose,
    Record,
    Recorded,
    Release,
    Renew,
    Send,
    SendFailure,
    Start,
    Status,
)
from ldp_wire.session import ClientSession, SessionSettings

ID = WINDOW_REQUEST.request_id
KEEP_UNTIL_MS = ANSWER_BY_MS + 3_600_000
SETTINGS = SessionSettings(CLIENT, lease_s=20, handlers=1, max_message_bytes=1_048_576)
SECOND = Delivered("", receipt="h-2", receive_count=2)
COPY = Delivered("", message_id="m-2", receipt="h-2")
LATE = Record(ID, Status.DISCARDED, "late", KEEP_UNTIL_MS)
IN_TIME_MS = START_BY_MS - 1_000


def _announcing(delivery: Delivered | None = None) -> tuple[ClientSession, Send]:
    session = ClientSession(SETTINGS)
    accept = the(Send, session.receive(arrival(WINDOW_REQUEST, delivery), None, NOW_MS))
    assert accept.purpose is Purpose.ACCEPT
    return session, accept


def test_accepted_is_sent_before_the_handler_starts() -> None:
    """A request with startByMs is accepted first, and started once that is stored (SES-20)."""
    session, accept = _announcing()

    assert session.free_handlers == 0
    assert session.sent(accept, IN_TIME_MS, NOW_MS) == [
        Record(ID, Status.ACCEPTED, "accepted in time", KEEP_UNTIL_MS),
        Start(WINDOW_REQUEST, b'{"order": 1}'),
    ]


def test_the_journal_has_accepted_before_the_start() -> None:
    """The record of accepted stands between SQS's word and the start (SES-25)."""
    session, accept = _announcing()

    assert kinds(session.sent(accept, NOW_MS, NOW_MS)) == ["Record", "Start"]


def test_an_accepted_that_was_stored_late_starts_nothing() -> None:
    """A Date less than 1 s before startByMs is too late (SES-21, SES-22)."""
    session, accept = _announcing()
    actions = session.sent(accept, IN_TIME_MS + 1, NOW_MS)

    assert kinds(actions) == ["Notice", "Record", "Delete", "decline"]
    assert '"reason":"late"' in the(Send, actions).text
    assert actions[1:3] == [LATE, Delete("h-1")]
    assert session.free_handlers == 1


def test_a_declined_request_is_hidden_where_somebody_else_may_run_it() -> None:
    """At a receive count above 1 a declined request is left to others (SES-22, SES-23)."""
    session, accept = _announcing(SECOND)
    actions = session.sent(accept, START_BY_MS, NOW_MS)

    assert kinds(actions) == ["Notice", "Release", "decline"]
    assert actions[1] == Release("h-2", 5)


def test_a_declined_request_is_not_released_by_a_handle_that_may_be_old() -> None:
    """A send that took most of the lease leaves nothing that is surely held (SES-11)."""
    session, accept = _announcing(SECOND)

    assert kinds(session.sent(accept, START_BY_MS, NOW_MS + 15_000)) == ["Notice", "decline"]


def test_an_accepted_that_could_not_be_sent_starts_nothing() -> None:
    """Without a stored accepted the handler does not start (SES-22)."""
    session, accept = _announcing()
    actions = session.send_failed(accept, SendFailure.OTHER, "throttled", NOW_MS)

    assert kinds(actions) == ["Notice", "Notice", "Record", "Delete", "decline"]


def test_a_declined_request_is_never_started_by_this_client() -> None:
    """Whoever declined neither accepts again nor starts, even in time (SES-20, SES-22)."""
    session, accept = _announcing(SECOND)
    session.send_failed(accept, SendFailure.OTHER, "throttled", NOW_MS)
    again = arrival(WINDOW_REQUEST, replace(SECOND, receipt="h-3", receive_count=3))

    for recorded in (None, Recorded(Status.ACCEPTED, "accepted in time")):
        actions = session.receive(again, recorded, NOW_MS + 5_000)
        assert actions == [Notice(NoticeKind.LATE_WINDOW, ID), Release("h-3", 5)]
    expired = session.receive(again, None, ANSWER_BY_MS)
    assert kinds(expired) == ["Notice", "Record", "Delete"]


def test_a_reply_queue_that_is_gone_ends_the_request() -> None:
    """Where accepted finds no queue, the caller is gone (SES-16)."""
    session, accept = _announcing(SECOND)

    assert session.send_failed(accept, SendFailure.GONE, "no such queue", NOW_MS) == [
        Notice(NoticeKind.CALLER_GONE, ID),
        Record(ID, Status.DISCARDED, "the caller is gone", KEEP_UNTIL_MS),
        Delete("h-2"),
    ]


def test_a_late_request_is_recorded_and_deleted() -> None:
    """Received after startByMs for the first time, a request is run by nobody (SES-23)."""
    session = ClientSession(SETTINGS)
    actions = session.receive(arrival(WINDOW_REQUEST), None, START_BY_MS + 1)

    assert actions == [Notice(NoticeKind.LATE_WINDOW, ID), LATE, Delete("h-1")]


def test_a_late_request_that_others_saw_is_hidden() -> None:
    """Received after startByMs, but not first, a request is hidden for 5 s (SES-23)."""
    session = ClientSession(SETTINGS)
    actions = session.receive(arrival(WINDOW_REQUEST, SECOND), None, START_BY_MS + 1)

    assert actions == [Notice(NoticeKind.LATE_WINDOW, ID), Release("h-2", 5)]


def test_at_start_by_a_request_is_not_late_yet() -> None:
    """A request received at startByMs is accepted, if perhaps in vain (SES-23)."""
    session = ClientSession(SETTINGS)

    assert kinds(session.receive(arrival(WINDOW_REQUEST), None, START_BY_MS)) == ["accept"]


def test_an_accepted_in_the_journal_permits_to_take_over() -> None:
    """What was accepted before a crash starts at any time, unannounced (SES-20, SES-23)."""
    session = ClientSession(SETTINGS)
    recorded = Recorded(Status.ACCEPTED, "accepted in time")
    again = arrival(WINDOW_REQUEST, SECOND)

    assert kinds(session.receive(again, recorded, START_BY_MS + 60_000)) == ["Start"]


def test_copies_are_held_while_accepted_is_on_its_way() -> None:
    """A copy that comes before the handler starts is held and deleted with the first (SES-4)."""
    session, accept = _announcing()
    assert kinds(session.receive(arrival(WINDOW_REQUEST, COPY), None, NOW_MS)) == ["Notice"]

    actions = session.sent(accept, START_BY_MS, NOW_MS)

    assert [a for a in actions if isinstance(a, Delete)] == [Delete("h-1"), Delete("h-2")]


def test_a_lease_is_kept_while_accepted_is_on_its_way() -> None:
    """The lease is renewed before the handler runs, too (SES-7)."""
    session, _ = _announcing()

    assert session.tick(NOW_MS + 5_000) == [Renew(ID, "m-1", "h-1", 20)]


@pytest.mark.parametrize("how", ["tick", "sent"])
def test_an_accepted_whose_fate_is_unknown_at_answer_by_starts_nothing(how: str) -> None:
    """At answerByMs a request that is not started yet is given up (SES-2, SES-22)."""
    session, accept = _announcing()
    if how == "tick":
        actions = session.tick(ANSWER_BY_MS)
        assert session.sent(accept, NOW_MS, ANSWER_BY_MS) == []
    else:
        actions = session.sent(accept, NOW_MS, ANSWER_BY_MS)

    assert kinds(actions) == ["Notice", "Notice", "Record", "decline"]
    assert (session.free_handlers, session.due_ms()) == (1, None)


def test_a_declined_that_could_not_be_sent_is_told_of() -> None:
    """A declined is tried once; the proxy judges by silence as well (SES-22)."""
    session, accept = _announcing()
    declined = the(Send, session.sent(accept, START_BY_MS, NOW_MS))

    assert session.send_failed(declined, SendFailure.OTHER, "throttled", NOW_MS) == [
        Notice(NoticeKind.SEND_FAILED, ID, "throttled")
    ]


def test_abandoning_before_the_start_gives_the_event_back() -> None:
    """A second signal while accepted is on its way releases the request (SES-33)."""
    session, _ = _announcing()

    assert session.abandon(NOW_MS) == [Release("h-1", 0), Notice(NoticeKind.RELEASED, ID)]
