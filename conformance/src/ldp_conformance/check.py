"""A check: one statement about a port that a run can find to be false, and the list of all.

A check is a function over a case. Its docstring is what users read; what it proves are
requirements; it fails by raising `NonConformance`, most often through the case's own verbs.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict

from ldp_conformance.errors import SuiteFault, UnknownNameError
from ldp_conformance.outcomes import Blame, Difference, Role
from ldp_conformance.ports.setups import ClientSetup, Feature, ProxySetup, Setup
from ldp_conformance.requirements import Level, requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.proxy_case import ProxyCase

#: How long a check may wait for what has to happen soon, in seconds; machines are slow at times.
SOON_S: Final = 15.0


class NonConformance(Exception):  # noqa: N818 - it is a verdict, not an error
    """The port does what it must not, or not what it must.

    Args:
        sentence: What is wrong, in one sentence.
        requirements: The clauses that are broken, where they are fewer than the check's.
        differences: Where what came differs from what had to come.
        came: What came.
        hint: What to look at first.
        blame: Who has to mend it.
        replay: The case of a generated check that shows it, as its `replay` reads it.
    """

    def __init__(  # noqa: PLR0913 - all but the first have names
        self,
        sentence: str,
        *,
        requirements: tuple[str, ...] = (),
        differences: tuple[Difference, ...] = (),
        came: str = "",
        hint: str = "",
        blame: Blame = Blame.PORT,
        replay: bytes | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.requirements = requirements
        self.differences = differences
        self.came = came
        self.hint = hint
        self.blame = blame
        self.replay = replay


@dataclass(frozen=True, slots=True)
class Check:
    """One statement about a port.

    Attributes:
        id: Its permanent ID, `<role>.<area>.<name>`; never used for anything else.
        role: Whom it judges.
        title: The statement: the first line of the docstring.
        description: The rest of the docstring.
        requirements: The IDs of what it judges, the most telling first.
        level: MUST if one of them is, else SHOULD, unless the check says otherwise.
        features: What a port has to declare for it to apply.
        setup: How the port is started.
        is_alone: Whether it needs a process of its own.
        cases: How many generated cases it goes through; 1 for a plain check.
        run: The check.
        replay: Runs one of its generated cases again; None for a plain check.
    """

    id: str
    role: Role
    title: str
    description: str
    requirements: tuple[str, ...]
    level: Level
    features: frozenset[Feature]
    setup: Setup
    is_alone: bool
    cases: int
    run: Callable[[Any], None]
    replay: Callable[[Any, bytes], None] | None = None


_REGISTRY: Final[dict[str, Check]] = {}


def client_check(  # noqa: PLR0913 - all but the first have names
    name: str,
    *proves: str,
    needs: Iterable[Feature] = (),
    setup: ClientSetup | None = None,
    alone: bool = False,
    cases: int = 1,
    level: Level | None = None,
    replay: Callable[[ClientCase, bytes], None] | None = None,
) -> Callable[[Callable[[ClientCase], None]], Callable[[ClientCase], None]]:
    """Register a check of clients.

    Args:
        name: Its ID without the role, such as `answer.echo`.
        proves: The IDs of the requirements that it judges, the most telling first.
        needs: The features without which it does not apply.
        setup: How the client is started; None for the plain one.
        alone: Whether it needs a process of its own, because it stops or kills it, or listens.
        cases: How many generated cases it goes through.
        level: How binding what it judges is; None for what its requirements say. A requirement
            that binds can have a sentence that only recommends.
        replay: Runs one of its generated cases again.
    """

    def register(run: Callable[[ClientCase], None]) -> Callable[[ClientCase], None]:
        made = _Asked(name, proves, needs, setup or ClientSetup(), alone, cases, level, replay)
        _add(made.check(Role.CLIENT, run))
        return run

    return register


def proxy_check(  # noqa: PLR0913 - all but the first have names
    name: str,
    *proves: str,
    needs: Iterable[Feature] = (),
    setup: ProxySetup | None = None,
    alone: bool = False,
    cases: int = 1,
    replay: Callable[[ProxyCase, bytes], None] | None = None,
) -> Callable[[Callable[[ProxyCase], None]], Callable[[ProxyCase], None]]:
    """Register a check of proxies; see `client_check`."""

    def register(run: Callable[[ProxyCase], None]) -> Callable[[ProxyCase], None]:
        made = _Asked(name, proves, needs, setup or ProxySetup(), alone, cases, None, replay)
        _add(made.check(Role.PROXY, run))
        return run

    return register


class _Asked(NamedTuple):
    """What a decorator was given, of either role."""

    name: str
    proves: tuple[str, ...]
    needs: Iterable[Feature]
    setup: Setup
    alone: bool
    cases: int
    level: Level | None
    replay: Callable[[Any, bytes], None] | None

    def check(self, role: Role, run: Callable[[Any], None]) -> Check:
        """The check that it comes to."""
        return Check(
            id=f"{role.value}.{self.name}",
            role=role,
            requirements=self.proves,
            features=frozenset(self.needs),
            setup=self.setup,
            is_alone=self.alone,
            cases=self.cases,
            run=run,
            replay=self.replay,
            **_told(self.name, self.proves, run, self.level),
        )


class _Told(TypedDict):
    title: str
    description: str
    level: Level


def _told(
    name: str, proves: tuple[str, ...], run: Callable[[Any], None], level: Level | None
) -> _Told:
    """What the docstring and the requirements say of a check."""
    title, _, description = (inspect.getdoc(run) or "").partition("\n")
    if not title or not proves:
        raise SuiteFault(
            f"the check {name} has no docstring or no requirement",
            hint="Give it a docstring, and what it proves.",
        )
    levels = {requirement(each).level for each in proves}
    level = level or (Level.MUST if Level.MUST in levels else Level.SHOULD)
    return {"title": title, "description": inspect.cleandoc(description), "level": level}


def _add(check: Check) -> None:
    if check.id in _REGISTRY:
        raise SuiteFault(f"the check {check.id} exists twice", hint="Give it another ID.")
    _REGISTRY[check.id] = check


def checks() -> Mapping[str, Check]:
    """Every check by its ID, in the order in which they were written."""
    from ldp_conformance import checks as _all  # noqa: F401, PLC0415 - each registers itself

    return _REGISTRY


def check_named(name: str) -> Check:
    """The check of this ID.

    Raises:
        UnknownNameError: There is none.
    """
    try:
        return checks()[name]
    except KeyError:
        close = get_close_matches(name, checks(), n=1, cutoff=0.85)
        meant = f"Did you mean {close[0]}? " if close else ""
        raise UnknownNameError(
            f"there is no check {name}",
            hint=f"{meant}`lambda-debug-conformance list` prints all of them.",
        ) from None
