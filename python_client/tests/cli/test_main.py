from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ldp_client.errors
from ldp_client.cli import execute
from ldp_client.errors import ClientError, ConfigError, ExitStatus
from ldp_wire.limits import MAJOR, MINOR

HEAVY = {"boto3", "botocore", "moto", "rich", "simplejson", "h11", "flask"}


def lambda_debug(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The installed program, run to its end."""
    program = Path(sys.executable).with_name("lambda-debug")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_help_names_the_commands() -> None:
    """Each command stands in the help with its purpose."""
    done = lambda_debug("--help")

    assert done.returncode == 0
    for command in ("run", "local-lambda", "demo"):
        assert re.search(rf"^  {command}  ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["demo", "-h"], ["local-lambda", "-h"], ["--version"]],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Neither the SDK nor the terminal's library is imported to explain a command."""
    code = (
        "import sys; from ldp_client.cli import execute\n"
        f"status = execute(lambda: None, {arguments})\n"
        f"print(sorted({HEAVY} & set(sys.modules)), status, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr == "[] 0\n"


def test_importing_the_library_imports_nothing_of_it() -> None:
    """`import ldp_client` costs a program nothing until it calls `run`."""
    code = "import sys, ldp_client; print(*[n for n in sys.modules if n.startswith('ldp_')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "ldp_client\n"


def test_the_version_is_that_of_client_and_protocol() -> None:
    """Both versions are told, which count independently."""
    done = lambda_debug("--version")

    assert done.stdout == f"lambda-debug 0.1.0 (protocol {MAJOR}.{MINOR})\n"


@pytest.mark.parametrize(
    "arguments", [["--nothing"], ["nothing"], ["run"], ["run", "a.b", "--lease-s", "x"]]
)
def test_a_wrong_command_line_has_status_2(arguments: list[str]) -> None:
    """Misuse is told on standard error, as one sentence after the usage."""
    done = lambda_debug(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: " in done.stderr


def test_what_stops_a_command_is_told_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An error of the client's is its message, its hint and its status."""

    def prepare() -> None:
        raise ConfigError("Set this to that.", hint="It looks so.")

    assert execute(prepare, ["demo"]) is ExitStatus.MISUSED
    assert capsys.readouterr().err == "lambda-debug: Set this to that.\n  It looks so.\n"


def test_an_interrupt_has_the_status_that_shells_expect() -> None:
    """Ctrl-C before a session has begun ends with 130."""

    def prepare() -> None:
        raise KeyboardInterrupt

    assert execute(prepare, ["demo"]) == 130


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    """Each class stands in the drawing with its exit status, and nothing else does."""
    source = Path(ldp_client.errors.__file__).read_text(encoding="utf-8")
    drawing = (ast.get_docstring(ast.parse(source)) or "").split("```")[1]
    drawn = {}
    for line in drawing.strip().splitlines()[1:]:
        match = re.match(r"[│├└─ ]+(\w+) .*?(\d+)?$", line)
        assert match, line
        drawn[match[1]] = match[2] and int(match[2])
    classes = [
        value
        for value in vars(ldp_client.errors).values()
        if isinstance(value, type) and issubclass(value, ClientError)
    ]

    assert {each.__name__ for each in classes} == {*drawn, "ClientError"}
    for each in classes:
        assert drawn.get(each.__name__) in {None, int(each.exit_code)}


def test_a_hint_is_shown_with_a_traceback() -> None:
    """Where a program lets an error of the library's pass, Python shows the hint with it."""
    assert ClientError("What.", hint="Do this.").__notes__ == ["Do this."]
