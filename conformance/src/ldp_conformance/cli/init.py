"""`init`: a port to begin with, its manifest, its conformance handler, and a file for CI."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from ldp_conformance.errors import UsageError

_SKELETON: Final = Path(__file__).parents[1] / "data" / "skeleton"


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Write a port to begin with into FOLDER: manifest, client, handler, and a file for CI.

    The client is Python, forty lines, and right in the simplest case; for another language
    replace it and the handler, and name your command in the manifest.
    """
    sources = sorted(path for path in _SKELETON.rglob("*") if path.is_file())
    targets = {path: folder / path.relative_to(_SKELETON) for path in sources}
    there = [str(target) for target in targets.values() if target.exists()]
    if there:
        raise UsageError(
            f"{there[0]} exists already", hint="Name a new folder; nothing is overwritten."
        )
    for source, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        click.echo(f"wrote {target}")
    click.echo(f"\nNow: cd {folder} && lambda-debug-conformance run")
