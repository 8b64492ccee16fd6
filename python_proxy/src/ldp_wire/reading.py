"""Checked reading of a parsed JSON document, member by member, with pointers for what is wrong.

This is the only module besides `codec` that sees raw dicts; the rules are those of `schemas/v1`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from ldp_wire.errors import RemoteProtocolError
from ldp_wire.limits import MAX_INTEGER

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]


def parse_object(text: str) -> dict[str, JSON]:
    """Parse the one JSON object that a message holds (ENV-1, ENV-4).

    Raises:
        RemoteProtocolError: The text is no JSON object, or is nested too deeply to parse.
    """
    try:
        document: JSON = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise RemoteProtocolError("ENV-1", "the JSON is nested too deeply to parse") from None
    except ValueError as exc:
        raise RemoteProtocolError("ENV-1", f"the body is no JSON: {_place(exc)}") from None
    if not isinstance(document, dict):
        raise RemoteProtocolError("ENV-1", f"the body is {_name(document)}, not a JSON object")
    return document


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _place(exc: ValueError) -> str:
    """Where parsing stopped; never the text around it, which may be secret (SEC-4)."""
    if isinstance(exc, json.JSONDecodeError):
        return f"{exc.msg} at line {exc.lineno}, column {exc.colno}"
    return "it holds a number that JSON does not allow or that is too long"


class Members:
    """The members of one object, read one at a time.

    Each reader returns the value or raises `RemoteProtocolError` with the pointer of the member;
    with `optional`, an absent member is None.
    """

    def __init__(self, members: Mapping[str, JSON], pointer: str = "") -> None:
        self._members = members
        self.pointer = pointer

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def fail(self, requirement: str, reason: str, name: str | None = None) -> NoReturn:
        """Refuse this object, or its member `name`."""
        pointer = self.pointer if name is None else f"{self.pointer}/{name}"
        raise RemoteProtocolError(requirement, reason, pointer=pointer)

    def require(self, requirement: str, *names: str) -> None:
        """Refuse the object unless it has all the members `names`."""
        for name in names:
            if name not in self._members:
                self.fail(requirement, f"the member {name} is missing")

    def forbid(self, requirement: str, *names: str) -> None:
        """Refuse the object if it has one of the members `names`."""
        for name in names:
            if name in self._members:
                self.fail(requirement, f"the member {name} is not allowed here")

    def string(self, requirement: str, name: str, longest: int | None, *, shortest: int = 0) -> str:
        """A string of `shortest` to `longest` characters."""
        self.require(requirement, name)
        value = self._members[name]
        if not isinstance(value, str):
            self.fail(requirement, f"{name} is {_name(value)}, not a string", name)
        if len(value) < shortest or (longest is not None and len(value) > longest):
            reason = f"{name} has {len(value)} characters, not {shortest} to {longest}"
            self.fail(requirement, reason, name)
        return value

    def optional_string(
        self, requirement: str, name: str, longest: int, *, shortest: int = 0
    ) -> str | None:
        """As `string`, or None where the member is absent."""
        if name not in self._members:
            return None
        return self.string(requirement, name, longest, shortest=shortest)

    def matching(self, requirement: str, name: str, pattern: re.Pattern[str], wanted: str) -> str:
        """A string that matches `pattern` from end to end; `wanted` says it in words."""
        value = self.string(requirement, name, None)
        if pattern.fullmatch(value) is None:
            self.fail(requirement, f"{name} is not {wanted}", name)
        return value

    def integer(self, requirement: str, name: str, lowest: int, highest: int) -> int:
        """An integer in the range; 1.0 counts as 1, as it does in JSON Schema."""
        self.require(requirement, name)
        value = self._members[name]
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(requirement, f"{name} is {_name(value)}, not an integer", name)
        if not lowest <= value <= highest:
            self.fail(requirement, f"{name} is not between {lowest} and {highest}", name)
        return value

    def instant_ms(self, requirement: str, name: str) -> int:
        """An absolute time (ENV-6)."""
        return self.integer(requirement, name, 0, MAX_INTEGER)

    def boolean(self, requirement: str, name: str) -> bool:
        """True or false."""
        self.require(requirement, name)
        value = self._members[name]
        if not isinstance(value, bool):
            self.fail(requirement, f"{name} is {_name(value)}, not true or false", name)
        return value

    def strings(
        self, requirement: str, name: str, pattern: re.Pattern[str], most: int
    ) -> tuple[str, ...]:
        """An array of 1 to `most` different strings, each matching `pattern`."""
        self.require(requirement, name)
        value = self._members[name]
        if not isinstance(value, list):
            self.fail(requirement, f"{name} is {_name(value)}, not an array", name)
        if not 1 <= len(value) <= most:
            self.fail(requirement, f"{name} has {len(value)} items, not 1 to {most}", name)
        items = Members({str(i): item for i, item in enumerate(value)}, f"{self.pointer}/{name}")
        found = [
            items.matching(requirement, str(i), pattern, "a short lower-case name")
            for i in range(len(value))
        ]
        if len(set(found)) < len(found):
            self.fail(requirement, f"{name} names something twice", name)
        return tuple(found)

    def object(self, requirement: str, name: str) -> Members:
        """An object, to be read further."""
        self.require(requirement, name)
        value = self._members[name]
        if not isinstance(value, dict):
            self.fail(requirement, f"{name} is {_name(value)}, not an object", name)
        return Members(value, f"{self.pointer}/{name}")


def _name(value: JSON) -> str:
    """What kind of JSON value this is, without its content."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
