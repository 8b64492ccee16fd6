"""What every schema of this repository keeps to, beyond being a schema."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from ldp_schemas import REGISTRY
from ldp_schemas.inline import inlined

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
V1 = ROOT / "schemas" / "v1"
BASE = "https://lambda-debug-proxy.dev/schemas/v1/"
KINDS = ("request", "accepted", "declined", "response")
PARTS = sorted(path.name for path in V1.glob("*.schema.json"))
FILES = sorted(path.relative_to(V1).as_posix() for path in V1.glob("**/*.schema.json"))

CONSTRAINTS = {
    "type", "const", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum",
    "maxItems", "uniqueItems", "contains", "required", "oneOf", "not",
}  # fmt: skip
UNIT_OF_INTEGERS = re.compile(r"\b([Mm]illiseconds|bytes|megabytes)\b")

Schema = dict[str, Any]
Place = tuple[str, str]


def read(name: str) -> Schema:
    """Read a schema file by its path below v1."""
    schema: Schema = json.loads((V1 / name).read_text(encoding="utf-8"))
    return schema


def walked(schema: Schema, pointer: str = "") -> Iterator[tuple[str, Schema]]:
    """Give every schema inside a schema, but not the conditions that are no rules themselves."""
    yield pointer, schema
    for keyword in ("properties", "$defs"):
        for name, inner in schema.get(keyword, {}).items():
            yield from walked(inner, f"{pointer}/{keyword}/{name}")
    for keyword in ("items", "then", "else"):
        if keyword in schema:
            yield from walked(schema[keyword], f"{pointer}/{keyword}")
    for index, inner in enumerate(schema.get("allOf", ())):
        yield from walked(inner, f"{pointer}/allOf/{index}")


def target(file: str, schema: Schema) -> tuple[str, Schema]:
    """Follow the reference of a schema, one step."""
    name, _, pointer = schema["$ref"].partition("#")
    found = read(name or file)
    for step in pointer.split("/")[1:]:
        found = found[step]
    return name or file, found


def resolved(file: str, schema: Schema) -> Schema:
    """Merge a schema with what it refers to."""
    if "$ref" not in schema:
        return schema
    return {**resolved(*target(file, schema)), **schema}


def properties(file: str) -> Iterator[tuple[str, Schema]]:
    """Give every property that a file describes, merged with what it refers to."""
    for pointer, schema in walked(read(file)):
        for name, described in schema.get("properties", {}).items():
            yield f"{pointer}/{name}", resolved(file, described)


PROPERTIES = [
    pytest.param(schema, id=f"{file}{pointer}")
    for file in PARTS
    for pointer, schema in properties(file)
]
PATTERNS = [
    pytest.param(schema, id=f"{file}{pointer}")
    for file in PARTS
    for pointer, schema in walked(read(file))
    if "pattern" in schema
]


@pytest.mark.parametrize("file", FILES)
def test_a_schema_is_valid_and_published_under_its_path(file: str) -> None:
    """A file is a schema of draft 2020-12 whose $id is the published address of its path."""
    schema = read(file)

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == BASE + file
    assert REGISTRY.contents(BASE + file) == schema


def test_the_registry_holds_the_files_and_nothing_else() -> None:
    """REGISTRY holds each file under v1, by its address."""
    assert set(REGISTRY) == {BASE + file for file in FILES}


@pytest.mark.parametrize("schema", PROPERTIES)
def test_a_property_says_what_it_is_and_within_which_bounds(schema: Schema) -> None:
    """A description is a sentence that names every bound, and the unit of an integer."""
    description = schema["description"]

    assert description[0].isupper()
    assert description.endswith(".")
    for keyword in ("minimum", "maximum", "maxLength", "maxItems"):
        assert str(schema.get(keyword, "")) in description
    if schema.get("minLength", 0) > 0:
        assert f"{schema['minLength']} to {schema['maxLength']} characters" in description
    if schema.get("type") == "integer":
        assert UNIT_OF_INTEGERS.search(description)


@pytest.mark.parametrize("file", PARTS)
def test_an_object_is_open_in_so_many_words(file: str) -> None:
    """Every object states additionalProperties: true, as unknown members are ignored (ENV-2)."""
    for pointer, schema in walked(read(file)):
        if schema.get("type") == "object" or "properties" in schema:
            assert schema.get("additionalProperties") is True, pointer


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_a_constant_and_version_has_major_1(kind: str) -> None:
    """An envelope's kind is constant; its version is any minor of major 1 (ENV-7, ENV-10)."""
    described = read(f"{kind}.schema.json")["properties"]
    version = re.compile(resolved("", described["version"])["pattern"])

    assert described["kind"]["const"] == kind
    assert all(map(version.search, ("1.0", "1.7", "1.9999")))
    assert not any(map(version.search, ("2.0", "0.1", "11.0", "1.00", "1.10000", "1")))


