"""A vector made into the message that it stands for: bases changed, parts joined, places filled."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.vectors.catalogue import bases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_conformance.vectors.catalogue import Vector

_PLACE: Final = re.compile(r"\{\{([A-Za-z0-9]+)([+-][0-9]+)?\}\}")
_NUMBERS: Final = frozenset({"now", "sizeBytes"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the placeholders stand for.

    Attributes:
        now_ms: The time, epoch milliseconds.
        names: What stands for each placeholder of a text, by its name.
        stored: The content of the object in the bucket.
    """

    now_ms: int
    names: Mapping[str, str]
    stored: bytes = b""

    def text(self, text: str) -> str:
        """A text with its placeholders filled in."""
        return _PLACE.sub(lambda found: str(self._at(found)), text)

    def value(self, value: Any) -> Any:
        """A JSON value with the placeholders in its strings filled in."""
        if isinstance(value, dict):
            return {self.text(name): self.value(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = _PLACE.fullmatch(value)
        if whole is not None and whole[1] in _NUMBERS:
            return self._at(whole)
        return self.text(value)

    def _at(self, found: re.Match[str]) -> str | int:
        match found[1]:
            case "now":
                return self.now_ms + int(found[2] or 0)
            case "sizeBytes":
                return len(self.stored)
            case "sha256":
                return hashlib.sha256(self.stored).hexdigest()
            case name:
                return self.names.get(name, found[0])


def body_of(vector: Vector, around: Surroundings) -> str:
    """The body of the message that a vector gives; not for one of the kind `error`."""
    return body_from(vector.given, around)


def body_from(given: Mapping[str, Any], around: Surroundings) -> str:
    """The body of the message that `given` describes, as in a vector."""
    if "text" in given:
        return "".join(around.text(joined(part)) for part in given["text"])
    if "base64" in given:
        return around.text(base64.b64decode(given["base64"]).decode())
    if "stored" in given:
        around = replace(around, stored=around.text(given["stored"]["text"]).encode())
    body = copy.deepcopy(bases()[given.get("base", "request")])
    for name in ("payload", "replyTo"):
        if name in given:
            body[name] = given[name]
    return altered(body, given, around)


def altered(body: dict[str, Any], given: Mapping[str, Any], around: Surroundings) -> str:
    """The text of an envelope, which is changed in place by what `given` says of its members."""
    for pointer, value in given.get("change", {}).items():
        holder, last = _holder(body, pointer)
        holder[last] = value
    for pointer in given.get("remove", ()):
        holder, last = _holder(body, pointer)
        del holder[last]
    return _with_raw(body, given.get("raw", {}), around)


def _with_raw(body: dict[str, Any], raw: Mapping[str, str], around: Surroundings) -> str:
    for number, pointer in enumerate(raw):
        holder, last = _holder(body, pointer)
        holder[last] = f"@raw {number}@"
    text = json.dumps(around.value(body))
    for number, literal in enumerate(raw.values()):
        text = text.replace(f'"@raw {number}@"', around.text(literal))
    return text


def _holder(body: dict[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
    """The object that has, or will have, the member of a JSON Pointer, and the member's name."""
    *way, last = [
        step.replace("~1", "/").replace("~0", "~") for step in pointer.removeprefix("/").split("/")
    ]
    holder = body
    for step in way:
        holder = holder[step]
    return holder, last


def joined(part: str | dict[str, Any]) -> str:
    """A part of a text, or one that is repeated."""
    if isinstance(part, str):
        return part
    text: str = part["repeat"] * part["times"]
    return text
