"""Numbers and foreign text as a person reads them; pure."""

from __future__ import annotations

from typing import Final

_KB: Final = 1_000
_MB: Final = 1_000_000
_MS_PER_S: Final = 1_000
_S_PER_MIN: Final = 60


def size(size_bytes: int) -> str:
    """A size in decimal units: `340 B`, `1.2 kB`, `5.9 MB`."""
    if size_bytes < _KB:
        return f"{size_bytes} B"
    if size_bytes < _MB:
        return f"{size_bytes / _KB:.1f} kB"
    return f"{size_bytes / _MB:.1f} MB"


def duration(duration_ms: int) -> str:
    """A length of time: `412 ms`, `4.2 s`, `9 min 51 s`; nothing is shorter than 0 ms."""
    duration_ms = max(0, duration_ms)
    if duration_ms < _MS_PER_S:
        return f"{duration_ms} ms"
    if duration_ms < _S_PER_MIN * _MS_PER_S:
        return f"{duration_ms / _MS_PER_S:.1f} s"
    minutes, seconds = divmod(duration_ms // _MS_PER_S, _S_PER_MIN)
    return f"{minutes} min {seconds} s"


def visible(text: str) -> str:
    """The text on one line, with an escape for what a terminal would obey or not show.

    Titles and bodies come from whoever sent the event. The escapes are JSON's.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def clipped(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis: at most `limit` characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