@pytest.mark.parametrize("schema", PATTERNS)
def test_a_pattern_means_the_same_in_every_engine(schema: Schema) -> None:
    r"""Patterns use what ECMA-262, Python, Rust and RE2 share: no \d, no lookaround, no tricks."""
    pattern = schema["pattern"]

    # The only escapes are \. and \n; groups capture; nothing is lazy, possessive or set algebra.
    assert re.fullmatch(r"(?:\\[.n]|[^\\])+", pattern)
    assert not re.search(r"\(\?|[+*?}][+?]|&&|--|~~|\[\[|\[\^", pattern)
    assert pattern.isascii()
    assert all(int(number) <= 1000 for number in re.findall(r"[{,](\d+)", pattern))


@pytest.mark.parametrize("schema", PATTERNS)
def test_a_patterned_string_refuses_line_feeds_by_itself(schema: Schema) -> None:
    """No pattern relies on `$`, which lets a final line feed pass in Python's engine."""
    single_line = {"#/$defs/singleLine", "defs.schema.json#/$defs/singleLine"}

    assert schema["pattern"].startswith("^")
    assert schema["pattern"].endswith("$")
    assert {inner.get("$ref") for inner in schema["allOf"]} & single_line


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_stands_for_a_requirement(kind: str) -> None:
    """Every schema with a constraint carries the ID of a requirement."""
    single_line = read("defs.schema.json")["$defs"]["singleLine"]
    for pointer, schema in walked(inlined(read(f"bundles/{kind}.schema.json"))):
        if CONSTRAINTS & schema.keys() and schema != single_line:  # which belongs to the pattern
            assert schema.get("x-requirement"), pointer


def test_every_named_requirement_is_in_the_specification() -> None:
    """A requirement's ID in a schema is one that the specification has."""
    text = (ROOT / "spec" / "v1" / "requirements.json").read_text(encoding="utf-8")
    known = {requirement["id"] for requirement in json.loads(text)["requirements"]}
    named = set()
    for file in PARTS:
        for _, schema in walked(read(file)):
            stated = schema.get("x-requirement", [])
            named |= {stated} if isinstance(stated, str) else set(stated)

    assert named
    assert named <= known


def constraints(file: str) -> Iterator[Place]:
    """Give the place of every constraint of a file."""
    for pointer, schema in walked(read(file)):
        for keyword in CONSTRAINTS & schema.keys():
            yield file, f"{pointer}/{keyword}"


def failed(kind: str, instance: object) -> Iterator[Place]:
    """Give the places of the constraints that an instance fails, in the files they stand in."""
    validator = Draft202012Validator(read(f"{kind}.schema.json"), registry=REGISTRY)
    for error in validator.iter_errors(instance):
        file, pointer = f"{kind}.schema.json", ""
        node: Any = validator.schema
        for step in error.absolute_schema_path:
            while isinstance(node, dict) and step not in node:  # jsonschema leaves "$ref" out
                pointer = node["$ref"].partition("#")[2]
                file, node = target(file, node)
            pointer, node = f"{pointer}/{step}", node[step]
        yield file, pointer


def test_every_rule_has_an_example_that_breaks_it() -> None:
    """For each constraint in each file there is an invalid example that fails exactly there."""
    broken = {
        place
        for kind in KINDS
        for path in (V1 / "examples" / kind / "invalid").glob("*.json")
        for place in failed(kind, json.loads(path.read_text(encoding="utf-8"))["instance"])
    }

    assert {place for file in PARTS for place in constraints(file)} == broken
