"""Weakens the reference client at forty places, one at a time, and asks the suite about each.

A mutant is one statement deleted or one condition negated, drawn by a seeded sample of those
that a run of the suite executes. It is killed if a check fails, and fails again alone, so that no
chance counts. One that the suite lets pass has survived: it needs a new check, or an argument, in
`mutants.toml`, that nothing observable changed.

    python conformance/tools/mutants.py                 # writes conformance/mutants.json
    python conformance/tools/mutants.py --again NAME    # some of them again
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import coverage

from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports import stage
from ldp_conformance.ports.manifest import load
from ldp_conformance.ports.subject import Subject
from ldp_conformance.requirements import Level
from ldp_conformance.runner import RunOptions, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_conformance.events import Event
    from ldp_conformance.ports.manifest import Manifest

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = (ROOT / "python_proxy" / "src", ROOT / "python_client" / "src")
PORT: Final = ROOT / "conformance" / "ports" / "python" / "conformance.toml"
SKELETON: Final = ROOT / "conformance" / "src" / "ldp_conformance" / "data" / "skeleton"
TABLE: Final = ROOT / "conformance" / "mutants.json"

#: The client's session, loop, runner, journal and queues.
MODULES: Final = (
    "ldp_wire/session.py",
    "ldp_wire/caseload.py",
    "ldp_wire/intake.py",
    "ldp_wire/conclusion.py",
    "ldp_wire/life.py",
    "ldp_wire/invocation.py",
    "ldp_wire/ends.py",
    "ldp_wire/answers.py",
    "ldp_wire/arrivals.py",
    "ldp_wire/leases.py",
    "ldp_wire/payloads.py",
    "ldp_wire/claims.py",
    "ldp_wire/trust.py",
    "ldp_wire/v0.py",
    "ldp_queues/sqs.py",
    "ldp_queues/sqs_connection.py",
    "ldp_queues/sqs_answers.py",
    "ldp_queues/bodies.py",
    "ldp_queues/s3.py",
    "ldp_client/queue_side/engine.py",
    "ldp_client/queue_side/receiver.py",
    "ldp_client/queue_side/performer.py",
    "ldp_client/queue_side/journal.py",
    "ldp_client/queue_side/desk.py",
    "ldp_client/queue_side/side.py",
    "ldp_client/queue_side/channel.py",
    "ldp_client/queue_side/claims.py",
    "ldp_client/queue_side/hold.py",
    "ldp_client/queue_side/bad_messages.py",
    "ldp_client/queue_side/private_files.py",
    "ldp_client/queue_side/manner.py",
    "ldp_client/queue_side/aws_clock.py",
    "ldp_client/handlers/runner.py",
    "ldp_client/handlers/serve.py",
    "ldp_client/handlers/hold.py",
    "ldp_client/handlers/invocation.py",
)
_SIMPLE: Final = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Raise)


#: How long a port may take to write down what it executed, and how often that is looked at.
_LEAVE_S: Final = 10.0
_LOOK_S: Final = 0.05
#: How many whole runs a mutant may take in which checks fail that do not fail again alone.
_MOST_RUNS: Final = 3


@dataclass(frozen=True, slots=True)
class Mutant:
    """One weakened place.

    Attributes:
        name: The module, the line, and what was done.
        module: The file, below a folder of sources.
        start: Where the replaced text begins, in bytes of the file.
        end: Where it ends.
        text: What stands there instead.
        was: What stood there, its first line.
    """

    name: str
    module: str
    start: int
    end: int
    text: str
    was: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant.

    Attributes:
        name: The mutant.
        was: What stood there.
        killed_by: The check that failed first; empty if none did.
        sentence: What it said.
        took_s: How long the run took, in seconds.
    """

    name: str
    was: str
    killed_by: str
    sentence: str
    took_s: float


class Polite(Subject):
    """A port that is asked to end before it is made to, so that it writes down what it executed."""

    def kill(self) -> None:
        """Ask first."""
        self.send(signal.SIGTERM)
        until = time.monotonic() + _LEAVE_S
        while (self.status is None or self.pids() != [self.pid]) and time.monotonic() < until:
            time.sleep(_LOOK_S)
        super().kill()


def source(module: str) -> Path:
    """A module's file."""
    return next(folder / module for folder in SOURCES if (folder / module).exists())


def candidates(module: str, executed: set[int]) -> Iterator[Mutant]:
    """Every deletion and negation in a module at a line that was executed."""
    code = source(module).read_text(encoding="utf-8")
    offsets = _offsets(code)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef):
            yield from _in_function(node, module, code, offsets, executed)


def _in_function(
    function: ast.FunctionDef, module: str, code: str, offsets: list[int], executed: set[int]
) -> Iterator[Mutant]:
    for node in ast.walk(function):
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            test = node.test
            if test.lineno in executed:
                text = f"(not ({ast.get_source_segment(code, test)}))"
                yield _mutant("negated", test, text, module, code, offsets)
        elif isinstance(node, _SIMPLE) and node.lineno in executed:
            is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            is_bare = isinstance(node, ast.Return | ast.AnnAssign) and node.value is None
            if not (is_docstring or is_bare):
                yield _mutant("deleted", node, "pass", module, code, offsets)


