"""The options that several commands share, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ldp_conformance import known_failing
from ldp_conformance.errors import UsageError
from ldp_conformance.outcomes import Role
from ldp_conformance.ports import manifest
from ldp_conformance.requirements import Level
from ldp_conformance.runner.options import DEFAULT_JOBS, RunOptions

if TYPE_CHECKING:
    from ldp_conformance.ports.manifest import Manifest

manifest_option = click.option(
    "--manifest",
    "manifest_path",
    type=click.Path(path_type=Path),
    help="What the port says of itself.  [default: conformance.toml here, if there is one]",
)
seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="What is random is drawn from it."
)
command_argument = click.argument("command", nargs=-1, type=click.UNPROCESSED)


def port(role: Role, manifest_path: Path | None, command: tuple[str, ...]) -> Manifest:
    """The port that the options and the words behind `--` name.

    Raises:
        UsageError: They name none.
    """
    path = manifest_path
    if path is None and Path(manifest.DEFAULT_NAME).exists():
        path = Path(manifest.DEFAULT_NAME)
    found = manifest.bare(Path.cwd()) if path is None else manifest.load(path)
    if command:
        found = found.started_by(role, command)
    if path is None:
        if not command:
            raise UsageError(
                f"no port is named, and there is no {manifest.DEFAULT_NAME} here",
                hint="Write `lambda-debug-conformance run -- COMMAND …`, or `init` a port.",
            )
        found = replace(found, name=Path(command[0]).name)
    found.side(role)
    return found


def run_options(  # noqa: PLR0913 - one for each option
    role: str,
    manifest_path: Path | None,
    seed: int,
    command: tuple[str, ...],
    *,
    level: str = Level.MUST.value,
    only: tuple[str, ...] = (),
    jobs: int = DEFAULT_JOBS,
    known_path: Path | None = None,
    stops_early: bool = False,
) -> RunOptions:
    """What a run is asked to do.

    Raises:
        UsageError: An option is wrong.
    """
    return RunOptions(
        manifest=port(Role(role), manifest_path, command),
        role=Role(role),
        level=Level(level),
        only=only,
        seed=seed,
        jobs=jobs,
        known={} if known_path is None else known_failing.load(known_path),
        stops_early=stops_early,
        manifest_path="" if manifest_path is None else str(manifest_path),
    )
