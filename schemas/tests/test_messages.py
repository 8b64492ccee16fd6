from __future__ import annotations

import json

import pytest

from ldp_schemas.findings import Finding
from ldp_schemas.messages import Message, split

FIRST = '{"kind": "request"}'
SECOND = '{"kind": "response"}'


def _at(pointer: str, line: int | None = None) -> Finding:
    return Finding(pointer, "is wrong", (), line)


def _placed(text: str) -> list[tuple[str, int]]:
    return [(message.text, message.line_of(_at(""))) for message in split(text)]


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t"])
def test_an_input_without_text_has_no_message(text: str) -> None:
    """White space alone is no message."""
    assert list(split(text)) == []


@pytest.mark.parametrize("text", [FIRST, "[]", "7", "nonsense", '{"Messages": 1}', "\ufeff{}"])
def test_one_document_is_one_message(text: str) -> None:
    """A document is one message, whether it is an envelope or not."""
    assert _placed(text) == [(text, 1)]


def test_white_space_around_a_document_is_no_part_of_it() -> None:
    """A document's lines count from the top of its input, and its ends are trimmed."""
    [message] = split('\n\n{"a":\n 1}\n\n')

    assert message.text == '{"a":\n 1}'
    assert message.line_of(_at("")) == 3
    assert message.line_of(_at("/a")) == 4
    assert message.line_of(_at("", line=2)) == 4


def test_an_array_is_one_message() -> None:
    """An array of envelopes is one document, not JSON lines, though its last line is JSON."""
    assert len(list(split(f"[\n{FIRST},\n{SECOND}\n]"))) == 1


def test_lines_are_messages_each() -> None:
    """In JSON lines each line is a message; blank lines are none."""
    text = f"{FIRST}\n\n{SECOND}\r\n  {FIRST}  "

    assert _placed(text) == [(FIRST, 1), (SECOND, 3), (FIRST, 4)]


@pytest.mark.parametrize("broken", ["{", "nonsense", '{"a": "\ufffe'])
def test_a_broken_line_is_a_message_of_its_own(broken: str) -> None:
    """A broken line among JSON lines neither hides nor takes along its neighbours."""
    assert _placed(f"{broken}\n{FIRST}\n{broken}") == [(broken, 1), (FIRST, 2), (broken, 3)]


def test_documents_may_follow_one_another() -> None:
    """Documents of several lines that follow one another are a message each."""
    text = '{"a":\n1}\n\n{"b":\n2} {\n"c": 3}'

    assert _placed(text) == [('{"a":\n1}', 1), ('{"b":\n2}', 4), ('{\n"c": 3}', 5)]


def test_a_broken_document_is_the_last_one() -> None:
    """What follows the last document that can be read is one message, to the end."""
    assert _placed('{"a":\n1}\n{"b":\n\n2 {') == [('{"a":\n1}', 1), ('{"b":\n\n2 {', 3)]


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000])
def test_a_document_nested_too_deeply_is_one_message(text: str) -> None:
    """Nesting that no parser follows is left to the judge."""
    [message] = split(text)

    assert message.text == text
    assert message.line_of(_at("", line=1)) == 1


def test_what_sqs_handed_out_is_a_message_for_each_body() -> None:
    """Each body is a message, with its number and the line on which the body stands."""
    received = {"Messages": [{"MessageId": "1", "Body": FIRST}, {"Body": "{\n}"}]}
    messages = list(split(json.dumps(received, indent=1)))

    assert [(message.text, message.number) for message in messages] == [(FIRST, 1), ("{\n}", 2)]
    assert [message.line_of(_at("/payload/data", 2)) for message in messages] == [5, 8]


def test_outputs_of_sqs_may_follow_one_another() -> None:
    """Several outputs, in lines or one after another, are all taken in."""
    received = json.dumps({"Messages": [{"Body": FIRST}, {"Body": SECOND}]})
    pretty = json.dumps(json.loads(received), indent=4)

    expected = [(FIRST, 1), (SECOND, 1), (FIRST, 2), (SECOND, 2)]
    assert _placed(f"{received}\n{received}\n") == expected
    assert [body for body, _ in _placed(pretty + pretty)] == [FIRST, SECOND, FIRST, SECOND]


def test_an_output_of_sqs_may_begin_with_a_byte_order_mark() -> None:
    """A byte order mark belongs to the file, not to the messages in it."""
    assert _placed("\ufeff" + json.dumps({"Messages": [{"Body": FIRST}]})) == [(FIRST, 1)]


@pytest.mark.parametrize("messages", [[], [{}]])
def test_an_output_without_a_body_is_seen(messages: list[object]) -> None:
    """No messages are none; a message without a body is an empty one."""
    assert [message.text for message in split(json.dumps({"Messages": messages}))] == [
        "" for _ in messages
    ]


def test_an_envelope_may_have_a_member_called_messages() -> None:
    """What has a kind is an envelope, whatever else it has."""
    text = '{"kind": "request", "Messages": []}'

    assert _placed(text) == [(text, 1)]


@pytest.mark.parametrize(
    ("attributes", "size_bytes"),
    [
        (None, 0),
        ({}, 0),
        ({"größe": {"DataType": "Number", "StringValue": "12"}}, 7 + 6 + 2),
        ({"b": {"DataType": "Binary", "BinaryValue": "AAECAw=="}}, 1 + 6 + 4),
        ({"b": {"DataType": "Binary", "BinaryValue": ""}, "c": 7}, 1 + 6 + 1),
    ],
)
def test_attributes_are_measured_as_sqs_does(attributes: object, size_bytes: int) -> None:
    """The size of attributes is that of their names, types and values in bytes (PAY-8)."""
    text = json.dumps({"Messages": [{"Body": FIRST, "MessageAttributes": attributes}]})

    assert [message.attribute_bytes for message in split(text)] == [size_bytes]


def test_a_message_that_is_none_has_no_body() -> None:
    """What stands in place of a message is reported as a body without text."""
    [message] = split('{"Messages": [7]}')

    assert isinstance(message, Message)
    assert message.text == ""
