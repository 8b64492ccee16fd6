"""Programs that the queue side starts: which process runs what, and what its caller is told."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from ldp_client.queue_side import slot
from ldp_client.queue_side.aws_clock import AwsClock
from ldp_client.queue_side.crew import Crew
from ldp_client.queue_side.program import Program
from ldp_client.queue_side.runtimes import Office
from ldp_testing.deliveries import CONTEXT, REQUEST, TERMS
from ldp_testing.limits import WAIT_LIMIT_S
from ldp_testing.raw_runtime import RAW
from ldp_wire.actions import Raised, Returned, Start
from ldp_wire.envelopes import RequestId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ldp_wire.actions import Result

#: What a program answers: who it is, and what it was told.
ANSWER: Final = """
post(ask()[0], json.dumps([os.getpid(), os.environ["AWS_LAMBDA_FUNCTION_NAME"]]))
"""
FOR_EVER: Final = f"while True: {ANSWER.strip()}"


class Around:
    """A crew, and what it tells."""

    def __init__(self, folder: Path, code: str, handlers: int = 1) -> None:
        self.file = folder / "program.py"
        self.ended: queue.SimpleQueue[tuple[str, Result]] = queue.SimpleQueue()
        self.problems: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.write(code)
        self.crew = self._crew((sys.executable, str(self.file)), handlers)

    def _crew(self, argv: tuple[str, ...], handlers: int) -> Crew:
        office = Office(threading.Condition(), handlers, AwsClock(), self._end, self._problem)
        return Crew(Program(argv, os.environ), office)

    def _end(self, request_id: str, result: Result, duration_ms: int) -> None:
        assert duration_ms >= 0
        self.ended.put((request_id, result))

    def _problem(self, message: str, _hint: str) -> None:
        self.problems.put(message)

    def write(self, code: str) -> None:
        """Put this into the program's file."""
        self.file.write_text(RAW + code, encoding="utf-8")

    def offer(
        self, request_id: str = "r-1", *, left_s: float = 60, one_way: bool = False, **context: Any
    ) -> None:
        """Have an event, whose caller waits so long for the answer."""
        now_ms = int(time.time() * 1000)
        terms = replace(TERMS, answer_by_ms=now_ms + round(left_s * 1000))
        request = replace(
            REQUEST,
            request_id=RequestId(request_id),
            sent_at_ms=now_ms,
            context=replace(CONTEXT, **{"deadline_ms": now_ms + 60_000, **context}),
            terms=None if one_way else terms,
        )
        self.crew.offer(Start(request, b"{}"))

    def result(self) -> Result:
        """What the next event ended with."""
        return self.ended.get(timeout=WAIT_LIMIT_S)[1]

    def returned(self, **more: Any) -> tuple[int, str]:
        """Run an event; the process that ran it, and the function that it was told."""
        self.offer(**more)
        result = self.result()
        assert isinstance(result, Returned), result
        pid, name = json.loads(result.body)
        return pid, name

    def raised(self, **more: Any) -> Raised:
        """Run an event that fails."""
        self.offer(**more)
        result = self.result()
        assert isinstance(result, Raised), result
        return result


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Around]]:
    """Makes crews that are sent home afterwards."""
    made: list[Around] = []

    def _make(code: str, **more: Any) -> Around:
        made.append(Around(tmp_path, code, **more))
        return made[-1]

    yield _make
    for around in made:
        around.crew.close()


def test_one_process_runs_events_of_one_function(make: Callable[..., Around]) -> None:
    """A new log stream makes no other function, and neither does an event that nobody waits for."""
    around = make(FOR_EVER)
    pid, name = around.returned()

    assert name == "orders"
    assert around.returned(log_stream_name="another") == (pid, name)
    assert around.returned(one_way=True) == (pid, name)


@pytest.mark.parametrize(
    "context",
    [
        {"function_name": "bills"},
        {"function_version": "7"},
        {"memory_limit_in_mb": 512},
        {"invoked_function_arn": "arn:aws:lambda:us-west-2:123456789012:function:orders"},
    ],
)
def test_another_function_gets_another_process(
    make: Callable[..., Around], context: dict[str, Any]
) -> None:
    """What a runtime is told by variables never changes under it."""
    around = make(FOR_EVER)
    pid, _ = around.returned()
    other, name = around.returned(**context)

    assert other != pid
    assert name == context.get("function_name", "orders")


