from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from ldp_conformance.cli.main import commands
from ldp_conformance.cli.sinks import REPORTS
from ldp_conformance.reports.json_report import schema

if TYPE_CHECKING:
    from pathlib import Path

#: A port that does nothing at all, and so conforms to nothing.
NOTHING: Final = ("--", sys.executable, "-c", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every report of a run of a port that does nothing, and its stream of events."""
    folder = tmp_path_factory.mktemp("run")
    paths = [f"--{name}={folder / name}" for name in REPORTS]
    assert commands(["run", *paths, f"--events={folder / 'events'}", *NOTHING]) == 1
    return folder


def test_every_report_tells_what_became_of_a_real_run(folder: Path) -> None:
    """A port that does nothing is red in each report, and the JSON is as its schema says."""
    told = json.loads((folder / "json").read_text(encoding="utf-8"))

    Draft202012Validator(schema()).validate(told)
    assert told["verdict"]["exitStatus"] == 1
    assert told["counts"]["passed"] == 0
    assert told["counts"]["blocked"] > 100
    assert "Does not conform" in (folder / "html").read_text(encoding="utf-8")
    assert (folder / "markdown").read_text(encoding="utf-8").startswith("## ❌ ")
    assert json.loads((folder / "badge").read_text(encoding="utf-8"))["color"] == "red"
    assert ET.parse(folder / "junit").find(".//failure") is not None


def test_a_stream_makes_the_same_reports_later(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reports made of the written events are those that the run made; without, it is shown."""
    paths = [f"--{name}={tmp_path / name}" for name in REPORTS]

    assert commands(["report", str(folder / "events"), *paths]) == 0
    assert [(tmp_path / name).read_bytes() for name in REPORTS] == [
        (folder / name).read_bytes() for name in REPORTS
    ]
    assert commands(["report", str(folder / "events")]) == 0
    assert "\nDoes not conform: " in capsys.readouterr().out


def test_two_reports_of_the_same_run_differ_in_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that compares says so, and ends with 0."""
    path = str(folder / "json")

    assert commands(["diff", path, path]) == 0
    assert capsys.readouterr().out.endswith("No check has another outcome.\n")
