"""What the main thread does between two events, on real sockets and pipes."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from ldp_client.handlers.hold import HoldSign, Wait
from ldp_client.handlers.line_input import LineInput
from ldp_testing.runtime_side import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Stage:
    """A wait with everything around it, in a test's hands.

    Attributes:
        sign: What the wait sees.
        runs: The holds that were to be run again, in order.
        answer: What is said at each Enter.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sign = HoldSign()
        self.runs: list[int] = []
        self.answer: Callable[[int], bool] = lambda _hold: True
        self._near, self._far = socket.socketpair()
        read, self._typed = os.pipe()
        self._stdin = os.fdopen(read)
        monkeypatch.setattr("sys.stdin", self._stdin)
        self.lines = LineInput()
        self.wait = Wait(self.sign, self._run_again, self.lines)

    def _run_again(self, hold: int) -> bool:
        self.runs.append(hold)
        return self.answer(hold)

    def type_in(self, text: str) -> None:
        """Write to standard input."""
        os.write(self._typed, text.encode())

    def end_input(self) -> None:
        """Close standard input's other end."""
        os.close(self._typed)
        self._typed = -1

    def finish(self) -> None:
        """Let the connection be readable, which ends the wait."""
        self._far.send(b"!")

    def finish_at(self, hold: int) -> None:
        """Let it end when a hold is run again."""

        def answer(asked: int) -> bool:
            if asked == hold:
                self.finish()
            return True

        self.answer = answer

    def __call__(self) -> None:
        """Wait."""
        self.wait(self._near)
        self._near.recv(1)

    def close(self) -> None:
        """Let go of everything."""
        self._near.close()
        self._far.close()
        self._stdin.close()
        if self._typed >= 0:
            os.close(self._typed)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A wait whose standard input is a pipe."""
    stage = Stage(monkeypatch)
    stage.lines.begin()
    yield stage
    stage.close()


def test_enter_runs_what_is_held_again(stage: Stage) -> None:
    """A line on standard input is told with the number of the hold (SES-36)."""
    stage.finish_at(3)
    stage.sign.show(3)
    stage.type_in("\n")
    stage()

    assert stage.runs == [3]


def test_nothing_is_read_while_nothing_is_held(stage: Stage) -> None:
    """What is typed then is left to the handler and its debugger (SES-19)."""
    stage.type_in("p answer\n")
    stage.finish()
    stage()

    assert stage.runs == []
    assert os.read(stage._stdin.fileno(), 100) == b"p answer\n"


def test_a_hold_that_begins_and_ends_is_seen_in_the_middle_of_a_wait(stage: Stage) -> None:
    """The sign wakes the wait, so that reading begins and ends with the hold."""
    stage.finish_at(1)
    thread = threading.Thread(target=stage)
    thread.start()
    stage.sign.show(1)
    stage.type_in("\n")
    thread.join(LIMIT_S)

    assert stage.runs == [1]


def test_one_enter_is_one_run(stage: Stage) -> None:
    """After an Enter nothing is read until another event is held: it may be pdb's (SES-19)."""
    stage.sign.show(1)
    stage.type_in("\np answer\n")

    def answer(_hold: int) -> bool:
        stage.finish()
        return True

    stage.answer = answer
    stage()
    stage.finish()
    stage()

    assert stage.runs == [1]
    assert os.read(stage._stdin.fileno(), 100) == b"p answer\n"


def test_code_that_could_not_be_loaded_waits_for_another_enter(stage: Stage) -> None:
    """An Enter that led to nothing does not end the hold."""
    stage.sign.show(1)
    stage.type_in("\n")

    def answer(_hold: int) -> bool:
        if len(stage.runs) == 1:
            stage.type_in("\n")
            return False
        stage.finish()
        return True

    stage.answer = answer
    stage()

    assert stage.runs == [1, 1]


def test_the_end_of_standard_input_is_told_once(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where no Enter can come, the developer reads what to do instead (SES-36)."""
    stage.end_input()
    for hold in (1, 2):
        stage.lines.begin()
        stage.sign.show(hold)
        if hold == 2:
            stage.finish()
            stage()
            continue
        thread = threading.Thread(target=stage)
        thread.start()
        told = ""
        while "start the client again" not in told:
            told += capfd.readouterr().err
        stage.finish()
        thread.join(LIMIT_S)

    assert "start the client again" not in capfd.readouterr().err


def test_a_long_wait_looks_up_and_goes_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it looks up, the wait ends only when there is something to read."""
    monkeypatch.setattr("ldp_client.handlers.hold._GLANCE_S", 0.0)
    looks = threading.Semaphore(0)
    read = stage.sign.read

    def look() -> int:
        looks.release()
        return read()

    monkeypatch.setattr(stage.sign, "read", look)
    thread = threading.Thread(target=stage)
    thread.start()
    assert all(looks.acquire(timeout=LIMIT_S) for _ in range(3))
    assert thread.is_alive()
    stage.finish()
    thread.join(LIMIT_S)


def test_a_sign_that_nobody_reads_blocks_nobody() -> None:
    """However often it changes, whoever shows it goes on; the last number is what is read."""
    sign = HoldSign()
    for number in range(100_000):
        sign.show(number)

    assert sign.read() == 99_999
