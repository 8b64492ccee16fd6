"""Turns a bundle into one schema without references.

Following a reference costs more than checking what it leads to, so it is done once, here,
and not for every message. Description and requirement IDs of the place that refers win over
those of the definition: they know what the value is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_schemas.errors import PartsError

if TYPE_CHECKING:
    from ldp_schemas._files import Schema

REQUIREMENT = "x-requirement"

#: Keywords that say something about a schema and nothing about an instance.
ANNOTATIONS = frozenset(
    {"$schema", "$id", "$comment", "$defs", "title", "description", REQUIREMENT}
)


def requirements(schema: Schema) -> tuple[str, ...]:
    """Read the IDs of the requirements that a schema stands for."""
    stated = schema.get(REQUIREMENT, ())
    return (stated,) if isinstance(stated, str) else tuple(stated)


def inlined(bundle: Schema) -> Schema:
    """Replace every reference by what it leads to.

    Args:
        bundle: A schema whose references all lead to its own `$defs`.

    Raises:
        PartsError: A reference and its definition state the same keyword.
    """
    return _schema(bundle, bundle["$defs"])


def _schema(schema: Schema, definitions: Schema) -> Schema:
    here = {
        key: _node(value, definitions)
        for key, value in schema.items()
        if key not in {"$ref", "$defs"}
    }
    if "$ref" not in schema:
        return here
    name = schema["$ref"].removeprefix("#/$defs/")
    return _merged(_schema(definitions[name], definitions), here)


def _node(node: object, definitions: Schema) -> object:
    if isinstance(node, list):
        return [_node(item, definitions) for item in node]
    return _schema(node, definitions) if isinstance(node, dict) else node


def _merged(definition: Schema, here: Schema) -> Schema:
    clashes = (definition.keys() & here.keys()) - ANNOTATIONS
    if clashes:
        raise PartsError(f"A reference and its definition both state {sorted(clashes)}.")
    return {**definition, **here}
