from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from ldp_testing.deliveries import (
    ACCEPTED,
    ANSWER_BY_MS,
    CONTEXT,
    DECLINED,
    NOW_MS,
    ONE_WAY_REQUEST,
    REPLY_TO,
    REQUEST,
    RESPONSE,
    WINDOW_REQUEST,
)
from ldp_testing.wire_strategies import envelopes
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import ClaimCheck, Encoding, Head, Inline, Request, Response
from ldp_wire.errors import RemoteProtocolError

if TYPE_CHECKING:
    from ldp_wire.envelopes import Envelope

SPEC = Path(__file__).resolve().parents[3] / "spec" / "v1"
FENCE = re.compile(r"```json envelope=(\w+)(?P<invalid> invalid=\S+)?\n(?P<text>.*?)```", re.DOTALL)
#: What SQS takes, of what a Python string can hold (SendMessage).
REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _document(envelope: Envelope) -> dict[str, object]:
    document: dict[str, object] = json.loads(encode(envelope))
    return document


def _changed(envelope: Envelope = REQUEST, /, **members: object) -> str:
    return json.dumps({**_document(envelope), **members})


def _refusal(text: str) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as caught:
        decode(text)
    return caught.value


@given(envelopes())
@example(replace(REQUEST, context=replace(CONTEXT, function_name="\ud800", trace_id="a\udfffb")))
def test_an_envelope_decodes_to_itself(envelope: Envelope) -> None:
    """Any envelope, in text and back, is the same value (ENV-1, PAY-1, PAY-2, ENV-22)."""
    assert decode(encode(envelope)) == envelope


@given(envelopes())
@example(replace(REQUEST, context=replace(CONTEXT, function_name="\ud800\ufffe\x00\uffff")))
def test_no_character_is_sent_that_sqs_refuses(envelope: Envelope) -> None:
    """What is sent is UTF-8 without a mark or a character that SQS refuses (ENV-1, ENV-5)."""
    text = encode(envelope)

    assert REFUSED.search(text) is None
    assert text.encode().startswith(b"{")


@given(envelopes())
def test_no_name_is_sent_twice(envelope: Envelope) -> None:
    """Each object of an encoded envelope has each of its names once (ENV-3)."""

    def once(pairs: list[tuple[str, object]]) -> None:
        names = [name for name, _ in pairs]
        assert len(set(names)) == len(names)

    json.loads(encode(envelope), object_pairs_hook=once)


@given(envelopes())
def test_every_number_is_an_integer_that_all_parsers_read(envelope: Envelope) -> None:
    """An encoded envelope holds integers within 2^53-1, never NaN or Infinity (ENV-4, ENV-6)."""

    def within(digits: str) -> int:
        assert abs(int(digits)) <= 2**53 - 1
        return int(digits)

    json.loads(encode(envelope), parse_int=within, parse_float=pytest.fail)


def _prose(chapter: str) -> str:
    return (SPEC / f"{chapter}.md").read_text(encoding="utf-8")


def test_a_request_is_written_as_the_specification_shows_it() -> None:
    """A request is written with the names and types of the chapter (ENV-15, ENV-16)."""
    text = next(match["text"] for match in FENCE.finditer(_prose("envelopes")))
    shown = decode(text)

    assert isinstance(shown, Request)
    assert _document(shown) == json.loads(text)


@pytest.mark.parametrize(
    "fence",
    [match for name in ("envelopes",) for match in FENCE.finditer(_prose(name))],
    ids=lambda fence: fence[1],
)
def test_the_examples_of_the_specification_are_understood(fence: re.Match[str]) -> None:
    """Each example of the chapter is read as the kind it says, or refused if it says so."""
    if fence["invalid"]:
        assert _refusal(fence["text"]).requirement == "ENV-26"
    else:
        assert type(decode(fence["text"])).__name__.lower() == fence[1]


def test_a_one_way_request_says_nothing_about_an_answer() -> None:
    """A one-way request has none of the members that concern an answer (ENV-17)."""
    document = _document(ONE_WAY_REQUEST)

    assert document["oneWay"] is True
    assert set(_document(WINDOW_REQUEST)) - set(document) == {
        "replyTo", "answerByMs", "startByMs", "maxReplyBytes", "acceptEncodings",
    }  # fmt: skip


