from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml  # type: ignore[import-untyped] # comes with moto, without types

from ldp_schemas.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "schemas" / "v1" / "examples"
VALID = (EXAMPLES / "response/valid/minimal.json").read_text(encoding="utf-8")
INVALID = VALID.replace('"1.0"', '"2.0"').replace("1718072236165", "-1")
LINE = json.dumps(json.loads(VALID))

Run = tuple[object, list[str], list[str]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Run]:
    """Give a function that runs the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: bytes = b"", **files: str) -> Run:
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            status: object = main(["validate", *arguments])
        except SystemExit as stopped:
            status = stopped.code
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return run


def test_valid_messages_are_counted(run: Callable[..., Run]) -> None:
    """Valid inputs give one line and status 0."""
    found = run("a.json", "b.jsonl", a_json=VALID, b_jsonl=f"{LINE}\n{LINE}\n")

    assert found == (0, ["3 messages: 3 valid, 0 invalid"], [])


def test_a_finding_has_file_line_pointer_reason_and_requirement(run: Callable[..., Run]) -> None:
    """Each finding is a line: where, why, and which requirement; the status is 1."""
    status, out, err = run("a.json", a_json=INVALID)

    assert (status, err) == (1, [])
    assert out[0].startswith('a.json:2: /version is "2.0", not as described: Version of the proto')
    assert out[0].endswith(" [ENV-7, ENV-10]")
    assert out[1:] == [
        "a.json:5: /answerByMs is -1, less than 0 [ENV-6, ENV-14]",
        "1 message: 0 valid, 1 invalid (2 findings)",
    ]


def test_a_finding_about_a_line_has_its_number(run: Callable[..., Run]) -> None:
    """In JSON lines a finding has the number of its line."""
    status, out, _ = run("a.jsonl", a_jsonl=f"{LINE}\n{{}}\n{LINE}")

    assert status == 1
    assert out[0] == 'a.jsonl:2: (envelope) has no member "kind" [ENV-10]'
    assert out[-1] == "3 messages: 2 valid, 1 invalid (1 finding)"


def test_a_finding_about_a_received_message_has_its_number(run: Callable[..., Run]) -> None:
    """In an output of SQS a finding names the message and the line of its body."""
    received = {"Messages": [{"Body": LINE}, {"MessageId": "2", "Body": INVALID}]}
    status, out, _ = run("-", stdin=json.dumps(received, indent=4).encode())

    assert status == 1
    assert out[1] == "<stdin>:8: message 2: /answerByMs is -1, less than 0 [ENV-6, ENV-14]"


def test_attributes_count_towards_the_size(run: Callable[..., Run]) -> None:
    """The attributes of a received message are added to the size of its body (PAY-8)."""
    large = {"DataType": "String", "StringValue": "x" * 1_048_576}
    received = {"Messages": [{"Body": LINE, "MessageAttributes": {"a": large}}]}
    status, out, _ = run("-", stdin=json.dumps(received).encode())

    assert status == 1
    assert re.fullmatch(
        r"<stdin>:1: message 1: \(envelope\) has 1048\d{3} bytes with its attributes, more than"
        r" 1048576 \[PAY-8\]",
        out[0],
    )


def test_a_kind_can_be_demanded(run: Callable[..., Run]) -> None:
    """With --kind a message of another kind is invalid."""
    status, out, _ = run("--kind", "declined", "a.json", a_json=VALID)

    assert status == 1
    assert 'a.json:3: /kind is "response", not "declined" [ENV-10]' in out


def test_findings_can_be_read_by_programs(run: Callable[..., Run]) -> None:
    """With --json each line is an object: the findings, then the summary."""
    status, out, _ = run("--json", "a.json", a_json=INVALID)

    assert status == 1
    assert json.loads(out[1]) == {
        "file": "a.json",
        "line": 5,
        "message": None,
        "pointer": "/answerByMs",
        "reason": "is -1, less than 0",
        "requirements": ["ENV-6", "ENV-14"],
    }
    assert json.loads(out[-1]) == {"messages": 1, "invalid": 1, "findings": 2, "notJudged": 0}


@pytest.mark.parametrize("text", ["", " \n", '{"Messages": []}'])
def test_an_input_without_a_message_is_wrong_usage(run: Callable[..., Run], text: str) -> None:
    """An input in which nothing can be judged is no success, even beside a valid one."""
    status, out, err = run("a.json", "b.json", a_json=text, b_json=VALID)

    assert status == 2
    assert out == ["1 message: 1 valid, 0 invalid; 1 input not judged"]
    assert err[0].startswith("lambda-debug-schemas: a.json holds no message. ")


def test_a_file_that_cannot_be_read_is_wrong_usage(run: Callable[..., Run]) -> None:
    """A missing file is named with what to do, and outweighs findings elsewhere."""
    status, out, err = run("no.json", ".", "a.json", a_json=INVALID)

    assert status == 2
    assert out[-1] == "1 message: 0 valid, 1 invalid (2 findings); 2 inputs not judged"
    hint = "Name a file, or - for standard input."
    assert err == [
        f"lambda-debug-schemas: no.json cannot be read: No such file or directory. {hint}",
        f"lambda-debug-schemas: . cannot be read: Is a directory. {hint}",
    ]


@pytest.mark.parametrize(
    "arguments", [[], ["--kind", "hello", "a.json"], ["--colour", "a.json"], ["--kind"]]
)
def test_a_wrong_command_line_is_wrong_usage(run: Callable[..., Run], arguments: list[str]) -> None:
    """A command line that cannot be understood is explained, with status 2."""
    status, out, err = run(*arguments)

    assert (status, out) == (2, [])
    assert err[0].startswith("usage: lambda-debug-schemas ")


def test_help_tells_the_inputs_and_the_statuses(run: Callable[..., Run]) -> None:
    """The help names the forms of input and what the exit statuses mean."""
    status, out, _ = run("--help")

    assert status == 0
    assert "JSON lines" in " ".join(out)
    assert "Exit status: 0 all messages are valid, 1 some are not" in " ".join(out)


def test_what_a_terminal_would_act_on_is_escaped(run: Callable[..., Run]) -> None:
    """Names and values of a message cannot steer the terminal that shows them."""
    text = LINE[:-1] + ', "\\u001b[2J\\u202e": NaN, "x": "\\ud800", "errorType\\n": [1e999]}'
    _, out, _ = run("a.jsonl", a_jsonl=text)

    assert out == [
        "a.jsonl:1: /\\x1b[2J\\u202e is NaN, which is no JSON [ENV-4]",
        "a.jsonl:1: /errorType\\n/0 is 1e999, which is beyond ±9007199254740991 [ENV-4]",
        "1 message: 0 valid, 1 invalid (2 findings)",
    ]


def _started(
    *arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ldp_schemas", *arguments],
        check=False,
        capture_output=True,
        input=stdin,
        env={**os.environ, **(env or {})},
    )


def test_the_process_ends_with_the_status() -> None:
    """The command's exit status is that of the process."""
    statuses = [
        _started("validate", "-", stdin=stdin).returncode for stdin in (LINE.encode(), b"{}", b"")
    ]

    assert statuses == [0, 1, 2]


