"""The specification's linter: what a reader may rely on in the normative chapters.

Run as a program it prints each problem as `file:line: what is wrong` and exits with 1 if there
was one. It changes nothing; `generate` writes what is derived from the chapters.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pages import Page, Problem, link_problems
from requirements import KEYWORD, RETIRED, Item, chapters, items, recorded, retired

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = "v[0-9]*"

_LOWER_CASE = re.compile(r"\b(?:must|shall|should)\b")
_BOILERPLATE = "RFC 2119"


def lint(root: Path) -> list[Problem]:
    """Every problem of the specification in `root`/spec, by file and line.

    Args:
        root: The repository; links may lead anywhere inside it.
    """
    problems: list[Problem] = []
    for folder in sorted((root / "spec").glob(VERSIONS)):
        problems += _version_problems(folder)
    for path in sorted((root / "spec").rglob("*.md")):
        problems += link_problems(Page.read(path), root)
    return sorted(problems)


def vanished(folder: Path, found: Iterable[Item]) -> list[str]:
    """The recorded IDs that stand neither in a chapter nor among the retired.

    Args:
        folder: A version's folder, whose `requirements.json` is the record.
        found: The items of its chapters now.
    """
    known = {item.id for item in found} | set(retired(folder))
    return [row["id"] for row in recorded(folder) if row["id"] not in known]


def main(arguments: list[str] | None = None) -> int:
    """Lint a repository's specification and return the exit status."""
    parser = argparse.ArgumentParser(description="Lint the specification.")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository to look at")
    root = parser.parse_args(arguments).root.resolve()
    problems = lint(root)
    for problem in problems:
        print(Problem(problem.path.relative_to(root), problem.line, problem.text))
    return 1 if problems else 0


def _version_problems(folder: Path) -> list[Problem]:
    pages = chapters(folder)
    found = [item for page in pages for item in items(page)]
    problems = [problem for page in pages for problem in _chapter_problems(page)]
    problems += _informative_problems(folder, {page.path for page in pages})
    problems += _identity_problems(folder, found)
    for item in found:
        problems += [Problem(item.chapter, item.line, text) for text in _complaints(item)]
    return problems


def _chapter_problems(page: Page) -> list[Problem]:
    """Keywords outside items and requirement words in lower case."""
    inside = {number for item in items(page) for number in range(item.line, item.last_line + 1)}
    problems = []
    for number, line in enumerate(page.prose.split("\n"), start=1):
        problems += [
            Problem(page.path, number, f"{keyword[0]} stands outside a numbered requirement")
            for keyword in _keywords(line)
            if number not in inside
        ]
        problems += [
            Problem(page.path, number, f'"{word[0]}" in lower case: require it or say it otherwise')
            for word in _LOWER_CASE.finditer(line)
        ]
    return problems


def _informative_problems(folder: Path, normative: set[Path]) -> list[Problem]:
    """Keywords in chapters that require nothing."""
    pages = [Page.read(path) for path in sorted(folder.glob("*.md")) if path not in normative]
    return [
        Problem(page.path, number, f"{keyword[0]} stands in a chapter that requires nothing")
        for page in pages
        if page.path.name != RETIRED
        for number, line in enumerate(page.prose.split("\n"), start=1)
        for keyword in _keywords(line)
    ]


def _identity_problems(folder: Path, found: list[Item]) -> list[Problem]:
    """IDs given twice, used again after their end, or gone without a record."""
    problems = []
    first: dict[str, Item] = {}
    gone = retired(folder)
    for item in found:
        earlier = first.setdefault(item.id, item)
        if earlier is not item:
            text = f"{item.id} stands already in {earlier.chapter.name}:{earlier.line}"
            problems.append(Problem(item.chapter, item.line, text))
        if item.id in gone:
            text = f"{item.id} is retired; an ID is never used again"
            problems.append(Problem(item.chapter, item.line, text))
    problems += [
        Problem(folder / RETIRED, 1, f"{lost} has vanished: list it here with the reason")
        for lost in vanished(folder, found)
    ]
    return problems


def _complaints(item: Item) -> list[str]:
    """What is wrong with one item's own form."""
    complaints = []
    if item.anchor != item.id.lower():
        complaints.append(f'{item.id} needs the anchor <a id="{item.id.lower()}"></a> before it')
    if item.level is None:
        complaints.append(f"{item.id} has no requirement keyword")
    elif not item.roles:
        complaints.append(f"{item.id} does not say who or what it is about")
    if len(item.intents) != 1:
        complaints.append(f"{item.id} has {len(item.intents)} Intent lines; it needs exactly one")
    complaints += [
        f"the Intent of {item.id} requires something ({keyword[0]}); an Intent only explains"
        for intent in item.intents
        for keyword in _keywords(intent)
    ]
    return complaints


def _keywords(line: str) -> list[re.Match[str]]:
    """The keywords of a line, unless it is the one that says how keywords are to be read."""
    return [] if _BOILERPLATE in line else list(KEYWORD.finditer(line))


if __name__ == "__main__":
    sys.exit(main())
