"""Writes what is derived: `requirements.json`, tables of members and state diagrams.

In Markdown a generated part stands between two markers, each on a line of its own:
`<!-- fields: request.schema.json -->` or `<!-- states: ldp_wire.exchange -->`, and `<!-- end -->`.
Run with `--check`, the program writes nothing, names each stale file, and exits with 1.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import fields
import states
from lint import ROOT, VERSIONS, vanished
from pages import Page
from requirements import as_json, chapters, items

#: Where the conformance suite keeps the requirements that it was written against.
SUITE = "conformance/src/ldp_conformance/data"

_PART = re.compile(
    r"(?P<open>^<!-- (?P<what>fields|states): (?P<name>\S+) -->\n)"
    r"(?P<body>.*?)"
    r"(?P<close>^<!-- end -->$|^(?=<!-- (?:fields|states): )|\Z)",
    re.DOTALL | re.MULTILINE,
)


class GenerateError(Exception):
    """Something cannot be derived; the message says what has to be mended first."""


def outputs(root: Path) -> dict[Path, str]:
    """Every generated file of a repository with the text that it should have.

    Raises:
        GenerateError: A marker is not closed, or a recorded requirement has vanished.
    """
    found = {}
    for folder in sorted((root / "spec").glob(VERSIONS)):
        found[folder / "requirements.json"] = _requirements(folder)
        if (root / SUITE).is_dir():  # the suite's package carries the record along
            found[root / SUITE / "requirements.json"] = _requirements(folder)
    for path in sorted([*root.glob("*.md"), *(root / "spec").rglob("*.md")]):
        text = path.read_text(encoding="utf-8")
        if _PART.search(text):
            found[path] = _filled(Page(path, text), root)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Write or check the generated files of a repository and return the exit status."""
    parser = argparse.ArgumentParser(description="Write what is derived from schemas and code.")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository to work on")
    options = parser.parse_args(arguments)
    try:
        wanted = outputs(options.root)
    except GenerateError as error:
        print(error)
        return 1
    stale = [path for path, text in wanted.items() if _current(path) != text]
    for path in stale:
        name = path.relative_to(options.root)
        if options.check:
            print(f"{name} is stale; run make generate")
        else:
            path.write_text(wanted[path], encoding="utf-8")
            print(f"wrote {name}")
    return 1 if stale and options.check else 0


def _requirements(folder: Path) -> str:
    found = [item for page in chapters(folder) for item in items(page)]
    lost = vanished(folder, found)
    if lost:
        names = ", ".join(lost)
        raise GenerateError(f"{folder.name}: {names} vanished; list each in retired.md")
    return as_json(found)


def _filled(page: Page, root: Path) -> str:
    def part(match: re.Match[str]) -> str:
        if not match["close"]:
            line = page.text.count("\n", 0, match.start()) + 1
            raise GenerateError(f"{page.path.name}:{line}: no <!-- end --> follows the marker")
        body = _body(match["what"], match["name"], page, root)
        return f"{match['open']}\n{body}\n{match['close']}"

    return _PART.sub(part, page.text)


def _body(what: str, name: str, page: Page, root: Path) -> str:
    if what == "states":
        return states.diagram(states.load(name))
    version = page.path.parent.name
    return fields.table(root / "schemas" / version / name)


def _current(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
