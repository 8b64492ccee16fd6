"""Every requirement is exercised by a test that names its ID, or excluded with a reason.

A test names a requirement by its ID, written out, anywhere in its file: in a docstring, a comment
or a parameter. What is named has to exist, in tests, code, schemas and documents alike.
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RECORDS = sorted(ROOT.glob("spec/v*/requirements.json"))
REQUIRED = [
    row["id"]
    for path in RECORDS
    for row in json.loads(path.read_text(encoding="utf-8"))["requirements"]
]
AREAS = sorted({requirement.partition("-")[0] for requirement in REQUIRED})
ID = re.compile(rf"\b(?:{'|'.join(AREAS)})-[1-9][0-9]*\b")
SEARCHED = ("*.py", "*.md", "*.json", "*.toml", "Makefile")
NAMES_WHAT_IS_GONE = {"retired.md", "CHANGELOG.md", "requirements.json", "rationale.md"}
#: Of what no check of the suite sees, tests of this repository see the first kind.
TESTED = "not from outside"
KINDS = {TESTED, "not observable", "not built", "harness gap"}


def _files() -> list[Path]:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *SEARCHED]
    listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def _named(path: Path) -> set[str]:
    return set(ID.findall(path.read_text(encoding="utf-8")))


def _is_test(path: Path) -> bool:
    return "tests" in path.relative_to(ROOT).parts and path.name.startswith("test_")


def _exclusions() -> list[dict[str, str]]:
    text = (ROOT / "conformance" / "exclusions.toml").read_text(encoding="utf-8")
    exclusions: list[dict[str, str]] = tomllib.loads(text).get("exclusion", [])
    return exclusions


def _complaints(
    required: set[str], tested: set[str], exclusions: list[dict[str, str]]
) -> list[str]:
    """What is wrong between requirements, the tests that name them, and the exclusions."""
    excluded = [exclusion.get("id", "?") for exclusion in exclusions]
    wrong = [
        f"{name} is neither named by a test nor excluded"
        for name in sorted(required - tested - set(excluded))
    ]
    wrong += [
        f"{name} is excluded twice" for name in sorted(set(excluded)) if excluded.count(name) > 1
    ]
    for name, exclusion in zip(excluded, exclusions, strict=True):
        if set(exclusion) != {"id", "kind", "reason"}:
            wrong.append(f"{name} needs id, kind and reason, and nothing else")
        elif exclusion["kind"] not in KINDS:
            wrong.append(f"{name} has the unknown kind {exclusion['kind']}")
        elif len(exclusion["reason"].split()) < 4:
            wrong.append(f"{name} has no reason that one could judge")
        if name not in required:
            wrong.append(f"{name} is excluded but no requirement")
        elif exclusion.get("kind") == TESTED:
            if name not in tested:
                wrong.append(f"{name} is seen by no check and named by no test")
        elif name in tested:
            wrong.append(f"{name} is excluded but named by a test")
    return wrong


def test_every_requirement_is_tested_or_excluded() -> None:
    """Each requirement is named by a test or stands among the exclusions, and never both."""
    tested = {name for path in _files() if _is_test(path) for name in _named(path)}

    assert REQUIRED, "make generate writes the record of the requirements"
    assert _complaints(set(REQUIRED), tested, _exclusions()) == []


def test_every_id_that_is_named_exists() -> None:
    """No file names a requirement that the specification does not have."""
    unknown = {
        str(path.relative_to(ROOT)): sorted(_named(path) - set(REQUIRED))
        for path in _files()
        if path.name not in NAMES_WHAT_IS_GONE
    }

    assert {path: names for path, names in unknown.items() if names} == {}


def _exclusion(**changed: str) -> dict[str, str]:
    whole = {"id": "ABC-2", "kind": "not built", "reason": "It is built in a later version."}
    return {**whole, **changed}


@pytest.mark.parametrize(
    ("tested", "exclusions", "complaint"),
    [
        ({"ABC-1"}, [_exclusion()], None),
        ({"ABC-1", "ABC-2"}, [], None),
        (set(), [_exclusion()], "ABC-1 is neither named by a test nor excluded"),
        ({"ABC-1", "ABC-2"}, [_exclusion()], "ABC-2 is excluded but named by a test"),
        ({"ABC-1", "ABC-2"}, [_exclusion(kind=TESTED)], None),
        (
            {"ABC-1"},
            [_exclusion(kind=TESTED)],
            "ABC-2 is seen by no check and named by no test",
        ),
        (
            {"ABC-1", "ABC-2"},
            [_exclusion(id="ABC-3")],
            "ABC-3 is excluded but no requirement",
        ),
        ({"ABC-1"}, [_exclusion(), _exclusion()], "ABC-2 is excluded twice"),
        ({"ABC-1"}, [_exclusion(kind="dull")], "ABC-2 has the unknown kind dull"),
        ({"ABC-1"}, [_exclusion(reason="Hard.")], "ABC-2 has no reason that one could judge"),
        (
            {"ABC-1"},
            [{"id": "ABC-2", "kind": "not built"}],
            "ABC-2 needs id, kind and reason, and nothing else",
        ),
    ],
)
def test_a_gap_is_found(
    tested: set[str], exclusions: list[dict[str, str]], complaint: str | None
) -> None:
    """Each way in which tests, exclusions and requirements can disagree is reported."""
    expected = [] if complaint is None else [complaint]

    assert _complaints({"ABC-1", "ABC-2"}, tested, exclusions) == expected
