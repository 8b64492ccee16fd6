"""The search for the smallest case that fails, on a port that is a function."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import strategies as st

from ldp_conformance.check import NonConformance
from ldp_conformance.errors import SuiteFault
from ldp_conformance.fuzz.search import Lost, Plan, Search, tried_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from ldp_conformance.cases.client_case import ClientCase


class Case:
    """What a search needs of a case."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = Random(seed)
        self.sent_texts: list[str] = []
        self.told: list[tuple[int, int, str]] = []

    def progress(self, done: int, planned: int, note: str) -> None:
        """Write down what is told."""
        self.told.append((done, planned, note))


class Port:
    """Fails for what is wrong, and counts what it is given."""

    def __init__(self, is_wrong: Callable[[list[int]], bool]) -> None:
        self.is_wrong = is_wrong
        self.volleys: list[list[int]] = []

    def try_out(self, cases: list[int], is_hurried: bool) -> list[Lost]:  # noqa: ARG002, FBT001
        """Write the cases down, and tell which fail."""
        self.volleys.append(cases)
        return [
            Lost(place, NonConformance(f"{each} is wrong"))
            for place, each in enumerate(cases)
            if self.is_wrong([each])
        ]


def _search(
    port: Port,
    *,
    case: Case | None = None,
    strategy: SearchStrategy[int] | None = None,
    shrink_s: float = 20.0,
) -> Search[int]:
    plan = Plan(
        strategy=st.integers(0, 10_000) if strategy is None else strategy,
        cases=100,
        volley=10,
        try_out=port.try_out,
        dump=lambda cases: json.dumps(cases).encode(),
        tell=lambda each: f"the number {each}",
    )
    return Search(cast("ClientCase", case or Case()), plan, shrink_s)


def test_cases_that_all_succeed_are_tried_once_each() -> None:
    """All planned cases are tried, none twice, in volleys."""
    port, case = Port(lambda _: False), Case()

    _search(port, case=case).go()

    tried = [each for volley in port.volleys for each in volley]
    assert len(tried) == len(set(tried)) == 100
    assert [len(volley) for volley in port.volleys] == [10] * 10
    assert case.told[-1] == (100, 100, "")


def test_what_fails_becomes_as_small_as_it_can() -> None:
    """The smallest case that fails is the verdict's, with a token that holds it."""
    case, port = Case(), Port(lambda cases: cases[0] >= 1_234)

    with pytest.raises(NonConformance, match=r"^1234 is wrong$") as caught:
        _search(port, case=case).go()

    assert caught.value.replay == b"[1234]"
    assert case.sent_texts == ["the number 1234"]
    assert (case.told[-1][1], case.told[-1][2]) == (0, "shrinking")


def test_no_case_is_tried_twice_while_it_is_made_smaller() -> None:
    """Only the case that failed is tried again, alone; what became of a case is remembered."""
    port = Port(lambda cases: cases[0] >= 1_234)

    with pytest.raises(NonConformance):
        _search(port).go()

    alone = [volley[0] for volley in port.volleys if len(volley) == 1]
    assert len(alone) == len(set(alone))


def test_what_fails_by_chance_is_tried_more_than_once() -> None:
    """A case that fails, and then succeeds once, is still found, and so is it by its token."""
    answers = iter([True, False, True])
    port = Port(lambda cases: cases[0] == 0 and next(answers, True))

    with pytest.raises(NonConformance) as caught:
        _search(port).go()

    assert caught.value.replay == b"[0]"
    answers = iter([False, True])
    with pytest.raises(NonConformance):
        tried_again(port.try_out, [0])


def test_time_that_is_over_is_said() -> None:
    """Without time for it the case stays as it was, and the verdict says so."""
    port = Port(lambda cases: cases[0] >= 1_234)

    with pytest.raises(NonConformance, match=r"is wrong \(not minimal: 0 s were over\)$") as caught:
        _search(port, shrink_s=0.0).go()

    assert json.loads(caught.value.replay or b"")[0] >= 1_234


def test_a_search_whose_time_is_over_ends_at_once() -> None:
    """Without time for it, the first case that nobody tried yet ends the search for a smaller."""
    drawn: list[int] = []

    def noted(each: int) -> int:
        drawn.append(each)
        return each

    port = Port(lambda cases: cases[0] >= 1_234)
    search = _search(port, strategy=st.integers(0, 10_000).map(noted), shrink_s=0.0)
    known = set(search.drawn())
    drawn.clear()

    with pytest.raises(NonConformance):
        search.go()

    assert len([each for each in drawn if each not in known]) <= 1


def test_what_fails_only_among_others_is_told_with_them() -> None:
    """A failure that does not come back alone is a failure, with its whole volley as the case."""

    class Flock(Port):
        """Fails for several together only."""

        def try_out(self, cases: list[int], is_hurried: bool) -> list[Lost]:  # noqa: FBT001
            """See `Port`."""
            return super().try_out(cases, is_hurried) if len(cases) > 1 else []

    with pytest.raises(NonConformance, match="seen once, with 10 cases together") as caught:
        _search(Flock(lambda _: True)).go()

    assert len(json.loads(caught.value.replay or b"")) == 10


def test_one_seed_draws_the_same_cases() -> None:
    """Cases hang on the seed alone."""
    one, same, other = (_search(Port(lambda _: False), case=Case(seed)) for seed in (1, 1, 2))

    assert one.drawn() == same.drawn()
    assert one.drawn() != other.drawn()


def test_nothing_tried_is_a_fault() -> None:
    """A search that draws nothing is a fault of the suite, no success."""
    nothing = st.integers().filter(lambda _: False)

    with pytest.raises(SuiteFault, match="no case was drawn"):
        _search(Port(lambda _: False), strategy=nothing).go()


def test_a_token_is_tried_again_as_it_was() -> None:
    """What a token holds is tried together, until it fails as it did or has done so often well."""
    port = Port(lambda cases: cases[0] == 7)

    tried_again(port.try_out, [1, 2])
    with pytest.raises(NonConformance, match="7 is wrong"):
        tried_again(port.try_out, [1, 7])
    assert port.volleys == [[1, 2]] * 3 + [[1, 7]]