def test_a_program_that_ended_while_idle_costs_no_event(make: Callable[..., Around]) -> None:
    """It is started again for the next, whose caller notices nothing."""
    around = make(ANSWER)

    assert around.returned() != around.returned()


def test_a_program_that_keeps_dying_is_started_once_for_each_event(
    make: Callable[..., Around], tmp_path: Path
) -> None:
    """Without events nothing is started, so nothing has to slow down what dies again and again."""
    starts = tmp_path / "starts"
    around = make(f"print(os.getpid(), file=open({str(starts)!r}, 'a'))\nsys.exit(3)\n")
    types = [around.raised().error_type for _ in range(3)]

    assert types == ["Runtime.ExitError"] * 3
    assert len(starts.read_text().split()) == 3


def test_a_mended_program_is_started_again(make: Callable[..., Around]) -> None:
    """After `renew` no event is run by a process from before (SES-36)."""
    around = make(FOR_EVER)
    before = around.returned()
    around.crew.renew()

    assert around.returned() != before


def test_events_wait_for_a_free_slot(make: Callable[..., Around]) -> None:
    """Each is run once, whatever is ready at the same time."""
    around = make(FOR_EVER, handlers=2)
    assert around.crew.idle_workers == 2
    for number in range(5):
        around.offer(f"r-{number}")
    ended = {around.ended.get(timeout=WAIT_LIMIT_S)[0] for _ in range(5)}

    assert ended == {f"r-{number}" for number in range(5)}
    assert around.ended.empty()
    assert around.crew.idle_workers == 2


def test_what_cannot_be_executed_is_told_to_both(make: Callable[..., Around]) -> None:
    """The caller gets Lambda's error, the developer the program's name."""
    around = make(FOR_EVER)
    around.file.chmod(0o755)  # but no interpreter is named in it
    around.crew = around._crew((str(around.file),), 1)
    fault = around.raised()

    assert fault.error_type == "Runtime.InvalidEntrypoint"
    assert fault.error_message.endswith(f"Error: fork/exec {around.file}: exec format error")
    assert str(around.file) in around.problems.get(timeout=WAIT_LIMIT_S)


def test_a_program_that_never_asks_is_given_up(make: Callable[..., Around]) -> None:
    """Shortly before nobody waits its caller gets Lambda's error, and the next a new process."""
    around = make("signal.pause()")
    fault = around.raised(left_s=2)
    around.write(FOR_EVER)

    assert fault.error_type == "Sandbox.Timedout"
    assert fault.error_message.endswith("Error: Task timed out after 60.00 seconds")
    assert around.returned()


def test_a_program_that_asks_no_more_is_given_up(make: Callable[..., Around]) -> None:
    """The same holds for one that has answered an event before."""
    around = make(ANSWER + "signal.pause()")
    before = around.returned()

    assert around.raised(left_s=2).error_type == "Sandbox.Timedout"
    assert around.returned() != before


def test_a_slow_start_is_told_and_waited_for(
    make: Callable[..., Around], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A debugger may hold it: the developer is told, and the event stays with it."""
    monkeypatch.setattr(slot, "_PATIENCE_S", 0.01)
    pipe = tmp_path / "go-on"
    os.mkfifo(pipe)
    around = make(f"open({str(pipe)!r}).read()\n{ANSWER}")
    around.offer()
    assert "has not asked for work" in around.problems.get(timeout=WAIT_LIMIT_S)
    pipe.write_text("")

    assert isinstance(around.result(), Returned)


def test_closing_ends_what_runs_and_tells_nothing(
    make: Callable[..., Around], tmp_path: Path
) -> None:
    """Whoever gave the events up wants no results of them, nor anything started."""
    pipe = tmp_path / "up"
    os.mkfifo(pipe)
    around = make(f"ask()\nopen({str(pipe)!r}, 'w').write('up')\nsignal.pause()")
    around.offer()
    assert pipe.read_text() == "up"
    around.crew.close()
    around.offer("r-2")

    assert around.ended.empty()
    around.crew.close()
