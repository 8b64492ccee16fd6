"""`init`: a port to begin with, its manifest, its conformance handler, and a file for CI."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

import click

from ldp_conformance.errors import UsageError

_SKELETON: Final = Path(__file__).parents[1] / "data" / "skeleton"


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Write a port to begin with into FOLDER: manifest, client, handler, and a file for CI.

    The client is Python, less than a hundred lines, and right in the simplest case; for another
    language replace it and the handler, and name your command in the manifest.
    """
    sources = sorted(path for path in _SKELETON.rglob("*") if path.is_file())
    targets = {path: folder / path.relative_to(_SKELETON) for path in sources}
    there = [str(target) for target in targets.values() if target.exists()]
    if there:
        raise UsageError(
            f"{there[0]} exists already", hint="Name a new folder; nothing is overwritten."
        )
    for source, target in targets.items():
        _write(source, target)
        click.echo(f"wrote {target}")
    click.echo(f"\nNow: cd {shlex.quote(str(folder))} && lambda-debug-conformance run")


def _write(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    except OSError as exc:
        raise UsageError(
            f"{target} cannot be written: {exc.strerror}", hint="Name a folder that you may make."
        ) from exc
