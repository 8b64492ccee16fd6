"""The parameters of a call to SQS: JSON that anybody may have sent, read member by member."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ldp_conformance.witness import refusals
from ldp_conformance.witness.message import Attribute
from ldp_conformance.witness.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_conformance.witness.refusals import Range


def parse(body: bytes) -> dict[str, object]:
    """The object that a body is; no body at all is an empty one.

    Raises:
        Refusal: It is no JSON object.
    """
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        raise _unreadable("body") from None
    if not isinstance(parameters, dict):
        raise _unreadable("body")
    return cast("dict[str, object]", parameters)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The members of one object.

    Attributes:
        raw: As they came.
    """

    raw: Mapping[str, object]

    def text(self, name: str) -> str:
        """A text that has to be there.

        Raises:
            Refusal: It is not, or is no text.
        """
        value = self._member(name, str)
        if value is None:
            raise refusals.missing(name)
        return cast("str", value)

    def maybe_text(self, name: str) -> str:
        """A text that may be left out; then it is empty."""
        return cast("str", self._member(name, str) or "")

    def number(self, within: Range, *, required: bool = False) -> int | None:
        """A whole number that may be left out.

        Raises:
            Refusal: It is out of range, or is no number, or is not there and has to.
        """
        value = self._member(within.parameter, int)
        if value is None:
            if required:
                raise refusals.missing(within.parameter)
            return None
        return within.check(cast("int", value))

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty if it is left out."""
        found = cast("list[object]", self._member(name, list) or [])
        if not all(isinstance(each, str) for each in found):
            raise _unreadable(name)
        return cast("list[str]", found)

    def map(self, name: str) -> dict[str, str]:
        """An object of texts; empty if it is left out."""
        found = cast("dict[str, object]", self._member(name, dict) or {})
        if not all(isinstance(each, str) for each in found.values()):
            raise _unreadable(name)
        return cast("dict[str, str]", found)

    def entries(self, name: str) -> list[Parameters]:
        """A list of objects; empty if it is left out."""
        found = cast("list[object]", self._member(name, list) or [])
        if not all(isinstance(each, dict) for each in found):
            raise _unreadable(name)
        return [Parameters(cast("dict[str, object]", each)) for each in found]

    def attributes(self) -> tuple[Attribute, ...]:
        """The message attributes.

        Raises:
            Refusal: One is not as SQS wants them.
        """
        found = cast("dict[str, Any]", self._member("MessageAttributes", dict) or {})
        return tuple(_attribute(name, value) for name, value in found.items())

    def _member(self, name: str, kind: type) -> object:
        value = self.raw.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise _unreadable(name)
        return value


def _attribute(name: str, value: object) -> Attribute:
    parts = Parameters(cast("dict[str, object]", value) if isinstance(value, dict) else {})
    data_type = parts.maybe_text("DataType")
    kind = data_type.partition(".")[0]
    if kind == "Binary":
        return Attribute(name, data_type, _bytes(parts.text("BinaryValue")))
    if kind in ("String", "Number"):
        return Attribute(name, data_type, parts.text("StringValue"))
    raise refusals.invalid_value(
        f"The message attribute '{name}' has an invalid message attribute type, the set of "
        "supported type prefixes is Binary, Number, and String."
    )


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _unreadable("BinaryValue") from None


def _unreadable(name: str) -> Refusal:
    return Refusal(
        "SerializationException", f"{name} cannot be read", namespace="com.amazon.coral.service#"
    )
