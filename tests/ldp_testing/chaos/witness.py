"""The handler that the clients run, and the file in which it bears witness.

Each line is one write to a file that is only ever appended to, so that many processes share it and
a killed one leaves whole lines. The handler computes on the event's nonce, so that a caller can
tell its own answer from any other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.chaos.history import Run

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "CHAOS_WITNESS"
CLIENT: Final = "CHAOS_CLIENT"

APP: Final = f"""
import hashlib
import json
import os
import time

FILE = os.environ["{FILE}"]
WITNESS = os.open(FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


class PlannedFailure(Exception):
    pass


def note(what, event, context):
    line = {{
        "what": what,
        "client": os.environ["{CLIENT}"],
        "nonce": event["nonce"],
        "awsRequestId": context.aws_request_id,
        "atMs": time.time_ns() // 1_000_000,
    }}
    os.write(WITNESS, json.dumps(line).encode() + b"\\n")


def runs_begun(nonce):
    with open(FILE) as lines:
        return sum(line.startswith('{{"what": "begin"') and nonce in line for line in lines)


def work(event):
    until = time.monotonic() + event.get("workMs", 0) / 1000
    wanted = event.get("untilRuns", 0)
    while (left := until - time.monotonic()) > 0:
        ends = wanted and runs_begun(event["nonce"]) >= wanted
        time.sleep(min(0.05, left) if wanted else left)
        if ends:  # after a while in which, to a clock of milliseconds, both have been running
            break


def handler(event, context):
    note("begin", event, context)
    work(event)
    proof = hashlib.sha256(event["nonce"].encode()).hexdigest()
    note("end", event, context)
    if event.get("fails"):
        raise PlannedFailure(event["nonce"] + " " + proof)
    return {{"nonce": event["nonce"], "proof": proof, "pad": "p" * event.get("replyBytes", 0)}}
"""
"""The source of `app.py`.

The event's members: `nonce`; `workMs`, how long it takes; `untilRuns`, the number of runs of it
that ends it earlier; `fails`, whether it raises; `replyBytes`, how much it returns besides.
"""


def proof_of(nonce: str) -> str:
    """What only the handler of an event says of its nonce."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def read_runs(path: Path) -> tuple[Run, ...]:
    """The runs that a file witnesses, in the order of their beginnings."""
    found: dict[tuple[str, str], list[Run]] = {}
    lines = path.read_text().splitlines() if path.exists() else []
    for line in map(json.loads, lines):
        runs = found.setdefault((line["client"], line["awsRequestId"]), [])
        if line["what"] == "begin":
            runs.append(_begun(line))
        else:
            runs.append(replace(runs.pop(), ended_ms=line["atMs"]))
    return tuple(
        sorted((run for runs in found.values() for run in runs), key=lambda run: run.begun_ms)
    )


def _begun(line: dict[str, Any]) -> Run:
    return Run(line["nonce"], line["awsRequestId"], line["client"], line["atMs"], None)
