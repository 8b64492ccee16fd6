"""Takes an input apart into messages: one JSON document, JSON lines, or what SQS handed out.

The form is told by looking. What is broken stays a message, so that it is reported.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from ldp_schemas.scan import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_schemas.findings import Finding

_BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
# Only the form is wanted here: numbers are read as floats, which takes any number of digits.
_DECODER: Final = json.JSONDecoder(parse_int=float)
_WHITESPACE: Final = " \t\n\r"
_SPACE: Final = re.compile(f"[{_WHITESPACE}]*")


class Document:
    """One JSON document of an input."""

    def __init__(self, text: str, first_line: int) -> None:
        """Take a document that begins on a line of its input, counted from 1."""
        self.text = text
        self.first_line = first_line

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    def line_of(self, pointer: str) -> int:
        """Tell on which line of the input a value begins."""
        return self.first_line - 1 + self._lines.of(pointer)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an input.

    Attributes:
        text: The message's body.
        document: The document that it stands in.
        body_pointer: Where in the document; None if it is all of it.
        number: Its place among the messages that SQS handed out together, counted from 1.
        attribute_bytes: Size of its message attributes: names, types and values.
    """

    text: str
    document: Document
    body_pointer: str | None = None
    number: int | None = None
    attribute_bytes: int = 0

    def line_of(self, finding: Finding) -> int:
        """Tell on which line of the input something is wrong."""
        if self.body_pointer is not None:
            return self.document.line_of(self.body_pointer)
        if finding.line is not None:
            return self.document.first_line - 1 + finding.line
        return self.document.line_of(finding.pointer)


def split(text: str) -> Iterator[Message]:
    """Take an input apart; an input without any message gives none."""
    for document in _documents(text):
        received = _received(document.text)
        if received is None:
            yield Message(document.text, document)
            continue
        for index, message in enumerate(received):
            yield _from_sqs(message, document, index)


def _documents(text: str) -> Iterator[Document]:
    if _is_json(text) or not _has_line_of_json(text):
        yield from _one_after_another(text)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip(_WHITESPACE):
            yield Document(line.strip(_WHITESPACE), number)


def _one_after_another(text: str) -> Iterator[Document]:
    """Take apart documents that follow one another; what cannot be read is the last one."""
    line, end = 1, 0
    while (start := _SPACE.match(text, end).end()) < len(text):  # type: ignore[union-attr] # always
        line += text.count("\n", end, start)
        try:
            end = _DECODER.raw_decode(text, start)[1]
        except (ValueError, RecursionError):
            end = len(text)
        yield Document(text[start:end].rstrip(_WHITESPACE), line)
        line += text.count("\n", start, end)


def _is_json(text: str) -> bool:
    try:
        _DECODER.decode(text)
    except ValueError:
        return False
    except RecursionError:
        return True
    return True


def _has_line_of_json(text: str) -> bool:
    return any(line.lstrip(_WHITESPACE)[:1] == "{" and _is_json(line) for line in text.split("\n"))


def _object(text: str) -> dict[str, object]:
    """Read an object; an empty one if the text is anything else."""
    try:
        value = _DECODER.decode(text.removeprefix(_BYTE_ORDER_MARK))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _received(text: str) -> list[object] | None:
    """Read the messages that SQS handed out; None if that is not what the text is."""
    value = _object(text)
    messages = value.get("Messages")
    return messages if isinstance(messages, list) and "kind" not in value else None


def _from_sqs(message: object, document: Document, index: int) -> Message:
    members = message if isinstance(message, dict) else {}
    body = members.get("Body")
    return Message(
        text=body if isinstance(body, str) else "",
        document=document,
        body_pointer=f"/Messages/{index}/Body",
        number=index + 1,
        attribute_bytes=_attribute_bytes(members.get("MessageAttributes")),
    )


def _attribute_bytes(attributes: object) -> int:
    """Add up what SQS counts: each attribute's name, type and value."""
    if not isinstance(attributes, dict):
        return 0
    return sum(map(_utf8_bytes, attributes)) + sum(map(_value_bytes, attributes.values()))


def _value_bytes(attribute: object) -> int:
    if not isinstance(attribute, dict):
        return 0
    texts = [attribute.get(name) for name in ("DataType", "StringValue")]
    return sum(_utf8_bytes(text) for text in texts if isinstance(text, str)) + _binary_bytes(
        attribute.get("BinaryValue")
    )


def _binary_bytes(value: object) -> int:
    """Tell the size of what the AWS command line prints as base64."""
    return 3 * (len(value) // 4) - value[-2:].count("=") if isinstance(value, str) else 0


def _utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
