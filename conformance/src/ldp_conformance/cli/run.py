"""`run`: judge a port, and report."""

from __future__ import annotations

from pathlib import Path

import click

from ldp_conformance.cli.options import (
    command_argument,
    manifest_option,
    run_options,
    seed_option,
)
from ldp_conformance.cli.sinks import Sinks, report_options, wanted
from ldp_conformance.outcomes import Role
from ldp_conformance.requirements import Level
from ldp_conformance.runner.options import DEFAULT_JOBS
from ldp_conformance.runner.run import run


@click.command("run")
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default=Level.MUST.value,
    show_default=True,
    help="The lowest level whose failures count.",
)
@click.option(
    "--only", multiple=True, metavar="ID", help="Only this check, requirement or pattern."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=DEFAULT_JOBS,
    show_default=True,
    help="How many ports run at a time.",
)
@click.option("--fail-fast", is_flag=True, help="End at the first failure.")
@click.option(
    "--known-failing",
    "known_path",
    type=click.Path(path_type=Path),
    help="A list (TOML) of checks that have to fail, each with the reason.",
)
@click.option(
    "--events",
    "events_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what goes on as JSON lines.",
)
@report_options
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.CLIENT.value,
    show_default=True,
    help="Which side of the protocol the port plays.",
)
@manifest_option
@seed_option
@command_argument
def command(  # noqa: PLR0913 - one for each option
    *,
    level: str,
    only: tuple[str, ...],
    jobs: int,
    known_path: Path | None,
    fail_fast: bool,
    role: str,
    manifest_path: Path | None,
    seed: int,
    command: tuple[str, ...],
    events_path: Path | None,
    **report_paths: Path | None,
) -> int:
    """Judge the port that `-- COMMAND …` starts, or that the manifest names."""
    options = run_options(
        role,
        manifest_path,
        seed,
        command,
        level=level,
        only=only,
        jobs=jobs,
        known_path=known_path,
        stops_early=fail_fast,
    )
    with Sinks(wanted(report_paths, events_path)) as sinks:
        return run(options, sinks.tell).exit_status
