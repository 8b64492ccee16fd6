"""A whole run: the foundation first, then everything else side by side, then the verdict.

The foundation is the first checks of a role, on one port: that it starts at all, and that its
handler does as it is told. Where one of them fails nothing else could be judged, and is blocked.
"""

from __future__ import annotations

import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from ldp_conformance.check import NonConformance
from ldp_conformance.events import (
    CheckEnded,
    CheckProgressed,
    CheckStarted,
    RunEnded,
)
from ldp_conformance.outcomes import Finding, Outcome, Result
from ldp_conformance.ports.stage import FOLDER_VARIABLE, Stage
from ldp_conformance.ports.subject import end_all
from ldp_conformance.runner.beginning import started
from ldp_conformance.runner.ending import ended_by
from ldp_conformance.runner.judging import judge_check, verdict
from ldp_conformance.runner.plan import Unit, units
from ldp_conformance.runner.rest import is_at_rest
from ldp_conformance.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ldp_conformance.check import Check
    from ldp_conformance.events import Event
    from ldp_conformance.runner.options import RunOptions

#: How long a port may take that a person starts: a day.
_FOREVER_S: Final = 86_400.0

#: What else is judged makes no sense where a check of this area fails.
FOUNDATION: Final = "start"


def run(options: RunOptions, tell: Callable[[Event], None]) -> RunEnded:
    """Judge a port.

    Args:
        options: What to do.
        tell: Takes in each event; called by one thread at a time.

    Returns:
        The last event.

    Raises:
        UsageError: A name stands for nothing, or the port's program does not exist.
    """
    with _Run(options, tell) as whole:
        return whole.go()


def run_again(
    options: RunOptions, check: Check, replayed: bytes, tell: Callable[[Event], None]
) -> RunEnded:
    """Run one generated case of a check; see `run`."""
    with _Run(options, tell) as whole:
        return whole.go_again(check, replayed)


def run_visited(
    options: RunOptions,
    check: Check,
    announce: Callable[[Stage], None],
    tell: Callable[[Event], None],
) -> RunEnded:
    """Run one check on a port that somebody else starts.

    Args:
        options: What to do; the command of its port is not used.
        check: The check.
        announce: Is told the stage, whose `variables` the port needs.
        tell: See `run`.
    """
    with _Run(options, tell) as whole:
        return whole.go_visited(check, announce)


