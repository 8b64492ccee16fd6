"""JSON text that somebody else wrote, read without risk to the suite.

A parser of C that comes to Python's limit of recursion can take the whole process down with it, if
garbage is collected just then. So what is nested deeper than anybody needs is refused unread.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ldp_schemas.findings import Finding
from ldp_schemas.judge import judge

#: How deep a text may be nested: far from the limit of 1,000 calls, of which a check has some 100.
DEEPEST: Final = 500
_PIECES: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def loads(text: str | bytes, **hooks: Any) -> Any:
    """The JSON value of a text.

    Args:
        text: The text, or its UTF-8 bytes.
        hooks: What makes values of the pieces, as `json.loads` takes it.

    Raises:
        ValueError: It is no JSON, no UTF-8, or nested too deeply.
        TypeError: It is no text: what was read before said so where a text has to be.
    """
    if not isinstance(text, str | bytes):
        raise TypeError(f"a text is read, not a {type(text).__name__}")
    decoded = text if isinstance(text, str) else text.decode()
    if depth(decoded) > DEEPEST:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    return json.loads(decoded, **hooks)


def judged(text: str, kind: str | None = None) -> list[Finding]:
    """Everything that is wrong with a message, by its schema and by what it decodes to."""
    if depth(text) > DEEPEST:
        return [Finding("", "is nested too deeply to be judged", ("ENV-1",))]
    return judge(text, kind=kind)


def depth(text: str) -> int:
    """How deep the brackets of a text are nested, those in its strings not counted."""
    deepest = now = 0
    if text.count("[") + text.count("{") <= DEEPEST:
        return 0  # nearly every text: it cannot be too deep
    for piece in _PIECES.finditer(text):
        first = piece[0][0]
        if first in "[{":
            now += 1
            deepest = max(deepest, now)
        elif first in "]}":
            now -= 1
    return deepest
