"""A generated message as data: a base and what is done to it, in the words of the vectors.

A recipe says nothing of what has to follow; `expectation` tells that from the message itself.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.vectors.filling import body_from

if TYPE_CHECKING:
    from ldp_conformance.vectors.filling import Surroundings

#: Places in a text are told in so many parts of its length, so that they mean something in any.
PARTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Splice:
    """A change to a text: from a place on, so many characters are replaced by others.

    Attributes:
        place: Where, in `PARTS` of the length.
        cut: How many characters go.
        put: What comes in their place.
    """

    place: int
    cut: int
    put: str

    def apply(self, text: str) -> str:
        """The changed text."""
        at = len(text) * self.place // PARTS
        return text[:at] + self.put + text[at + self.cut :]


@dataclass(frozen=True, slots=True)
class Wrapping:
    """An encoded payload, and what is done to it afterwards.

    Attributes:
        encoding: Its name.
        event: The event, with placeholders.
        level: How hard it is compressed, 0 to 9.
        members: Of how many gzip members it is made.
        damage: What happens to the compressed bytes, taken for Latin-1.
        scratch: What happens to the base64 text.
    """

    encoding: str
    event: str
    level: int = 9
    members: int = 1
    damage: tuple[Splice, ...] = ()
    scratch: tuple[Splice, ...] = ()

    def payload(self, around: Surroundings) -> dict[str, Any]:
        """The payload object."""
        text = around.text(self.event)
        if self.encoding == "text":
            return {"encoding": "text", "data": text}
        raw = text.encode("utf-8", "surrogatepass")
        if self.encoding == "gzip+base64":
            size = -(-len(raw) // self.members) or 1
            parts = [raw[at : at + size] for at in range(0, len(raw), size)] or [b""]
            raw = b"".join(gzip.compress(part, self.level, mtime=0) for part in parts)
        spoilt = raw.decode("latin-1")
        for splice in self.damage:
            spoilt = splice.apply(spoilt)
        data = base64.b64encode(spoilt.encode("latin-1", "replace")).decode()
        for splice in self.scratch:
            data = splice.apply(data)
        return {"encoding": self.encoding, "data": data}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A message.

    Attributes:
        given: What stands in a vector's `given`: base, change, raw, remove.
        wrapping: The payload, where it is encoded.
        splices: What is done to the text in the end.
    """

    given: dict[str, Any] = field(default_factory=dict)
    wrapping: Wrapping | None = None
    splices: tuple[Splice, ...] = ()

    def body(self, around: Surroundings) -> str:
        """The message's text."""
        given = self.given
        if self.wrapping is not None:
            change = {**given.get("change", {}), "/payload": self.wrapping.payload(around)}
            given = {**given, "change": change}
        text = body_from(given, around)
        for splice in self.splices:
            text = splice.apply(text)
        return text or " "  # SQS takes no empty message


def dumped(recipes: list[Recipe]) -> bytes:
    """Recipes as JSON text, which `loaded` reads."""
    return json.dumps([asdict(each) for each in recipes]).encode()


def loaded(text: bytes) -> list[Recipe]:
    """The recipes that `dumped` wrote.

    Raises:
        ValueError: It is no such text.
    """
    try:
        return [_recipe(raw) for raw in json.loads(text)]
    except (KeyError, TypeError) as exc:
        raise ValueError(f"no recipes: {exc}") from exc


def _recipe(raw: dict[str, Any]) -> Recipe:
    return Recipe(raw["given"], wrapping_of(raw["wrapping"]), splices_of(raw["splices"]))


def wrapping_of(raw: dict[str, Any] | None) -> Wrapping | None:
    """The wrapping of what `asdict` made of it."""
    if raw is None:
        return None
    damage, scratch = splices_of(raw["damage"]), splices_of(raw["scratch"])
    return Wrapping(**{**raw, "damage": damage, "scratch": scratch})


def splices_of(raw: list[dict[str, Any]]) -> tuple[Splice, ...]:
    """The splices of what `asdict` made of them."""
    return tuple(Splice(**each) for each in raw)
