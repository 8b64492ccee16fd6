from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_testing.deliveries import (
    ACCEPTED,
    ANSWER_BY_MS,
    DECLINED,
    NOW_MS,
    REQUEST,
    RESPONSE,
    START_BY_MS,
    Delivered,
    delivered,
)
from ldp_wire.envelopes import Head, RequestId
from ldp_wire.errors import RemoteProtocolError
from ldp_wire.replies import (
    BadReply,
    Disposition,
    ReplyAction,
    ReplyDesk,
    ReplyHead,
    bad_reply,
)

if TYPE_CHECKING:
    from ldp_wire.envelopes import Envelope

ANSWER = ReplyHead.of_envelope(RESPONSE)
NOTICE = ReplyHead.of_envelope(ACCEPTED)
RELEASED = Disposition(ReplyAction.RELEASE, "foreign", visibility_s=0, pause_max_s=0.05)
HIDDEN = Disposition(ReplyAction.RELEASE, "foreign", visibility_s=1, pause_max_s=0.5)
EXPIRED = Disposition(ReplyAction.DELETE, "expired")
STALE = Disposition(ReplyAction.DELETE, "stale")
MESSAGE = delivered(RESPONSE)


def _received(count: int, message_id: str = "m-1") -> Delivered:
    return replace(MESSAGE, receive_count=count, message_id=message_id)


def test_a_reply_to_a_finished_request_is_deleted() -> None:
    """A late or second reply to one's own finished request is deleted (EXC-10, SQS-12)."""
    desk = ReplyDesk()
    desk.finish(REQUEST.request_id, ANSWER_BY_MS, NOW_MS)

    assert desk.route(MESSAGE, ANSWER, NOW_MS) == STALE
    assert desk.route(MESSAGE, NOTICE, NOW_MS) == STALE


@pytest.mark.parametrize(
    ("reply", "sent_at_ms", "is_double_run"),
    [
        (ACCEPTED, START_BY_MS, True),
        (ACCEPTED, START_BY_MS + 1, False),
        (DECLINED, START_BY_MS, False),
        (RESPONSE, START_BY_MS, False),
    ],
)
def test_a_reply_after_the_fallback_is_told_and_deleted(
    reply: Envelope, sent_at_ms: int, *, is_double_run: bool
) -> None:
    """After the fallback ran, an accepted that counts tells of a second run (EXC-24, EXC-18)."""
    desk, request_id = ReplyDesk(), REQUEST.request_id
    desk.finish(request_id, ANSWER_BY_MS, NOW_MS)
    desk.fell_back(request_id, START_BY_MS)
    message = replace(delivered(reply), sent_at_ms=sent_at_ms)

    told = replace(STALE, fell_back=request_id, double_run=is_double_run)
    assert desk.route(message, ReplyHead.of_envelope(reply), NOW_MS) == told
    long_after_ms = ANSWER_BY_MS + 5_400_001
    desk.finish(RequestId("r-2"), long_after_ms, long_after_ms)
    assert desk.route(message, ReplyHead.of_envelope(reply), long_after_ms) == EXPIRED


def test_a_finished_request_is_forgotten_when_no_reply_can_come() -> None:
    """What ended long ago is forgotten, and its replies have expired by then (EXC-10)."""
    desk = ReplyDesk()
    desk.finish(REQUEST.request_id, ANSWER_BY_MS, NOW_MS)
    later_ms = ANSWER_BY_MS + 5_400_000

    desk.finish(RequestId("r-2"), later_ms + 900_000, later_ms)
    assert desk.route(MESSAGE, ANSWER, later_ms) == STALE
    desk.finish(RequestId("r-3"), later_ms + 900_000, later_ms + 1)
    assert desk.route(MESSAGE, ANSWER, later_ms) == EXPIRED


def test_a_foreign_answer_is_released_with_a_pause() -> None:
    """A foreign answer is released at once, and a pause of at most 50 ms follows (EXC-11)."""
    assert ReplyDesk().route(MESSAGE, ANSWER, NOW_MS) == RELEASED


def test_a_foreign_answer_that_nobody_else_receives_is_hidden() -> None:
    """At the third receive with nobody else's between, a reply is hidden for 1 s (EXC-12)."""
    desk = ReplyDesk()
    seen = [desk.route(_received(count), ANSWER, NOW_MS) for count in (4, 5, 6, 7)]

    assert seen == [RELEASED, RELEASED, HIDDEN, HIDDEN]


@pytest.mark.parametrize("counts", [(1, 2, 4), (1, 2, 2), (1, 3, 5, 7, 9)])
def test_an_answer_that_somebody_else_received_is_not_hidden(counts: tuple[int, ...]) -> None:
    """A count that somebody else moved, or that did not move, starts anew (EXC-12)."""
    desk = ReplyDesk()

    assert {desk.route(_received(count), ANSWER, NOW_MS).visibility_s for count in counts} == {0}


