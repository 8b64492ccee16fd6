"""From each requirement to what judges it, and to what proves that this can fail.

A requirement leads to its checks and vectors, a check to the faulty ports that it finds out. Where
a link is missing, or leads nowhere, there is a gap, told in a sentence.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ldp_conformance.outcomes import Role
    from ldp_conformance.reports.exclusions import Exclusion
    from ldp_conformance.requirements import Requirement


class AnyCheck(Protocol):
    """What is needed of a check; see `ldp_conformance.check.Check`."""

    @property
    def id(self) -> str:
        """Its permanent ID."""

    @property
    def role(self) -> Role:
        """Whom it judges."""

    @property
    def title(self) -> str:
        """What it states."""

    @property
    def requirements(self) -> tuple[str, ...]:
        """The IDs of what it judges."""


class AnyVector(Protocol):
    """What is needed of a vector; see `ldp_conformance.vectors.catalogue.Vector`."""

    @property
    def id(self) -> str:
        """Its permanent ID."""

    @property
    def requirements(self) -> tuple[str, ...]:
        """The IDs of what it shows."""


class AnyFault(Protocol):
    """What is needed of a faulty port; the tests of the suite have them."""

    @property
    def name(self) -> str:
        """Its permanent name, of its role."""

    @property
    def sentence(self) -> str:
        """What it does wrong."""

    @property
    def red(self) -> Mapping[str, str]:
        """The checks that find it, and a fragment of what each says."""


@dataclass(frozen=True, slots=True)
class Killed:
    """A faulty port.

    Attributes:
        name: Its name with its role before it, such as `client/never-renews`.
        sentence: What it does wrong.
        checks: The checks that have to find it.
    """

    name: str
    sentence: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judging:
    """A check, and what proves that it can fail.

    Attributes:
        id: Its ID.
        title: What it states.
        requirements: What it judges.
        killers: The names of the faulty ports that it finds out.
    """

    id: str
    title: str
    requirements: tuple[str, ...]
    killers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """A requirement, and where it leads.

    Attributes:
        requirement: The requirement.
        checks: The checks that judge it.
        vectors: The IDs of the vectors that show it.
        exclusion: Why no check judges it; None if one does, or if nobody says.
    """

    requirement: Requirement
    checks: tuple[Judging, ...]
    vectors: tuple[str, ...]
    exclusion: Exclusion | None


@dataclass(frozen=True, slots=True)
class Trace:
    """Every requirement with where it leads, and everything that leads to one.

    Attributes:
        rows: The requirements, in the order of the specification.
        checks: All checks.
        faults: All faulty ports.
        vectors: Each vector's ID with what it shows.
        exclusions: All exclusions.
    """

    rows: tuple[Traced, ...]
    checks: tuple[Judging, ...]
    faults: tuple[Killed, ...]
    vectors: Mapping[str, tuple[str, ...]]
    exclusions: tuple[Exclusion, ...]


def trace(
    requirements: Mapping[str, Requirement],
    checks: Iterable[AnyCheck],
    vectors: Iterable[AnyVector],
    faults: Mapping[str, Iterable[AnyFault]],
    exclusions: Iterable[Exclusion],
) -> Trace:
    """Follow every link.

    Args:
        requirements: The requirements by their ID.
        checks: The checks of both roles.
        vectors: The vectors.
        faults: The faulty ports by their role.
        exclusions: Why some requirements have no check.
    """
    killed = tuple(
        Killed(f"{role}/{each.name}", " ".join(each.sentence.split()), tuple(each.red))
        for role, own in faults.items()
        for each in own
    )
    judging = tuple(
        Judging(
            check.id,
            check.title,
            check.requirements,
            tuple(fault.name for fault in killed if check.id in fault.checks),
        )
        for check in checks
    )
    shown = {vector.id: vector.requirements for vector in vectors}
    reasons = tuple(exclusions)
    rows = tuple(_traced(each, judging, shown, reasons) for each in requirements.values())
    return Trace(rows, judging, killed, shown, reasons)


def _traced(
    requirement: Requirement,
    checks: Sequence[Judging],
    vectors: Mapping[str, tuple[str, ...]],
    exclusions: Sequence[Exclusion],
) -> Traced:
    return Traced(
        requirement=requirement,
        checks=tuple(check for check in checks if requirement.id in check.requirements),
        vectors=tuple(name for name, shows in vectors.items() if requirement.id in shows),
        exclusion=next((each for each in exclusions if each.id == requirement.id), None),
    )


def gaps(traced: Trace) -> list[str]:
    """A sentence for each link that is missing or leads nowhere; none if the trace is complete."""
    return [*_unjudged(traced), *_unknown(traced), *_unproven(traced)]


def _unjudged(traced: Trace) -> Iterator[str]:
    for row in traced.rows:
        name = row.requirement.id
        if not row.checks and row.exclusion is None:
            yield f"{name} has neither a check nor an exclusion with a reason"
        elif row.checks and row.exclusion is not None:
            yield f"{name} is excluded, but {row.checks[0].id} judges it"
    excluded = Counter(each.id for each in traced.exclusions)
    yield from (f"{name} is excluded {n} times" for name, n in excluded.items() if n > 1)


def _unknown(traced: Trace) -> Iterator[str]:
    known = {row.requirement.id for row in traced.rows}
    named = [(f"the check {check.id}", check.requirements) for check in traced.checks]
    named += [(f"the vector {name}", shows) for name, shows in traced.vectors.items()]
    named += [("an exclusion", (each.id,)) for each in traced.exclusions]
    for who, names in named:
        yield from (
            f"{who} names {name}, which is no requirement" for name in names if name not in known
        )
    checks = {check.id for check in traced.checks}
    for fault in traced.faults:
        yield from (
            f"the fault {fault.name} names {name}, which is no check"
            for name in fault.checks
            if name not in checks
        )


def _unproven(traced: Trace) -> Iterator[str]:
    for check in traced.checks:
        if not check.killers:
            yield f"the check {check.id} has no faulty port that proves that it can fail"
    for fault in traced.faults:
        if not fault.checks:
            yield f"the fault {fault.name} is found by no check"
