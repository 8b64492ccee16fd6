"""`run`: judge a port, and report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ldp_conformance.cli.options import port_options, run_options
from ldp_conformance.events import CheckEnded, RunEnded
from ldp_conformance.requirements import Level
from ldp_conformance.runner.options import DEFAULT_JOBS
from ldp_conformance.runner.run import run

if TYPE_CHECKING:
    from typing import Self

    from ldp_conformance.events import Event


class Sinks:
    """What listens to a run."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def tell(self, event: Event) -> None:
        if isinstance(event, CheckEnded):
            r = event.result
            print(f"{r.outcome.value:15} {r.check} {r.duration_ms} ms {r.reason}")
            if r.finding:
                print(r.finding)
                for line in r.transcript:
                    print("   ", line)
        elif isinstance(event, RunEnded):
            print(event)


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
@click.option("--jobs", type=click.IntRange(1, 64), default=DEFAULT_JOBS, show_default=True)
@click.option("--fail-fast", is_flag=True, help="End at the first failure.")
@click.option("--known-failing", "known_path", type=click.Path(path_type=Path))
@port_options
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
    with Sinks() as sinks:
        return run(options, sinks.tell).exit_status
