"""Words and numbers as people read them, and foreign text made safe to show.

Foreign text is what a port sent or wrote. It is shown as it is, but for what would move a cursor,
reverse the direction of writing or is no character at all, which is shown as an escape.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

#: Characters that no report may pass on: C0 and C1 controls but for line feed and tab, separators
#: that end a line for some readers, marks of direction, surrogates, and what XML 1.0 forbids.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LAST_BYTE: Final = 0xFF
_NOT_WORTH_IT: Final = 40  # a note about what is cut would be as long as that
_SECOND_MS: Final = 1_000
_MINUTE_MS: Final = 60_000

#: How much of a foreign text is shown where nobody says otherwise.
LINES: Final = 40
CHARACTERS: Final = 4_000


def visible(text: str) -> str:
    r"""Foreign text with everything unsafe as `\x1b` or `\u202e`."""
    return _UNSAFE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    number = ord(match.group())
    return f"\\x{number:02x}" if number <= _LAST_BYTE else f"\\u{number:04x}"


def cut(text: str, *, lines: int = LINES, characters: int = CHARACTERS) -> str:
    """The beginning of a text, made visible, with a note of how much is left out."""
    shown = "\n".join(text[:characters].split("\n")[:lines])
    left = len(text) - len(shown)
    if left <= _NOT_WORTH_IT and text.count("\n") < lines:
        return visible(text.rstrip("\n"))
    return f"{visible(shown)}\n… {counted(left, 'more character')}, cut here"


def cut_end(text: str, *, lines: int = LINES, characters: int = CHARACTERS) -> str:
    """The end of a text, made visible, with a note of how much is left out before it."""
    text = text.rstrip("\n")
    shown = "\n".join(text[-characters:].split("\n")[-lines:])
    left = len(text) - len(shown)
    if left <= _NOT_WORTH_IT and text.count("\n") < lines:
        return visible(text)
    return f"… {counted(left, 'character')} before, cut here\n{visible(shown)}"


def short(text: str, characters: int = 200) -> str:
    """The first line of a text, made visible, with an ellipsis where something is left out."""
    first = text.partition("\n")[0]
    shown = visible(first[:characters])
    return shown if len(shown) >= len(text) else f"{shown}…"


def counted(number: int, noun: str, many: str = "") -> str:
    """A number with its noun: `1 check`, `2,000 checks`."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def duration(duration_ms: int) -> str:
    """A duration: `12 ms`, `3.4 s`, `2 min 5 s`."""
    if duration_ms < _SECOND_MS:
        return f"{duration_ms} ms"
    if duration_ms < _MINUTE_MS:
        return f"{duration_ms / _SECOND_MS:.1f} s"
    minutes, rest_ms = divmod(duration_ms, _MINUTE_MS)
    return f"{minutes} min {rest_ms // _SECOND_MS} s"


def instant(at_ms: int) -> str:
    """An instant in UTC to the second, as ISO 8601 has it; empty where no calendar has it."""
    try:
        return f"{datetime.fromtimestamp(at_ms // _SECOND_MS, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return ""
