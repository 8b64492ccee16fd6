from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fields import table

if TYPE_CHECKING:
    from pathlib import Path

DEFS = {
    "$defs": {
        "absent": {"not": {}},
        "epochMs": {
            "type": "integer",
            "minimum": 0,
            "maximum": 5000,
            "description": "An instant.",
        },
        "instant": {"$ref": "#/$defs/epochMs", "title": "Instant"},
    }
}
PART = {"type": "object", "title": "Part", "properties": {"inner": {"type": "string"}}}


def _rows(folder: Path, schema: dict[str, Any]) -> list[list[str]]:
    (folder / "defs.schema.json").write_text(json.dumps(DEFS))
    (folder / "part.schema.json").write_text(json.dumps(PART))
    path = folder / "whole.schema.json"
    path.write_text(json.dumps(schema))
    head, rule, *rows = table(path).splitlines()
    assert head == "| Member | Type | Required | Range | Description |"
    assert rule == "| --- | --- | --- | --- | --- |"
    return [row.removeprefix("| ").removesuffix(" |").split(" | ") for row in rows]


@pytest.mark.parametrize(
    ("member", "kind", "span"),
    [
        ({"type": "string", "minLength": 1, "maxLength": 1024}, "string", "1 to 1,024 characters"),
        ({"type": "string", "maxLength": 8}, "string", "at most 8 characters"),
        ({"type": "integer", "minimum": 0, "maximum": 9}, "integer", "0 to 9"),
        ({"type": "boolean"}, "boolean", ""),
        ({"const": "request"}, "string", "`request`"),
        ({"const": 7, "type": "integer"}, "integer", "`7`"),
        ({"enum": ["text", "s3"]}, "string", "`text`, `s3`"),
        (
            {"type": "array", "minItems": 1, "maxItems": 16, "items": {"type": "string"}},
            "array of strings",
            "1 to 16 items",
        ),
        ({"$ref": "defs.schema.json#/$defs/instant"}, "integer", "0 to 5,000"),
        ({"$ref": "part.schema.json"}, "object (Part)", ""),
        ({}, "any", ""),
    ],
)
def test_type_and_range_come_from_the_keywords(
    tmp_path: Path, member: dict[str, Any], kind: str, span: str
) -> None:
    """A member's type and range are what its schema, or what it refers to, says."""
    described = {"description": "What it is.", **member}

    rows = _rows(tmp_path, {"properties": {"it": described}, "required": ["it"]})

    assert rows == [["`it`", kind, "yes", span, "What it is."]]


def test_a_description_is_inherited_and_its_bars_are_escaped(tmp_path: Path) -> None:
    """A member without a description has that of the definition; bars do not end the cell."""
    rows = _rows(
        tmp_path,
        {
            "properties": {
                "at": {"$ref": "defs.schema.json#/$defs/instant"},
                "or": {"type": "string", "description": "a|b"},
            }
        },
    )

    assert rows[0] == ["`at`", "integer", "no", "0 to 5,000", "An instant."]
    assert rows[1][-1] == "a\\|b"


def test_members_of_an_object_in_the_same_file_have_dotted_names(tmp_path: Path) -> None:
    """An object described in place is followed by its members; one of another file is not."""
    rows = _rows(
        tmp_path,
        {
            "properties": {
                "here": {
                    "type": "object",
                    "required": ["a"],
                    "properties": {"a": {"type": "string"}},
                },
                "there": {"$ref": "part.schema.json"},
            }
        },
    )

    assert [(row[0], row[2]) for row in rows] == [
        ("`here`", "no"),
        ("`here.a`", "yes"),
        ("`there`", "no"),
    ]


def test_conditions_say_when_a_member_is_there(tmp_path: Path) -> None:
    """Conditions under allOf make a member needed, absent, or one of several."""
    absent = {"$ref": "defs.schema.json#/$defs/absent"}
    rows = _rows(
        tmp_path,
        {
            "$defs": {"branch": {"required": ["extra"], "properties": {"extra": {}, "no": absent}}},
            "properties": {"one": {"type": "boolean"}, "a": {}, "b": {}, "c": {}, "d": {}},
            "allOf": [
                {"if": {"properties": {"one": {"const": False}}}, "then": {"required": ["a"]}},
                {
                    "if": {"properties": {"one": {"const": True}}},
                    "then": {"properties": {"a": absent, "b": absent}},
                },
                {"if": {"properties": {"one": {"const": "x"}}}, "then": {"$ref": "#/$defs/branch"}},
                {"oneOf": [{"required": ["c"]}, {"required": ["d"]}]},
            ],
        },
    )

    assert {row[0]: row[2] for row in rows} == {
        "`one`": "no",
        "`a`": "if `one` is `false`; absent if `one` is `true`",
        "`b`": "no; absent if `one` is `true`",
        "`c`": "exactly one of `c`, `d`",
        "`d`": "exactly one of `c`, `d`",
        "`extra`": "if `one` is `x`",
        "`no`": "absent if `one` is `x`",
    }
    assert rows[-1][1] == "none"
