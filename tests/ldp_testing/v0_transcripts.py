"""What version 0 looks like on the wire, from the specification's transcripts."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).resolve().parents[2] / "spec" / "v1" / "v0" / "transcripts.json"
DEADLINE_MS: Final = 1_718_072_241_165
"""The deadline of every request in the transcripts."""

_DIGITS: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Transcript:
    """One exchange.

    Attributes:
        name: What it is called.
        request: The body of the request's message.
        event: What the handler gets.
        result: What the handler's runtime posts.
        is_bare: Whether the answer is the result as it is, or its compressed form.
        example: One compressed form of it, or "".
        context: What of the handler's context is not simply copied, by version 1's names.
    """

    name: str
    request: str
    event: bytes
    result: bytes
    is_bare: bool
    example: str
    context: dict[str, Any]

    @property
    def aws_request_id(self) -> str:
        """Lambda's ID of its invocation."""
        aws_request_id: str = json.loads(self.request)["ctx"]["request_id"]
        return aws_request_id

    def at(self, deadline_ms: int) -> str:
        """The request with another deadline."""
        assert self.request.count(str(DEADLINE_MS)) == 1
        return self.request.replace(str(DEADLINE_MS), str(deadline_ms))


def transcripts() -> dict[str, Transcript]:
    """All of them, by name."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["transcripts"]
    return {row["name"]: _read(row) for row in rows}


def _read(row: dict[str, Any]) -> Transcript:
    reply = row["reply"]
    return Transcript(
        name=row["name"],
        request=row["request"],
        event=row["event"].encode(),
        result=_text(row["result"]).encode(),
        is_bare=reply["form"] == "bare",
        example=reply.get("example", ""),
        context=row.get("context", {}),
    )


def _text(result: str | dict[str, Any]) -> str:
    if isinstance(result, str):
        return result
    text: str = result["before"] + result["repeat"] * result["times"] + result["after"]
    return text


def expand(text: str) -> bytes:
    """What is compressed in an answer."""
    number = 0
    for digit in text:
        number = number * 58 + _DIGITS.index(digit)
    zeros = len(text) - len(text.lstrip("1"))
    return gzip.decompress(bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big"))
