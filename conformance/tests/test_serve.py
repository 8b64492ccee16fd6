"""A port that somebody else starts, and a run that somebody ends."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from ldp_conformance.cli.main import INTERRUPTED
from ldp_testing.limits import WAIT_LIMIT_S
from ldp_testing.processes import MEASURING

TESTS = Path(__file__).parent
PROGRAM = [sys.executable, "-u", "-m", "ldp_conformance"]
PORT = [sys.executable, "-m", "faulty.client"]
SURROUNDINGS = {name: value for name, value in os.environ.items() if name != MEASURING}
SURROUNDINGS["PYTHONPATH"] = str(TESTS)


def test_a_port_in_a_debugger_is_served_one_case(tmp_path: Path) -> None:
    """The variables that are printed are all that a port needs; nobody but its owner ends it."""
    serving = subprocess.Popen(
        [*PROGRAM, "serve", "client.start.answers"], stdout=subprocess.PIPE, text=True
    )
    with serving:
        assert serving.stdout is not None
        lines = list(iter(serving.stdout.readline, "Waiting for its first receive; Ctrl-C ends.\n"))
        exports = [line.removeprefix("export ") for line in lines if line.startswith("export ")]
        told = dict(shlex.split(line)[0].split("=", 1) for line in exports)
        port = subprocess.Popen(PORT, env=SURROUNDINGS | told | {"FAULTY_STATE_DIR": str(tmp_path)})
        said, _ = serving.communicate(timeout=WAIT_LIMIT_S)
        was_left_alone = port.poll() is None
        port.kill()
        port.wait()

    assert serving.returncode == 0
    assert "1 check passed" in said
    assert was_left_alone


def test_an_interrupted_run_leaves_no_port_behind() -> None:
    """Ctrl-C ends the run and every port that it started, at once."""
    length = f"600.{os.getpid()}"  # nobody else's
    running = subprocess.Popen(
        [*PROGRAM, "run", "--", "sleep", length], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with running:
        while not (ports := _processes(length)):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate(timeout=WAIT_LIMIT_S)

    assert running.returncode == INTERRUPTED
    assert b"interrupted" in complaint
    assert ports
    assert _processes(length) == []


def _processes(word: str) -> list[int]:
    """The processes with this word in their command."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:  # gone meanwhile
            continue
        if word.encode() in words and words[0] == b"sleep":
            found.append(int(entry.name))
    return found