def _mutant(  # noqa: PLR0913, PLR0917 - a place and what is done there
    deed: str, node: ast.expr | ast.stmt, text: str, module: str, code: str, offsets: list[int]
) -> Mutant:
    start = offsets[node.lineno - 1] + node.col_offset
    end = offsets[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
    was = (ast.get_source_segment(code, node) or "").partition("\n")[0]
    return Mutant(f"{module}:{node.lineno} {deed}", module, start, end, text, was)


def _offsets(code: str) -> list[int]:
    """Where each line begins, in bytes, as `ast` counts columns."""
    found = [0]
    for line in code.split("\n"):
        found.append(found[-1] + len(line.encode()) + 1)
    return found


def executed_lines(manifest: Manifest) -> Mapping[str, set[int]]:
    """The lines of each module that a whole run of the suite executes in the reference."""
    stage.Subject = Polite  # type: ignore[attr-defined] # only while lines are recorded
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "coveragerc"
        data = Path(folder) / "data"
        config.write_text(
            f"[run]\nparallel = true\ndata_file = {data}\n"
            "source_pkgs = ldp_wire,ldp_queues,ldp_client\n"
        )
        measured = _with(manifest, {"COVERAGE_PROCESS_START": str(config)}, SOURCES)
        _judge(measured, stops_early=False)  # a polite end is none that checks of crashes accept
        combined = coverage.Coverage(data_file=str(data), config_file=str(config))
        combined.combine([folder])
        lines = {m: set(combined.get_data().lines(str(source(m))) or ()) for m in MODULES}
    stage.Subject = Subject  # type: ignore[attr-defined]
    return lines


def _with(manifest: Manifest, variables: Mapping[str, str], sources: tuple[Path, ...]) -> Manifest:
    """The reference, run from a folder of sources."""
    side = manifest.side(Role.CLIENT)
    path = ":".join(str(folder) for folder in (*sources, SKELETON))
    return replace(
        manifest,
        sides={
            Role.CLIENT: replace(
                side,
                command=(sys.executable, "-m", "ldp_client", *side.command[1:]),
                variables={**side.variables, **variables, "PYTHONPATH": path},
            )
        },
    )


def _judge(
    manifest: Manifest, *, stops_early: bool, only: tuple[str, ...] = ()
) -> tuple[str, str] | None:
    """The check that fails first, and what it says; None if the port conforms."""
    failures: list[tuple[str, str]] = []

    def listen(event: Event) -> None:
        if isinstance(event, CheckEnded) and event.result.outcome is Outcome.FAILED:
            finding = event.result.finding
            failures.append((event.result.check, finding.sentence if finding else ""))

    options = RunOptions(manifest, level=Level.SHOULD, only=only, stops_early=stops_early)
    ended = run(options, listen)
    if failures:
        return failures[0]
    return None if ended.exit_status == 0 else ("the run itself", ended.sentence)


def fate(mutant: Mutant, manifest: Manifest) -> Fate:
    """Run the suite against the reference with one weakened place."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copies = tuple(Path(folder) / str(number) for number, _ in enumerate(SOURCES))
        for original, copy in zip(SOURCES, copies, strict=True):
            shutil.copytree(original, copy, ignore=shutil.ignore_patterns("__pycache__"))
        path = next(copy / mutant.module for copy in copies if (copy / mutant.module).exists())
        code = path.read_bytes()
        path.write_bytes(code[: mutant.start] + mutant.text.encode() + code[mutant.end :])
        found = _judge_twice(_with(manifest, {}, copies))
    check, sentence = found or ("", "")
    return Fate(mutant.name, mutant.was, check, sentence[:300], round(time.monotonic() - begun, 1))


def _judge_twice(weakened: Manifest) -> tuple[str, str] | None:
    """The check that fails, first and again alone; None if none is found in a few whole runs."""
    for _ in range(_MOST_RUNS):
        found = _judge(weakened, stops_early=True)
        if found is None:
            return None
        if found[0] == "the run itself" or _judge(weakened, stops_early=True, only=found[:1]):
            return found
    return None


def main() -> int:
    """Draw, run, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--draw", action="store_true", help="only print what would be weakened")
    parser.add_argument("--again", default="", help="only those whose name contains this")
    options = parser.parse_args()
    manifest = load(PORT)
    lines = executed_lines(manifest)
    everything = [mutant for module in MODULES for mutant in candidates(module, lines[module])]
    drawn = random.Random(options.seed).sample(everything, options.count)
    chosen = [mutant for mutant in drawn if options.again in mutant.name]
    if options.draw:
        print("\n".join(f"{mutant.name}  {mutant.was}" for mutant in chosen))
        return 0
    fates = [_told(fate(mutant, manifest)) for mutant in _after_a_pass(chosen, manifest)]
    if not options.again:
        _write(options.seed, len(everything), fates)
    return 0


def _after_a_pass(mutants: list[Mutant], manifest: Manifest) -> Iterator[Mutant]:
    """The mutants, once it is known that the reference itself conforms."""
    failure = _judge(_with(manifest, {}, SOURCES), stops_early=True)
    if failure is not None:
        raise SystemExit(f"The reference itself fails {failure[0]}: {failure[1]}")
    yield from mutants


def _told(found: Fate) -> Fate:
    """A fate, printed as soon as it is known."""
    killer = found.killed_by or "SURVIVED"
    print(f"{found.took_s:6} s  {killer:45} {found.name}  {found.was}", flush=True)
    return found


def _write(seed: int, population: int, fates: list[Fate]) -> None:
    digest = hashlib.sha256("".join(source(m).read_text() for m in MODULES).encode()).hexdigest()
    table = {
        "seed": seed,
        "population": population,
        "sources": digest[:12],
        "killed": sum(bool(each.killed_by) for each in fates),
        "mutants": [asdict(each) for each in fates],
    }
    TABLE.write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
