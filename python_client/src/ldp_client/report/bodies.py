"""Bodies of events and results for a person's eye: spread out, but every token as it was sent.

A body is not parsed and written anew, which would change numbers and escapes: only the white
space between its tokens is.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from ldp_client.report.words import clipped, size, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORT_CHARACTERS: Final = 80
_BRIEF_LINES: Final = 30
_BRIEF_CHARACTERS: Final = 200

_TOKEN: Final = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{]\s*+[\]}]|[\[\]{},:]|[^\s"\[\]{},:]++', re.DOTALL
)


def lines(body: bytes, *, whole: bool) -> list[str]:
    """The body as lines without line ends.

    Args:
        body: Any bytes.
        whole: All of it, or 30 lines of up to 200 characters and a word on how much there is.
    """
    text = body.decode("utf-8", "backslashreplace")
    fits = len(text) <= _SHORT_CHARACTERS and text.isprintable()
    spread = text if fits or not _is_json(text) else _spread(text)
    shown = [visible(line) for line in spread.split("\n")]
    if whole:
        return shown
    brief = [clipped(line, _BRIEF_CHARACTERS) for line in shown[:_BRIEF_LINES]]
    if brief != shown:
        brief.append(f"… {size(len(body))} in all; -vv shows everything")
    return brief


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _spread(text: str) -> str:
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    depth = 0
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece in {"{", "["}:
            depth += 1
            yield f"{piece}{_new_line(depth)}"
        elif piece in {"}", "]"}:
            depth -= 1
            yield f"{_new_line(depth)}{piece}"
        elif piece == ",":
            yield f",{_new_line(depth)}"
        else:
            yield ": " if piece == ":" else piece


def _new_line(depth: int) -> str:
    return "\n" + "  " * depth
