"""`repro`: one generated case again, from the line that a failure printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ldp_conformance.check import check_named
from ldp_conformance.cli.options import command_argument, manifest_option, run_options, seed_option
from ldp_conformance.cli.sinks import Sinks
from ldp_conformance.errors import UsageError
from ldp_conformance.runner.run import run_again
from ldp_conformance.tokens import unpacked

if TYPE_CHECKING:
    from pathlib import Path


@click.command("repro")
@click.argument("token")
@manifest_option
@seed_option
@command_argument
def command(token: str, manifest_path: Path | None, seed: int, command: tuple[str, ...]) -> int:
    """Run the generated case TOKEN again, on the port that `-- COMMAND …` starts.

    TOKEN is the word that a failure printed; it holds the whole case.
    """
    name, replayed = unpacked(token)
    check = check_named(name)
    if check.replay is None:
        raise UsageError(f"{name} has no generated cases", hint=f"Use `run --only {name}` instead.")
    options = run_options(check.role.value, manifest_path, seed, command)
    with Sinks() as sinks:
        return run_again(options, check, replayed, sinks.tell).exit_status
