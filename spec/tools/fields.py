"""Tables of an object's members, drawn from its JSON Schema for the chapters of the specification.

Only what the schemas of this repository use is understood: `properties`, `required`, `$ref`, and
under `allOf` the forms "if a member has this value, then …" and "exactly one of these members".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_HEAD = (
    "| Member | Type | Required | Range | Description |",
    "| --- | --- | --- | --- | --- |",
)
_UNITS = {
    ("minLength", "maxLength"): " characters",
    ("minItems", "maxItems"): " items",
    ("minimum", "maximum"): "",
}


@dataclass(frozen=True, slots=True)
class _Located:
    """A schema and the file it stands in, which its references are relative to."""

    path: Path
    schema: Mapping[str, Any]

    def resolved(self) -> _Located:
        """The schema with what it refers to merged in; its own keywords win."""
        reference = self.schema.get("$ref")
        if reference is None:
            return self
        target = _load(self.path, reference).resolved()
        own = {name: value for name, value in self.schema.items() if name != "$ref"}
        return _Located(target.path, {**target.schema, **own})

    def branches(self) -> Iterator[tuple[str, _Located]]:
        """The conditions under `allOf`, in words, each with what then holds."""
        for part in self.schema.get("allOf", ()):
            if "if" in part:
                for member, wanted in part["if"]["properties"].items():
                    words = f"if `{member}` is {_code(wanted['const'])}"
                    yield words, _Located(self.path, part["then"]).resolved()

    def forbids(self) -> bool:
        """Whether no value is valid, which is how a schema says that a member is absent."""
        return self.resolved().schema.get("not") == {}


def table(path: Path) -> str:
    """The table of the members that a schema file describes, in Markdown.

    A member that is an object described in the same file has its own members after it, with
    dotted names; one that another file describes is a table of its own.

    Args:
        path: A `*.schema.json`, beside the files it refers to.
    """
    return "\n".join([*_HEAD, *_rows(_load(path, ""), "")]) + "\n"


def _rows(located: _Located, prefix: str) -> Iterator[str]:
    for name in _members(located):
        yield from _member_rows(located, prefix, name, _required(located, name))
    for condition, branch in located.branches():
        for name in _members(branch):
            if name not in _members(located):
                required = _required_there(branch, name, condition)
                yield from _member_rows(branch, prefix, name, required)


def _member_rows(located: _Located, prefix: str, name: str, required: str) -> Iterator[str]:
    member = _Located(located.path, _members(located)[name])
    described = member.resolved()
    schema = described.schema
    cells = (
        f"`{prefix}{name}`",
        _type(member),
        required,
        _range(schema),
        schema.get("description", ""),
    )
    yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    if described.path == located.path:
        yield from _rows(described, f"{prefix}{name}.")


def _load(beside: Path, reference: str) -> _Located:
    name, _, pointer = reference.partition("#")
    path = beside.parent / name if name else beside
    schema = json.loads(path.read_text(encoding="utf-8"))
    for step in pointer.split("/")[1:]:
        schema = schema[step]
    return _Located(path, schema)


def _members(located: _Located) -> Mapping[str, Any]:
    members: Mapping[str, Any] = located.schema.get("properties", {})
    return members


def _required(located: _Located, name: str) -> str:
    if name in located.schema.get("required", ()):
        return "yes"
    parts = [
        _required_there(branch, name, condition)
        for condition, branch in located.branches()
        if name in branch.schema.get("required", ()) or name in _members(branch)
    ]
    if not any(part.startswith("if ") for part in parts):
        parts.insert(0, _either(located, name) or "no")
    return "; ".join(parts)


def _required_there(branch: _Located, name: str, condition: str) -> str:
    """What a branch says of a member: needed, absent, or neither."""
    if name in branch.schema.get("required", ()):
        return condition
    if _Located(branch.path, _members(branch)[name]).forbids():
        return f"absent {condition}"
    return "no"


def _either(located: _Located, name: str) -> str:
    """The members of which exactly one is there, if this is one of them."""
    for part in located.schema.get("allOf", ()):
        names = [only for option in part.get("oneOf", ()) for only in option.get("required", ())]
        if name in names:
            return "exactly one of " + ", ".join(f"`{other}`" for other in names)
    return ""


def _type(member: _Located) -> str:
    schema = member.resolved().schema
    if member.forbids():
        return "none"
    if schema.get("type") == "array":
        return "array of " + _type(_Located(member.path, schema["items"])) + "s"
    if schema.get("type") == "object":
        title = schema.get("title")
        return "object" if title is None else f"object ({title})"
    constants = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if constants and all(isinstance(constant, str) for constant in constants):
        return "string"
    named: str = schema.get("type", "any")
    return named


def _range(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return _code(schema["const"])
    if "enum" in schema:
        return ", ".join(_code(value) for value in schema["enum"])
    for (low, high), unit in _UNITS.items():
        if low in schema and high in schema:
            return f"{schema[low]:,} to {schema[high]:,}{unit}"
        if high in schema:
            return f"at most {schema[high]:,}{unit}"
    return ""


def _code(value: object) -> str:
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"
