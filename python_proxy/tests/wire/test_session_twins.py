"""A bad message that has the ID of a request: it never takes the place of the request's answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    NOW_MS,
    REQUEST,
    TRUST,
    WINDOW_REQUEST,
    Delivered,
    all_of,
    arrival,
    kinds,
    the,
)
from ldp_testing.wire_stage import (
    ID,
    SETTINGS,
    answering_session,
    new_session,
    running_session,
    with_members,
)
from ldp_wire.actions import Raised, Recorded, Returned, Send, Status
from ldp_wire.arrivals import Arrival, BadArrival, read
from ldp_wire.claims import Bucket, Direction, claim_check
from ldp_wire.codec import encode
from ldp_wire.session import ClientSession, OnError

BUCKET = Bucket("debug-payloads")
#: The states of a request that can be told apart from outside.
STAGES = (
    *("announcing", "fetching", "running", "held", "answering"),
    *("overdue", "answered", "expired"),
)


def _twin(**members: object) -> BadArrival:
    """A bad message with the ID of the request, for whose answer there is time."""
    members = {"answerByMs": ANSWER_BY_MS + 60_000} | (members or {"version": "2.0"})
    found = read(Delivered(with_members(**members), message_id="m-2", receipt="h-2"), TRUST)
    assert isinstance(found, BadArrival)
    return found


def _at(stage: str) -> ClientSession:
    """A session that has brought the request so far."""
    if stage == "announcing":
        session = new_session()
        assert kinds(session.receive(arrival(WINDOW_REQUEST), None, NOW_MS)) == ["accept"]
    elif stage == "fetching":
        session = new_session(replace(SETTINGS, bucket=BUCKET))
        claim = claim_check(BUCKET, Direction.REQUEST, ID, b"7")
        found = read(Delivered(encode(replace(REQUEST, payload=claim))), TRUST, BUCKET)
        assert isinstance(found, Arrival)
        assert kinds(session.receive(found, None, NOW_MS)) == ["Fetch"]
    elif stage == "held":
        session = new_session(replace(SETTINGS, on_error=OnError.HOLD))
        session.receive(arrival(), None, NOW_MS)
        session.handler_ended(ID, Raised("ValueError", "failed", b"{}"), NOW_MS)
        assert session.is_holding
    elif stage == "expired":
        session = new_session()
        session.receive(arrival(), None, ANSWER_BY_MS)
    else:
        session = running_session()
        if stage == "overdue":
            session.tick(ANSWER_BY_MS)
        elif stage != "running":
            answer = the(Send, session.handler_ended(ID, Returned(b"42"), NOW_MS))
            if stage == "answered":
                session.sent(answer, NOW_MS, NOW_MS)
    return session


@pytest.mark.parametrize("stage", STAGES)
def test_a_bad_twin_of_a_request_is_kept_and_gets_no_answer(stage: str) -> None:
    """What has the ID of a request in work, or dealt with, is not refused (SES-31, SES-14)."""
    actions = _at(stage).receive(_twin(), None, NOW_MS + 1)

    assert kinds(actions) == ["Notice", "Keep", "Delete"]


@pytest.mark.parametrize("status", Status)
def test_a_bad_twin_of_what_the_journal_knows_gets_no_answer(status: Status) -> None:
    """What another client, or an earlier life, works on or has dealt with counts too (SES-31)."""
    actions = new_session().receive(_twin(), Recorded(status, "why"), NOW_MS)

    assert kinds(actions) == ["Notice", "Keep", "Delete"]


def test_a_bad_twin_is_left_to_a_redrive_policy_without_an_answer() -> None:
    """Where a redrive policy takes bad messages the twin is only told of (SES-30, SES-31)."""
    session = new_session(replace(SETTINGS, leaves_bad_messages=True, handlers=2))
    session.receive(arrival(), None, NOW_MS)

    assert kinds(session.receive(_twin(), None, NOW_MS)) == ["Notice"]


def test_a_bad_message_of_another_id_is_refused_beside_a_request_in_work() -> None:
    """Only the ID counts: whoever sent another bad request hears of it (SES-31)."""
    bad = _twin(version="2.0", requestId="r-2")

    assert kinds(running_session().receive(bad, None, NOW_MS)) == [
        "Notice",
        "Keep",
        "refusal",
        "Delete",
    ]


SPOILED = st.sampled_from(
    [{"version": "2.0"}, {"context": None}, {"payload": {"encoding": "json"}}, {"sentAtMs": -1}]
)


@given(st.lists(SPOILED, max_size=3), st.lists(SPOILED, max_size=3), st.lists(SPOILED, max_size=3))
def test_whatever_twins_come_a_request_has_one_answer(
    running: list[dict[str, object]],
    answering: list[dict[str, object]],
    answered: list[dict[str, object]],
) -> None:
    """Bad twins before, during and after its answer change nothing of it (SES-14, SES-31)."""
    session = running_session()
    actions = [a for x in running for a in session.receive(_twin(**x), None, NOW_MS)]
    actions += session.handler_ended(ID, Returned(b"42"), NOW_MS)
    actions += [a for x in answering for a in session.receive(_twin(**x), None, NOW_MS)]
    (answer,) = all_of(Send, actions)
    after = session.sent(answer, NOW_MS, NOW_MS)
    after += [a for x in answered for a in session.receive(_twin(**x), None, NOW_MS)]

    undisturbed, expected = answering_session()
    assert answer == expected
    assert undisturbed.free_handlers == session.free_handlers
    assert all_of(Send, after) == []
