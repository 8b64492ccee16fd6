"""`report`: reports of a run that was written down with `run --events`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from ldp_conformance.cli.sinks import report_options, wanted, write_reports
from ldp_conformance.errors import UsageError
from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.stream import read_file
from ldp_conformance.reports.terminal import Terminal


@click.command("report")
@click.argument("stream", type=click.Path(path_type=Path, dir_okay=False))
@report_options
def command(stream: Path, **report_paths: Path | None) -> None:
    """Make reports of the run in STREAM, which `run --events STREAM` wrote; show it without."""
    try:
        events = read_file(stream)
    except OSError as exc:
        raise UsageError(f"{stream}: {exc.strerror}", hint="Name a stream of events.") from exc
    files = wanted(report_paths)
    if files.reports:
        write_reports(events, files.reports)
        return
    with Terminal(Console(), exclusions=exclusions()) as terminal:
        for event in events:
            terminal.take(event)
