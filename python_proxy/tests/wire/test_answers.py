from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    CLIENT,
    NOW_MS,
    ONE_WAY_REQUEST,
    REPLY_QUEUE,
    REPLY_TO,
    REQUEST,
    TERMS,
    TRUST,
    WINDOW_REQUEST,
    Delivered,
    arrival,
)
from ldp_testing.envelopes import requests as drawn_requests
from ldp_testing.mutations import Mutation, one_field_mutations
from ldp_testing.wire_strategies import bodies, large_bodies
from ldp_wire.actions import Attachment, Purpose, Raised, Returned, Send
from ldp_wire.answers import Answers, display_text
from ldp_wire.arrivals import BadArrival, read
from ldp_wire.claims import Bucket, Direction, check_claim, check_stored
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import (
    Accepted,
    ClaimCheck,
    Declined,
    HandlerError,
    Head,
    Inline,
    RequestId,
    Response,
)
from ldp_wire.errors import LocalProtocolError, RemoteProtocolError
from ldp_wire.failures import Failure, FailureType, result_refused
from ldp_wire.limits import MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES
from ldp_wire.payloads import unpack

if TYPE_CHECKING:
    from ldp_wire.actions import Result

ANSWERS = Answers(CLIENT, MAX_MESSAGE_BYTES)
LONG_ID = RequestId("r" * 128)


def _response(send: Send) -> Response:
    envelope = decode(send.text)
    assert isinstance(envelope, Response)
    return envelope


def _body(result: object) -> bytes:
    assert isinstance(result, Inline)
    return unpack(result)


def _sent(answer: Send | Failure) -> Send:
    assert isinstance(answer, Send)
    return answer


def _error(send: Send) -> HandlerError:
    result = _response(send).result
    assert isinstance(result, HandlerError)
    return result


def _bad(text: str) -> BadArrival:
    found = read(Delivered(text), TRUST)
    assert isinstance(found, BadArrival)
    return found


@given(bodies() | large_bodies())
def test_a_result_is_answered_byte_for_byte(body: bytes) -> None:
    """The bytes that the runtime produced are the payload of the response (PAY-2, ENV-14)."""
    send = _sent(ANSWERS.answer(arrival(), Returned(body)))
    response = _response(send)

    assert (send.purpose, send.queue_name) == (Purpose.ANSWER, REPLY_QUEUE)
    assert send.attachment is None
    assert (response.request_id, response.answer_by_ms) == (REQUEST.request_id, ANSWER_BY_MS)
    assert _body(response.result) == body


@given(error_type=st.text(), message=st.text(), body=bodies())
def test_an_error_is_answered_byte_for_byte(error_type: str, message: str, body: bytes) -> None:
    """The error body travels untouched, beside a type and a message for people (ENV-27)."""
    error = _error(_sent(ANSWERS.answer(arrival(), Raised(error_type, message, body))))

    assert _body(error.payload) == body
    assert error.error_type == display_text(error_type)
    assert error.error_message == display_text(message)


@pytest.mark.parametrize(("minor", "answered"), [(0, 0), (7, 0)])
def test_an_answer_has_the_lower_of_both_versions(minor: int, answered: int) -> None:
    """A client answers in the lower of its own and the request's version (ENV-9)."""
    found = arrival(replace(WINDOW_REQUEST, minor=minor))
    sends = [
        _sent(ANSWERS.answer(found, Returned(b""))),
        ANSWERS.accepted(found),
        ANSWERS.declined(found, "late"),
    ]

    assert [decode(send.text).minor for send in sends] == [answered] * 3


def test_accepted_and_declined_say_who_and_echo() -> None:
    """Both notices carry the client and the request's echo (ENV-14, ENV-24, ENV-25)."""
    found = arrival(WINDOW_REQUEST)
    accepted, declined = ANSWERS.accepted(found), ANSWERS.declined(found, "late")

    assert decode(accepted.text) == Accepted(REQUEST.request_id, ANSWER_BY_MS, CLIENT)
    assert decode(declined.text) == Declined(REQUEST.request_id, ANSWER_BY_MS, "late", CLIENT)
    assert {accepted.queue_name, declined.queue_name} == {REPLY_QUEUE}


