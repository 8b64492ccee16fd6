"""`repro`: one generated case again, from the line that a failure printed."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING

import click

from ldp_conformance.check import check_named
from ldp_conformance.cli.options import port_options, run_options
from ldp_conformance.cli.sinks import Sinks
from ldp_conformance.errors import UsageError
from ldp_conformance.runner.run import run_again

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_conformance.check import Check


@click.command("repro")
@click.argument("token")
@port_options
def command(
    token: str, role: str, manifest_path: Path | None, seed: int, command: tuple[str, ...]
) -> int:
    """Run the generated case TOKEN again, on the port that `-- COMMAND …` starts.

    TOKEN is the word that a failure printed; it holds the whole case.
    """
    check, replayed = _read(token)
    options = run_options(role, manifest_path, seed, command)
    with Sinks() as sinks:
        return run_again(options, check, replayed, sinks.tell).exit_status


def _read(token: str) -> tuple[Check, bytes]:
    name, _, packed = token.partition(":")
    check = check_named(name)
    try:
        replayed = zlib.decompress(base64.urlsafe_b64decode(packed))
    except (binascii.Error, zlib.error, ValueError) as exc:
        raise UsageError(
            f"the case behind {name}: cannot be read: {exc}",
            hint="Copy the whole word from the report.",
        ) from exc
    if check.replay is None:
        raise UsageError(f"{name} has no generated cases", hint=f"Use `run --only {name}` instead.")
    return check, replayed
