"""Faults of a client that tidies texts."""

from __future__ import annotations

from faulty.client.faults.registry import fault
from faulty.client.runtime import Runtime


@fault(
    "trims-texts",
    "PAY-2",
    red={"client.payload.exact-result": "the result is not what was returned"},
    green=("client.payload.simplest-form", "client.payload.gzip-answer"),
)
class TrimsTexts(Runtime):
    """It takes the blanks off both ends of a result that is a text."""

    def serialised(self, value: object) -> bytes:
        return super().serialised(value.strip() if isinstance(value, str) else value)
