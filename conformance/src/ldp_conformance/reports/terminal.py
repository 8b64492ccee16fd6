"""The run on the terminal: what goes on while it does, then what came of it.

On a terminal a bar shows how far it is; elsewhere each check that ends is a line. Colour is never
the only sign, and NO_COLOR takes it away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ldp_conformance.events import (
    CheckEnded,
    CheckProgressed,
    CheckStarted,
    RunEnded,
    RunStarted,
)
from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.page import Page
from ldp_conformance.reports.summary import fold
from ldp_conformance.reports.terminal_text import STYLES, show
from ldp_conformance.reports.wording import counted, duration, short, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from ldp_conformance.events import Event
    from ldp_conformance.outcomes import Result
    from ldp_conformance.reports.exclusions import Exclusion

_NAMED: Final = 2
#: What the summary counts by its reason: a line for each would bury what failed.
_NOT_RUN: Final = {Outcome.NOT_APPLICABLE, Outcome.BLOCKED}


class Terminal:
    """A sink of events that shows them; a context manager, so that the bar goes whatever happens.

    Args:
        console: Where to. It decides on colour, width and whether there is a bar.
        exclusions: Why some requirements have no check.
    """

    def __init__(self, console: Console, *, exclusions: Iterable[Exclusion] = ()) -> None:
        self._page = Page(console)
        self._console = console
        self._exclusions = tuple(exclusions)
        self._events: list[Event] = []
        self._live = _Live(console)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def take(self, event: Event) -> None:
        """Show an event; the last one brings the summary."""
        self._live.take(event)
        if not isinstance(event, CheckStarted | CheckProgressed):
            self._events.append(event)
        if isinstance(event, RunStarted):
            self._begin(event)
        elif isinstance(event, CheckEnded):
            self._end_of(event.result)
        elif isinstance(event, RunEnded):
            self._live.stop()
            show(fold(self._events, exclusions=self._exclusions), self._page)

    def _begin(self, started: RunStarted) -> None:
        port = " ".join(word for word in (started.port.name, started.port.version) if word)
        what = counted(len(started.checks), "check")
        self._page.line(
            f"{visible(port)} as a {started.role}: {what} at level "
            f"{started.level}, seed {started.seed}",
            "bold",
        )

    def _end_of(self, result: Result) -> None:
        is_quiet = self._console.is_terminal and result.outcome is Outcome.PASSED
        if is_quiet or result.outcome in _NOT_RUN:
            return
        said = result.finding.sentence if result.finding else result.reason
        line = f"{result.outcome.value:<7}  {visible(result.check)}  {duration(result.duration_ms)}"
        self._page.line(f"{line}  {short(said)}".rstrip(), STYLES[result.outcome])


class _Live:
    """The bar, where there is a terminal for one."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.fields[done]}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=None, done="judging")
        self._running: dict[str, str] = {}

    def take(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._progress.start()
            self._progress.update(self._task, total=len(event.checks))
        elif isinstance(event, CheckStarted):
            self._running[event.check] = ""
        elif isinstance(event, CheckProgressed):
            note = f" {event.note}" if event.note else ""
            self._running[event.check] = f" {event.done:,}/{event.planned:,}{note}"
        elif isinstance(event, CheckEnded):
            self._running.pop(event.result.check, None)
            self._progress.advance(self._task)
        self._progress.update(self._task, description=self._description())

    def stop(self) -> None:
        self._progress.stop()

    def _description(self) -> str:
        named = [f"{name}{how}" for name, how in self._running.items()]
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        return visible(", ".join(named[:_NAMED]) + more)
