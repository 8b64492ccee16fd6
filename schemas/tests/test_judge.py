"""How a message is judged: by its text first, then by the schema of its kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ldp_schemas.judge import judge

if TYPE_CHECKING:
    from ldp_testing.envelopes import Members

LARGEST_MESSAGE = 1_048_576
EXAMPLES = Path(__file__).parents[1] / "v1" / "examples"
REQUEST: Members = json.loads((EXAMPLES / "request/valid/minimal.json").read_text("utf-8"))
RESPONSE: Members = json.loads((EXAMPLES / "response/valid/minimal.json").read_text("utf-8"))


def _said(text: str, kind: str | None = None) -> list[tuple[str, str, str]]:
    """Judge a text, and give each finding as pointer, reason and requirements."""
    return [
        (finding.pointer, finding.reason, " ".join(finding.requirements))
        for finding in judge(text, kind=kind)
    ]


def _with_payload(payload: Members) -> str:
    return json.dumps({**REQUEST, "payload": payload})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no JSON: Expecting value at line 1 column 1 of the message"),
        ("{", "is no JSON: Expecting property name"),
        ("\ufeff{}", "is no JSON: Unexpected UTF-8 BOM"),
        ("{}{}", "is no JSON: Extra data"),
        ('{"a": "\t"}', "is no JSON: Invalid control character"),
        ("[" * 100_000, "is nested too deeply to be read"),
        ("[]", "is an array, not an object"),
        ("null", "is null, not an object"),
        ("true", "is a boolean, not an object"),
        ('"{}"', "is a string, not an object"),
        ("12", "is the number 12, not an object"),
    ],
)
def test_a_message_is_one_json_object(text: str, reason: str) -> None:
    """What is no JSON object is one finding at the whole envelope (ENV-1)."""
    [(pointer, found, requirements)] = _said(text)

    assert found.startswith(reason)
    assert (pointer, requirements) == ("", "ENV-1")


def test_what_is_no_json_is_placed_on_its_line() -> None:
    """A finding about broken JSON has the line of the message at which it breaks."""
    [finding] = judge('{\n"a": 1,\n}')

    assert finding.line == 3


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", ("", 'has no member "kind"', "ENV-10")),
        (
            '{"kind": "hello"}',
            (
                "/kind",
                'is "hello", none of "request", "accepted", "declined", "response"',
                "ENV-10",
            ),
        ),
        (
            '{"kind": ["request"]}',
            (
                "/kind",
                'is ["request"], none of "request", "accepted", "declined", "response"',
                "ENV-10",
            ),
        ),
    ],
)
def test_an_unknown_kind_is_one_finding(text: str, found: tuple[str, str, str]) -> None:
    """Without a known kind there is nothing else to judge an envelope by (ENV-10)."""
    assert _said(text) == [found]


def test_a_kind_that_was_asked_for_wins() -> None:
    """With a kind given, an envelope of another kind is a finding, and judged by that kind."""
    pointers = {pointer for pointer, _, _ in _said(json.dumps(RESPONSE), kind="accepted")}

    assert pointers == {"/kind", ""}
    assert _said("[]", kind="accepted") == [("", "is an array, not an object", "ENV-1")]


def test_names_that_occur_twice_are_found_where_they_are() -> None:
    """A member's name that occurs twice is found at its pointer, once, not below it (ENV-3)."""
    text = json.dumps({**RESPONSE, "later": [{}, {"a": {"b": 1, "c": 2}}]})
    twice = text.replace('"payload": {', '"payload": {"data": ""}, "payload": {')

    assert _said(twice) == [("/payload", "is there 2 times", "ENV-3")]
    assert _said(text.replace('"c": 2', '"b": 2, "b": 3')) == [
        ("/later/1/a/b", "is there 3 times", "ENV-3")
    ]


@pytest.mark.parametrize(
    "literal",
    ["9007199254740992", "-9007199254740992", "1" * 5000, "1e400", "-1e17", "9007199254740993.0"],
)
def test_numbers_beyond_doubles_are_found(literal: str) -> None:
    """An integer outside ±(2^53-1) is found anywhere, however it is written (ENV-4)."""
    text = json.dumps(RESPONSE)[:-1] + f', "later": [0, {{"n": {literal}}}]}}'

    assert _said(text) == [
        ("/later/1/n", f"is {literal[:40]}, which is beyond ±9007199254740991", "ENV-4")
    ]


