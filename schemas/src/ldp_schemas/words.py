"""Says in plain words what jsonschema found.

One function for each keyword that the schemas use. Values are shown shortened, because a
message may hold what nobody wants in a log.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema import ValidationError

_SHOWN_CHARACTERS: Final = 40


def reason(error: ValidationError) -> str:
    """Put a failure into words, as the rest of a sentence that begins with the place."""
    schema: Any = error.schema
    failure = _Failure(
        instance=error.instance,
        value=error.validator_value,
        description=schema.get("description", "").rstrip("."),
        message=error.message,
    )
    return _WORDS[str(error.validator)](failure)


def shown(value: object) -> str:
    """Write a value as JSON in ASCII, shortened."""
    text = json.dumps(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def name_of_type(value: object) -> str:
    """Name what a JSON value is."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return f"the number {shown(value)}"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


@dataclass(frozen=True, slots=True)
class _Failure:
    """One keyword that an instance fails.

    Attributes:
        instance: The value that fails.
        value: The keyword's own value in the schema.
        description: The schema's own, without its last full stop.
        message: What jsonschema says.
    """

    instance: Any
    value: Any
    description: str
    message: str


def _type(failure: _Failure) -> str:
    article = "an" if failure.value[0] in "aio" else "a"
    return f"is {name_of_type(failure.instance)}, not {article} {failure.value}"


def _required(failure: _Failure) -> str:
    return f"has no member {shown(failure.message)}"  # explain._required puts the name there


def _const(failure: _Failure) -> str:
    return f"is {shown(failure.instance)}, not {shown(failure.value)}"


def _enum(failure: _Failure) -> str:
    return f"is {shown(failure.instance)}, none of {', '.join(map(shown, failure.value))}"


def _pattern(failure: _Failure) -> str:
    return f"is {shown(failure.instance)}, not as described: {failure.description}"


def _not(failure: _Failure) -> str:
    is_absent = failure.value == {}
    return (
        f"is there, not as described: {failure.description}" if is_absent else "holds a line feed"
    )


def _min_length(failure: _Failure) -> str:
    if not failure.instance:
        return "is empty"
    return f"has {_count(failure.instance, 'character')}, fewer than {failure.value}"


def _max_length(failure: _Failure) -> str:
    return f"has {_count(failure.instance, 'character')}, more than {failure.value}"


def _minimum(failure: _Failure) -> str:
    return f"is {shown(failure.instance)}, less than {failure.value}"


def _maximum(failure: _Failure) -> str:
    return f"is {shown(failure.instance)}, more than {failure.value}"


def _max_items(failure: _Failure) -> str:
    return f"has {_count(failure.instance, 'item')}, more than {failure.value}"


def _unique_items(_: _Failure) -> str:
    return "has an item twice"


def _contains(failure: _Failure) -> str:
    return f"has no item {shown(failure.value['const'])}"


def _one_of(failure: _Failure) -> str:
    names = [name for branch in failure.value for name in branch["required"]]
    there = [name for name in names if name in failure.instance]
    has = " and ".join(there) or f"none of {', '.join(names)}"
    return f"has {has}, not as described: {failure.description}"


def _count(things: str | list[object], noun: str) -> str:
    return f"{len(things)} {noun}" if len(things) == 1 else f"{len(things)} {noun}s"


_WORDS: Final[dict[str, Callable[[_Failure], str]]] = {
    "type": _type,
    "required": _required,
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "not": _not,
    "minLength": _min_length,
    "maxLength": _max_length,
    "minimum": _minimum,
    "maximum": _maximum,
    "maxItems": _max_items,
    "uniqueItems": _unique_items,
    "contains": _contains,
    "oneOf": _one_of,
}
