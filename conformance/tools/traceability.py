"""Writes the trace from requirements to checks, vectors and faulty ports, or looks for gaps in it.

python conformance/tools/traceability.py                     # writes traceability.md and .json
python conformance/tools/traceability.py --check             # names what is stale, and each gap
python conformance/tools/traceability.py --acknowledge ENV-3 # after a look at a changed clause
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import checks
from ldp_conformance.errors import RecordError
from ldp_conformance.reports.acknowledgement import acknowledged, unacknowledged, written
from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.trace_pages import as_json, as_markdown
from ldp_conformance.reports.traceability import Trace, gaps, trace
from ldp_conformance.requirements import requirements
from ldp_conformance.vectors.catalogue import vectors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ldp_conformance.reports.traceability import AnyFault

CONFORMANCE: Final = Path(__file__).resolve().parents[1]
RECORD: Final = CONFORMANCE / "acknowledged.toml"


def traced() -> Trace:
    """The trace of this repository."""
    return trace(
        requirements(),
        checks().values(),
        vectors().values(),
        {role: _faults(role) for role in ("client", "proxy")},
        exclusions(CONFORMANCE / "exclusions.toml"),
    )


def _faults(role: str) -> Iterable[AnyFault]:
    """The faulty ports, which belong to the tests."""
    tests = str(CONFORMANCE / "tests")
    if tests not in sys.path:
        sys.path.insert(0, tests)
    found: Iterable[AnyFault] = import_module(f"faulty.{role}.faults").faults().values()
    return found


def outputs(found: Trace, folder: Path = CONFORMANCE) -> dict[Path, str]:
    """Every generated file with the text that it should have."""
    return {
        folder / "traceability.md": as_markdown(found),
        folder / "traceability.json": as_json(found),
    }


def complaints(found: Trace, record: Path = RECORD) -> list[str]:
    """A sentence for each gap, and for each clause that nobody has looked at as it is now."""
    return [*gaps(found), *unacknowledged(found, acknowledged(record))]


def stale(wanted: dict[Path, str]) -> list[str]:
    """A sentence for each generated file that is not as it should be."""
    return [
        f"{path.name} is stale; run make generate"
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write, check or acknowledge, and return the exit status."""
    parser = argparse.ArgumentParser(description="From requirement to proof.")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("--acknowledge", nargs="+", metavar="ID", help="an ID, or `all`")
    options = parser.parse_args(arguments)
    found = traced()
    wanted = outputs(found)
    if options.check:
        told = [*stale(wanted), *complaints(found)]
        print("\n".join(told) or "The trace is complete.")
        return 1 if told else 0
    if options.acknowledge:
        names = None if options.acknowledge == ["all"] else options.acknowledge
        try:
            wanted = {RECORD: written(found, acknowledged(RECORD), names)}
        except RecordError as error:
            print(f"{error}. {error.hint}")
            return 2
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(CONFORMANCE.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
