"""A check: one statement about a port that a run can find to be false, and the list of all.

A check is a function over a case. Its docstring is what users read; what it proves are
requirements; it fails by raising `NonConformance`, most often through the case's own verbs.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.errors import SuiteFault, UnknownNameError
from ldp_conformance.outcomes import Blame, Difference, Role
from ldp_conformance.requirements import Level, requirement
from ldp_conformance.setups import ClientSetup, Feature, ProxySetup, Setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ldp_conformance.client_case import ClientCase
    from ldp_conformance.proxy_case import ProxyCase

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
    """

    def __init__(
        self,
        sentence: str,
        *,
        requirements: tuple[str, ...] = (),
        differences: tuple[Difference, ...] = (),
        came: str = "",
        hint: str = "",
        blame: Blame = Blame.PORT,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.requirements = requirements
        self.differences = differences
        self.came = came
        self.hint = hint
        self.blame = blame


@dataclass(frozen=True, slots=True)
class Check:
    """One statement about a port.

    Attributes:
        id: Its permanent ID, `<role>.<area>.<name>`; never used for anything else.
        role: Whom it judges.
        title: The statement: the first line of the docstring.
        description: The rest of the docstring.
        requirements: The IDs of what it judges, the most telling first.
        level: MUST if one of them is, else SHOULD.
        features: What a port has to declare for it to apply.
        setup: How the port is started.
        is_alone: Whether it needs a process of its own.
        cases: How many generated cases it goes through; 1 for a plain check.
        run: The check.
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


_REGISTRY: Final[dict[str, Check]] = {}


def client_check(
    name: str,
    *proves: str,
    needs: Iterable[Feature] = (),
    setup: ClientSetup | None = None,
    alone: bool = False,
    cases: int = 1,
) -> Callable[[Callable[[ClientCase], None]], Callable[[ClientCase], None]]:
    """Register a check of clients.

    Args:
        name: Its ID without the role, such as `answer.echo`.
        proves: The IDs of the requirements that it judges, the most telling first.
        needs: The features without which it does not apply.
        setup: How the client is started; None for the plain one.
        alone: Whether it needs a process of its own, because it stops or kills it, or listens.
        cases: How many generated cases it goes through.
    """

    def register(run: Callable[[ClientCase], None]) -> Callable[[ClientCase], None]:
        _add(Role.CLIENT, name, proves, run, needs, setup or ClientSetup(), alone, cases)
        return run

    return register


def proxy_check(
    name: str,
    *proves: str,
    needs: Iterable[Feature] = (),
    setup: ProxySetup | None = None,
    alone: bool = False,
    cases: int = 1,
) -> Callable[[Callable[[ProxyCase], None]], Callable[[ProxyCase], None]]:
    """Register a check of proxies; see `client_check`."""

    def register(run: Callable[[ProxyCase], None]) -> Callable[[ProxyCase], None]:
        _add(Role.PROXY, name, proves, run, needs, setup or ProxySetup(), alone, cases)
        return run

    return register


def _add(
    role: Role,
    name: str,
    proves: tuple[str, ...],
    run: Callable[[Any], None],
    needs: Iterable[Feature],
    setup: Setup,
    alone: bool,  # noqa: FBT001 - private, and called twice
    cases: int,
) -> None:
    identity = f"{role.value}.{name}"
    title, _, description = (inspect.getdoc(run) or "").partition("\n")
    if identity in _REGISTRY or not title or not proves:
        raise SuiteFault(
            f"the check {identity} exists twice, or has no docstring or no requirement",
            hint="Give it an ID of its own, a docstring, and what it proves.",
        )
    levels = {requirement(each).level for each in proves}
    _REGISTRY[identity] = Check(
        id=identity,
        role=role,
        title=title,
        description=inspect.cleandoc(description),
        requirements=proves,
        level=Level.MUST if Level.MUST in levels else Level.SHOULD,
        features=frozenset(needs),
        setup=setup,
        is_alone=alone,
        cases=cases,
        run=run,
    )


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
        raise UnknownNameError(
            f"there is no check {name}",
            hint="`lambda-debug-conformance list` prints all of them.",
        ) from None
