from __future__ import annotations

import json

import pytest

from ldp_testing.deliveries import (
    ACCEPTED,
    DECLINED,
    NOW_MS,
    REQUEST,
    RESPONSE,
    WINDOW_REQUEST,
)
from ldp_testing.wire_stage import document_of, opened, refusal_of, with_members
from ldp_wire.codec import decode
from ldp_wire.envelopes import ClaimCheck, Request


@pytest.mark.parametrize(
    "reply_to",
    [
        "https://sqs.eu-west-1.amazonaws.com/12345/Q",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/Q?x=1",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/Q#x",
        "https:///123456789012/Q",
        "ftp://host/123456789012/Q",
        "https://host/123456789012/" + "Q" * 81,
        "https://" + "h" * 1024 + "/123456789012/Q",
        "https://ho st/123456789012/Q",
        "https://host/123456789012/Q\n",
    ],
)  # fmt: skip
def test_a_reply_to_that_names_no_queue_is_refused(reply_to: str) -> None:
    """A replyTo is a queue's URL that ends in account and name, of 1024 characters (ENV-18)."""
    refusal = refusal_of(with_members(replyTo=reply_to))

    assert (refusal.requirement, refusal.pointer) == ("ENV-18", "/replyTo")


@pytest.mark.parametrize(
    "encodings",
    [[], ["base64"], ["text", "text"], ["text", "UPPER"], ["text", ""], ["text", "x" * 33],
     ["text", 1], "text", ["text", *map(str, range(16))]],
)  # fmt: skip
def test_a_list_of_encodings_that_says_too_little_is_refused(encodings: object) -> None:
    """The accepted encodings are 1 to 16 different names, among them text (ENV-19)."""
    assert refusal_of(with_members(acceptEncodings=encodings)).requirement == "ENV-19"


def test_names_of_encodings_that_nobody_knows_are_legal() -> None:
    """A request may accept encodings of later versions (ENV-19)."""
    request = decode(with_members(acceptEncodings=["zstd+base64", "text"]))

    assert isinstance(request, Request)
    assert request.terms is not None
    assert request.terms.accept_encodings == ("zstd+base64", "text")


@pytest.mark.parametrize("size", [1023, 1_048_577, 0, -1, 2048.5, "2048", True])
def test_a_reply_limit_beyond_sqs_is_refused(size: object) -> None:
    """The limit for a reply is an integer from 1,024 to 1,048,576 (ENV-20)."""
    assert refusal_of(with_members(maxReplyBytes=size)).requirement == "ENV-20"


@pytest.mark.parametrize("value", [2**53, -1, 1.5, "1", None, True, [], 1e300])
def test_a_time_that_is_no_instant_is_refused(value: object) -> None:
    """A member in Ms is an integer from 0 to 2^53-1 (ENV-4, ENV-6)."""
    refusal = refusal_of(with_members(WINDOW_REQUEST, startByMs=value))

    assert (refusal.requirement, refusal.pointer) == ("ENV-6", "/startByMs")


def test_a_whole_number_with_a_fraction_of_zero_is_an_integer() -> None:
    """1718071341000.0 is the integer 1718071341000, as in JSON Schema (ENV-6)."""
    assert decode(with_members(sentAtMs=float(NOW_MS))) == REQUEST


def test_a_context_is_what_lambda_told() -> None:
    """A context of the wrong shape is refused with its pointer (ENV-21)."""
    context = {**opened(document_of(REQUEST)["context"]), "identity": {"cognitoIdentityId": 1}}
    refusal = refusal_of(with_members(context=context))

    assert refusal.requirement == "ENV-21"
    assert refusal.pointer == "/context/identity/cognitoIdentityId"


def test_a_client_says_who_it_is() -> None:
    """An accepted without an instanceId is refused (ENV-24)."""
    assert refusal_of(with_members(ACCEPTED, client={"name": "x"})).requirement == "ENV-24"


@pytest.mark.parametrize("reason", ["", "Late", "1st", "-late", "not now", "r" * 65, None])
def test_a_declined_says_why_in_a_word(reason: object) -> None:
    """A reason is a lower-case word, or several joined by hyphens (ENV-25)."""
    assert refusal_of(with_members(DECLINED, reason=reason)).requirement == "ENV-25"


@pytest.mark.parametrize("both", [True, False])
def test_a_response_has_exactly_one_outcome(both: object) -> None:
    """A response with payload and error, or with neither, is refused (ENV-26)."""
    document = document_of(RESPONSE)
    if both:
        document["error"] = {"errorType": "E", "errorMessage": "m", "payload": document["payload"]}
    else:
        del document["payload"]

    assert refusal_of(json.dumps(document)).requirement == "ENV-26"


@pytest.mark.parametrize("kept", ["errorType", "errorMessage", "payload"])
def test_an_error_has_a_type_a_message_and_a_payload(kept: str) -> None:
    """An error without one of its three members is refused (ENV-27, ENV-28)."""
    error = {"errorType": "E", "errorMessage": "m", "payload": {"encoding": "text", "data": ""}}
    del error[kept]
    document = {**document_of(RESPONSE), "error": error}
    del document["payload"]

    assert refusal_of(json.dumps(document)).requirement in {"ENV-27", "ENV-28"}


@pytest.mark.parametrize(
    ("payload", "requirement"),
    [
        ({"encoding": "text"}, "PAY-3"),
        ({"encoding": "text", "data": None}, "PAY-3"),
        ({"encoding": "gzip+base64", "data": "abc"}, "PAY-4"),
        ({"encoding": "base64", "data": "=w=="}, "PAY-5"),
        ({"encoding": "base64", "data": "/w="}, "PAY-5"),
        ({"encoding": "base64", "data": "/w==\n"}, "PAY-5"),
        ({"encoding": "base64", "data": "_w=="}, "PAY-5"),
        ({"encoding": "base64", "data": "A==="}, "PAY-5"),
        ({"encoding": "s3", "bucket": "b"}, "PAY-6"),
        ({"encoding": "zstd", "data": ""}, "PAY-11"),
        ({"data": ""}, "PAY-11"),
        ([], "ENV-15"),
    ],
)
def test_a_payload_that_does_not_say_what_it_is_is_refused(
    payload: object, requirement: str
) -> None:
    """A payload of no known form is bad input (PAY-3, PAY-4, PAY-5, PAY-6, PAY-11)."""
    refusal = refusal_of(with_members(payload=payload))

    assert refusal.requirement == requirement
    assert refusal.pointer.startswith("/payload")


def test_a_claim_check_describes_what_is_stored() -> None:
    """A claim check has bucket, key, size and hash, and no data (PAY-6)."""
    claim = {"encoding": "s3", "bucket": "b-1", "key": "k", "sizeBytes": 3, "sha256": "0" * 64}
    request = decode(with_members(payload=claim))

    assert isinstance(request, Request)
    assert request.payload == ClaimCheck("b-1", "k", 3, "0" * 64)
    assert refusal_of(with_members(payload={**claim, "data": ""})).requirement == "PAY-6"
