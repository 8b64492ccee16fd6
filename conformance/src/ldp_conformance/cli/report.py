"""`report`: reports of a run that was written down with `run --events`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from ldp_conformance.cli.sinks import report_options, wanted, write_reports
from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.page import Page
from ldp_conformance.reports.stream import read_file
from ldp_conformance.reports.summary import fold
from ldp_conformance.reports.terminal import Terminal
from ldp_conformance.reports.terminal_text import show


@click.command("report")
@click.argument("stream", type=click.Path(path_type=Path, dir_okay=False))
@report_options
def command(stream: Path, **report_paths: Path | None) -> None:
    """Make reports of the run in STREAM, which `run --events STREAM` wrote.

    Without an option the run is shown here.
    """
    events = read_file(stream)
    summary = fold(events, exclusions=exclusions())
    files = wanted(report_paths)
    if files.reports:
        write_reports(summary, files.reports)
        return
    console = Console()
    with Terminal(console, exclusions=exclusions()) as terminal:
        for event in events:
            terminal.take(event)
    if summary.ended is None:  # the terminal waits for an end that a run which was cut off lacks
        show(summary, Page(console))
