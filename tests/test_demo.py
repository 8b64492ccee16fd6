from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = Path(sys.executable).with_name("lambda-debug")
#: What is another in each run: numbers with their units, and the columns that follow their width.
VARYING = re.compile(r"nonce-\S+|[0-9][0-9,.:]*|\b(?:ms|s|min)\b|[ ━┏┳┓┡╇┩└┴┘─]+")


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end."""
    return subprocess.run(
        [PROGRAM, "demo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )


def shape(text: str) -> Counter[str]:
    """The lines of a run without what differs from run to run, in any order."""
    lines = (" ".join(VARYING.sub(" ", line).split()) for line in text.splitlines())
    return Counter(line for line in lines if line)


@pytest.fixture(scope="module")
def done() -> subprocess.CompletedProcess[str]:
    """The demo as it is."""
    return demo()


def test_the_demo_answers_every_event(done: subprocess.CompletedProcess[str]) -> None:
    """The demo ends well, and its caller found every answer right (PAY-1, PAY-2, ENV-27)."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 33 answers are right" in done.stdout
    assert done.stdout.count("│ right") == 14


def test_the_readme_shows_what_the_demo_prints(done: subprocess.CompletedProcess[str]) -> None:
    """The run that the README shows is the demo's of today, but for its numbers."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    captured = re.search(r"<!-- captured: demo -->\n```text\n(.*?)```", readme, re.DOTALL)
    assert captured is not None
    here = str(ROOT / "python_client" / "src")

    assert shape(captured[1]) == shape(done.stdout.replace(here, "…"))


def test_swapped_answers_are_noticed() -> None:
    """With two answers swapped the caller says that they are for other events (EXC-2)."""
    done = demo("--break")

    assert done.returncode == 1
    assert "2 of 10 rows are wrong" in done.stdout


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo with the user's own handler, in a folder of its own."""
    (tmp_path / "my_app.py").write_text(
        "def handler(event, context):\n    breakpoint()\n    return {'order': event['order'] + 1}\n"
    )
    process = subprocess.Popen(
        [PROGRAM, "demo", "my_app.handler"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    yield process
    process.kill()
    process.communicate()


@pytest.mark.usefixtures("unmeasured")
def test_a_breakpoint_in_the_users_handler_stops(serving: subprocess.Popen[str]) -> None:
    """The printed curl line reaches the user's handler, which stops at its breakpoint."""
    assert serving.stdin is not None
    assert serving.stdout is not None
    command = next(line for line in serving.stdout if "curl" in line)
    url = command.split()[1]
    serving.stdin.write("p 6 * 7\ncontinue\n")
    serving.stdin.flush()

    with urllib.request.urlopen(url, data=b'{"order": 1}') as answer:
        assert answer.read() == b'{"order": 2}'

    os.killpg(serving.pid, signal.SIGINT)
    assert "42" in serving.stdout.read()
    assert serving.wait() == 0
