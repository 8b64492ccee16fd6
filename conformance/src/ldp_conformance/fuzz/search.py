"""The search for a case that a port gets wrong, and for the smallest of its kind.

All cases are drawn first, tried in volleys, and what failed is tried again alone. Then Hypothesis
draws the same cases once more, knows what became of each, and shrinks the first that failed; the
port lives on meanwhile. No case is tried again in between, so time can be cut at any point.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample, Unsatisfiable

from ldp_conformance.errors import SuiteFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.check import NonConformance

_C = TypeVar("_C")
#: How long the search for a smaller case goes on, in seconds.
SHRINK_S: Final = 20.0
#: What queues do is partly chance, also to a case that is tried again: so often it is tried.
_TRIES: Final = 3


class _TimeOver(BaseException):
    """Leaves Hypothesis, which would go on with what it knows; to it an Exception is a failure."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A case that was not dealt with as it has to be.

    Attributes:
        place: Which of the tried ones it is.
        verdict: What is wrong.
    """

    place: int
    verdict: NonConformance


@dataclass(frozen=True, slots=True)
class Plan(Generic[_C]):
    """What is searched, and how.

    Attributes:
        strategy: What cases are drawn from.
        cases: How many.
        volley: How many are tried together.
        try_out: Tries cases together, on a port that is at rest; those that failed. It is told
            whether it need not be patient, because the cases are known to be of the failing kind.
        dump: Writes cases down, for `replay`.
        tell: Shows a case to a person.
    """

    strategy: SearchStrategy[_C]
    cases: int
    volley: int
    try_out: Callable[[list[_C], bool], list[Lost]]
    dump: Callable[[list[_C]], bytes]
    tell: Callable[[_C], str]


class Search(Generic[_C]):
    """One search.

    Args:
        case: The client or the proxy.
        plan: What is searched, and how.
        shrink_s: How long the search for a smaller case goes on; by default `SHRINK_S`.
    """

    def __init__(
        self, case: ClientCase | ProxyCase, plan: Plan[_C], shrink_s: float | None = None
    ) -> None:
        self._case = case
        self._plan = plan
        self._shrink_s = SHRINK_S if shrink_s is None else shrink_s
        self._seed = case.rng.getrandbits(64)
        self._verdicts: dict[bytes, NonConformance | None] = {}

    def go(self) -> None:
        """Try every case.

        Raises:
            NonConformance: One failed: the smallest that was found in time.
            SuiteFault: Nothing was tried.
        """
        drawn = self.drawn()
        if not drawn:
            raise SuiteFault("no case was drawn", hint="Please report this.")
        step = self._plan.volley
        for start in range(0, len(drawn), step):
            self._case.progress(start, len(drawn), "")
            self._try(drawn[start : start + step])
        self._case.progress(len(drawn), len(drawn), "")

    def drawn(self) -> list[_C]:
        """The cases, which hang on the seed alone."""
        found: dict[bytes, _C] = {}

        def take(drawn: _C) -> bool:
            found[self._plan.dump([drawn])] = drawn
            return len(found) == self._plan.cases

        with suppress(NoSuchExample, Unsatisfiable):
            find(
                self._plan.strategy,
                take,
                settings=self._settings(Phase.generate),
                random=Random(self._seed),  # noqa: S311 - to be repeatable is its purpose
            )
        return list(found.values())

    def _settings(self, *phases: Phase) -> settings:
        return settings(
            max_examples=2 * self._plan.cases, database=None, deadline=None, phases=phases
        )

    def _try(self, volley: list[_C]) -> None:
        lost = self._plan.try_out(volley, False)  # noqa: FBT003 - a callback takes no names
        if not lost:
            for each in volley:
                self._verdicts[self._plan.dump([each])] = None
            return
        # One case may cost another its answer, so those that went well are suspects, too.
        suspects = [one.place for one in lost] * _TRIES + list(range(len(volley)))
        for each in [volley[place] for place in suspects]:
            again = self._plan.try_out([each], False)  # noqa: FBT003
            if again:
                raise self._smallest(each, again[0].verdict)
        verdict = lost[0].verdict
        _say_also(verdict, f"; seen once, with {len(volley)} cases together, and not again alone")
        verdict.replay = self._plan.dump(volley)
        raise verdict

    def _smallest(self, culprit: _C, verdict: NonConformance) -> NonConformance:
        """The verdict on the smallest case that fails, or on this one if there was no time."""
        culprit_key = self._plan.dump([culprit])
        self._verdicts[culprit_key] = verdict
        best, best_verdict = culprit, verdict
        until = time.monotonic() + self._shrink_s
        tried = 0

        def fails(drawn: _C) -> bool:
            nonlocal best, best_verdict, tried
            key = self._plan.dump([drawn])
            if key not in self._verdicts:
                if culprit_key not in seen:
                    return False
                if time.monotonic() > until:
                    raise _TimeOver
                tried += 1
                self._case.progress(tried, 0, "shrinking")
                again = self._plan.try_out([drawn], True)  # noqa: FBT003
                self._verdicts[key] = again[0].verdict if again else None
            seen.add(key)
            found = self._verdicts[key]
            if found is None:
                return False
            best, best_verdict = drawn, found
            return True

        seen: set[bytes] = set()
        with suppress(NoSuchExample, _TimeOver):
            best = find(
                self._plan.strategy,
                fails,
                settings=self._settings(Phase.generate, Phase.shrink),
                random=Random(self._seed),  # noqa: S311
            )
        best_verdict = self._verdicts[self._plan.dump([best])] or best_verdict
        if time.monotonic() > until:
            _say_also(best_verdict, f" (not minimal: {self._shrink_s:g} s were over)")
        best_verdict.replay = self._plan.dump([best])
        self._case.sent_texts[:] = [self._plan.tell(best)]
        return best_verdict


def _say_also(verdict: NonConformance, words: str) -> None:
    verdict.sentence += words
    verdict.args = (verdict.sentence,)


def tried_again(try_out: Callable[[list[_C], bool], list[Lost]], cases: list[_C]) -> None:
    """Try cases again together, as a token of a failure asks for.

    Raises:
        NonConformance: One failed.
    """
    for _ in range(_TRIES):
        lost = try_out(cases, False)  # noqa: FBT003
        if lost:
            raise lost[0].verdict
