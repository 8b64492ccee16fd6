"""`serve`: queues and one check, for a port that somebody starts in a debugger."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

import click

from ldp_conformance.check import check_named
from ldp_conformance.cli.options import manifest_option, port, seed_option
from ldp_conformance.cli.sinks import Sinks
from ldp_conformance.errors import UsageError
from ldp_conformance.outcomes import Role
from ldp_conformance.runner.options import RunOptions
from ldp_conformance.runner.run import run_visited

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_conformance.ports.stage import Stage


#: Stands for the port's command where a failure says how to see it again.
_COMMAND: Final = "YOUR-COMMAND"


@click.command("serve")
@click.argument("check", default="client.start.answers")
@seed_option
@manifest_option
def command(check: str, seed: int, manifest_path: Path | None) -> int:
    """Run the queues and the one case CHECK, and wait for a port that you start yourself.

    The variables that the port needs are printed; give them to your debugger.
    """
    chosen = check_named(check)
    if chosen.role is not Role.CLIENT:
        raise UsageError(
            f"{check} judges a proxy, and only clients are served",
            hint=f"Use `run --role proxy --only {check}` with the port's command.",
        )
    if chosen.is_alone:
        raise UsageError(
            f"{check} starts, stops or listens to the port's process itself",
            hint=f"Use `run --only {check}` with the port's command.",
        )
    options = RunOptions(
        manifest=port(Role.CLIENT, manifest_path, (_COMMAND,)),
        seed=seed,
        manifest_path="" if manifest_path is None else str(manifest_path),
    )
    with Sinks() as sinks:
        return run_visited(options, chosen, _announce, sinks.tell).exit_status


def _announce(stage: Stage) -> None:
    click.echo("Start the port with these variables:\n")
    for name, value in sorted(stage.variables().items()):
        click.echo(f"export {name}={shlex.quote(value)}")
    click.echo("\nWaiting for its first receive; Ctrl-C ends.")