def test_receives_are_counted_for_each_message() -> None:
    """Two foreign replies in turn are not one that comes again (EXC-12)."""
    desk = ReplyDesk()
    seen = [
        desk.route(_received(count, message_id), ANSWER, NOW_MS)
        for count, message_id in [(1, "a"), (2, "b"), (3, "a"), (4, "b"), (5, "a")]
    ]

    assert seen == [RELEASED] * 5


def test_what_was_seen_is_forgotten_between_exchanges() -> None:
    """After an exchange has ended, the count of receives starts anew (EXC-12)."""
    desk = ReplyDesk()
    for count in (1, 2):
        desk.route(_received(count), ANSWER, NOW_MS)
    desk.finish(RequestId("r-2"), ANSWER_BY_MS, NOW_MS)

    assert desk.route(_received(3), ANSWER, NOW_MS) == RELEASED


@pytest.mark.parametrize("notice", [ACCEPTED, DECLINED], ids=["accepted", "declined"])
def test_a_foreign_notice_lives_for_ten_seconds(notice: Envelope) -> None:
    """A foreign accepted or declined is deleted when it is older than 10 s (EXC-13)."""
    head = ReplyHead.of_envelope(notice)

    assert ReplyDesk().route(MESSAGE, head, NOW_MS + 10_000) == RELEASED
    assert ReplyDesk().route(MESSAGE, head, NOW_MS + 10_001) == EXPIRED


def test_a_foreign_answer_lives_until_five_seconds_after_its_echo() -> None:
    """A foreign answer is deleted past its answerByMs + 5 s (EXC-13)."""
    assert ReplyDesk().route(MESSAGE, ANSWER, ANSWER_BY_MS + 5_000) == RELEASED
    assert ReplyDesk().route(MESSAGE, ANSWER, ANSWER_BY_MS + 5_001) == EXPIRED


@pytest.mark.parametrize(
    ("echo_ms", "life_ms"),
    [
        (NOW_MS - 60_000, -60_000),
        (NOW_MS - 60_001, 900_000),
        (NOW_MS + 5_400_000, 5_400_000),
        (NOW_MS + 5_400_001, 900_000),
        (0, 900_000),
        (NOW_MS // 1000, 900_000),
        (2**53 - 1, 900_000),
        (None, 900_000),
    ],
)
def test_an_echo_is_believed_within_a_window(echo_ms: int | None, life_ms: int) -> None:
    """An echo is believed from 60 s before to 5,400 s after SentTimestamp, else 900 s (EXC-14)."""
    head = ReplyHead(REQUEST.request_id, is_answer=True, answer_by_ms=echo_ms)

    assert ReplyDesk().route(MESSAGE, head, NOW_MS + life_ms + 5_000) == RELEASED
    assert ReplyDesk().route(MESSAGE, head, NOW_MS + life_ms + 5_001) == EXPIRED


@given(echo_ms=st.integers(0, 2**53 - 1) | st.none(), age_ms=st.integers(0, 5_000))
def test_no_echo_kills_a_fresh_answer_or_keeps_it_for_ever(
    echo_ms: int | None, age_ms: int
) -> None:
    """A fresh answer survives any echo but an old one; after 5,405 s none does (EXC-14)."""
    head = ReplyHead(REQUEST.request_id, is_answer=True, answer_by_ms=echo_ms)
    old_echo = echo_ms is not None and NOW_MS - 60_000 <= echo_ms < NOW_MS

    assert old_echo or ReplyDesk().route(MESSAGE, head, NOW_MS + age_ms) == RELEASED
    assert ReplyDesk().route(MESSAGE, head, NOW_MS + 5_405_001) == EXPIRED


def test_a_reply_of_a_later_major_version_is_routed_by_its_head() -> None:
    """The frozen members are enough to route a foreign reply (EXC-17)."""
    head = Head(REQUEST.request_id, 2, "response", None, ANSWER_BY_MS)

    assert ReplyHead.of_head(head) == ANSWER
    assert ReplyHead.of_head(replace(head, kind="progress")) == ReplyHead.of_envelope(DECLINED)


def test_a_request_in_a_reply_queue_is_left_to_age() -> None:
    """A request in a reply queue belongs to nobody there, and is deleted in time (EXC-13)."""
    head = ReplyHead.of_envelope(REQUEST)

    assert ReplyDesk().route(MESSAGE, head, NOW_MS + 10_000) == RELEASED
    assert ReplyDesk().route(MESSAGE, head, NOW_MS + 10_001) == EXPIRED


@pytest.mark.parametrize("body", ["{", "\ud800", "s\u00e9cret"])
def test_of_a_message_that_cannot_be_read_a_fingerprint_remains(body: str) -> None:
    """Reason, SHA-256 and length are kept of it, and it is deleted (EXC-15, SEC-4)."""
    raw = body.encode(errors="surrogatepass")
    error = RemoteProtocolError("ENV-1", "the body is no JSON")

    assert bad_reply(Delivered(body), error) == Disposition(
        ReplyAction.DELETE,
        "bad",
        bad=BadReply("ENV-1", "the body is no JSON", hashlib.sha256(raw).hexdigest(), len(raw)),
    )