def test_what_is_absent_is_left_out() -> None:
    """A member without a value is absent, never null (ENV-21)."""
    assert "null" not in encode(WINDOW_REQUEST)
    assert "startByMs" not in encode(REQUEST)


@pytest.mark.parametrize("name", ["replyTo", "answerByMs", "maxReplyBytes", "acceptEncodings"])
def test_a_request_that_waits_says_how(name: str) -> None:
    """A request that waits is refused without any of four members (ENV-16)."""
    document = _document(REQUEST)
    del document[name]

    assert name in _refusal(json.dumps(document)).reason


@pytest.mark.parametrize(
    "name", ["replyTo", "answerByMs", "startByMs", "maxReplyBytes", "acceptEncodings"]
)
def test_a_one_way_request_with_terms_is_refused(name: str) -> None:
    """A one-way request with a member that concerns an answer is bad input (ENV-17)."""
    refusal = _refusal(_changed(ONE_WAY_REQUEST, **{name: _document(WINDOW_REQUEST)[name]}))

    assert refusal.requirement == "ENV-17"


@pytest.mark.parametrize("name", ["sentAtMs", "oneWay", "context", "payload"])
def test_a_request_without_its_body_is_refused(name: str) -> None:
    """A request is refused without sentAtMs, oneWay, context or payload (ENV-15)."""
    document = _document(REQUEST)
    del document[name]

    assert _refusal(json.dumps(document)).requirement == "ENV-15"


@pytest.mark.parametrize("envelope", [REQUEST, ACCEPTED, DECLINED, RESPONSE])
def test_unknown_members_are_ignored_at_every_level(envelope: Envelope) -> None:
    """Members that nobody knows change nothing, wherever they are (ENV-2, ENV-12)."""

    def more(value: object) -> object:
        if isinstance(value, dict):
            return {**{name: more(item) for name, item in value.items()}, "later": {"x": [None]}}
        return value

    text = json.dumps({**_opened(more(_document(envelope))), "environment": 1, "signature": []})

    assert decode(text) == envelope


