"""`diff`: what changed between two reports of one port."""

from __future__ import annotations

from pathlib import Path

import click

from ldp_conformance.reports.diff import compare, load, told


@click.command("diff")
@click.argument("before", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("after", type=click.Path(path_type=Path, dir_okay=False))
def command(before: Path, after: Path) -> int:
    """Compare two reports that `run --json` wrote: BEFORE and AFTER.

    Exit status 1 says that something is broken that was not before.
    """
    comparison = compare(load(before), load(after))
    click.echo(told(comparison), nl=False)
    return int(comparison.is_worse)
