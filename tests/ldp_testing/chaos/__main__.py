"""`python -m ldp_testing.chaos`: make runs, and show their ledgers.

The exit status is 0 if all ledgers are clean.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_testing.chaos.ledger import judge
from ldp_testing.chaos.plan import draw_plan
from ldp_testing.chaos.play import play
from ldp_testing.chaos.table import members, text
from ldp_testing.moto_server import running_moto

if TYPE_CHECKING:
    from collections.abc import Sequence
    from enum import Enum

_CLIENTS = 3
#: SQS hands a reply that was released to whoever waits for it, and so has moto to.
_GLANCE_S = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the run that the arguments ask for; the exit status."""
    options = _options(arguments)
    begun_s = time.monotonic()
    plan = draw_plan(options.seed, options.invocations, _CLIENTS)
    with tempfile.TemporaryDirectory() as folder, running_moto(_GLANCE_S) as moto:
        kept = (options.keep or Path(folder)).absolute()
        kept.mkdir(parents=True, exist_ok=True)
        history = play(plan, kept, moto, partial(_tell, options.invocations))
        (kept / "history.json").write_text(json.dumps(asdict(history), default=_value))
    ledger = judge(history)
    took_s = round(time.monotonic() - begun_s)
    if options.json:
        told = {"seed": options.seed, "tookS": took_s, **members(history, ledger)}
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        title = f"seed {options.seed}, {options.invocations:,} invocations, {took_s} s"
        sys.stdout.write(f"{title}\n\n{text(history, ledger)}\n")
    return 0 if ledger.is_clean else 1


def _tell(of: int, made: int) -> None:
    """Show somebody who looks how far it is."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{made:,} of {of:,} invocations" + ("\n" if made == of else ""))


def _value(member: Enum) -> object:
    return member.value


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ldp_testing.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what all chance comes from")
    parser.add_argument("--invocations", type=int, default=200, help="how many are made")
    parser.add_argument("--json", action="store_true", help="the ledger as one JSON object")
    parser.add_argument(
        "--keep", type=Path, help="a new folder for all that was written, history.json included"
    )
    options = parser.parse_args(arguments)
    if options.keep is not None and options.keep.exists() and any(options.keep.iterdir()):
        parser.error(f"--keep: {options.keep} is not empty")
    return options


if __name__ == "__main__":
    sys.exit(main())
