"""What is wrong with a message, as a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one message.

    Attributes:
        pointer: Where in the envelope, as a JSON Pointer (RFC 6901); empty for all of it.
        reason: Why, as the rest of a sentence that begins with the place.
        requirements: IDs of the requirements that are not met.
        line: Line of the message's own text, counted from 1, where the text cannot be read as
            JSON; otherwise the pointer says where.
    """

    pointer: str
    reason: str
    requirements: tuple[str, ...]
    line: int | None = None
