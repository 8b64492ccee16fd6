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
    ONE_WAY_REQUEST,
    REPLY_TO,
    REQUEST,
    RESPONSE,
    WINDOW_REQUEST,
)
from ldp_testing.wire_stage import document_of, opened, refusal_of, with_members
from ldp_testing.wire_strategies import envelopes
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import ClaimCheck, Encoding, Head, Inline, Request, Response

if TYPE_CHECKING:
    from ldp_wire.envelopes import Envelope


SPEC = Path(__file__).resolve().parents[3] / "spec" / "v1"


FENCE = re.compile(r"```json envelope=(\w+)(?P<invalid> invalid=\S+)?\n(?P<text>.*?)```", re.DOTALL)


#: What SQS takes, of what a Python string can hold (SendMessage).
REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    assert document_of(shown) == json.loads(text)


@pytest.mark.parametrize(
    "fence",
    [match for name in ("envelopes",) for match in FENCE.finditer(_prose(name))],
    ids=lambda fence: fence[1],
)
def test_the_examples_of_the_specification_are_understood(fence: re.Match[str]) -> None:
    """Each example of the chapter is read as the kind it says, or refused if it says so."""
    if fence["invalid"]:
        assert refusal_of(fence["text"]).requirement == "ENV-26"
    else:
        assert type(decode(fence["text"])).__name__.lower() == fence[1]


def test_a_one_way_request_says_nothing_about_an_answer() -> None:
    """A one-way request has none of the members that concern an answer (ENV-17)."""
    document = document_of(ONE_WAY_REQUEST)

    assert document["oneWay"] is True
    assert set(document_of(WINDOW_REQUEST)) - set(document) == {
        "replyTo", "answerByMs", "startByMs", "maxReplyBytes", "acceptEncodings",
    }  # fmt: skip


def test_what_is_absent_is_left_out() -> None:
    """A member without a value is absent, never null (ENV-21)."""
    assert "null" not in encode(WINDOW_REQUEST)
    assert "startByMs" not in encode(REQUEST)


@pytest.mark.parametrize("name", ["replyTo", "answerByMs", "maxReplyBytes", "acceptEncodings"])
def test_a_request_that_waits_says_how(name: str) -> None:
    """A request that waits is refused without any of four members (ENV-16)."""
    document = document_of(REQUEST)
    del document[name]

    assert name in refusal_of(json.dumps(document)).reason


@pytest.mark.parametrize(
    "name", ["replyTo", "answerByMs", "startByMs", "maxReplyBytes", "acceptEncodings"]
)
def test_a_one_way_request_with_terms_is_refused(name: str) -> None:
    """A one-way request with a member that concerns an answer is bad input (ENV-17)."""
    refusal = refusal_of(with_members(ONE_WAY_REQUEST, **{name: document_of(WINDOW_REQUEST)[name]}))

    assert refusal.requirement == "ENV-17"


@pytest.mark.parametrize("name", ["sentAtMs", "oneWay", "context", "payload"])
def test_a_request_without_its_body_is_refused(name: str) -> None:
    """A request is refused without sentAtMs, oneWay, context or payload (ENV-15)."""
    document = document_of(REQUEST)
    del document[name]

    assert refusal_of(json.dumps(document)).requirement == "ENV-15"


@pytest.mark.parametrize("envelope", [REQUEST, ACCEPTED, DECLINED, RESPONSE])
def test_unknown_members_are_ignored_at_every_level(envelope: Envelope) -> None:
    """Members that nobody knows change nothing, wherever they are (ENV-2, ENV-12)."""

    def more(value: object) -> object:
        if isinstance(value, dict):
            return {**{name: more(item) for name, item in value.items()}, "later": {"x": [None]}}
        return value

    text = json.dumps({**opened(more(document_of(envelope))), "environment": 1, "signature": []})

    assert decode(text) == envelope


