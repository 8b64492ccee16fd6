"""A client's envelopes read as strictly as the specification is written, text and all.

A parser forgets what a text looked like; so members, numbers and characters are judged here while
it is parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.check import NonConformance

if TYPE_CHECKING:
    from ldp_conformance.witness import Message

MOST: Final = 2**53 - 1
_RESERVED: Final = ("environment", "signature")
#: The two characters that JSON allows in a text, and SQS does not.
_REFUSED: Final = ("\ufffe", "\uffff")


def envelope_in(message: Message) -> dict[str, Any]:
    """The envelope that a message of the client's is.

    Raises:
        NonConformance: It breaks a rule for whoever writes one.
    """
    text = message.body
    if text.startswith("\ufeff"):
        raise _wrong(message, "the message begins with a byte order mark", "ENV-1")
    if any(character in text for character in _REFUSED):
        raise _wrong(message, "U+FFFE or U+FFFF stands in the message unescaped", "ENV-5")
    try:
        envelope = texts.loads(
            text,
            object_pairs_hook=lambda pairs: _object(message, pairs),
            parse_int=lambda digits: _integer(message, digits),
            parse_constant=lambda word: _constant(message, word),
        )
    except ValueError as exc:
        raise _wrong(message, f"the message is not one JSON text: {exc}", "ENV-1") from exc
    if not isinstance(envelope, dict):
        raise _wrong(message, "the message is no JSON object", "ENV-1")
    _judge_members(message, envelope)
    return envelope


def _object(message: Message, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise _wrong(message, f"an object has two members {twice!r}", "ENV-3")
    for name, value in pairs:
        if name.endswith("Ms") and not _is_whole(value):
            raise _wrong(message, f"{name} is no integer", "ENV-6")
    return dict(pairs)


def _is_whole(value: object) -> bool:
    """Whether a value is an integer as JSON Schema sees it, to which 1.0 is one."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _integer(message: Message, digits: str) -> int:
    number = int(digits)
    if abs(number) > MOST:
        raise _wrong(message, f"the integer {digits} is beyond 2^53 - 1", "ENV-4")
    return number


def _constant(message: Message, word: str) -> float:
    raise _wrong(message, f"the message has the word {word}, which is no JSON", "ENV-4")


def _judge_members(message: Message, envelope: dict[str, Any]) -> None:
    for name in _RESERVED:
        if name in envelope:
            raise _wrong(message, f"the envelope uses the reserved name {name}", "ENV-12")


def _wrong(message: Message, sentence: str, requirement: str) -> NonConformance:
    return NonConformance(sentence, requirements=(requirement,), came=message.body)
