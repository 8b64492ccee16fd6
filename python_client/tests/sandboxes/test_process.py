from __future__ import annotations

import os
import queue
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from ldp_client.sandboxes.errors import ProgramUnavailable
from ldp_client.sandboxes.process import Command, SandboxProcess
from ldp_testing.local_functions import (
    LIMIT_S,
    Lines,
    await_end,
    await_state,
    await_stop,
    process_state,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAITS_FOR_EVER = "import signal; print('up', flush=True); signal.pause()"
HAS_A_CHILD = """
import os, signal
child = os.fork()
if child:
    print(child, flush=True)
signal.pause()
"""


class Running:
    """A process with what it says and how it ends."""

    def __init__(self, code: str, folder: Path) -> None:
        self.lines = Lines()
        self.exits: queue.Queue[int] = queue.Queue()
        command = Command((sys.executable, "-c", code), {}, folder)
        self.process = SandboxProcess(command, self.lines, self.exits.put)
        self.process.start()


@contextmanager
def running(code: str, folder: Path) -> Iterator[Running]:
    """Run the code until the block ends."""
    started = Running(code, folder)
    yield started
    started.process.kill()


def test_freezing_stops_and_thawing_continues(tmp_path: Path) -> None:
    """A frozen process is stopped as the kernel sees it, and goes on when thawed."""
    with running(WAITS_FOR_EVER, tmp_path) as one:
        one.lines.next()
        one.process.freeze()
        await_stop(one.process.pid)
        assert process_state(one.process.pid) == "T"
        one.process.thaw()
        os.waitid(os.P_PID, one.process.pid, os.WCONTINUED | os.WNOWAIT)


def test_its_lines_are_told_before_its_end(tmp_path: Path) -> None:
    """Whoever hears of the end has all the lines."""
    with running("print(1); print(2); raise SystemExit(3)", tmp_path) as one:
        assert one.exits.get(timeout=LIMIT_S) == 3
        assert one.lines.rest() == ["1", "2"]


@pytest.mark.parametrize("frozen", [False, True])
def test_killing_ends_it_frozen_or_not(tmp_path: Path, frozen: bool) -> None:  # noqa: FBT001
    """When the call returns, the process has gone and its end was told."""
    with running(WAITS_FOR_EVER, tmp_path) as one:
        one.lines.next()
        if frozen:
            one.process.freeze()
        one.process.kill()

        assert one.exits.get_nowait() == -signal.SIGKILL
        assert process_state(one.process.pid) == ""


def test_children_are_frozen_and_killed_along(tmp_path: Path) -> None:
    """What a function has started does not outlive its sandbox."""
    with running(HAS_A_CHILD, tmp_path) as one:
        child = int(one.lines.next())
        one.process.freeze()
        assert await_state(child, "T")
        one.process.kill()

    assert await_end(child)


def test_children_left_behind_are_killed(tmp_path: Path) -> None:
    """A process that exits takes its children with it, as the end of a sandbox does."""
    leaves_it = HAS_A_CHILD.replace("signal.pause()", "child and os._exit(0) or signal.pause()")
    with running(leaves_it, tmp_path) as one:
        child = int(one.lines.next())

        assert one.exits.get(timeout=LIMIT_S) == 0
    assert await_end(child)


def test_a_descendant_that_left_the_group_does_not_hide_the_end(tmp_path: Path) -> None:
    """It may hold the pipe, but the end is told all the same."""
    escapes = """
import os, signal
if child := os.fork():
    os.waitpid(child, 0)
elif grandchild := os.fork():
    print(grandchild, flush=True)
else:
    os.setsid()
    signal.pause()
"""
    with running(escapes, tmp_path) as one:
        grandchild = int(one.lines.next())

        assert one.exits.get(timeout=LIMIT_S) == 0
        os.kill(grandchild, signal.SIGKILL)
        one.process._reader.join(LIMIT_S)


def test_signals_after_the_end_go_nowhere(tmp_path: Path) -> None:
    """A process ID is not used once its process has gone."""
    with running("", tmp_path) as one:
        one.exits.get(timeout=LIMIT_S)
        one.process.freeze()
        one.process.thaw()
        one.process.kill()

    assert one.exits.empty()


def test_a_ctrl_c_does_not_reach_it(tmp_path: Path) -> None:
    """It leads a process group of its own, in this session."""
    with running(WAITS_FOR_EVER, tmp_path) as one:
        assert os.getpgid(one.process.pid) == one.process.pid
        assert os.getsid(one.process.pid) == os.getsid(0)


def test_what_cannot_be_started_is_a_clear_error(tmp_path: Path) -> None:
    """The error names the program and says what to check."""
    with pytest.raises(ProgramUnavailable, match="/no/such/program") as caught:
        SandboxProcess(Command(("/no/such/program",), {}, tmp_path), Lines(), lambda _: None)

    assert "exists" in caught.value.hint


def test_it_may_write_where_this_process_writes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Byte for byte, on either stream; one of them can take what is meant for the other."""
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr)"
    for stdout in (None, 2):
        exits: queue.Queue[int] = queue.Queue()
        command = Command((sys.executable, "-c", code), {}, tmp_path, stdout)
        SandboxProcess(command, None, exits.put).start()
        assert exits.get(timeout=LIMIT_S) == 0

    assert capfd.readouterr() == ("out\n", "err\nout\nerr\n")