def test_only_encodings_that_the_proxy_lists_are_used() -> None:
    """A result that would fit compressed is an error where gzip is not taken (PAY-9, PAY-12)."""
    small = replace(REQUEST, terms=replace(TERMS, max_reply_bytes=2048))
    plain = replace(small, terms=replace(TERMS, max_reply_bytes=2048, accept_encodings=("text",)))
    body = b"a" * 4000

    assert _body(_response(_sent(ANSWERS.answer(arrival(small), Returned(body)))).result) == body
    refused = ANSWERS.answer(arrival(plain), Returned(body))
    assert isinstance(refused, Failure)
    assert refused.type is FailureType.RESULT_TOO_LARGE


@given(
    body=large_bodies(),
    failed=st.booleans(),
    queue_bytes=st.integers(1024, 4096),
    reply_bytes=st.integers(1024, 4096),
    with_bucket=st.booleans(),
)
@example(body=b"\xff" * 2000, failed=True, queue_bytes=1024, reply_bytes=1024, with_bucket=False)
@example(body=b"\xff" * 2000, failed=True, queue_bytes=1024, reply_bytes=1024, with_bucket=True)
def test_an_answer_never_exceeds_the_lowest_limit(
    body: bytes, failed: object, queue_bytes: int, reply_bytes: int, with_bucket: object
) -> None:
    """Whatever it is, the answer fits queue and maxReplyBytes (PAY-8, PAY-9, ERR-12)."""
    result: Result = Raised("E" * 900, "m" * 5000, body) if failed else Returned(body)
    terms = replace(TERMS, max_reply_bytes=reply_bytes, accept_encodings=("text", "base64", "s3"))
    found = arrival(replace(REQUEST, request_id=LONG_ID, terms=terms))

    answers = Answers(CLIENT, queue_bytes, Bucket("debug-payloads") if with_bucket else None)

    send = answers.answer(found, result)
    if isinstance(send, Failure):
        assert send.type is FailureType.RESULT_TOO_LARGE
        send = answers.failed(found, send)
        assert json.loads(_body(_error(send).payload))["errorType"] == "Client.ResultTooLarge"

    assert len(send.text.encode()) <= min(queue_bytes, reply_bytes)


def test_a_result_over_lambdas_limit_is_an_error_that_names_it() -> None:
    """6 MiB is Lambda's limit, whatever the queue takes (ERR-12, PAY-10)."""
    answers = Answers(CLIENT, MAX_MESSAGE_BYTES, Bucket("debug-payloads"))
    terms = replace(TERMS, accept_encodings=("text", "gzip+base64", "s3"))

    refused = answers.answer(
        arrival(replace(REQUEST, terms=terms)), Returned(b"a" * (MAX_PAYLOAD_BYTES + 1))
    )

    assert isinstance(refused, Failure)
    assert str(MAX_PAYLOAD_BYTES) in refused.message


def test_a_result_that_fits_no_message_goes_by_way_of_the_bucket() -> None:
    """What fits in no encoding that is taken is a claim check and an attachment (PAY-7, PAY-13)."""
    bucket = Bucket("debug-payloads", "ldp")
    terms = replace(TERMS, max_reply_bytes=2048, accept_encodings=("text", "s3"))
    body = b"x" * 5000

    send = _sent(
        Answers(CLIENT, MAX_MESSAGE_BYTES, bucket).answer(
            arrival(replace(REQUEST, terms=terms)), Returned(body)
        )
    )
    claim = _response(send).result

    assert isinstance(claim, ClaimCheck)
    assert send.attachment == Attachment(claim.key, body)
    check_claim(claim, bucket, Direction.RESPONSE, REQUEST.request_id)
    check_stored(claim, body)


def test_without_a_bucket_nobody_promises_one() -> None:
    """The proxy takes claim checks, but this client has no bucket (PAY-9, PAY-12)."""
    terms = replace(TERMS, max_reply_bytes=2048, accept_encodings=("text", "s3"))

    refused = ANSWERS.answer(arrival(replace(REQUEST, terms=terms)), Returned(b"x" * 5000))

    assert isinstance(refused, Failure)
    assert "LAMBDA_PROXY_PAYLOAD_BUCKET" in refused.message


def test_a_failure_is_answered_as_an_error_that_fits_everywhere() -> None:
    """What is sent instead of an answer has type and message and is small (ERR-12, PAY-9)."""
    found = arrival(replace(REQUEST, request_id=LONG_ID))

    instead = ANSWERS.failed(found, result_refused(1_048_577))

    assert _error(instead).error_type == "Client.ResultTooLarge"
    assert "1048577" in _error(instead).error_message
    assert len(instead.text.encode()) <= 1024
    assert (instead.purpose, instead.queue_name) == (Purpose.ANSWER, REPLY_QUEUE)


