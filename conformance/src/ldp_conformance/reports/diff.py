"""What changed between two reports: what was fixed, broken, is new or retired, and by whom.

A check that is new or gone, or whose clauses were written anew, was changed by the suite; so may be
any other if the versions of the suite differ. Everything else is the port's doing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ldp_conformance.errors import RecordError
from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.json_report import schema
from ldp_conformance.reports.wording import counted, short, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class Change(Enum):
    """How a check's outcome changed."""

    BROKEN = "broken"
    FIXED = "fixed"
    NEW = "new"
    RETIRED = "retired"
    OTHER = "changed"  #: neither better nor worse, such as no longer applicable


class Cause(Enum):
    """Who changed it."""

    PORT = "the port"
    SUITE = "the suite"
    EITHER = "the port or the suite"


@dataclass(frozen=True, slots=True)
class Changed:
    """A check whose outcome is not what it was.

    Attributes:
        check: Its ID.
        change: How it changed.
        cause: Who changed it.
        before: What it was; empty if it was not there.
        after: What it is; empty if it is gone.
    """

    check: str
    change: Change
    cause: Cause
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two reports.

    Attributes:
        changes: The checks whose outcome changed, the worst first.
        clauses: The requirements whose clause was written anew, came or went.
        remarks: What makes the two hard to compare, such as another role or level.
        before: The earlier verdict's sentence.
        after: The later one's.
    """

    changes: tuple[Changed, ...]
    clauses: tuple[str, ...]
    remarks: tuple[str, ...]
    before: str
    after: str

    @property
    def is_worse(self) -> bool:
        """Whether a check broke, or a new one is broken."""
        return any(
            each.change is Change.BROKEN or (each.change is Change.NEW and each.after in _BAD)
            for each in self.changes
        )


_GOOD: Final = {Outcome.PASSED.value, Outcome.FIXED.value}
_BAD: Final = {
    each.value
    for each in (
        Outcome.FAILED, Outcome.WARNED, Outcome.KNOWN, Outcome.BLOCKED, Outcome.ABORTED
    )
}  # fmt: skip
_ORDER: Final = tuple(Change)
_HINT: Final = "Give two reports that `run --json FILE` wrote."


def load(path: Path) -> dict[str, Any]:
    """A JSON report from a file.

    Raises:
        RecordError: It cannot be read, or is no report.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}", hint=_HINT) from error
    except ValueError as error:
        raise RecordError(f"{path} is no JSON: {error}", hint=_HINT) from error
    wrong = best_match(Draft202012Validator(schema()).iter_errors(report))
    if wrong is not None:
        raise RecordError(f"{path} is no report: {short(wrong.message)}", hint=_HINT)
    return dict(report)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """What changed from one report to a later one."""
    clauses = _clauses(before, after)
    same_suite = before["suiteVersion"] == after["suiteVersion"]
    old, new = _by_id(before["checks"]), _by_id(after["checks"])
    changes = [
        changed
        for name in {**old, **new}
        if (changed := _changed(name, old.get(name), new.get(name), clauses, same_suite))
        is not None
    ]
    return Comparison(
        changes=tuple(sorted(changes, key=lambda each: _ORDER.index(each.change))),
        clauses=clauses,
        remarks=tuple(_remarks(before, after)),
        before=before["verdict"]["sentence"],
        after=after["verdict"]["sentence"],
    )


def told(comparison: Comparison) -> str:
    """A comparison as text, a line for each change, the worst first."""
    lines = [f"before: {comparison.before}", f"after:  {comparison.after}"]
    lines += [f"note:   {remark}" for remark in comparison.remarks]
    for each in comparison.changes:
        outcomes = " -> ".join(word for word in (each.before, each.after) if word)
        lines.append(f"{each.change.value:<8} {each.check}  {outcomes}  by {each.cause.value}")
    if comparison.clauses:
        words = counted(len(comparison.clauses), "clause was", "clauses were")
        lines.append(f"{words} written anew: {', '.join(comparison.clauses)}")
    if not comparison.changes:
        lines.append("No check has another outcome.")
    return "\n".join(map(visible, lines)) + "\n"


def _by_id(rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {row["id"]: row for row in rows}


def _clauses(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    old, new = _by_id(before["requirements"]), _by_id(after["requirements"])
    return tuple(
        name
        for name in {**old, **new}
        if old.get(name, {}).get("digest") != new.get(name, {}).get("digest")
    )


def _changed(
    name: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    clauses: tuple[str, ...],
    same_suite: bool,  # noqa: FBT001 - private, and called once
) -> Changed | None:
    was, now = old["outcome"] if old else "", new["outcome"] if new else ""
    if was == now:
        return None
    if old is None or new is None:
        change = Change.NEW if old is None else Change.RETIRED
        return Changed(name, change, Cause.SUITE, was, now)
    rewritten = set(clauses) & {*old["requirements"], *new["requirements"]}
    if rewritten or old["requirements"] != new["requirements"]:
        cause = Cause.EITHER
    else:
        cause = Cause.PORT if same_suite else Cause.EITHER
    return Changed(name, _kind(was, now), cause, was, now)


def _kind(was: str, now: str) -> Change:
    if was in _GOOD and now in _BAD:
        return Change.BROKEN
    if was in _BAD and now in _GOOD:
        return Change.FIXED
    return Change.OTHER


def _remarks(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    for member, word in (
        ("role", "role"),
        ("level", "level"),
        ("protocolVersion", "protocol"),
        ("suiteVersion", "suite"),
        ("seed", "seed"),
    ):
        if before[member] != after[member]:
            yield f"the {word} was {before[member]} and is {after[member]}"
    for member in ("name", "version"):
        if before["port"][member] != after["port"][member]:
            yield f"the port's {member} was {before['port'][member]} and is {after['port'][member]}"
