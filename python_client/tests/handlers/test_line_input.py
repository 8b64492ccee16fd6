"""Standard input in its many forms: pipe, file, device, terminal, and none."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from ldp_client.handlers.line_input import LineInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO


class Typist:
    """A pipe's writing end, in place of a keyboard."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read, self._write = os.pipe()
        self.stream = os.fdopen(read)
        monkeypatch.setattr("sys.stdin", self.stream)

    def type_in(self, text: str) -> None:
        """Write this."""
        os.write(self._write, text.encode())

    def close(self) -> None:
        """Write no more."""
        if self._write >= 0:
            os.close(self._write)
            self._write = -1


@pytest.fixture
def typist(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typist]:
    """Standard input is a pipe."""
    typist = Typist(monkeypatch)
    yield typist
    typist.close()
    typist.stream.close()


def _begun() -> LineInput:
    lines = LineInput()
    lines.begin()
    return lines


def test_a_line_is_taken_byte_by_byte_to_its_end(typist: Typist) -> None:
    """What follows the line stays for whoever reads next."""
    lines = _begun()
    typist.type_in("go\nnext\n")

    assert lines.descriptor == typist.stream.fileno()
    assert [lines.take() for _ in range(3)] == [False, False, True]
    assert typist.stream.readline() == "next\n"


def test_what_was_there_before_does_not_count(typist: Typist) -> None:
    """A line from before the beginning ends nothing (SES-19)."""
    typist.type_in("\n\n")
    lines = _begun()
    typist.type_in("\n")

    assert [lines.take() for _ in range(3)] == [False, False, True]


def test_the_end_of_a_pipe_closes_it(typist: Typist) -> None:
    """Once nobody can type any more, no line can come."""
    lines = _begun()
    typist.close()

    assert lines.is_open
    assert not lines.take()
    assert not lines.is_open
    assert lines.descriptor is None
    assert not lines.take()


def test_a_pipe_that_is_not_ready_makes_nobody_wait(typist: Typist) -> None:
    """Somebody else may have set the shared pipe to not block, and have read it empty."""
    lines = _begun()
    os.set_blocking(typist.stream.fileno(), False)

    assert not lines.take()
    assert lines.is_open


def test_the_null_device_and_files_end_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Services and redirections have no keyboard; what a file holds is from before."""
    (tmp_path / "lines").write_text("\n")

    def taken(stream: IO[str]) -> list[bool]:
        monkeypatch.setattr("sys.stdin", stream)
        lines = _begun()
        with stream:
            return [lines.take(), lines.take(), lines.is_open]

    assert taken(open(os.devnull)) == [False, False, False]  # noqa: PTH123, SIM115 - no Path
    assert taken((tmp_path / "lines").open()) == [False, False, False]


@pytest.mark.parametrize("absent", [None, object()])
def test_without_standard_input_no_line_can_come(
    monkeypatch: pytest.MonkeyPatch, absent: object
) -> None:
    """A notebook puts something else in its place; a service has none."""
    monkeypatch.setattr("sys.stdin", absent)

    assert not _begun().is_open


SHELL = """
    import fcntl, os, signal, sys, termios
    from ldp_client.handlers.line_input import LineInput

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for ignored in (signal.SIGTTOU, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    wait, go = os.pipe()
    job = os.fork()
    if job:
        os.read(int(sys.argv[1]), 1)
        os.tcsetpgrp(0, job)
        os.write(go, b"!")
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]))

    os.setpgid(0, 0)
    lines = LineInput()
    lines.begin()
    print("background", lines.is_open, lines.descriptor, lines.take(), flush=True)
    os.read(wait, 1)
    print("foreground", lines.is_open, lines.descriptor, flush=True)
    print("typed", lines.take(), flush=True)
    print("gone", lines.take(), lines.is_open, flush=True)
"""


def test_a_background_job_is_not_stopped_and_reads_once_in_the_foreground(tmp_path: Path) -> None:
    """`lambda-debug run … &` reads nothing until `fg` gives it the keyboard."""
    (tmp_path / "shell.py").write_text(textwrap.dedent(SHELL))
    with ExitStack() as stack:
        pipes = [*os.openpty(), *os.pipe()]
        for descriptor in pipes:
            stack.callback(os.close, descriptor)
        keyboard, terminal, wait, go = pipes
        shell = subprocess.Popen(
            [sys.executable, str(tmp_path / "shell.py"), str(wait)],
            stdin=terminal,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=[wait],
            start_new_session=True,
        )
        assert shell.stdout is not None
        assert shell.stdout.readline() == "background True None False\n"
        os.write(go, b"!")
        assert shell.stdout.readline() == "foreground True 0\n"
        os.write(keyboard, b"\n")
        assert shell.stdout.readline() == "typed True\n"

    with shell:
        assert shell.stdout.readline() == "gone False False\n"
    assert shell.returncode == 0
