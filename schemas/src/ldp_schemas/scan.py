"""Finds out where in a JSON text each value stands.

The standard library's parser keeps no positions and drops all but the last of several members
of the same name. This reads the tokens again; it is only used for messages with something to
report, and only for texts that the parser has taken.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a JSON text.

    Attributes:
        pointer: Its JSON Pointer; members of the same name share one.
        line: The line on which it begins, counted from 1.
        end: Offset of the first character after it; for objects and arrays, after the bracket.
        literal: The value as written; for objects and arrays, the opening bracket.
    """

    pointer: str
    line: int
    end: int
    literal: str


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not come yet."""

    pointer: str
    is_object: bool
    step: str = "0"
    awaits_name: bool = field(init=False)

    def __post_init__(self) -> None:
        self.awaits_name = self.is_object

    def next(self) -> None:
        if self.is_object:
            self.awaits_name = True
        else:
            self.step = str(int(self.step) + 1)


def escaped(name: str) -> str:
    """Write a member's name as a step of a JSON Pointer (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def pointer_to(path: Iterator[str | int]) -> str:
    """Write a path of member names and indexes as a JSON Pointer."""
    return "".join(f"/{escaped(str(step))}" for step in path)


def values(text: str) -> Iterator[Value]:
    """Read every value of a JSON text, in its order.

    Args:
        text: Text that a JSON parser has taken.
    """
    open_values: list[_Open] = []
    line, counted = 1, 0
    for token in _TOKEN.finditer(text):
        literal = token[0]
        if literal == ":":
            continue
        if literal == ",":
            open_values[-1].next()
        elif literal in {"}", "]"}:
            open_values.pop()
        elif open_values and open_values[-1].awaits_name:
            open_values[-1].step = escaped(json.loads(literal))
            open_values[-1].awaits_name = False
        else:
            line, counted = line + text.count("\n", counted, token.start()), token.start()
            around = open_values[-1] if open_values else None
            pointer = "" if around is None else f"{around.pointer}/{around.step}"
            yield Value(pointer, line, token.end(), literal)
            if literal in {"{", "["}:
                open_values.append(_Open(pointer, is_object=literal == "{"))


def pointer_at(text: str, offset: int) -> str:
    """Tell in which value a character stands; a member's name belongs to its value."""
    return next((value.pointer for value in values(text) if value.end > offset), "")


class Lines:
    """The lines of a JSON text, by JSON Pointer."""

    def __init__(self, text: str) -> None:
        self._lines = {value.pointer: value.line for value in values(text)}

    def of(self, pointer: str) -> int:
        """Tell on which line a value begins, or the closest one around it that is there."""
        while pointer and pointer not in self._lines:
            pointer = pointer.rpartition("/")[0]
        return self._lines.get(pointer, 1)