class _Run:
    """One run; a context manager that ends every port that it started."""

    def __init__(self, options: RunOptions, tell: Callable[[Event], None]) -> None:
        self._options = options
        self._tell_unlocked = tell
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._results: list[Result] = []
        self._stages: set[Stage] = set()
        self._is_ending = False
        self._is_visited = False

    def __enter__(self) -> Self:
        self._witness = self._stack.enter_context(Witness())
        room = tempfile.TemporaryDirectory(prefix="ldp-", ignore_cleanup_errors=True)
        self._room = Path(self._stack.enter_context(room))
        return self

    def __exit__(self, *_: object) -> None:
        self._end_ports()
        if not self._is_visited:  # a visitor, its debugger and its shell are somebody else's to end
            end_all(f"{FOLDER_VARIABLE}={self._room}/")
        self._stack.close()

    def _end_ports(self) -> None:
        """Let no further check begin, and end those that run, for they wait for their ports."""
        self._is_ending = True
        with self._lock:
            stages = list(self._stages)
        for stage in stages:
            stage.subject.close()

    def go(self) -> RunEnded:
        chosen = self._options.chosen()
        self._tell(started(self._options, chosen))
        side = self._options.manifest.side(self._options.role)
        missing = {check.id: check.features - side.features for check in chosen}
        for check in chosen:
            if missing[check.id]:
                names = ", ".join(sorted(feature.value for feature in missing[check.id]))
                self._skip(check, Outcome.NOT_APPLICABLE, f"the port does not declare {names}")
        applicable = [check for check in chosen if not missing[check.id]]
        ended = ended_by(self._judge_all(applicable))
        self._tell(ended)
        return ended

    def go_again(self, check: Check, replayed: bytes) -> RunEnded:
        """Run one generated case of a check."""
        self._tell(started(self._options, [check]))
        with ExitStack() as stack:
            self._judge(check, self._open(Unit(check.setup, (check,)), stack), replayed)
        ended = ended_by(self._results)
        self._tell(ended)
        return ended

    def go_visited(self, check: Check, announce: Callable[[Stage], None]) -> RunEnded:
        """Run one check on a port that somebody else starts."""
        self._is_visited = True
        self._tell(started(self._options, [check]))
        options = self._options
        stage = Stage(options.manifest, check.setup, self._witness, self._room, visited=True)
        announce(stage)
        stage.wait_ready(within_s=_FOREVER_S)
        self._judge(check, stage)
        ended = ended_by(self._results)
        self._tell(ended)
        return ended

    def _judge_all(self, applicable: Sequence[Check]) -> list[Result]:
        first = [check for check in applicable if check.id.split(".")[1] == FOUNDATION]
        rest = [check for check in applicable if check not in first]
        broken = self._first_broken(first)
        if broken is not None:
            self._block_the_rest(applicable, f"{broken.check} failed")
            return self._results
        with ThreadPoolExecutor(self._options.jobs) as workers:
            futures = [workers.submit(self._judge_unit, unit) for unit in units(rest)]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self._end_ports()
                raise
        self._block_the_rest(applicable, "the run ended at its first failure")
        return self._results

    def _block_the_rest(self, applicable: Sequence[Check], reason: str) -> None:
        judged = {result.check for result in self._results}
        for check in applicable:
            if check.id not in judged:
                self._skip(check, Outcome.BLOCKED, reason)

    def _first_broken(self, foundation: Sequence[Check]) -> Result | None:
        """Judge the foundation up to the first check that fails; None if none does."""
        with ExitStack() as stack:
            for number, check in enumerate(foundation):
                if not number:
                    stage = self._open(Unit(check.setup, (check,)), stack)
                result = self._judge(check, stage)
                if result.finding is not None:
                    return result
        return None

    def _judge_unit(self, unit: Unit) -> None:
        """Run a unit's checks, each on a port that no earlier one left in disorder."""
        waiting = list(unit.checks)
        while waiting and not self._is_ending:
            with ExitStack() as stack:
                stage = self._open(unit, stack)
                while waiting and not self._is_ending:
                    check = waiting.pop(0)
                    result = self._judge(check, stage)
                    if result.finding is not None or not is_at_rest(stage):
                        break

    def _open(self, unit: Unit, stack: ExitStack) -> Stage:
        stage = Stage(self._options.manifest, unit.setup, self._witness, self._room)
        with self._lock:
            self._stages.add(stage)
        stack.callback(self._forget, stage)
        return stack.enter_context(stage)

    def _forget(self, stage: Stage) -> None:
        with self._lock:
            self._stages.discard(stage)

    def _judge(self, check: Check, stage: Stage, replayed: bytes | None = None) -> Result:
        self._tell(CheckStarted(_now_ms(), check.id))
        begun = time.monotonic()
        try:
            stage.wait_ready()
        except NonConformance as exc:
            finding = Finding(
                exc.blame,
                exc.sentence,
                check.requirements,
                hint=exc.hint,
                port_output=stage.subject.output[-4_000:],
                reproduce=self._options.line_for(f"run --only {check.id}"),
            )
            took_ms = round((time.monotonic() - begun) * 1000)
            result = verdict(check, finding, self._options, duration_ms=took_ms)
        else:
            progress = self._progress_of(check)
            result = judge_check(check, stage, self._options, progress, replayed)
        self._end(result)
        return result

    def _progress_of(self, check: Check) -> Callable[[int, int, str], None]:
        def tell(done: int, planned: int, note: str) -> None:
            self._tell(CheckProgressed(_now_ms(), check.id, done, planned, note))

        return tell

    def _skip(self, check: Check, outcome: Outcome, reason: str) -> None:
        self._end(Result(check.id, outcome, duration_ms=0, reason=reason))

    def _end(self, result: Result) -> None:
        with self._lock:
            self._results.append(result)
            is_failure = result.outcome in {Outcome.FAILED, Outcome.FIXED}
            if is_failure and self._options.stops_early:
                self._is_ending = True
        self._tell(CheckEnded(_now_ms(), result))

    def _tell(self, event: Event) -> None:
        with self._lock:
            self._tell_unlocked(event)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