def test_a_bad_request_is_answered_with_its_reason() -> None:
    """A refusal has the request's echo and the reason, and fits any queue (SES-31, ERR-13)."""
    text = encode(replace(REQUEST, request_id=LONG_ID)).replace('"1.0"', '"2.0"')
    send = ANSWERS.refusal(_bad(text), NOW_MS)
    assert send is not None
    response = _response(send)

    assert (send.purpose, send.queue_name) == (Purpose.REFUSAL, REPLY_QUEUE)
    assert (response.request_id, response.answer_by_ms) == (LONG_ID, ANSWER_BY_MS)
    assert _error(send).error_type == "Client.BadRequest"
    assert len(send.text.encode()) <= 1024


@given(drawn_requests().flatmap(one_field_mutations))
def test_every_refusal_fits_into_the_smallest_queue(mutation: Mutation) -> None:
    """Whatever is wrong with a request, its refusal has at most 1,024 bytes (PAY-8, SES-31)."""
    found = read(Delivered(json.dumps(mutation.instance)), TRUST)
    if isinstance(found, BadArrival):
        head = Head(LONG_ID, 1, "request", REPLY_TO, 2**53 - 1)
        send = ANSWERS.refusal(replace(found, head=head, reply_queue=REPLY_QUEUE), NOW_MS)

        assert send is not None
        assert len(send.text.encode()) <= 1024


def test_a_refusal_says_what_was_wrong() -> None:
    """The message of a refusal names the place and the requirement (ERR-2, ERR-13)."""
    text = encode(REQUEST).replace('"encoding":"text"', '"encoding":"zstd"')
    send = ANSWERS.refusal(_bad(text), NOW_MS)

    assert send is not None
    assert "/payload/encoding; PAY-11" in _error(send).error_message


def test_a_bad_request_is_not_answered_too_late() -> None:
    """Nobody waits for a refusal at answerByMs or later (SES-17)."""
    bad = _bad(encode(REQUEST).replace('"1.0"', '"2.0"'))

    assert ANSWERS.refusal(bad, ANSWER_BY_MS - 1) is not None
    assert ANSWERS.refusal(bad, ANSWER_BY_MS) is None


@pytest.mark.parametrize(
    ("head", "reply_queue"),
    [
        (None, REPLY_QUEUE),
        (Head(LONG_ID, 1, "request", REPLY_TO, None), REPLY_QUEUE),
        (Head(LONG_ID, 1, "request", REPLY_TO, ANSWER_BY_MS), None),
    ],
)
def test_a_bad_request_without_an_address_is_not_answered(
    head: Head | None, reply_queue: str | None
) -> None:
    """Without frozen members or a trusted queue nothing is sent (SES-31, SEC-3)."""
    bad = BadArrival(Delivered(""), RemoteProtocolError("ENV-1", "no JSON"), head, reply_queue)

    assert ANSWERS.refusal(bad, NOW_MS) is None


def test_a_one_way_request_cannot_be_answered() -> None:
    """Whoever tries to answer a one-way request has a bug (SES-27)."""
    with pytest.raises(LocalProtocolError):
        ANSWERS.answer(arrival(ONE_WAY_REQUEST), Returned(b""))


@given(st.text(st.characters(), max_size=400), st.integers(0, 200))
@example("\ud800", 1024)
@example("\U0001f44b" * 300, 1024)
@example("\ud83d\udc4b", 4)
def test_text_for_people_is_well_formed_and_short(text: str, limit_bytes: int) -> None:
    """Text for people is valid Unicode within its bytes, cut between characters (ENV-28)."""
    shown = display_text(text, limit_bytes)
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    assert len(shown.encode()) <= limit_bytes
    assert whole.startswith(shown)
    rest = whole[len(shown) :]
    assert not rest or len((shown + rest[0]).encode()) > limit_bytes


def test_text_for_people_ends_at_1024_bytes() -> None:
    """Type and message of an error have at most 1,024 bytes (ENV-28)."""
    assert len(display_text("x" * 2000)) == 1024
    assert len(display_text("\u20ac" * 2000).encode()) == 1023
