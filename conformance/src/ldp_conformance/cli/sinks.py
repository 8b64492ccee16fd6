"""Who listens to a run: the terminal, the stream's file, and the reports that were asked for."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import click
from rich.console import Console

from ldp_conformance.errors import UsageError
from ldp_conformance.events import CheckProgressed
from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.stream import write
from ldp_conformance.reports.summary import fold
from ldp_conformance.reports.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ldp_conformance.events import Event
    from ldp_conformance.reports.summary import Summary

_Command = TypeVar("_Command", bound="Callable[..., Any]")

#: Each report by its option: where the function is that makes its text of a summary.
REPORTS: Final = {
    "json": ("json_report", "json_text"),
    "junit": ("junit", "junit"),
    "markdown": ("markdown", "markdown"),
    "html": ("html_page", "html"),
    "badge": ("badge", "badge"),
}
_WHAT: Final = {
    "json": "as JSON",
    "junit": "as JUnit XML",
    "markdown": "as Markdown, for a CI summary",
    "html": "as one page to read",
    "badge": "as JSON for a badge",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files a run is to write.

    Attributes:
        reports: The file of each report, by its option.
        events: Where the stream of events goes; None for nowhere.
    """

    reports: Mapping[str, Path]
    events: Path | None = None


def report_options(command: _Command) -> _Command:
    """An option for each report."""
    for name in reversed(REPORTS):
        command = click.option(
            f"--{name}",
            f"{name}_path",
            type=click.Path(path_type=Path, dir_okay=False),
            help=f"Write a report {_WHAT[name]}.",
        )(command)
    return command


def wanted(paths: Mapping[str, Path | None], events: Path | None = None) -> Wanted:
    """The files that options like `json_path` ask for."""
    given = {name.removesuffix("_path"): path for name, path in paths.items()}
    return Wanted({name: path for name, path in given.items() if path is not None}, events)


class Sinks:
    """What listens to a run; a context manager, which writes the reports at its end.

    Args:
        files: Which files to write; entering raises UsageError if one of them cannot be.
    """

    def __init__(self, files: Wanted | None = None) -> None:
        self._files = files or Wanted({})
        self._stack = ExitStack()
        self._told: list[Event] = []
        self._stream: Any = None

    def __enter__(self) -> Self:
        for path in self._files.reports.values():
            with _explaining(path):  # before the run, which would be lost otherwise
                path.open("ab").close()
        self._terminal = self._stack.enter_context(Terminal(Console(), exclusions=exclusions()))
        if self._files.events is not None:
            with _explaining(self._files.events):
                self._stream = self._stack.enter_context(self._files.events.open("wb"))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        if self._told:
            write_reports(fold(self._told, exclusions=exclusions()), self._files.reports)

    def tell(self, event: Event) -> None:
        """Take in an event."""
        if self._stream is not None:
            write([event], self._stream)
        if not isinstance(event, CheckProgressed):
            self._told.append(event)
        self._terminal.take(event)


def write_reports(summary: Summary, paths: Mapping[str, Path]) -> None:
    """Write reports of a run.

    Args:
        summary: The run.
        paths: The file of each report, by its option.

    Raises:
        UsageError: A file cannot be written.
    """
    for name, path in paths.items():
        module, function = REPORTS[name]
        make = getattr(import_module(f"ldp_conformance.reports.{module}"), function)
        with _explaining(path):
            text = make(summary)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())


class _explaining:  # noqa: N801 - used like a function
    """Says which file it was that could not be written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, OSError):
            raise UsageError(
                f"{self._path}: {exc.strerror}", hint="Name a file in a folder that exists."
            ) from exc