@pytest.mark.parametrize("literal", ["9007199254740991", "-9007199254740991", "0.5", "1e-400"])
def test_numbers_that_doubles_hold_are_fine(literal: str) -> None:
    """Numbers within the limit are no finding (ENV-4)."""
    assert _said(json.dumps(RESPONSE)[:-1] + f', "later": {literal}}}') == []


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_for_numbers_are_found_once(word: str) -> None:
    """NaN and the infinities are found, and their type is not complained of too (ENV-4)."""
    text = json.dumps(RESPONSE).replace("1718072236165", word)

    assert _said(text) == [("/answerByMs", f"is {word}, which is no JSON", "ENV-4")]


def test_a_number_beyond_the_limit_is_one_finding() -> None:
    """A number that breaks its bound and the limit of all numbers is reported once."""
    text = json.dumps(RESPONSE).replace("1718072236165", "1718072236165000000")

    assert [(pointer, ids) for pointer, _, ids in _said(text)] == [("/answerByMs", "ENV-4")]


def test_a_message_may_have_exactly_the_limit_of_sqs() -> None:
    """A body of 1,048,576 bytes is fine, and one byte more is not (PAY-8)."""
    room = LARGEST_MESSAGE - len(_with_payload({"encoding": "text", "data": ""}))

    assert _said(_with_payload({"encoding": "text", "data": "x" * room})) == []
    assert _said(_with_payload({"encoding": "text", "data": "x" * (room + 1)})) == [
        ("", "has 1048577 bytes, more than 1048576", "PAY-8")
    ]


def test_the_size_is_counted_in_bytes_with_attributes() -> None:
    """Characters count as their bytes in UTF-8, and attributes count too (PAY-8)."""
    text = json.dumps({**RESPONSE, "note": "ä" * 524_000}, ensure_ascii=False)

    assert judge(text) == []
    [finding] = judge(text, attribute_bytes=1000)
    assert finding.reason == (
        f"has {len(text.encode()) + 1000} bytes with its attributes, more than 1048576"
    )


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\ud800"])
def test_characters_that_sqs_refuses_are_found(character: str) -> None:
    """A raw character that SQS refuses is found in the value that holds it (ENV-5)."""
    text = json.dumps({**RESPONSE, "a": 1, "b": {"c": "here"}}).replace("here", character)
    reason = f"holds the character U+{ord(character):04X}, which SQS refuses, unescaped"

    assert _said(text) == [("/b/c", reason, "ENV-5")]


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\U0001fffe", "\x7f", "\u2028"])
def test_characters_that_are_escaped_or_allowed_are_fine(character: str) -> None:
    """Escaped noncharacters, and those that SQS takes as they are, are no finding (ENV-5)."""
    escaped = json.dumps({**RESPONSE, "note": character})
    raw = json.dumps({**RESPONSE, "note": character}, ensure_ascii=False)

    assert _said(escaped) == []
    assert bool(_said(raw)) == (character in "\ufffe\uffff")


def test_bytes_that_are_no_utf8_are_found() -> None:
    """A byte that is no UTF-8 is found in the value that holds it (ENV-1)."""
    body = json.dumps({**RESPONSE, "note": "Grüße"}, ensure_ascii=False).encode("latin-1")

    assert _said(body.decode("utf-8", "surrogateescape")) == [
        ("/note", "holds the byte 0xFC: no UTF-8", "ENV-1")
    ]


def test_refused_characters_of_broken_json_are_found_by_line() -> None:
    """What is no JSON and holds a refused character is two findings, each with its line."""
    findings = judge('{"a": "\uffff",\n\n}')

    assert [(finding.line, finding.requirements) for finding in findings] == [
        (1, ("ENV-5",)),
        (3, ("ENV-1",)),
    ]


def test_a_member_nested_too_deeply_is_reported() -> None:
    """A value too deep to be compared with its neighbours is a finding, not a crash."""
    deep = "[" * 900 + "]" * 900
    text = json.dumps(REQUEST).replace('["text",', f'["text", {deep}, {deep},')

    assert any(ids in {"ENV-1", "ENV-19"} for _, _, ids in _said(text))
