"""A Markdown page as the tools need it: its prose, fences, anchors and links.

Only the constructs that this repository uses are known (ATX headings, fenced code, inline code,
inline links and images, reference definitions, `<a id>` anchors); it is no Markdown parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from pathlib import Path

_FENCE = re.compile(r"^(?P<indent>\s*)(?P<ticks>`{3,}|~{3,})(?P<info>[^`]*)$")
_HEADING = re.compile(r"^#{1,6}\s+(?P<title>.+?)\s*#*\s*$")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)((?:(?!\n\s*\n).)+?)(?<!`)\1(?!`)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_EXPLICIT_ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")
_LINK = re.compile(r"\]\(\s*<?(?P<target>[^()\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_LINK_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s+(?P<target>\S+)", re.MULTILINE)
_LINK_TEXT = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong at a place of the documents, as the tools print it."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block: its info string and body, its first and last line (from 1)."""

    info: str
    line: int
    body: str
    last_line: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link's target as written, and the line (from 1) that it stands on."""

    target: str
    line: int

    @property
    def is_external(self) -> bool:
        """Whether the target is a URL, which nothing here follows."""
        return _SCHEME.match(self.target) is not None


@dataclass(frozen=True)
class Page:
    """One Markdown document; lines count from 1."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Page:
        """Read a page from disk."""
        return cls(path, path.read_text(encoding="utf-8"))

    @cached_property
    def fences(self) -> tuple[Fence, ...]:
        """The fenced code blocks, in order."""
        return tuple(_fences(self.text.split("\n")))

    @cached_property
    def fenced_lines(self) -> frozenset[int]:
        """The numbers of the lines that belong to fenced code, its fences included."""
        return frozenset(
            number for fence in self.fences for number in range(fence.line, fence.last_line + 1)
        )

    @cached_property
    def prose(self) -> str:
        """The text without fenced code, code spans and comments, on the same lines as before."""
        lines = [
            "" if number in self.fenced_lines else line
            for number, line in enumerate(self.text.split("\n"), start=1)
        ]
        text = _COMMENT.sub(_blank, "\n".join(lines))
        return _CODE_SPAN.sub(_blank, text)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Every fragment that a link to this page can name on GitHub."""
        return frozenset(_EXPLICIT_ANCHOR.findall(self.prose)) | frozenset(self._heading_slugs())

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every link and image of the prose."""
        found = [*_LINK.finditer(self.prose), *_LINK_DEFINITION.finditer(self.prose)]
        return tuple(
            Link(match["target"], self.prose.count("\n", 0, match.start("target")) + 1)
            for match in sorted(found, key=lambda match: match.start("target"))
        )

    def _heading_slugs(self) -> list[str]:
        seen: dict[str, int] = {}
        slugs = []
        for number, line in enumerate(self.text.split("\n"), start=1):
            heading = _HEADING.match(line)
            if heading is None or number in self.fenced_lines:
                continue
            slug = slug_of(heading["title"])
            earlier = seen.get(slug, 0)
            seen[slug] = earlier + 1
            slugs.append(f"{slug}-{earlier}" if earlier else slug)
        return slugs


def slug_of(title: str) -> str:
    """The fragment that GitHub gives a heading, before it numbers repeated ones."""
    plain = _LINK_TEXT.sub(r"\1", title)
    return re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")


def link_problems(page: Page, root: Path) -> list[Problem]:
    """What is wrong with a page's links to files and anchors of the repository.

    Args:
        page: The page, read from below `root`.
        root: The repository; a link may not lead out of it.
    """
    problems = []
    for link in page.links:
        complaint = None if link.is_external else _complaint(page, link, root)
        if complaint is not None:
            problems.append(Problem(page.path, link.line, complaint))
    return problems


def _complaint(page: Page, link: Link, root: Path) -> str | None:
    path, _, fragment = unquote(link.target).partition("#")
    target = (page.path.parent / path).resolve() if path else page.path.resolve()
    if not target.is_relative_to(root.resolve()):
        return f"the link {link.target} leads out of the repository"
    if not target.exists():
        return f"the link {link.target} leads to no file"
    if not fragment:
        return None
    if target.suffix != ".md" or fragment not in Page.read(target).anchors:
        return f"the link {link.target} leads to no anchor"
    return None


def _fences(lines: list[str]) -> list[Fence]:
    fences = []
    number = 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is not None:
            end = _closing(lines, number + 1, opening["ticks"])
            body = [_dedent(line, len(opening["indent"])) for line in lines[number + 1 : end]]
            text = "".join(f"{line}\n" for line in body)
            last = min(end + 1, len(lines))
            fences.append(Fence(opening["info"].strip(), number + 1, text, last))
            number = end
        number += 1
    return fences


def _closing(lines: list[str], start: int, ticks: str) -> int:
    for number in range(start, len(lines)):
        stripped = lines[number].strip()
        if stripped.startswith(ticks) and not stripped.strip(ticks[0]):
            return number
    return len(lines)


def _dedent(line: str, width: int) -> str:
    return line[width:] if not line[:width].strip() else line


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
