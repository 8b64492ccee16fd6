"""How a message is written: rules for the text, which a parsed value no longer shows.

JSON, its size, its characters, names that occur twice, numbers that not every parser can
hold. What the values mean is judged elsewhere.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_schemas.errors import NotJsonError
from ldp_schemas.findings import Finding
from ldp_schemas.scan import pointer_at, values

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_INTEGER: Final = 2**53 - 1  # RFC 7493 section 2.2
LARGEST_MESSAGE_BYTES: Final = 1_048_576  # SQS: 1 MiB, body and message attributes together

# SQS SendMessage: "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
_REFUSED = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
# What a byte that is no UTF-8 has become by the error handler `surrogateescape`.
_UNDECODED = range(0xDC80, 0xDD00)
_SAFE_DIGITS: Final = 15  # an integer of so many digits is within the limit in any case


@dataclass(slots=True)
class Parsed:
    """A text as a value.

    Attributes:
        value: What it says.
        is_suspicious: Whether it holds a name twice or a number beyond the limit somewhere.
    """

    value: object = None
    is_suspicious: bool = False

    def members(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        """Make an object, and notice names that occur twice."""
        members = dict(pairs)
        if len(members) != len(pairs):
            self.is_suspicious = True
        return members

    def integer(self, literal: str) -> int:
        """Make an integer; one with very many digits is cut, for its value does not matter."""
        if len(literal) <= _SAFE_DIGITS:
            return int(literal)
        number = int(literal[: 2 * _SAFE_DIGITS])
        self.is_suspicious |= abs(number) > LARGEST_INTEGER
        return number

    def fraction(self, literal: str) -> float:
        """Make a number with a fraction or an exponent."""
        number = float(literal)
        self.is_suspicious |= abs(number) > LARGEST_INTEGER
        return number

    def constant(self, word: str) -> float:
        """Make NaN or an infinity, which are no JSON."""
        self.is_suspicious = True
        return float(word)


def parse(text: str) -> Parsed:
    """Read a message's text.

    Raises:
        NotJsonError: The text is no JSON, or is nested deeper than the parser can follow.
    """
    parsed = Parsed()
    try:
        parsed.value = json.loads(
            text,
            object_pairs_hook=parsed.members,
            parse_int=parsed.integer,
            parse_float=parsed.fraction,
            parse_constant=parsed.constant,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno} of the message"
        reason = f"is no JSON: {error.msg} at {where}"
        raise NotJsonError(Finding("", reason, ("ENV-1",), error.lineno)) from error
    except RecursionError as error:
        reason = "is nested too deeply to be read"
        raise NotJsonError(Finding("", reason, ("ENV-1",), line=1)) from error
    return parsed


def size(text: str, attribute_bytes: int) -> Iterator[Finding]:
    """Find a message that is larger than SQS takes."""
    size_bytes = len(text.encode("utf-8", "surrogatepass")) + attribute_bytes
    if size_bytes > LARGEST_MESSAGE_BYTES:
        with_attributes = " with its attributes" if attribute_bytes else ""
        reason = f"has {size_bytes} bytes{with_attributes}, more than {LARGEST_MESSAGE_BYTES}"
        yield Finding("", reason, ("PAY-8",))


def characters(text: str, *, is_json: bool) -> Iterator[Finding]:
    """Find the first character that SQS refuses, or the first byte that is no UTF-8."""
    refused = _REFUSED.search(text)
    if refused is None:
        return
    code, offset = ord(refused[0]), refused.start()
    pointer = pointer_at(text, offset) if is_json else ""
    line = None if is_json else text.count("\n", 0, offset) + 1
    if code in _UNDECODED:
        yield Finding(pointer, f"holds the byte 0x{code - 0xDC00:02X}: no UTF-8", ("ENV-1",), line)
    else:
        reason = f"holds the character U+{code:04X}, which SQS refuses, unescaped"
        yield Finding(pointer, reason, ("ENV-5",), line)


def names(text: str) -> Iterator[Finding]:
    """Find the members whose name occurs twice in the same object."""
    times = Counter(value.pointer for value in values(text))
    for pointer, count in times.items():
        if count > 1 and times[pointer.rpartition("/")[0]] == 1:
            yield Finding(pointer, f"is there {count} times", ("ENV-3",))


def numbers(text: str) -> Iterator[Finding]:
    """Find the numbers that not every parser can hold, and the words that are no numbers."""
    for value in values(text):
        if value.literal.lstrip("-") in {"NaN", "Infinity"}:
            yield Finding(value.pointer, f"is {value.literal}, which is no JSON", ("ENV-4",))
        elif value.literal[0] in "-0123456789" and abs(float(value.literal)) > LARGEST_INTEGER:
            reason = f"is {value.literal[:40]}, which is beyond ±{LARGEST_INTEGER}"
            yield Finding(value.pointer, reason, ("ENV-4",))
