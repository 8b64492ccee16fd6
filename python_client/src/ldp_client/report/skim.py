"""An event's JSON read for a title only: whole where it is small, else as much as that takes.

A megabyte of JSON can take 30 ms to parse, and nothing but the title would be made of it.
"""

from __future__ import annotations

import json
import re
from typing import Final

WHOLE_BYTES: Final = 262_144
"""Events up to this size are parsed whole, which takes 8 ms at most."""

_HEAD_BYTES: Final = 16_384
_RECORD_KEYS: Final = ("eventSource", "eventSourceARN")

_TOKEN: Final = re.compile(
    r'(?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+(?P<closed>")?)|(?P<mark>[\[\]{},])|[^"\[\]{},]++',
    re.DOTALL,
)
_TEXT_VALUE: Final = re.compile(rb'\s*+:\s*+"([^"\\]{0,1024})"')


def read(event: bytes) -> object:
    """The event as Python's values; of a large one only the beginning, None if it is no JSON."""
    if len(event) <= WHOLE_BYTES:
        return _parse(event)
    members = _parse(_completed(event[:_HEAD_BYTES].decode("utf-8", "ignore")))
    records = members.get("Records") if isinstance(members, dict) else None
    if isinstance(members, dict) and isinstance(records, list):
        members["Records"] = _records(event, records)
    return members


def _parse(text: str | bytes) -> object:
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed


def _completed(head: str) -> str:
    """The beginning of a JSON text as a JSON text: cut after a whole value, brackets closed."""
    cut = 0
    stack: _Stack = None
    cut_stack: _Stack = None
    for token in _TOKEN.finditer(head):
        mark = token["mark"]
        if token["string"] and not token["closed"]:
            break
        if mark in {"[", "{"}:
            stack = ("]" if mark == "[" else "}", stack)
            cut, cut_stack = token.end(), stack
        elif mark == ",":
            cut, cut_stack = token.start(), stack
        elif mark and stack:
            stack = stack[1]
    return head[:cut] + _closers(cut_stack)


_Stack = tuple[str, "_Stack"] | None


def _closers(stack: _Stack) -> str:
    closers = []
    while stack is not None:
        closer, stack = stack
        closers.append(closer)
    return "".join(closers)


def _records(event: bytes, records: list[object]) -> list[object]:
    """As many records as the event has, each with the first one's source.

    A record's source stands behind its body. An unescaped quotation mark in JSON is one around a
    whole string, so the keys can be looked for in the bytes.
    """
    first = records[0] if records and isinstance(records[0], dict) else {}
    found = {key: _find(event, key) for key in _RECORD_KEYS}
    return [{**found, **first}] * max(1, event.count(b'"eventSource"'))


def _find(event: bytes, key: str) -> str:
    name = f'"{key}"'.encode()
    place = event.find(name)
    match = _TEXT_VALUE.match(event, place + len(name)) if place >= 0 else None
    return "" if match is None else match[1].decode("utf-8", "replace")