@pytest.mark.parametrize("minor", [0, 1, 7, 9999])
def test_any_minor_version_is_taken_in(minor: int) -> None:
    """An envelope of major version 1 is read whatever its minor version is (ENV-7, ENV-8)."""
    assert decode(with_members(version=f"1.{minor}")) == replace(REQUEST, minor=minor)


@pytest.mark.parametrize(
    "version", ["1", "1.", "1.00", "1.01", "v1.0", "1.0\n", "1.10000", 1.0, None]
)
def test_a_malformed_version_is_refused(version: object) -> None:
    """A version is `1.` and a decimal number without leading zeros (ENV-7)."""
    refusal = refusal_of(with_members(version=version))

    assert (refusal.requirement, refusal.pointer, refusal.head) == ("ENV-7", "/version", None)


@pytest.mark.parametrize("version", ["2.0", "0.1", "10.3"])
def test_another_major_version_is_refused_with_its_head(version: str) -> None:
    """Another major version is bad input whose frozen members are still read (ENV-10, ENV-11)."""
    refusal = refusal_of(with_members(version=version))

    assert refusal.requirement == "ENV-10"
    assert refusal.head == Head(
        REQUEST.request_id, int(version.partition(".")[0]), "request", REPLY_TO, ANSWER_BY_MS
    )


@pytest.mark.parametrize("kind", ["Request", "", "ping", "request "])
def test_an_unknown_kind_is_refused_with_its_head(kind: str) -> None:
    """Another kind is bad input whose frozen members are still read (ENV-10)."""
    refusal = refusal_of(with_members(kind=kind))

    assert (refusal.requirement, refusal.pointer) == ("ENV-10", "/kind")
    assert refusal.head is not None
    assert refusal.head.kind == kind


@pytest.mark.parametrize("request_id", ["", "a b", "a/b", "é", "a" * 129, "a\n", 7, None])
def test_a_malformed_request_id_is_refused_without_a_head(request_id: object) -> None:
    """A request ID is 1 to 128 safe characters, and nothing is known without one (ENV-13)."""
    refusal = refusal_of(with_members(requestId=request_id))

    assert (refusal.requirement, refusal.head) == ("ENV-13", None)


@pytest.mark.parametrize("name", ["replyTo", "answerByMs"])
def test_a_head_is_as_far_as_it_can_be_read(name: str) -> None:
    """A garbled echo or address leaves the rest of the frozen members readable (ENV-11)."""
    head = refusal_of(json.dumps({**document_of(REQUEST), name: "soon"})).head

    assert head is not None
    assert head.request_id == REQUEST.request_id
    assert (head.reply_to is None, head.answer_by_ms is None) == (
        name == "replyTo",
        name == "answerByMs",
    )


@pytest.mark.parametrize(
    "text",
    ["", " ", "nul", "[]", '"x"', "1", "null", "true", "{", "{}{}", "\ufeff{}", "{'a': 1}",
     '{"a": NaN}', '{"a": -Infinity}', '{"a": 1' + "0" * 5000 + "}", "[" * 100_000,
     '{"a":' * 100_000, '{"a": "\x00"}', '{"a": 01}'],
    ids=lambda text: repr(text[:12]),
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(text: str) -> None:
    """What is no JSON object, too deep, or no number of JSON is bad input (ENV-1, ENV-4)."""
    refusal = refusal_of(text)

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
    for name in document_of(REQUEST):
        changed = json.dumps({**document_of(REQUEST), name: secret})
        assert secret not in str(refusal_of(changed)), name
    assert secret not in str(refusal_of('{"a": ' + secret))
    assert (
        str(refusal_of(with_members(kind=[])))
        == "kind is an array, not a string (at /kind; ENV-10)"
    )


def test_a_response_may_be_anything_but_both() -> None:
    """A response's payload can be in any form (ENV-26)."""
    for result in (Inline(Encoding.BASE64, "/w=="), ClaimCheck("abc", "k", 0, "f" * 64)):
        response = Response(RESPONSE.request_id, ANSWER_BY_MS, result)
        assert decode(encode(response)) == response
