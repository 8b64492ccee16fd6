"""The fixed test vectors: read from their files, checked, and found by their permanent IDs.

A vector is data for any port's own tests too; `data/vectors/README.md` tells how to use them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ldp_conformance.errors import SuiteFault, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).parents[1] / "data" / "vectors"
SCHEMA: Final = Path(__file__).parents[1] / "data" / "vector.schema.json"
#: The chapters by the names of their files, in the order in which they are read.
CHAPTERS: Final = ("envelopes", "payloads", "errors", "trust", "claims", "version0")


@dataclass(frozen=True, slots=True)
class Vector:
    """One vector; the schema describes what its members hold.

    Attributes:
        id: Its permanent ID.
        kind: What `given` holds.
        fact: The statement.
        requirements: What it shows.
        given: What is given.
        then: What has to follow.
        needs: What the port's language has to have.
        is_valid: Whether the body is a valid message; None where there is no body.
    """

    id: str
    kind: str
    fact: str
    requirements: tuple[str, ...]
    given: Mapping[str, Any]
    then: Mapping[str, Any]
    needs: frozenset[str] = frozenset()
    is_valid: bool | None = None

    @property
    def outcome(self) -> str:
        """What the client does."""
        outcome: str = self.then["outcome"]
        return outcome


@cache
def chapter(name: str) -> tuple[Vector, ...]:
    """The vectors of a chapter, in the order of their IDs.

    Raises:
        SuiteFault: The file is not as its schema says.
    """
    raw = _read(name)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    wrong = best_match(Draft202012Validator(schema).iter_errors(raw))
    if wrong is not None:
        place = "/".join(str(step) for step in wrong.absolute_path)
        raise SuiteFault(
            f"vectors/{name}.json: {place}: {wrong.message}", hint="Mend the file there."
        )
    return tuple(_vector(row) for row in raw["vectors"])


def _vector(row: dict[str, Any]) -> Vector:
    return Vector(
        id=row["id"],
        kind=row["kind"],
        fact=row["fact"],
        requirements=tuple(row["requirements"]),
        given=row["given"],
        then=row["then"],
        needs=frozenset(row.get("needs", ())),
        is_valid=row.get("valid"),
    )


def vectors() -> dict[str, Vector]:
    """Every vector by its ID."""
    return {vector.id: vector for name in CHAPTERS for vector in chapter(name)}


def vector_named(name: str) -> Vector:
    """The vector of this ID.

    Raises:
        UnknownNameError: There is none.
    """
    try:
        return vectors()[name]
    except KeyError:
        raise UnknownNameError(
            f"there is no vector {name}",
            hint="The files in data/vectors hold all of them; retired.json tells which are gone.",
        ) from None


@cache
def bases() -> Mapping[str, dict[str, Any]]:
    """The bodies that vectors change, by name; not to be changed in place."""
    found: Mapping[str, dict[str, Any]] = _read("bases")["bases"]
    return found


def retired() -> tuple[str, ...]:
    """The IDs that are never used again."""
    return tuple(_read("retired")["retired"])


def _read(name: str) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return raw
