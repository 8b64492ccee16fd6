"""Chaos, short form: a clean ledger in bad weather, and a red one wherever a rule is broken."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from ldp_client.local_lambda import Entry
from ldp_testing.chaos.callers import Callers
from ldp_testing.chaos.evidence import DELETE, RECEIVE, SEND
from ldp_testing.chaos.history import Weather
from ldp_testing.chaos.ledger import judge
from ldp_testing.chaos.plan import Planned
from ldp_testing.chaos.saboteurs import Rule, program
from ldp_testing.chaos.stage import Site, Stage
from ldp_testing.chaos.table import text
from ldp_testing.client_process import LIMIT_S
from ldp_testing.tap import ConnectionCut, Effect, Hold, Point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_testing.chaos.clients import Client
    from ldp_testing.chaos.history import Passage
    from ldp_testing.chaos.ledger import Ledger
    from ldp_testing.moto_server import MotoServer
    from ldp_testing.tap import Answer, Call

_TESTS: Final = Path(__file__).parent
_FUNCTION: Final = Site("function", Entry.RUNTIME, timeout_s=25)
_HASTY: Final = Site("function", Entry.RUNTIME, timeout_s=6)


@pytest.mark.timeout(300)
def test_a_run_in_bad_weather_ends_with_a_clean_ledger() -> None:
    """Killed, stopped and cut off, every caller gets its own answer or a typed error (EXC-6)."""
    environment = {**os.environ, "PYTHONPATH": str(_TESTS)}
    environment.pop("COVERAGE_PROCESS_CONFIG", None)  # it is about other processes, and for hours
    command = [sys.executable, "-m", "ldp_testing.chaos", "--seed", "1", "--invocations", "200"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


class _Play:
    """A short run with one aim, and its ledger."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.planned: list[Planned] = []
        self.callers: list[Callers] = []

    def invoke(self, site: Site, planned: Planned) -> Callers:
        """Invoke a function that is deployed for it; its caller waits in a thread."""
        callers = Callers([planned])
        self.callers.append(callers)
        callers.start(self.stage.deploy(site), 1)
        return callers

    def wait_for(self, is_it: Callable[[Passage], bool]) -> None:
        """Wait until such an operation was done by the server."""
        until = threading.Event()
        for _ in range(round(LIMIT_S / 0.05)):
            if any(each.done_ms and is_it(each) for each in self.stage.wire.passages):
                return
            until.wait(0.05)
        raise TimeoutError

    def ledger(self) -> Ledger:
        """Wait for all callers, end the clients, and judge; the ledger is shown if a test fails."""
        for callers in self.callers:
            callers.wait_for_all()
        for client in self.stage.clients:
            client.close()
        made = [each for callers in self.callers for each in callers.made]
        history = self.stage.history(tuple(made), len(self.callers))
        ledger = judge(history)
        sys.stdout.write(text(history, ledger))
        return ledger


class _Strike(Effect):
    """Kills a client at a point of a call, whose answer it does not live to see.

    Attributes:
        struck: Set when it has.
    """

    def __init__(self, client: Client, at: Point) -> None:
        self.struck = threading.Event()
        self._client = client
        self._at = at

    def on_request(self, call: Call) -> Answer | None:  # noqa: ARG002
        """Strike before the server has the call, or later."""
        if self._at is Point.REQUEST:
            self._strike()
        return None

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Strike when the server has done it."""
        self._strike()
        return answer

    def _strike(self) -> None:
        self._client.kill(Weather.BOTH_KILLED)
        self.struck.set()
        raise ConnectionCut


@pytest.fixture
def play(moto_server: MotoServer, tmp_path: Path) -> Iterator[_Play]:
    """A stage with no weather but what a test makes."""
    with Stage(tmp_path, moto_server) as stage:
        yield _Play(stage)


SABOTAGED = pytest.mark.parametrize("is_sabotaged", [True, False], ids=["broken", "kept"])


@SABOTAGED
def test_a_lease_that_is_not_renewed_makes_the_ledger_red(
    play: _Play, *, is_sabotaged: bool
) -> None:
    """A second client runs what the first is running, and no weather explains it (SES-7)."""
    for _ in range(2):
        play.stage.add_client(program(Rule.LEASE) if is_sabotaged else None)
    # Twice at once is once and for all; that it does not happen takes a few leases to see.
    work_ms = 15_000 if is_sabotaged else 5_000
    play.invoke(_FUNCTION, Planned("long", work_ms=work_ms, until_runs=2))
    ledger = play.ledger()

    assert ledger.is_clean is not is_sabotaged
    assert ledger.right == 1
    assert ledger.at_once.total() == is_sabotaged
    assert ledger.at_once["unexplained"] == is_sabotaged


@SABOTAGED
def test_a_journal_that_is_not_written_makes_the_ledger_red(
    play: _Play, *, is_sabotaged: bool
) -> None:
    """A client killed before it could delete runs the answered event again (SES-24, SES-25)."""
    client = play.stage.add_client(program(Rule.JOURNAL) if is_sabotaged else None)
    strike = _Strike(client, Point.REQUEST)
    play.stage.tap.apply(strike, DELETE, queue=play.stage.request_queue)
    play.invoke(_FUNCTION, Planned("again"))
    assert strike.struck.wait(LIMIT_S)
    client.start()
    play.wait_for(lambda each: (each.operation, each.kind) == (DELETE, "request"))
    ledger = play.ledger()

    assert ledger.is_clean is not is_sabotaged
    assert ledger.right == 1
    assert ledger.again["unexplained"] == is_sabotaged


@SABOTAGED
def test_a_request_that_is_deleted_before_its_answer_makes_the_ledger_red(
    play: _Play, *, is_sabotaged: bool
) -> None:
    """A client killed right after the deletion leaves nothing to answer from (SES-13)."""
    client = play.stage.add_client(program(Rule.ORDER) if is_sabotaged else None)
    play.stage.tap.apply(_Strike(client, Point.ANSWER), DELETE, queue=play.stage.request_queue)
    play.invoke(_HASTY, Planned("gone"))
    ledger = play.ledger()

    assert ledger.is_clean is not is_sabotaged
    assert len(ledger.lost) == is_sabotaged
    assert dict(ledger.errors) == (
        {("Proxy.NoResponse", "the time ran out"): 1} if is_sabotaged else {}
    )


@SABOTAGED
def test_a_proxy_that_takes_any_answer_makes_the_ledger_red(
    play: _Play, *, is_sabotaged: bool
) -> None:
    """Of two callers on one queue each gets the other's answer (EXC-2)."""
    play.stage.add_client()
    handler = "ldp_testing.chaos.uncorrelated.handler" if is_sabotaged else None
    hold = Hold()
    play.stage.tap.apply(hold, RECEIVE, when=lambda call: call.access_key == "first")
    play.invoke(Site("first", Entry.AWSLAMBDARIC, 25, handler=handler), Planned("one"))
    play.wait_for(lambda each: (each.operation, each.kind) == (SEND, "response"))
    play.invoke(
        Site("second", Entry.AWSLAMBDARIC, 25, handler=handler), Planned("two")
    ).wait_for_all()
    hold.release()
    ledger = play.ledger()

    assert ledger.is_clean is not is_sabotaged
    assert len(ledger.crossed) == (2 if is_sabotaged else 0)
    assert ledger.right == (0 if is_sabotaged else 2)
