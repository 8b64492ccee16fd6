from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_testing.deliveries import (
    ACCEPTED,
    ANSWER_BY_MS,
    ONE_WAY_REQUEST,
    REPLY_QUEUE,
    REPLY_TO,
    REQUEST,
    RESPONSE,
    TERMS,
    TRUST,
    Delivered,
    delivered,
)
from ldp_testing.wire_strategies import bodies, requests
from ldp_wire.arrivals import Arrival, BadArrival, read
from ldp_wire.codec import encode
from ldp_wire.envelopes import ClaimCheck, Encoding, Head, Inline, Request
from ldp_wire.payloads import INLINE_ENCODINGS, fit

if TYPE_CHECKING:
    from ldp_wire.envelopes import Envelope

UNTRUSTED = replace(REQUEST, terms=replace(TERMS, reply_to=REPLY_TO + "_OTHERTEAM"))


def _bad(text: str) -> BadArrival:
    found = read(Delivered(text), TRUST)
    assert isinstance(found, BadArrival)
    return found


def _changed(**members: object) -> str:
    return json.dumps({**json.loads(encode(REQUEST)), **members})


@given(bodies())
def test_a_request_arrives_with_the_bytes_of_its_event(body: bytes) -> None:
    """The event is exactly the bytes that were sent, and nobody parsed them (PAY-1)."""
    text = fit(body, lambda payload: replace(REQUEST, payload=payload), INLINE_ENCODINGS, 2**20)
    assert text is not None

    found = read(Delivered(text), TRUST)

    assert isinstance(found, Arrival)
    assert (found.event, found.reply_queue, found.request_id) == (body, REPLY_QUEUE, "r-1")


def test_a_one_way_request_needs_no_trust() -> None:
    """A one-way request is read where no reply queue is configured, and has none (SEC-2)."""
    found = read(delivered(ONE_WAY_REQUEST), None)

    assert isinstance(found, Arrival)
    assert found.reply_queue is None


def test_without_a_reply_queue_a_request_that_waits_is_bad_input() -> None:
    """Where no reply queue is configured, nobody can be answered (SEC-3)."""
    found = read(delivered(REQUEST), None)

    assert isinstance(found, BadArrival)
    assert (found.error.requirement, found.reply_queue) == ("SEC-2", None)


def test_an_untrusted_reply_queue_is_bad_input_and_never_answered() -> None:
    """A request with an untrusted replyTo is known by its ID, but never answered (SEC-3)."""
    bad = _bad(encode(UNTRUSTED))

    assert (bad.error.requirement, bad.error.pointer) == ("SEC-2", "/replyTo")
    assert (bad.request_id, bad.reply_queue) == (REQUEST.request_id, None)


@pytest.mark.parametrize("envelope", [RESPONSE, ACCEPTED], ids=["response", "accepted"])
def test_a_reply_in_the_request_queue_is_bad_input(envelope: Envelope) -> None:
    """A reply is no request, and nobody waits for an answer to it (SES-29)."""
    bad = _bad(encode(envelope))

    assert (bad.error.requirement, bad.error.pointer) == ("ENV-10", "/kind")
    assert (bad.head, bad.request_id, bad.reply_queue) == (None, None, None)


def test_a_claim_check_is_refused_without_a_bucket() -> None:
    """Without a configured bucket no claim check is the right one (PAY-14, SES-31)."""
    claim = ClaimCheck("debug-payloads", f"request/{REQUEST.request_id}/x", 3, "0" * 64)
    bad = _bad(encode(replace(REQUEST, payload=claim)))

    assert (bad.error.requirement, bad.error.pointer) == ("PAY-14", "/payload/bucket")
    assert bad.reply_queue == REPLY_QUEUE


@pytest.mark.parametrize(
    "payload", [Inline(Encoding.GZIP_BASE64, "/w=="), Inline(Encoding.TEXT, "\ud800")]
)
def test_a_payload_that_does_not_decode_is_bad_input(payload: Inline) -> None:
    """A damaged payload is bad input that can be answered (PAY-11, SES-31)."""
    bad = _bad(encode(replace(REQUEST, payload=payload)))

    assert bad.error.requirement in {"PAY-3", "PAY-11"}
    assert bad.head == Head(REQUEST.request_id, 1, "request", REPLY_TO, ANSWER_BY_MS)
    assert bad.reply_queue == REPLY_QUEUE


def test_a_damaged_one_way_request_is_answered_by_nobody() -> None:
    """Bad input that nobody waits for has no frozen members to answer to (SES-31)."""
    payload = Inline(Encoding.GZIP_BASE64, "")
    bad = _bad(encode(replace(ONE_WAY_REQUEST, payload=payload)))

    assert (bad.head, bad.reply_queue) == (None, None)


@pytest.mark.parametrize("change", [{"version": "2.0"}, {"kind": "ping"}, {"payload": 1}])
def test_a_bad_request_that_can_be_answered_says_where(change: dict[str, object]) -> None:
    """Frozen members that can be read and are trusted say where to answer (SES-31, ENV-11)."""
    assert _bad(_changed(**change)).reply_queue == REPLY_QUEUE


@pytest.mark.parametrize("text", ["", "[]", "{", '{"event": {}, "ctx": {}}'])
def test_what_is_no_envelope_is_known_by_nothing(text: str) -> None:
    """A message without frozen members is bad input without an ID or an address (SES-29)."""
    bad = _bad(text)

    assert (bad.head, bad.request_id, bad.reply_queue) == (None, None, None)


@pytest.mark.parametrize("change", [{"answerByMs": "soon"}, {"replyTo": None}])
def test_a_bad_request_without_echo_or_address_is_answered_by_nobody(
    change: dict[str, object],
) -> None:
    """A request whose echo or address cannot be read cannot be answered (SES-31)."""
    bad = _bad(_changed(**change))

    assert (bad.request_id, bad.reply_queue) == (REQUEST.request_id, None)


@given(st.text() | requests().map(encode))
def test_nothing_that_a_queue_holds_ends_a_session(text: str) -> None:
    """Any text whatever is a request or bad input, and never an exception (SES-29)."""
    found = read(Delivered(text), TRUST)

    assert isinstance(found, BadArrival) or isinstance(found.request, Request)
