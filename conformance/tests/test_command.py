from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ldp_conformance import __main__
from ldp_conformance.check import checks
from ldp_conformance.cli.main import commands
from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.stream import encode
from ldp_conformance.requirements import requirements
from reports.sample_runs import passing

BIN = Path(sys.executable).parent
UNJUDGED = exclusions()[0]
#: JSON with checks and requirements that is no report.
TRACE = Path(__file__).parents[1] / "traceability.json"


def test_every_check_can_be_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has an ID of its role, a statement that fits a line, and clauses that exist."""
    assert commands(["list", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]

    assert [row["id"] for row in rows] == list(checks())
    for row in rows:
        assert re.fullmatch(r"(client|proxy)(\.[a-z0-9]+(-[a-z0-9]+)*){2}", row["id"]), row["id"]
        assert len(row["text"]) <= 90, row["id"]
        assert row["text"].endswith("."), row["id"]
        assert not re.search(r"\b(should|must|may|test)\b", row["text"]), row["id"]
        assert set(row["about"].split()) <= set(requirements())
    assert commands(["explain", rows[0]["id"]]) == 0
    assert rows[0]["text"] in capsys.readouterr().out


def test_requirements_can_be_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Each is told with the checks that judge it."""
    assert commands(["list", "--requirements"]) == 0
    assert "SES-13" in capsys.readouterr().out
    assert commands(["explain", "SES-13"]) == 0
    assert "client.start.answers" in capsys.readouterr().out
    assert commands(["explain", UNJUDGED.id]) == 0
    assert f"No check judges it: {UNJUDGED.reason}" in capsys.readouterr().out


def test_requirements_of_a_role_are_those_that_its_checks_judge(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A role is told of nothing that is only asked of the other."""
    assert commands(["list", "--requirements", "--role", "proxy", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]

    assert "PAY-1" in {row["id"] for row in rows}
    assert "SES-13" not in {row["id"] for row in rows}
    assert all(name.startswith("proxy.") for row in rows for name in row["about"].split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["explain", "client.no.such"], "there is no check client.no.such"),
        (["explain", "client.start.answer"], "Did you mean client.start.answers?"),
        (["explain", "ABC-1"], "list --requirements"),
        (["run", "--only", "proxy.start.exchange", "--", "cat"], "--role proxy"),
        (["run", "--only", UNJUDGED.id, "--", "cat"], "no check judges"),
        (["run", "--only", "ABC-1", "--", "cat"], "there is no requirement ABC-1"),
        (["run", "--only", "client.no-such.*", "--", "cat"], "no check is like client.no-such.*"),
        (["run"], "no port is named"),
        (["run", "--only", "client.no.such", "--", "cat"], "there is no check client.no.such"),
        (["run", "--", "no-such-program"], "cannot start no-such-program"),
        (["run", "--manifest", "none.toml", "--", "cat"], "none.toml"),
        (["run", "--known-failing", "none.toml", "--", "cat"], "none.toml"),
        (["run", "--level", "perhaps", "--", "cat"], "perhaps"),
        (["run", "--events", "no/such/e", "--", "true"], "no/such/e: No such file"),
        (["run", "--html", "no/such/page.html", "--", "true"], "page.html: No such file"),
        (["repro", "client.start.answers:AAAA", "--", "cat"], "cannot be read"),
        (["repro", "client.start.answers:eJwDAAAAAAE=", "--", "cat"], "no generated cases"),
        (["promote", "client.fuzz.envelopes:", "It is told."], "cannot be read"),
        (["serve", "client.shutdown.first-signal"], "itself"),
        (["serve", "proxy.start.exchange"], "judges a proxy"),
        (["diff", "none.json", "none.json"], "none.json: No such file"),
        (["diff", str(TRACE), str(TRACE)], "is no report"),
        (["report", "none.jsonl"], "none.jsonl"),
        (["report", os.devnull], "begin no run"),
        (["init", f"{os.devnull}/port"], "cannot be written"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_wrong_usage_is_explained(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    told: str,
) -> None:
    """What the user got wrong ends with status 2 and a sentence that names it."""
    monkeypatch.chdir(tmp_path)

    assert commands(words) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.out == "" or "cannot start" in told


def test_a_bug_is_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failure that nobody foresaw ends with the status of a broken suite, and says where."""
    monkeypatch.setattr("ldp_conformance.requirements._RECORD", tmp_path / "none.json")
    requirements.cache_clear()

    try:
        assert commands(["list", "--requirements"]) == 3
    finally:
        requirements.cache_clear()
    assert "none.json" in capsys.readouterr().err


def test_a_run_that_was_cut_off_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is known of it is told, and that there is no verdict."""
    stream = tmp_path / "events.jsonl"
    stream.write_bytes(b"".join(map(encode, passing()[:-1])))

    assert commands(["report", str(stream)]) == 0
    assert "the run was cut off before its end" in capsys.readouterr().out


def test_a_command_is_a_program() -> None:
    """The installed program and the module are the same."""
    for program in ([BIN / "lambda-debug-conformance"], [sys.executable, "-m", "ldp_conformance"]):
        ran = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True)
        assert "serve" in ran.stdout
    assert callable(__main__.main)


def test_help_does_not_bring_up_a_server() -> None:
    """Words that only print do not import the HTTP server or Hypothesis."""
    code = (
        "import sys; from ldp_conformance.cli.main import commands; commands(['--help']);"
        "sys.exit(bool({'aiohttp', 'hypothesis', 'jinja2'} & set(sys.modules)))"
    )

    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_program_that_is_no_port_is_told_what_one_does(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Whoever does nothing of what a port does reads a sentence that says so."""
    assert commands(["run", "--", "true"]) == 1
    said = " ".join(capfd.readouterr().out.split())
    assert "`true` ended with status 0 before it received a message" in said
    assert "A client is a process that receives from LAMBDA_PROXY_REQ_QUEUE_URL" in said
    assert "could not be run because of that" in said
