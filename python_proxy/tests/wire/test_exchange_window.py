from __future__ import annotations

from dataclasses import replace

import pytest

from ldp_testing.deliveries import (
    ACCEPTED,
    ANSWER_BY_MS,
    CLIENT,
    DECLINED,
    NOW_MS,
    RESPONSE,
    START_BY_MS,
    WINDOW_REQUEST,
    Delivered,
    delivered,
)
from ldp_testing.wire_stage import failure_of, stored_exchange
from ldp_wire.codec import encode
from ldp_wire.envelopes import (
    RequestId,
)
from ldp_wire.exchange import Answer, State
from ldp_wire.failures import FailureType
from ldp_wire.replies import ReplyAction

ANSWER = Answer(b"42")


FOREIGN = replace(RESPONSE, request_id=RequestId("r-2"))


DELETE = ReplyAction.DELETE


def test_an_accepted_in_time_counts() -> None:
    """An accepted counts whose SentTimestamp is not after startByMs (EXC-18)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    in_time = replace(delivered(ACCEPTED), sent_at_ms=START_BY_MS)

    assert exchange.receive(in_time, START_BY_MS + 1_500).action is DELETE
    assert exchange.state is State.ACCEPTED


def test_an_accepted_that_was_stored_late_does_not_count() -> None:
    """An accepted stored after startByMs is deleted and changes nothing (EXC-18)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    late = replace(delivered(ACCEPTED), sent_at_ms=START_BY_MS + 1)

    assert exchange.receive(late, START_BY_MS + 1).reason == "accepted too late"
    assert (exchange.state, exchange.accepted_by) == (State.AWAITING, set())


def test_an_accepted_that_nobody_asked_for_changes_nothing() -> None:
    """Without a start window an accepted is deleted and counts for nothing (EXC-18, SES-20)."""
    exchange = stored_exchange()

    assert exchange.receive(delivered(ACCEPTED), NOW_MS).action is DELETE
    assert (exchange.state, exchange.accepted_by) == (State.AWAITING, set())


def test_a_declined_changes_nothing() -> None:
    """A declined is deleted; absence is judged at the end of the window (EXC-19)."""
    exchange = stored_exchange(WINDOW_REQUEST)

    assert exchange.receive(delivered(DECLINED), NOW_MS).reason == "declined"
    assert exchange.state is State.AWAITING


def test_two_instances_that_accept_are_both_known() -> None:
    """A second instance that accepts is a double run to be logged (EXC-24)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    for instance_id in ("i-1", "i-2", "i-2"):
        client = replace(CLIENT, instance_id=instance_id)
        exchange.receive(delivered(replace(ACCEPTED, client=client)), NOW_MS)

    assert exchange.accepted_by == {"i-1", "i-2"}


def test_an_answer_needs_no_accepted() -> None:
    """A response is the answer even if no accepted for it was seen (EXC-23)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    exchange.receive(delivered(RESPONSE), START_BY_MS + 60_000)

    assert exchange.outcome == ANSWER


def test_nobody_there_is_an_error() -> None:
    """A receive begun after the window that brought nothing is absence (EXC-19, EXC-21, ERR-9)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    exchange.receive_ended(begun_ms=START_BY_MS + 1, now_ms=START_BY_MS + 3_000)

    assert (exchange.state, failure_of(exchange)) == (State.ABSENT, FailureType.ABSENT)


@pytest.mark.parametrize(
    ("begun_ms", "now_ms"),
    [
        (START_BY_MS, START_BY_MS + 10_000),
        (START_BY_MS + 1, START_BY_MS + 2_999),
        (NOW_MS, START_BY_MS - 1),
    ],
)
def test_an_empty_receive_from_before_proves_nothing(begun_ms: int, now_ms: int) -> None:
    """Absence needs a receive begun after startByMs that ended at startByMs + 3 s (EXC-19)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    exchange.receive_ended(begun_ms=begun_ms, now_ms=now_ms)

    assert exchange.outcome is None


def test_foreign_replies_do_not_hide_that_nobody_is_there() -> None:
    """A receive that brought only others' replies brought none of its own (EXC-19)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    exchange.receive(delivered(FOREIGN), START_BY_MS + 3_000)
    exchange.receive_ended(begun_ms=START_BY_MS + 1, now_ms=START_BY_MS + 3_000)

    assert exchange.state is State.ABSENT


@pytest.mark.parametrize(
    "text", [encode(DECLINED), encode(ACCEPTED), encode(DECLINED).replace('"reason"', '"why"')]
)
def test_a_reply_of_its_own_proves_that_somebody_was_there(text: str) -> None:
    """A receive that brought a reply of its own is not the one that proves absence (EXC-19)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    late = Delivered(text, sent_at_ms=START_BY_MS + 1)
    exchange.receive(late, START_BY_MS + 3_000)
    exchange.receive_ended(begun_ms=START_BY_MS + 1, now_ms=START_BY_MS + 3_000)

    assert exchange.outcome is None
    exchange.receive_ended(begun_ms=START_BY_MS + 3_001, now_ms=START_BY_MS + 4_001)
    assert exchange.state is State.ABSENT


def test_after_an_accepted_silence_is_no_absence() -> None:
    """Once an accepted counts, silence ends at answerByMs in Proxy.NoResponse (EXC-7, EXC-21)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    exchange.receive(delivered(ACCEPTED), NOW_MS)
    exchange.receive_ended(begun_ms=START_BY_MS + 1, now_ms=START_BY_MS + 30_000)

    assert exchange.wait_s(START_BY_MS + 30_000) == 20
    assert exchange.wait_s(ANSWER_BY_MS) == 0
    assert failure_of(exchange) is FailureType.NO_RESPONSE


def test_without_a_window_silence_is_no_absence() -> None:
    """Without startByMs the proxy waits until answerByMs (EXC-7)."""
    exchange = stored_exchange()
    exchange.receive_ended(begun_ms=NOW_MS, now_ms=ANSWER_BY_MS - 1_000)

    assert exchange.outcome is None


@pytest.mark.parametrize(
    ("now_ms", "wait_s"),
    [
        (NOW_MS, 5),
        (NOW_MS + 500, 5),
        (START_BY_MS - 1, 1),
        (START_BY_MS, 1),
        (START_BY_MS + 1, 3),
        (START_BY_MS + 2_999, 1),
        (START_BY_MS + 9_000, 1),
    ],
)
def test_a_wait_ends_where_absence_is_judged(now_ms: int, wait_s: int) -> None:
    """Receives end at the ends of the window, and are never shorter than 1 s (EXC-8, EXC-19)."""
    assert stored_exchange(WINDOW_REQUEST).wait_s(now_ms) == wait_s
