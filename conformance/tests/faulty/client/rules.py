"""What a member may be; each rule says where it is broken by a JSON pointer."""

from __future__ import annotations

import math
import re
from typing import Any

MAX_INTEGER = 2**53 - 1
NAME = re.compile(r"[0-9A-Za-z_-]{1,128}")


class Wrong(Exception):  # noqa: N818 - it is a verdict, not an error
    """A rule is broken.

    Args:
        reason: What is wrong.
        pointer: Where.
    """

    def __init__(self, reason: str, pointer: str) -> None:
        super().__init__(f"{pointer or 'the message'}: {reason}")
        self.reason = reason
        self.pointer = pointer


def mapping(value: object, pointer: str) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise Wrong("is no object", pointer)
    return value


def needed(holder: dict[str, Any], name: str, pointer: str) -> Any:
    """A member that has to be there."""
    if name not in holder:
        raise Wrong("is missing", f"{pointer}/{name}")
    return holder[name]


def text(value: object, pointer: str, low: int, high: int) -> str:
    """A string of so many characters."""
    if not isinstance(value, str):
        raise Wrong("is no string", pointer)
    if not low <= len(value) <= high:
        raise Wrong(f"has not {low} to {high} characters", pointer)
    return value


def matching(value: object, pointer: str, pattern: re.Pattern[str]) -> str:
    """A string of a form."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Wrong("has not the form that it needs", pointer)
    return value


def integer(value: object, pointer: str, low: int = 0, high: int = MAX_INTEGER) -> int:
    """An integer, which may be written as 1.0."""
    number = as_integer(value)
    if number is None:
        raise Wrong("is no integer", pointer)
    if not low <= number <= high:
        raise Wrong(f"is not between {low} and {high}", pointer)
    return number


def as_integer(value: object) -> int | None:
    """The integer that a JSON number is, if it is one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None
