"""What the conformance handler tells of its runs, in `runs.jsonl`.

It only tells whether and when the handler ran; everything else is judged by messages and calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.cases.client_values import Run
from ldp_conformance.check import NonConformance
from ldp_conformance.outcomes import Blame

if TYPE_CHECKING:
    from pathlib import Path

#: The file's name, in the folder that the handler is given.
FILE: Final = "runs.jsonl"


def runs_in(folder: Path, nonce: str) -> list[Run]:
    """The runs for a nonce that the file in a folder tells of, in order.

    Raises:
        NonConformance: A line about it is none that the handler has to write.
    """
    found: list[Run] = []
    for line in _lines(folder / FILE):
        if nonce not in line:  # most are of others; parsing each would take long
            continue
        try:
            _take_down(found, texts.loads(line), nonce)
        except (ValueError, KeyError, AttributeError, StopIteration) as exc:
            raise NonConformance(
                f"a line of {FILE} is none that the handler has to write",
                came=line,
                hint='{"nonce": N, "phase": "began", "pid": P, "atMs": T} when a run begins, and '
                'the same with "ended" when it ends, each in one write.',
                blame=Blame.HARNESS,
            ) from exc
    return found


def _take_down(found: list[Run], told: dict[str, Any], nonce: str) -> None:
    """Add what a line tells to the runs for a nonce."""
    if told.get("nonce") != nonce:
        return
    if told["phase"] == "began":
        found.append(Run(told["atMs"], None, told["pid"]))
    else:
        index = next(i for i, run in enumerate(found) if run.ended_ms is None)
        found[index] = Run(found[index].began_ms, told["atMs"], found[index].pid)


def _lines(path: Path) -> list[str]:
    """The whole lines of a file that somebody is writing; none if there is no file."""
    try:
        text = path.read_text(encoding="utf-8", errors="backslashreplace")
    except FileNotFoundError:
        return []
    return text.split("\n")[:-1]
