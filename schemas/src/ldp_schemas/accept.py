"""Compiles a schema into a function that says yes or no, some fifty times faster than jsonschema.

It never explains: what it turns down is judged again, by jsonschema. It knows the keywords
that the schemas of this package use, and refuses to compile any other, so that a new keyword
cannot be passed over. A property test holds it to jsonschema.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ldp_schemas.errors import PartsError
from ldp_schemas.inline import ANNOTATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from ldp_schemas._files import Schema

    Predicate = Callable[[object], bool]


def compiled(schema: Schema) -> Predicate:
    """Compile a schema.

    Args:
        schema: A schema of draft 2020-12 without references.

    Raises:
        PartsError: The schema uses a keyword that is not in the table below.
    """
    checks = []
    for keyword, value in schema.items():
        if keyword in _KEYWORDS:
            checks.append(_KEYWORDS[keyword](value, schema))
        elif keyword not in _WITHOUT_EFFECT:
            raise PartsError(f"Teach this module the keyword {keyword}.")
    return _all(checks)


def _all(checks: list[Predicate]) -> Predicate:
    if not checks:
        return lambda _: True
    if len(checks) == 1:
        return checks[0]

    def accepts(value: object) -> bool:
        for check in checks:  # noqa: SIM110 - all() with a generator takes twice as long
            if not check(value):
                return False
        return True

    return accepts


def _is_integer(value: object) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool)
    return isinstance(value, float) and value.is_integer()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[dict[str, Predicate]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
}


def _type(name: str, _: Schema) -> Predicate:
    return _TYPES[name]


def _identity(value: object) -> Hashable:
    """Give equal JSON values equal keys: 1 is 1.0, but it is not true."""
    if isinstance(value, dict):
        return "object", frozenset((name, _identity(member)) for name, member in value.items())
    if isinstance(value, list):
        return "array", tuple(_identity(item) for item in value)
    if isinstance(value, bool):
        return "boolean", value
    return "scalar", value


def _const(wanted: object, _: Schema) -> Predicate:
    if isinstance(wanted, str):
        return lambda value: value == wanted
    key = _identity(wanted)
    return lambda value: _identity(value) == key


def _enum(wanted: list[object], _: Schema) -> Predicate:
    keys = {_identity(value) for value in wanted}
    return lambda value: _identity(value) in keys


def _pattern(pattern: str, _: Schema) -> Predicate:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _min_length(limit: int, _: Schema) -> Predicate:
    return lambda value: not isinstance(value, str) or len(value) >= limit


def _max_length(limit: int, _: Schema) -> Predicate:
    return lambda value: not isinstance(value, str) or len(value) <= limit


def _minimum(limit: float, _: Schema) -> Predicate:
    return lambda value: not _is_number(value) or value >= limit  # type: ignore[operator] # a number


def _maximum(limit: float, _: Schema) -> Predicate:
    return lambda value: not _is_number(value) or value <= limit  # type: ignore[operator] # a number


def _max_items(limit: int, _: Schema) -> Predicate:
    return lambda value: not isinstance(value, list) or len(value) <= limit


def _unique_items(wanted: bool, _: Schema) -> Predicate:  # noqa: FBT001 - the keyword's value
    def accepts(value: object) -> bool:
        if not wanted or not isinstance(value, list):
            return True
        return len({_identity(item) for item in value}) == len(value)

    return accepts


def _items(schema: Schema, _: Schema) -> Predicate:
    accepts = compiled(schema)
    return lambda value: not isinstance(value, list) or all(map(accepts, value))


def _contains(schema: Schema, _: Schema) -> Predicate:
    accepts = compiled(schema)
    return lambda value: not isinstance(value, list) or any(map(accepts, value))


def _required(names: list[str], _: Schema) -> Predicate:
    wanted = frozenset(names)
    return lambda value: not isinstance(value, dict) or wanted <= value.keys()


def _properties(schemas: dict[str, Schema], _: Schema) -> Predicate:
    checks = [(name, compiled(schema)) for name, schema in schemas.items()]

    def accepts(value: object) -> bool:
        if isinstance(value, dict):
            for name, check in checks:
                if name in value and not check(value[name]):
                    return False
        return True

    return accepts


def _additional_properties(allowed: bool, _: Schema) -> Predicate:  # noqa: FBT001 - its value
    if not allowed:
        raise PartsError("Every object is open: additionalProperties is true.")
    return _all([])


def _each(schemas: Iterable[Schema]) -> list[Predicate]:
    return [compiled(schema) for schema in schemas]


def _all_of(schemas: list[Schema], _: Schema) -> Predicate:
    return _all(_each(schemas))


def _one_of(schemas: list[Schema], _: Schema) -> Predicate:
    checks = _each(schemas)
    return lambda value: sum(check(value) for check in checks) == 1


def _not(schema: Schema, _: Schema) -> Predicate:
    refuses = compiled(schema)
    return lambda value: not refuses(value)


def _if(schema: Schema, beside: Schema) -> Predicate:
    condition = compiled(schema)
    then = compiled(beside.get("then", {}))
    otherwise = compiled(beside.get("else", {}))
    return lambda value: then(value) if condition(value) else otherwise(value)


_WITHOUT_EFFECT: Final = ANNOTATIONS | {"then", "else"}  # the two belong to `if`

_KEYWORDS: Final[dict[str, Callable[[Any, Schema], Predicate]]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "minLength": _min_length,
    "maxLength": _max_length,
    "minimum": _minimum,
    "maximum": _maximum,
    "maxItems": _max_items,
    "uniqueItems": _unique_items,
    "items": _items,
    "contains": _contains,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "allOf": _all_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}
