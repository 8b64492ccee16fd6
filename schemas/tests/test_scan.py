from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_schemas.scan import Lines, pointer_at, pointer_to, values
from ldp_testing.envelopes import json_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.envelopes import JSON


def _pointers(value: JSON, path: tuple[str | int, ...] = ()) -> Iterator[str]:
    yield pointer_to(iter(path))
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _pointers(inner, (*path, name))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _pointers(inner, (*path, index))


@given(json_values(), st.sampled_from([None, 0, 3]), st.booleans())
def test_a_scan_finds_the_values_that_the_parser_finds(
    value: JSON,
    indent: int | None,
    ensure_ascii: bool,  # noqa: FBT001 - drawn
) -> None:
    """Every value of a JSON text is found, in its order, under its pointer."""
    text = json.dumps(value, indent=indent, ensure_ascii=ensure_ascii)

    assert [found.pointer for found in values(text)] == list(_pointers(value))


def test_lines_are_those_on_which_values_begin() -> None:
    """A value's line is that of its first character; one that is missing has its parent's."""
    lines = Lines('{\n  "a": [\n    1,\n    {"b":\n 2}\n  ],\n  "c/d~": null}')

    assert {pointer: lines.of(pointer) for pointer in ("", "/a", "/a/0", "/a/1", "/a/1/b")} == {
        "": 1,
        "/a": 2,
        "/a/0": 3,
        "/a/1": 4,
        "/a/1/b": 5,
    }
    assert lines.of("/c~1d~0") == 7
    assert lines.of("/a/1/x/y") == 4
    assert lines.of("/nothing") == 1


@pytest.mark.parametrize(
    ("character", "pointer"),
    [("1", "/a/0"), ("2", "/a/1"), ("b", "/a/1"), ("3", "/c"), ("d", "/d")],
)
def test_a_character_stands_in_a_value(character: str, pointer: str) -> None:
    """A character of a value, or of a member's name, leads to the value's pointer."""
    text = '{"a": ["1", "b2"], "c": 3, "d": 4}'

    assert pointer_at(text, text.index(character)) == pointer


def test_a_character_after_all_values_stands_in_the_whole() -> None:
    """What follows the last value belongs to the whole text."""
    assert pointer_at('{"a": 1} ', 8) == ""
