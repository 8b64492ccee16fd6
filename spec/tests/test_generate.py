from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from generate import main

if TYPE_CHECKING:
    from pathlib import Path

ITEM = '- <a id="abc-{0}"></a>**ABC-{0}** A proxy MUST do it.\n  *Intent:* So.\n'
CHAPTER = "# Chapter\n\n<!-- fields: x.schema.json -->\n{table}<!-- end -->\n\n" + ITEM.format(1)
STATES = "<!-- states: traffic_light -->\n<!-- end -->\n"
TRAFFIC_LIGHT = """
import enum

class Light(enum.Enum):
    GREEN = 1
    RED = 2

class Cause(enum.Enum):
    TIMER = 1

TRANSITIONS = {Light.GREEN: {Cause.TIMER: Light.RED}, Light.RED: {}}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one schema, one chapter with a stale table, and one state machine."""
    (tmp_path / "schemas" / "v1").mkdir(parents=True)
    (tmp_path / "spec" / "v1").mkdir(parents=True)
    (tmp_path / "code").mkdir()
    schema = {"properties": {"a": {"type": "string", "description": "It."}}}
    (tmp_path / "schemas" / "v1" / "x.schema.json").write_text(json.dumps(schema))
    (tmp_path / "spec" / "v1" / "chapter.md").write_text(CHAPTER.format(table="old\n"))
    (tmp_path / "ARCHITECTURE.md").write_text(STATES)
    (tmp_path / "code" / "traffic_light.py").write_text(TRAFFIC_LIGHT)
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    return tmp_path


def test_generated_parts_are_written_between_their_markers(root: Path) -> None:
    """Tables, diagrams and the record are written; what stands around them stays."""
    assert main(["--root", str(root)]) == 0

    rows = (
        "\n| Member | Type | Required | Range | Description |\n| --- | --- | --- | --- | --- |\n"
        "| `a` | string | no |  | It. |\n\n"
    )
    assert (root / "spec" / "v1" / "chapter.md").read_text() == CHAPTER.format(table=rows)
    assert "green --> red: timer" in (root / "ARCHITECTURE.md").read_text()
    record = json.loads((root / "spec" / "v1" / "requirements.json").read_text())
    assert [row["id"] for row in record["requirements"]] == ["ABC-1"]


def test_check_names_every_stale_file_and_writes_none(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --check, each stale file is named and nothing is written."""
    assert main(["--check", "--root", str(root)]) == 1

    assert capsys.readouterr().out.splitlines() == [
        "spec/v1/requirements.json is stale; run make generate",
        "ARCHITECTURE.md is stale; run make generate",
        "spec/v1/chapter.md is stale; run make generate",
    ]
    assert (root / "ARCHITECTURE.md").read_text() == STATES


def test_what_was_generated_is_fresh(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run writes nothing, and --check has nothing to say."""
    main(["--root", str(root)])
    capsys.readouterr()

    assert main(["--root", str(root)]) == 0
    assert main(["--check", "--root", str(root)]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"# A\n\n{STATES.splitlines()[0]}\n", "chapter.md:3: no <!-- end --> follows the marker"),
        (
            f"{STATES.splitlines()[0]}\n{STATES}",
            "chapter.md:1: no <!-- end --> follows the marker",
        ),
    ],
)
def test_a_marker_without_an_end_is_an_error(
    root: Path, capsys: pytest.CaptureFixture[str], text: str, problem: str
) -> None:
    """A marker that nothing closes is named, and no file is written."""
    (root / "spec" / "v1" / "chapter.md").write_text(text)

    assert main(["--root", str(root)]) == 1
    assert capsys.readouterr().out.strip() == problem
    assert not (root / "spec" / "v1" / "requirements.json").exists()


def test_a_recorded_requirement_is_never_dropped_in_silence(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A requirement that vanished from the chapters stays recorded until it is retired."""
    chapter = root / "spec" / "v1" / "chapter.md"
    chapter.write_text(ITEM.format(1) + ITEM.format(2))
    main(["--root", str(root)])
    chapter.write_text(ITEM.format(1))

    assert main(["--root", str(root)]) == 1
    assert "v1: ABC-2 vanished; list each in retired.md" in capsys.readouterr().out

    (root / "spec" / "v1" / "retired.md").write_text("- **ABC-2** No longer.\n")
    assert main(["--root", str(root)]) == 0