def test_bytes_that_are_no_utf8_are_a_finding_of_their_message() -> None:
    """A file may hold anything; a broken message leaves its neighbours alone."""
    ended = _started("validate", "-", stdin=LINE.encode() + b'\n{"a": "\xff"}\n' + LINE.encode())

    assert b"<stdin>:2: /a holds the byte 0xFF: no UTF-8 [ENV-1]" in ended.stdout
    assert b"3 messages: 2 valid, 1 invalid" in ended.stdout


def test_any_encoding_of_the_output_will_do() -> None:
    """A terminal that knows only ASCII is no reason to crash."""
    ended = _started(
        "validate", "-", stdin=b'{"n\xc3\xa4": 1e400}', env={"PYTHONIOENCODING": "ascii"}
    )

    assert ended.returncode == 1
    assert ended.stderr == b""
    assert b"/n\\xe4 is 1e400, which is beyond \\xb1" in ended.stdout


def test_a_reader_that_stops_early_is_no_error() -> None:
    """A closed pipe ends the command quietly."""
    command = [sys.executable, "-m", "ldp_schemas", "validate", "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(b"{}\n" * 20_000)
        process.stdin.close()

        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_the_hook_runs_the_command_on_envelopes() -> None:
    """The pre-commit hook names the command, and the files that it is for."""
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert hook["entry"] == "lambda-debug-schemas validate"
    assert re.search(hook["files"], "tests/envelopes/order.json")
    assert re.search(hook["files"], "envelopes/today.jsonl")
    assert not re.search(hook["files"], "package.json")
