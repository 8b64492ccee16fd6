"""Frozen dataclasses as JSON values, and back.

A member is a field's name in lowerCamelCase, an Enum is its value. What is read may have members
that nobody here knows, and may lack those whose field has a default.
"""

from __future__ import annotations

import types
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ldp_conformance.errors import RecordError

_T = TypeVar("_T")
_HINT = "Was it written by this program, and is it whole?"


def to_json(value: object) -> Any:
    """A value as `json.dumps` takes it."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {
            member_of(field.name): to_json(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(name): to_json(item) for name, item in value.items()}
    return value


def from_json(kind: type[_T], value: object, pointer: str = "") -> _T:
    """The value of a type that a JSON value stands for.

    Args:
        kind: A dataclass, an Enum, `str`, `int`, `bool`, a homogeneous tuple, `dict[str, …]`, or
            one of those or None.
        value: What `json.loads` gave.
        pointer: JSON pointer to it, for the error.

    Raises:
        RecordError: It does not stand for one.
    """
    read: _T = _read(kind, value, pointer)
    return read


def member_of(field: str) -> str:
    """The member's name for the name of a field."""
    first, *others = field.split("_")
    return first + "".join(word.capitalize() for word in others)


def _read(kind: Any, value: object, pointer: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        [inner] = [each for each in get_args(kind) if each is not type(None)]
        return None if value is None else _read(inner, value, pointer)
    if origin is tuple:
        items = _of_type(list, value, pointer)
        inner = get_args(kind)[0]
        return tuple(_read(inner, item, f"{pointer}/{i}") for i, item in enumerate(items))
    if origin is dict:
        members = _of_type(dict, value, pointer)
        inner = get_args(kind)[1]
        return {name: _read(inner, item, f"{pointer}/{name}") for name, item in members.items()}
    if is_dataclass(kind):
        return _object(kind, _of_type(dict, value, pointer), pointer)
    if issubclass(kind, Enum):
        return _enumerated(kind, value, pointer)
    return _of_type(kind, value, pointer)


def _object(kind: Any, members: dict[str, Any], pointer: str) -> Any:
    read = {}
    for field, hint in _fields(kind):
        name = member_of(field.name)
        if name in members:
            read[field.name] = _read(hint, members[name], f"{pointer}/{name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise RecordError(f"{pointer or 'the object'} lacks the member {name}", hint=_HINT)
    return kind(**read)


@cache
def _fields(kind: Any) -> tuple[tuple[Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field, hints[field.name]) for field in fields(kind))


def _enumerated(kind: type[Enum], value: object, pointer: str) -> Enum:
    try:
        return kind(value)
    except ValueError:
        raise RecordError(f"{pointer} has the unknown value {value!r}", hint=_HINT) from None


def _of_type(kind: type[_T], value: object, pointer: str) -> _T:
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    place = pointer or "the whole"
    raise RecordError(f"{place} is no {kind.__name__} but {type(value).__name__}", hint=_HINT)
