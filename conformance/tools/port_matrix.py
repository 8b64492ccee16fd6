"""Writes the page of ports: what the suite says of each client, with which SDK, in how many lines.

python conformance/tools/port_matrix.py              # judges every port, and writes both files
python conformance/tools/port_matrix.py --only node  # judges some; what is known of others stays
python conformance/tools/port_matrix.py --refresh    # judges none: lines, versions and the page
python conformance/tools/port_matrix.py --check      # writes nothing, and says what is stale

A port is judged as it is built: `make test-languages` builds them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.ports.setups import Feature
from ldp_conformance.runner.beginning import suite_version
from port_sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CONFORMANCE: Final = Path(__file__).resolve().parents[1]
ROOT: Final = CONFORMANCE.parent
RECORD: Final = CONFORMANCE / "ports" / "matrix.json"
PAGE: Final = RECORD.with_suffix(".md")
PASSED: Final = "passed"
NOT_DECLARED: Final = "not declared"
#: What clients may leave out.
_OPTIONAL: Final = (
    Feature.GZIP,
    Feature.S3,
    Feature.ACCEPTED,
    Feature.REPORT,
    Feature.HOLD,
    Feature.JOURNAL,
    Feature.V0,
)


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of a port: first what its files say, then what came of its last run.

    Attributes:
        port: Its folder's name.
        name: Its own name.
        language: The language that it is written in.
        needs: What it runs on, with the lowest version that will do.
        sdk: The AWS SDK, with its version.
        lines: How many lines of code it has.
        shared_lines: How many it shares with a proxy.
        left_out: The features that it does not declare.
        judged_with: What it was built or run with when it was judged.
        suite: The version of the suite that judged it.
        checks: What became of each check of a client: passed, or not declared.
    """

    port: str
    name: str = ""
    language: str = ""
    needs: str = ""
    sdk: str = ""
    lines: int = 0
    shared_lines: int = 0
    left_out: tuple[str, ...] = ()
    judged_with: str = ""
    suite: str = ""
    checks: Mapping[str, str] | None = None


def ports() -> list[str]:
    """The folders of all ports."""
    return sorted(each.parent.name for each in CONFORMANCE.glob("ports/*/conformance.toml"))


def described(row: Row) -> Row:
    """The row with what the port's files say now."""
    sources = SOURCES[row.port]
    manifest = load(CONFORMANCE / "ports" / row.port / "conformance.toml")
    declared = manifest.side(Role.CLIENT).features
    return replace(
        row,
        name=f"{manifest.name} {manifest.version}",
        language=manifest.language,
        needs=sources.needs(ROOT),
        sdk=sources.sdk(ROOT),
        lines=sources.lines(ROOT),
        shared_lines=sources.shared_lines(ROOT),
        left_out=tuple(each.value for each in _OPTIONAL if each not in declared),
    )


def judged(row: Row) -> Row:
    """The row with what the suite says of the port, as it is built here.

    Raises:
        SystemExit: It does not conform, with what is wrong.
    """
    tests = str(CONFORMANCE / "tests")
    if tests not in sys.path:
        sys.path.insert(0, tests)
    found: dict[Outcome, dict[str, str]] = import_module("ports.judging").judged(row.port)
    passed, left = found.pop(Outcome.PASSED, {}), found.pop(Outcome.NOT_APPLICABLE, {})
    if found:
        raise SystemExit(f"the port {row.port} does not conform, so nothing is written: {found}")
    told = subprocess.run(SOURCES[row.port].version, check=True, capture_output=True, text=True)
    checks = {**dict.fromkeys(passed, PASSED), **dict.fromkeys(left, NOT_DECLARED)}
    return replace(
        row,
        judged_with=told.stdout.strip(),
        suite=suite_version(),
        checks=dict(sorted(checks.items())),
    )


def recorded(path: Path = RECORD) -> dict[str, Row]:
    """The rows as they are written down, by port; none if nothing is."""
    if not path.exists():
        return {}
    rows = [Row(**each) for each in json.loads(path.read_text(encoding="utf-8"))["ports"]]
    return {row.port: replace(row, left_out=tuple(row.left_out)) for row in rows}


def outputs(rows: Iterable[Row]) -> dict[Path, str]:
    """Both files with the text that they should have."""
    told = sorted(rows, key=lambda row: row.port)
    record = {"protocol": "1.0", "level": "should", "ports": [asdict(row) for row in told]}
    return {RECORD: json.dumps(record, indent=2) + "\n", PAGE: page(told)}


def page(rows: list[Row]) -> str:
    """The rows as a page: a column for each port."""
    heads = [f"[{row.port}]({row.port})" for row in rows]
    facts: dict[str, Callable[[Row], Any]] = {
        "Client": lambda row: row.name,
        "Language": lambda row: row.language,
        "Needs": lambda row: f"{row.needs} or later",
        "AWS SDK": lambda row: row.sdk,
        "Lines of code": lambda row: f"{row.lines:,}",
        "Leaves out": lambda row: ", ".join(row.left_out) or "nothing",
        "Judged with": lambda row: f"{row.judged_with}, suite {row.suite}",
    }
    areas = sorted({_area(check) for row in rows for check in row.checks or {}})
    parts = [
        _INTRODUCTION,
        _table(["", *heads], [[name, *map(tell, rows)] for name, tell in facts.items()]),
        *(_about_lines(row) for row in rows if row.shared_lines),
        "## What passes\n",
        "Checks by area; what a port does not declare it is not asked.\n",
        _table(
            ["Area", *heads],
            [
                *([area, *(_cell(row, area) for row in rows)] for area in areas),
                ["all", *(_cell(row) for row in rows)],
            ],
        ),
    ]
    return "\n".join(parts)


_INTRODUCTION: Final = """\
<!-- Written by conformance/tools/port_matrix.py. -->
# The ports

Clients of the protocol, version 1.0, and what the suite says of each at level SHOULD.
`make test-languages` builds and judges them.
Lines of code are those of the client, without blanks, comments, and the conformance handler.
Those of Go are without its blocks of imports, too.
"""


def _about_lines(row: Row) -> str:
    return (
        f"Those of {row.port} are the lines of the whole product, `ldp_client`, without "
        "docstrings: its command line, its demo and its packaging are included.\n"
        f"The {row.shared_lines:,} lines of core and queues, which it shares with the proxy, "
        "are not among them.\n"
    )


def _area(check: str) -> str:
    return check.split(".")[1]


def _cell(row: Row, area: str | None = None) -> str:
    told = Counter(
        said for check, said in (row.checks or {}).items() if area in {None, _area(check)}
    )
    if not told[PASSED]:
        return NOT_DECLARED
    left = f", {told[NOT_DECLARED]} {NOT_DECLARED}" if told[NOT_DECLARED] else ""
    return f"{told[PASSED]} passed{left}"


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main(arguments: list[str] | None = None) -> int:
    """Judge what is asked for, write both files, and return the exit status."""
    parser = argparse.ArgumentParser(description="What the suite says of the ports.")
    parser.add_argument("--only", nargs="+", metavar="PORT", choices=ports(), help="judge these")
    parser.add_argument("--refresh", action="store_true", help="judge none")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args(arguments)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    rows = {port: row for port, row in recorded().items() if port in ports()}
    for port in [] if options.refresh or options.check else options.only or ports():
        rows[port] = judged(Row(port))
    wanted = outputs(map(described, rows.values()))
    if options.check:
        stale = [path for path, text in wanted.items() if path.read_text(encoding="utf-8") != text]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale; run make generate")
        return 1 if stale else 0
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
