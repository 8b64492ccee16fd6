from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ldp_conformance.errors import UsageError
from ldp_conformance.ports.subject import KEPT_OUTPUT_BYTES, Subject
from ldp_testing.limits import WAIT_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Start = Callable[..., Subject]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a Python program as a port."""
    started = []

    def begin(code: str, **variables: str) -> Subject:
        command = [sys.executable, "-c", code]
        started.append(Subject(command, tmp_path, variables, tmp_path))
        return started[-1]

    yield begin
    for subject in started:
        subject.close()


def test_what_a_port_prints_is_kept(start: Start) -> None:
    """Standard output and error are there when it has ended."""
    subject = start("import os; os.write(1, b'out\\n'); os.write(2, b'err\\n')")  # whole lines

    assert subject.wait_end(WAIT_LIMIT_S) == 0
    subject.wait_heard()
    assert {"out", "err"} <= set(subject.output.split())


def test_of_a_port_that_prints_without_end_the_end_is_kept(start: Start) -> None:
    """The suite's memory is bounded, whatever a port does."""
    subject = start("print('begin'); print('x' * 2_000_000); print('end')")

    subject.wait_end(WAIT_LIMIT_S)
    subject.wait_heard()
    assert "begin" not in subject.output
    assert subject.output.endswith("end\n")
    assert len(subject.output) <= KEPT_OUTPUT_BYTES + 65_536


def test_a_port_sees_what_it_is_given_and_no_credentials(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suite's own AWS and Lambda variables stay its own."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    monkeypatch.setenv("LAMBDA_PROXY_REQ_QUEUE_URL", "mine")
    code = "import os; print([os.environ.get(n) for n in ('AWS_SECRET_ACCESS_KEY', "
    code += "'LAMBDA_PROXY_REQ_QUEUE_URL', 'GIVEN')])"
    subject = start(code, GIVEN="yours")

    subject.wait_end(WAIT_LIMIT_S)
    subject.wait_heard()
    assert subject.output.strip() == "[None, None, 'yours']"


def test_a_port_of_several_processes_is_one(start: Start) -> None:
    """A kill reaches every process of the group, as a power cut would."""
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('ready', flush=True); time.sleep(600)"
    )
    subject = start(code)
    while "ready" not in subject.output:
        assert subject.status is None

    assert len(subject.pids()) == 2
    subject.kill()
    assert subject.status == -signal.SIGKILL
    assert subject.pids() == [subject.pid]


def test_enter_and_signals_reach_a_port(start: Start) -> None:
    """A line arrives on standard input; a signal ends it."""
    subject = start("input(); print('pressed', flush=True); import time; time.sleep(600)")
    subject.write_line()
    while "pressed" not in subject.output:
        assert subject.status is None
    subject.send(signal.SIGTERM)

    assert subject.wait_end(WAIT_LIMIT_S) == -signal.SIGTERM


def test_a_port_is_started_again_in_the_same_surroundings(start: Start) -> None:
    """After a restart it is another process with the same command and variables."""
    subject = start("import os; print(os.environ['GIVEN'])", GIVEN="same")
    subject.wait_end(WAIT_LIMIT_S)
    before = subject.pid
    subject.restart()
    subject.wait_end(WAIT_LIMIT_S)
    subject.wait_heard()

    assert subject.pid != before
    assert subject.output.split() == ["same", "same"]


def test_a_program_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    """It is the user's to mend, before anything is judged."""
    with pytest.raises(UsageError, match="cannot start no-such-program"):
        Subject(["no-such-program"], tmp_path, {}, tmp_path)


def test_what_lives_in_another_session_is_killed_too(start: Start) -> None:
    """A client may run its queue side apart from the terminal's group."""
    code = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', "
        "\"print('here', flush=True); import time; time.sleep(600)\"], start_new_session=True); "
        "child.wait()"
    )
    subject = start(code)
    deadline = time.monotonic() + WAIT_LIMIT_S
    while "here" not in subject.output and time.monotonic() < deadline:
        time.sleep(0.01)
    both = subject.pids()

    assert len(both) == 2
    subject.kill()
    assert subject.pids() == [subject.pid]


def test_a_port_is_listened_to_until_it_is_still(start: Start) -> None:
    """What comes in pieces is heard whole."""
    code = "import time\nfor word in 'one', 'two':\n print(word, flush=True); time.sleep(0.1)"

    assert start(code).output_until_still(0.0, 2.0).split() == ["one", "two"]