def _opened(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("minor", [0, 1, 7, 9999])
def test_any_minor_version_is_taken_in(minor: int) -> None:
    """An envelope of major version 1 is read whatever its minor version is (ENV-7, ENV-8)."""
    assert decode(_changed(version=f"1.{minor}")) == replace(REQUEST, minor=minor)


@pytest.mark.parametrize(
    "version", ["1", "1.", "1.00", "1.01", "v1.0", "1.0\n", "1.10000", 1.0, None]
)
def test_a_malformed_version_is_refused(version: object) -> None:
    """A version is `1.` and a decimal number without leading zeros (ENV-7)."""
    refusal = _refusal(_changed(version=version))

    assert (refusal.requirement, refusal.pointer, refusal.head) == ("ENV-7", "/version", None)


@pytest.mark.parametrize("version", ["2.0", "0.1", "10.3"])
def test_another_major_version_is_refused_with_its_head(version: str) -> None:
    """Another major version is bad input whose frozen members are still read (ENV-10, ENV-11)."""
    refusal = _refusal(_changed(version=version))

    assert refusal.requirement == "ENV-10"
    assert refusal.head == Head(
        REQUEST.request_id, int(version.partition(".")[0]), "request", REPLY_TO, ANSWER_BY_MS
    )


@pytest.mark.parametrize("kind", ["Request", "", "ping", "request "])
def test_an_unknown_kind_is_refused_with_its_head(kind: str) -> None:
    """Another kind is bad input whose frozen members are still read (ENV-10)."""
    refusal = _refusal(_changed(kind=kind))

    assert (refusal.requirement, refusal.pointer) == ("ENV-10", "/kind")
    assert refusal.head is not None
    assert refusal.head.kind == kind


@pytest.mark.parametrize("request_id", ["", "a b", "a/b", "é", "a" * 129, "a\n", 7, None])
def test_a_malformed_request_id_is_refused_without_a_head(request_id: object) -> None:
    """A request ID is 1 to 128 safe characters, and nothing is known without one (ENV-13)."""
    refusal = _refusal(_changed(requestId=request_id))

    assert (refusal.requirement, refusal.head) == ("ENV-13", None)


@pytest.mark.parametrize("name", ["replyTo", "answerByMs"])
def test_a_head_is_as_far_as_it_can_be_read(name: str) -> None:
    """A garbled echo or address leaves the rest of the frozen members readable (ENV-11)."""
    head = _refusal(json.dumps({**_document(REQUEST), name: "soon"})).head

    assert head is not None
    assert head.request_id == REQUEST.request_id
    assert (head.reply_to is None, head.answer_by_ms is None) == (
        name == "replyTo",
        name == "answerByMs",
    )


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
    refusal = _refusal(_changed(replyTo=reply_to))

    assert (refusal.requirement, refusal.pointer) == ("ENV-18", "/replyTo")


@pytest.mark.parametrize(
    "encodings",
    [[], ["base64"], ["text", "text"], ["text", "UPPER"], ["text", ""], ["text", "x" * 33],
     ["text", 1], "text", ["text", *map(str, range(16))]],
)  # fmt: skip
def test_a_list_of_encodings_that_says_too_little_is_refused(encodings: object) -> None:
    """The accepted encodings are 1 to 16 different names, among them text (ENV-19)."""
    assert _refusal(_changed(acceptEncodings=encodings)).requirement == "ENV-19"


def test_names_of_encodings_that_nobody_knows_are_legal() -> None:
    """A request may accept encodings of later versions (ENV-19)."""
    request = decode(_changed(acceptEncodings=["zstd+base64", "text"]))

    assert isinstance(request, Request)
    assert request.terms is not None
    assert request.terms.accept_encodings == ("zstd+base64", "text")


@pytest.mark.parametrize("size", [1023, 1_048_577, 0, -1, 2048.5, "2048", True])
def test_a_reply_limit_beyond_sqs_is_refused(size: object) -> None:
    """The limit for a reply is an integer from 1,024 to 1,048,576 (ENV-20)."""
    assert _refusal(_changed(maxReplyBytes=size)).requirement == "ENV-20"


@pytest.mark.parametrize("value", [2**53, -1, 1.5, "1", None, True, [], 1e300])
def test_a_time_that_is_no_instant_is_refused(value: object) -> None:
    """A member in Ms is an integer from 0 to 2^53-1 (ENV-4, ENV-6)."""
    refusal = _refusal(_changed(WINDOW_REQUEST, startByMs=value))

    assert (refusal.requirement, refusal.pointer) == ("ENV-6", "/startByMs")


def test_a_whole_number_with_a_fraction_of_zero_is_an_integer() -> None:
    """1718071341000.0 is the integer 1718071341000, as in JSON Schema (ENV-6)."""
    assert decode(_changed(sentAtMs=float(NOW_MS))) == REQUEST


def test_a_context_is_what_lambda_told() -> None:
    """A context of the wrong shape is refused with its pointer (ENV-21)."""
    context = {**_opened(_document(REQUEST)["context"]), "identity": {"cognitoIdentityId": 1}}
    refusal = _refusal(_changed(context=context))

    assert refusal.requirement == "ENV-21"
    assert refusal.pointer == "/context/identity/cognitoIdentityId"


def test_a_client_says_who_it_is() -> None:
    """An accepted without an instanceId is refused (ENV-24)."""
    assert _refusal(_changed(ACCEPTED, client={"name": "x"})).requirement == "ENV-24"


@pytest.mark.parametrize("reason", ["", "Late", "1st", "-late", "not now", "r" * 65, None])
def test_a_declined_says_why_in_a_word(reason: object) -> None:
    """A reason is a lower-case word, or several joined by hyphens (ENV-25)."""
    assert _refusal(_changed(DECLINED, reason=reason)).requirement == "ENV-25"


@pytest.mark.parametrize("both", [True, False])
def test_a_response_has_exactly_one_outcome(both: object) -> None:
    """A response with payload and error, or with neither, is refused (ENV-26)."""
    document = _document(RESPONSE)
    if both:
        document["error"] = {"errorType": "E", "errorMessage": "m", "payload": document["payload"]}
    else:
        del document["payload"]

    assert _refusal(json.dumps(document)).requirement == "ENV-26"


@pytest.mark.parametrize("kept", ["errorType", "errorMessage", "payload"])
def test_an_error_has_a_type_a_message_and_a_payload(kept: str) -> None:
    """An error without one of its three members is refused (ENV-27, ENV-28)."""
    error = {"errorType": "E", "errorMessage": "m", "payload": {"encoding": "text", "data": ""}}
    del error[kept]
    document = {**_document(RESPONSE), "error": error}
    del document["payload"]

    assert _refusal(json.dumps(document)).requirement in {"ENV-27", "ENV-28"}


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
    refusal = _refusal(_changed(payload=payload))

    assert refusal.requirement == requirement
    assert refusal.pointer.startswith("/payload")


def test_a_claim_check_describes_what_is_stored() -> None:
    """A claim check has bucket, key, size and hash, and no data (PAY-6)."""
    claim = {"encoding": "s3", "bucket": "b-1", "key": "k", "sizeBytes": 3, "sha256": "0" * 64}
    request = decode(_changed(payload=claim))

    assert isinstance(request, Request)
    assert request.payload == ClaimCheck("b-1", "k", 3, "0" * 64)
    assert _refusal(_changed(payload={**claim, "data": ""})).requirement == "PAY-6"


@pytest.mark.parametrize(
    "text",
    ["", " ", "nul", "[]", '"x"', "1", "null", "true", "{", "{}{}", "\ufeff{}", "{'a': 1}",
     '{"a": NaN}', '{"a": -Infinity}', '{"a": 1' + "0" * 5000 + "}", "[" * 100_000,
     '{"a":' * 100_000, '{"a": "\x00"}', '{"a": 01}'],
    ids=lambda text: repr(text[:12]),
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(text: str) -> None:
    """What is no JSON object, too deep, or no number of JSON is bad input (ENV-1, ENV-4)."""
    refusal = _refusal(text)

    assert (refusal.requirement, refusal.pointer, refusal.head) == ("ENV-1", "", None)


def test_a_name_that_comes_twice_is_read_as_the_last() -> None:
    """A receiver reads what the schemas see of a double name, which is the last one (ENV-3)."""
    text = encode(REQUEST).replace('"oneWay":false', '"oneWay":true,"oneWay":false')

    assert decode(text) == REQUEST


def test_a_lone_surrogate_does_not_break_the_envelope() -> None:
    """Half of a surrogate pair, escaped, is read; only its payload is bad (PAY-3)."""
    text = encode(RESPONSE).replace('"42"', '"\\ud800"')

    assert decode(text) == replace(RESPONSE, result=Inline(Encoding.TEXT, "\ud800"))


def test_depth_within_reason_is_read() -> None:
    """An unknown member 200 levels deep hinders nobody (ENV-2)."""
    text = encode(REQUEST)[:-1] + ',"later":' + "[" * 200 + "]" * 200 + "}"

    assert decode(text) == REQUEST


def test_a_refusal_names_the_place_and_the_rule() -> None:
    """What is wrong is told with pointer and requirement, and without content (SEC-4)."""
    secret = "s3cr3t!"
    for name in _document(REQUEST):
        changed = json.dumps({**_document(REQUEST), name: secret})
        assert secret not in str(_refusal(changed)), name
    assert secret not in str(_refusal('{"a": ' + secret))
    assert str(_refusal(_changed(kind=[]))) == "kind is an array, not a string (at /kind; ENV-10)"


def test_a_response_may_be_anything_but_both() -> None:
    """A response's payload can be in any form (ENV-26)."""
    for result in (Inline(Encoding.BASE64, "/w=="), ClaimCheck("abc", "k", 0, "f" * 64)):
        response = Response(RESPONSE.request_id, ANSWER_BY_MS, result)
        assert decode(encode(response)) == response
