from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lint import lint, main
from requirements import as_json, chapters, items

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """# Chapter

The words MUST and MAY are to be read as in RFC 2119.

- <a id="abc-1"></a>**ABC-1** A proxy MUST answer, see [ABC-2](#abc-2).
  *Intent:* Somebody waits.
- <a id="abc-2"></a>**ABC-2** A client SHOULD be quick; `must` is a word in code.
  *Intent:* Somebody waits.
"""


def _problems(root: Path, *, chapter: str = GOOD, **others: str) -> list[str]:
    folder = root / "spec" / "v1"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"chapter": chapter, **others}.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return [f"{problem.path.name}:{problem.line}: {problem.text}" for problem in lint(root)]


def test_a_good_chapter_has_no_problems(tmp_path: Path) -> None:
    """A chapter in the right form passes, the sentence on keywords and code included."""
    assert _problems(tmp_path) == []


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        pytest.param(
            GOOD + "\nA proxy MUST hurry.\n",
            "chapter.md:10: MUST stands outside a numbered requirement",
            id="keyword outside an item",
        ),
        pytest.param(
            GOOD.replace("Somebody waits.", "It must.", 1),
            'chapter.md:6: "must" in lower case: require it or say it otherwise',
            id="requirement word in lower case",
        ),
        pytest.param(
            GOOD.replace("  *Intent:* Somebody waits.\n", "", 1),
            "chapter.md:5: ABC-1 has 0 Intent lines; it needs exactly one",
            id="no Intent",
        ),
        pytest.param(
            GOOD + "  *Intent:* And more.\n",
            "chapter.md:7: ABC-2 has 2 Intent lines; it needs exactly one",
            id="two Intents",
        ),
        pytest.param(
            GOOD.replace("Somebody waits.", "It MUST.", 1),
            "chapter.md:5: the Intent of ABC-1 requires something (MUST); an Intent only explains",
            id="keyword in an Intent",
        ),
        pytest.param(
            GOOD.replace("ABC-2", "ABC-1").replace("abc-2", "abc-1"),
            "chapter.md:7: ABC-1 stands already in chapter.md:5",
            id="ID given twice",
        ),
        pytest.param(
            GOOD.replace('<a id="abc-1"></a>', ""),
            'chapter.md:5: ABC-1 needs the anchor <a id="abc-1"></a> before it',
            id="no anchor",
        ),
        pytest.param(
            GOOD.replace('<a id="abc-1">', '<a id="abc-8">'),
            'chapter.md:5: ABC-1 needs the anchor <a id="abc-1"></a> before it',
            id="another's anchor",
        ),
        pytest.param(
            GOOD.replace("proxy MUST answer", "proxy answers"),
            "chapter.md:5: ABC-1 has no requirement keyword",
            id="no keyword",
        ),
        pytest.param(
            GOOD.replace("A proxy MUST", "It MUST"),
            "chapter.md:5: ABC-1 does not say who or what it is about",
            id="no role",
        ),
        pytest.param(
            GOOD.replace("(#abc-2)", "(#abc-3)"),
            "chapter.md:5: the link #abc-3 leads to no anchor",
            id="dead link",
        ),
    ],
)
def test_each_rule_is_broken_by_one_mistake(tmp_path: Path, wrong: str, problem: str) -> None:
    """One mistake in a good chapter is found, with its file and line."""
    assert problem in _problems(tmp_path, chapter=wrong)


def test_an_id_is_unique_across_chapters(tmp_path: Path) -> None:
    """An ID that another chapter has already is reported with the place of the first."""
    problems = _problems(tmp_path, other=GOOD)

    assert "other.md:5: ABC-1 stands already in chapter.md:5" in problems


def test_a_chapter_that_explains_requires_nothing(tmp_path: Path) -> None:
    """A keyword in the overview is reported; retired requirements may keep theirs."""
    problems = _problems(
        tmp_path, overview="A proxy SHOULD.\n", retired="- **ABC-9** A proxy MUST.\n"
    )

    assert problems == ["overview.md:1: SHOULD stands in a chapter that requires nothing"]


def test_an_id_vanishes_only_into_the_retired(tmp_path: Path) -> None:
    """A recorded ID that no chapter has is reported until retired.md lists it."""
    assert _problems(tmp_path) == []
    folder = tmp_path / "spec" / "v1"
    found = [item for page in chapters(folder) for item in items(page)]
    (folder / "requirements.json").write_text(as_json(found))
    shorter = GOOD[: GOOD.index('- <a id="abc-2">')].replace(", see [ABC-2](#abc-2)", "")

    problems = _problems(tmp_path, chapter=shorter)

    assert problems == ["retired.md:1: ABC-2 has vanished: list it here with the reason"]
    assert _problems(tmp_path, chapter=shorter, retired="- **ABC-2** No longer.\n") == []


def test_a_retired_id_is_not_used_again(tmp_path: Path) -> None:
    """An ID that stands in retired.md and in a chapter is reported."""
    problems = _problems(tmp_path, retired="- **ABC-2** No longer.\n")

    assert problems == ["chapter.md:7: ABC-2 is retired; an ID is never used again"]


def test_the_program_prints_problems_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The program prints each problem with its path from the root and exits with 1."""
    _problems(tmp_path, chapter=GOOD + "\nA proxy MAY.\n")

    assert main(["--root", str(tmp_path)]) == 1
    assert capsys.readouterr().out == (
        "spec/v1/chapter.md:10: MAY stands outside a numbered requirement\n"
    )
