"""What a run is asked to do, and the checks that this comes to."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import check_named, checks
from ldp_conformance.errors import UnknownNameError, UsageError
from ldp_conformance.outcomes import Role
from ldp_conformance.requirements import Level, requirement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_conformance.check import Check
    from ldp_conformance.known_failing import KnownFailure
    from ldp_conformance.ports.manifest import Manifest

#: Most checks wait most of the time, so many fit on a core.
DEFAULT_JOBS: Final = 8
PROGRAM: Final = "lambda-debug-conformance"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run is asked to do.

    Attributes:
        manifest: The port.
        role: The role that is judged.
        level: The lowest level whose failures count.
        only: IDs of checks, patterns of them with `*`, or IDs of requirements; empty for all.
        seed: What everything random is drawn from.
        jobs: How many ports run at a time.
        known: What is known to fail, by check.
        stops_early: Whether the run ends at the first failure.
        manifest_path: The manifest's file, for the line that reproduces a failure; empty if the
            default or none was used.
    """

    manifest: Manifest
    role: Role = Role.CLIENT
    level: Level = Level.MUST
    only: tuple[str, ...] = ()
    seed: int = 1
    jobs: int = DEFAULT_JOBS
    known: Mapping[str, KnownFailure] = field(default_factory=dict)
    stops_early: bool = False
    manifest_path: str = ""

    def chosen(self) -> list[Check]:
        """The checks to run, in the order in which they were written.

        Raises:
            UnknownNameError: A name in `only` stands for nothing.
            UsageError: Nothing is left.
        """
        wanted = {each for name in self.only for each in self._standing_for(name)}
        found = [
            check
            for check in checks().values()
            if check.role is self.role and (not self.only or check.id in wanted)
        ]
        if not found:
            raise _nothing_chosen(self.role, wanted)
        return found

    def _standing_for(self, name: str) -> set[str]:
        if "*" in name:
            found = {each for each in checks() if fnmatchcase(each, name)}
            if not found:
                raise UnknownNameError(
                    f"no check is like {name}", hint=f"`{PROGRAM} list` prints all of them."
                )
            return found
        if "." in name:
            return {check_named(name).id}
        known = requirement(name).id
        return {check.id for check in checks().values() if known in check.requirements}

    def line_for(self, verb: str) -> str:
        """A line for a shell that runs the same port, with another verb and its arguments."""
        words = [PROGRAM, *shlex.split(verb), "--seed", str(self.seed)]
        if self.role is not Role.CLIENT and not verb.startswith("repro "):  # a token tells its role
            words += ["--role", self.role.value]
        if self.manifest_path:
            words += ["--manifest", self.manifest_path]
        return shlex.join([*words, "--", *self.manifest.side(self.role).command])


def _nothing_chosen(role: Role, wanted: set[str]) -> UsageError:
    if wanted:
        other = next(each for each in Role if each is not role).value
        return UsageError(
            f"what `--only` names judges a {other}, not a {role.value}",
            hint=f"Add `--role {other}`.",
        )
    return UsageError(
        "no check judges what `--only` names", hint=f"`{PROGRAM} explain ID` says what does."
    )
