"""A stream of events folded into what every report tells: rows, counts, requirements, verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_conformance.errors import RecordError
from ldp_conformance.events import CheckAbout, CheckEnded, RunEnded, RunStarted
from ldp_conformance.outcomes import Outcome, Result
from ldp_conformance.reports.standing import Standing, standing_of
from ldp_conformance.reports.verdict import Verdict, judged
from ldp_conformance.requirements import Requirement
from ldp_conformance.requirements import requirements as all_requirements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ldp_conformance.events import Event
    from ldp_conformance.reports.exclusions import Exclusion


@dataclass(frozen=True, slots=True)
class Row:
    """A check and what became of it.

    Attributes:
        about: What was known before.
        result: What became of it; ABORTED if the run ended without it.
    """

    about: CheckAbout
    result: Result

    @property
    def area(self) -> str:
        """The part of the ID between the role and the name; `other` where there is none."""
        parts = self.about.id.split(".")
        return parts[1] if len(parts) > 2 else "other"  # noqa: PLR2004 - role, area, name

    @property
    def is_failure(self) -> bool:
        """Whether it keeps the port from conforming, or the run from a verdict."""
        return self.result.outcome in _FAILURES

    @property
    def is_told(self) -> bool:
        """Whether somebody has to be told why: it did not pass, although it applies."""
        return self.is_failure or self.result.outcome in {Outcome.WARNED, Outcome.KNOWN}


_FAILURES = frozenset({Outcome.FAILED, Outcome.FIXED, Outcome.BLOCKED, Outcome.ABORTED})


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """A requirement and how the port stands to it.

    Attributes:
        requirement: The requirement, as it is now.
        standing: How the port stands to it.
        rows: The checks of this run that judge it.
        reason: Why none does, if it is excluded.
        is_changed: Whether the clause had another wording when the run was made.
    """

    requirement: Requirement
    standing: Standing
    rows: tuple[Row, ...]
    reason: str = ""
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the specification.

    Attributes:
        name: Its name, such as `Envelopes`.
        rows: Its requirements, in its order.
    """

    name: str
    rows: tuple[RequirementRow, ...]

    @property
    def standings(self) -> Counter[Standing]:
        """How many of its requirements stand how."""
        return Counter(row.standing for row in self.rows)


@dataclass(frozen=True, slots=True)
class Summary:
    """A run.

    Attributes:
        started: How it began.
        rows: Its checks, in their order.
        chapters: The requirements, in the order of the specification.
        verdict: What it comes to.
        ended: How it ended; None if it was cut off.
    """

    started: RunStarted
    rows: tuple[Row, ...]
    chapters: tuple[Chapter, ...]
    verdict: Verdict
    ended: RunEnded | None

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many checks came to what; every outcome is there."""
        counted = Counter(row.result.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def failures(self) -> tuple[Row, ...]:
        """The checks whose outcome has to be explained, those of the port first."""
        told = [row for row in self.rows if row.is_told]
        return tuple(sorted(told, key=lambda row: _URGENCY.index(row.result.outcome)))

    def by_reason(self, outcome: Outcome) -> dict[str, list[Row]]:
        """The checks of an outcome by the reason of each."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if row.result.outcome is outcome:
                found.setdefault(row.result.reason or "no reason told", []).append(row)
        return found

    @property
    def observations(self) -> int:
        """How many messages and calls of the port it rests on."""
        return sum(row.result.observations for row in self.rows)

    @property
    def cases(self) -> int:
        """How many cases it went through, in checks that ran."""
        ran = {Outcome.PASSED, Outcome.FAILED, Outcome.WARNED, Outcome.KNOWN, Outcome.FIXED}
        return sum(row.result.cases for row in self.rows if row.result.outcome in ran)

    @property
    def duration_ms(self) -> int:
        """How long it took; 0 if it was cut off."""
        return max(0, self.ended.at_ms - self.started.at_ms) if self.ended else 0

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else the user has to know."""
        return self.ended.remarks if self.ended else ()

    @property
    def requirements(self) -> tuple[RequirementRow, ...]:
        """All requirements, of every chapter."""
        return tuple(row for chapter in self.chapters for row in chapter.rows)


_URGENCY = (
    Outcome.FAILED,
    Outcome.FIXED,
    Outcome.ABORTED,
    Outcome.BLOCKED,
    Outcome.WARNED,
    Outcome.KNOWN,
    Outcome.PASSED,
    Outcome.NOT_APPLICABLE,
)


def fold(
    events: Iterable[Event],
    *,
    requirements: Mapping[str, Requirement] | None = None,
    exclusions: Iterable[Exclusion] = (),
) -> Summary:
    """What the events of one run come to.

    Args:
        events: The events, in their order; the last ones may be missing.
        requirements: The requirements by their ID; the suite's own for None.
        exclusions: Why some of them have no check.

    Raises:
        RecordError: The events do not begin a run.
    """
    started, ended, results = None, None, dict[str, Result]()
    for event in events:
        if isinstance(event, RunStarted):
            started = event
        elif isinstance(event, CheckEnded):
            results[event.result.check] = event.result
        elif isinstance(event, RunEnded):
            ended = event
    if started is None:
        raise RecordError("the events begin no run", hint="Is it the stream of a run?")
    rows = _rows(started, results)
    known = all_requirements() if requirements is None else requirements
    reasons = {each.id: f"{each.kind}: {each.reason}" for each in exclusions}
    return Summary(
        started=started,
        rows=rows,
        chapters=_chapters(known.values(), rows, reasons, started.digests),
        verdict=judged([row.result for row in rows], ended),
        ended=ended,
    )


def _rows(started: RunStarted, results: Mapping[str, Result]) -> tuple[Row, ...]:
    announced = {about.id: about for about in started.checks}
    for name in results:
        announced.setdefault(name, CheckAbout(name, name, (), "must"))
    return tuple(
        Row(about, results.get(name) or Result(name, Outcome.ABORTED, 0, reason="it never ended"))
        for name, about in announced.items()
    )


def _chapters(
    requirements: Iterable[Requirement],
    rows: Iterable[Row],
    reasons: Mapping[str, str],
    digests: Mapping[str, str],
) -> tuple[Chapter, ...]:
    judging: dict[str, list[Row]] = {}
    for row in rows:
        for name in row.about.requirements:
            judging.setdefault(name, []).append(row)
    chapters: dict[str, list[RequirementRow]] = {}
    for each in requirements:
        own, reason = tuple(judging.get(each.id, ())), reasons.get(each.id, "")
        chapters.setdefault(chapter_of(each), []).append(
            RequirementRow(
                requirement=each,
                standing=standing_of(each.id, [row.result for row in own], reason),
                rows=own,
                reason="" if own else reason,
                is_changed=digests.get(each.id, each.digest) != each.digest,
            )
        )
    return tuple(Chapter(name, tuple(members)) for name, members in chapters.items())


def chapter_of(requirement: Requirement) -> str:
    """The name of the chapter that a requirement stands in."""
    stem = requirement.anchor.partition("#")[0].rpartition("/")[2].removesuffix(".md")
    known = {"sqs": "SQS", "v0": "Version 0"}
    return known.get(stem) or stem.replace("-", " ").capitalize()
