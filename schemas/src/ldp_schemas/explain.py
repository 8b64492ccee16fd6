"""Finds what is wrong with an envelope that its schema does not accept, by jsonschema.

jsonschema alone decides what is wrong and where. It is only kept from looking at members that
the compiled schema accepts, which are nearly all of them, even in a bad envelope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from ldp_schemas.accept import compiled
from ldp_schemas.findings import Finding
from ldp_schemas.inline import requirements
from ldp_schemas.scan import pointer_to
from ldp_schemas.words import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_schemas._files import Schema
    from ldp_schemas.accept import Predicate


class Explainer:
    """Explains why instances do not meet one schema."""

    def __init__(self, schema: Schema) -> None:
        """Prepare for a schema of draft 2020-12 without references."""
        self._schema = schema
        self._accepts: dict[int, Predicate] = {}
        keywords = {"properties": self._properties, "required": _required}
        self._validator = extend(Draft202012Validator, keywords)(schema)  # type: ignore[no-untyped-call] # the stubs have no types for it

    def findings(self, instance: object) -> Iterator[Finding]:
        """Find everything that is wrong with an instance, in the order of the schema."""
        for error in self._validator.iter_errors(instance):
            yield Finding(
                pointer_to(iter(error.absolute_path)), reason(error), self._requirements(error)
            )

    def _properties(
        self, validator: Any, properties: dict[str, Schema], instance: object, _: Schema
    ) -> Iterator[ValidationError]:
        if not isinstance(instance, dict):
            return
        for name, schema in properties.items():
            if name in instance and not self._accepts_by(schema)(instance[name]):
                yield from validator.descend(instance[name], schema, path=name, schema_path=name)

    def _accepts_by(self, schema: Schema) -> Predicate:
        # By identity: the parts of the schema live as long as the schema itself.
        if id(schema) not in self._accepts:
            self._accepts[id(schema)] = compiled(schema)
        return self._accepts[id(schema)]

    def _requirements(self, error: ValidationError) -> tuple[str, ...]:
        """Read the requirement next to the keyword that failed, or the closest one around it."""
        path = [*error.absolute_schema_path][:-1]
        node: Any = self._schema
        closest: tuple[str, ...] = ()
        for step in [None, *path]:
            node = node if step is None else node[step]
            if isinstance(node, dict):
                closest = requirements(node) or closest
        if error.validator == "required":
            closest = requirements(node.get("properties", {}).get(error.message, {})) or closest
        return closest


def _required(
    _validator: Any, names: list[str], instance: object, _: Schema
) -> Iterator[ValidationError]:
    """Say it as jsonschema does, but with the name alone as the message."""
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError(name)
