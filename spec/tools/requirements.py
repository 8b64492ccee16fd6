"""The numbered requirements of the specification, read from its chapters.

An item is a line of the form `- <a id="abc-4"></a>**ABC-4** The proxy MUST …`, which may go on
in indented lines, and then an indented line `*Intent:* …`. This module reads what is there,
however incomplete; `lint` says what is wrong with it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from pages import Page

if TYPE_CHECKING:
    from pathlib import Path

KEYWORD = re.compile(
    r"\b(?P<not>NOT\s+)?(?P<word>MUST|SHALL|REQUIRED|SHOULD|RECOMMENDED|MAY|OPTIONAL)\b(\s+NOT\b)?"
)
ID = re.compile(r"\b[A-Z][A-Z0-9]{1,5}-[1-9][0-9]*\b")
RETIRED = "retired.md"
INFORMATIVE = frozenset({"overview.md", "states.md", RETIRED})
"""Chapters that explain or record and therefore require nothing."""

_ITEM = re.compile(
    r"^- (?:<a id=\"(?P<anchor>[^\"]*)\"></a>)?\*\*(?P<id>[A-Z][A-Z0-9]{1,5}-[1-9][0-9]*)\*\*"
    r"\s*(?P<text>.*)$"
)
_INTENT = re.compile(r"^\s+\*Intent:\*\s*(?P<text>.*)$")
_NEW_LINE_IN_ITEM = re.compile(r"^(?:[-*|]|\d+\.)\s?")
_CLAUSE_END = re.compile(r"[;:]\s|[.]\s+(?=[A-Z])")
_LEVELS = {
    "MUST": ("MUST", "SHALL", "REQUIRED"),
    "SHOULD": ("SHOULD", "RECOMMENDED"),
    "MAY": ("MAY", "OPTIONAL"),
}
_ACTORS = {
    "proxy": re.compile(r"\b(?:proxy|proxies)\b", re.IGNORECASE),
    "client": re.compile(r"\bclients?\b", re.IGNORECASE),
    "sender": re.compile(r"\bsenders?\b", re.IGNORECASE),
    "receiver": re.compile(r"\breceivers?\b", re.IGNORECASE),
}
_THINGS = {
    "queue": re.compile(r"\bqueues?\b", re.IGNORECASE),
    "envelope": re.compile(
        r"\b(?:envelope|message|request|response|accepted|declined|payload|encoding|member)s?\b",
        re.IGNORECASE,
    ),
}


class Row(TypedDict):
    """One requirement as `requirements.json` records it."""

    id: str
    level: str
    roles: list[str]
    text: str
    intent: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Item:
    """A requirement as it stands in a chapter.

    Attributes:
        id: Its ID, such as `ABC-4`; the letters name the area.
        anchor: The explicit anchor in front of it, or None where it is missing.
        chapter: The chapter's file.
        line: The line, from 1, that it begins on.
        last_line: The last line that belongs to it.
        text: What is required, on one line but for nested lists and tables.
        intents: The reasons given; a right item has exactly one.
    """

    id: str
    anchor: str | None
    chapter: Path
    line: int
    last_line: int
    text: str
    intents: tuple[str, ...]

    @property
    def level(self) -> str | None:
        """The highest requirement level among its keywords, or None without any."""
        words = {match["word"] for match in KEYWORD.finditer(self.text)}
        for level, names in _LEVELS.items():
            if words.intersection(names):
                return level
        return None

    @property
    def roles(self) -> tuple[str, ...]:
        """Who or what the clauses with keywords are about: actors, or else things."""
        subjects = _subjects(self.text)
        for vocabulary in (_ACTORS, _THINGS):
            found = tuple(
                role for role, words in vocabulary.items() if any(map(words.search, subjects))
            )
            if found:
                return found if vocabulary is _ACTORS else found[:1]
        return ()

    def as_row(self) -> Row:
        """The item as `requirements.json` records it; the item is taken to be right."""
        return {
            "id": self.id,
            "level": self.level or "",
            "roles": list(self.roles),
            "text": self.text,
            "intent": " ".join(self.intents),
            "anchor": f"{self.chapter.name}#{self.anchor}",
        }


def chapters(folder: Path) -> list[Page]:
    """The normative chapters in a version's folder, by name."""
    return [Page.read(path) for path in sorted(folder.glob("*.md")) if path.name not in INFORMATIVE]


def items(page: Page) -> list[Item]:
    """Every item of a chapter, in order; fenced code is no part of any."""
    lines = page.text.split("\n")
    found = []
    for number, line in enumerate(lines, start=1):
        match = _ITEM.match(line)
        if match is not None and number not in page.fenced_lines:
            last = _last_line(lines, number)
            body = [
                lines[within - 1]
                for within in range(number + 1, last + 1)
                if within not in page.fenced_lines and lines[within - 1].strip()
            ]
            text, intents = _split(match["text"], body)
            found.append(Item(match["id"], match["anchor"], page.path, number, last, text, intents))
    return found


def retired(folder: Path) -> dict[str, int]:
    """The IDs that a version's `retired.md` takes out of force, each with its line."""
    path = folder / RETIRED
    if not path.exists():
        return {}
    return {item.id: item.line for item in items(Page.read(path))}


def recorded(folder: Path) -> list[Row]:
    """The requirements that the version's `requirements.json` holds now; none without a file."""
    path = folder / "requirements.json"
    if not path.exists():
        return []
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))["requirements"]
    return rows


def as_json(found: list[Item]) -> str:
    """The text of `requirements.json`: every requirement, by area and number."""
    rows = [item.as_row() for item in sorted(found, key=_area_and_number)]
    return json.dumps({"requirements": rows}, ensure_ascii=False, indent=2) + "\n"


def _area_and_number(item: Item) -> tuple[str, int]:
    area, _, number = item.id.partition("-")
    return area, int(number)


def _last_line(lines: list[str], first: int) -> int:
    """An item's last line: what belongs to it is indented, or blank before something indented."""
    last = first
    for number, line in enumerate(lines[first:], start=first + 1):
        if line.startswith(("  ", "\t")):
            last = number
        elif line.strip():
            break
    return last


def _split(first: str, body: list[str]) -> tuple[str, tuple[str, ...]]:
    parts = [first]
    intents: list[str] = []
    for line in body:
        intent = _INTENT.match(line)
        if intent is not None:
            intents.append(intent["text"].strip())
        elif intents:
            intents[-1] = _joined(intents[-1], line.strip())
        else:
            parts[0] = _joined(parts[0], line.strip())
    return parts[0].strip(), tuple(intents)


def _joined(text: str, more: str) -> str:
    return f"{text}\n{more}" if _NEW_LINE_IN_ITEM.match(more) else f"{text} {more}".strip()


def _subjects(text: str) -> list[str]:
    """What stands before each keyword in its own clause."""
    subjects = []
    for match in KEYWORD.finditer(text):
        ends = [end.end() for end in _CLAUSE_END.finditer(text, 0, match.start())]
        subjects.append(text[ends[-1] if ends else 0 : match.start()])
    return subjects
