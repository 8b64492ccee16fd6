"""Generated messages by the thousand: every envelope and payload is dealt with as it has to be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ldp_conformance import texts
from ldp_conformance.cases.recovery import recover
from ldp_conformance.check import client_check
from ldp_conformance.fuzz import strategies
from ldp_conformance.fuzz.recipe import Recipe, dumped, loaded
from ldp_conformance.fuzz.search import Lost, Plan, Search, tried_again
from ldp_conformance.fuzz.volley import PATIENCE_S, Range
from ldp_conformance.vectors.trial import surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from ldp_conformance.cases.client_case import ClientCase

_ENVELOPES: Final = 1_000
_PAYLOADS: Final = 720
_VOLLEY: Final = 20
#: For how long a case may take that is known to be of a failing kind, in seconds.
_HURRIED_S: Final = 2.0


def _replay(case: ClientCase, token: bytes) -> None:
    """Send the messages of a token again."""
    tried_again(_shooter(case, Range(case)), loaded(token))


@client_check(
    "fuzz.envelopes",
    *("SES-29", "ENV-2", "ENV-8", "ENV-10", "ENV-14", "ENV-9", "PAY-1", "PAY-2"),
    *("SES-31", "SES-27"),
    alone=True,
    cases=_ENVELOPES,
    replay=_replay,
)
def envelopes(case: ClientCase) -> None:
    """Of 1,000 generated messages each is answered rightly, or is bad input and not run.

    Right messages hold values that parsers disagree on; others have one member that is wrong, or a
    text that is spoilt. What has to follow is told by the schemas.
    """
    _search(case, strategies.envelopes, _ENVELOPES)


@client_check(
    "fuzz.payloads",
    *("PAY-11", "PAY-1", "PAY-4", "PAY-5", "SES-31"),
    alone=True,
    cases=_PAYLOADS,
    replay=_replay,
)
def payloads(case: ClientCase) -> None:
    """Of 720 generated payloads each is decoded byte for byte, or refused where it is damaged."""
    _search(case, strategies.wrapped, _PAYLOADS)


def _search(case: ClientCase, strategy: Callable[..., SearchStrategy[Recipe]], cases: int) -> None:
    range_ = Range(case)
    plan = Plan(
        strategy=strategy(range_.dialect),
        cases=cases,
        volley=_VOLLEY,
        try_out=_shooter(case, range_),
        dump=dumped,
        tell=lambda recipe: _told(case, recipe),
    )
    Search(case, plan).go()


def _shooter(case: ClientCase, range_: Range) -> Callable[[list[Recipe], bool], list[Lost]]:
    def try_out(recipes: list[Recipe], is_hurried: bool) -> list[Lost]:  # noqa: FBT001 - a callback
        misses = range_.fire(recipes, _HURRIED_S if is_hurried else PATIENCE_S)
        if misses or case.port.status is not None:
            recover(case)
        return [Lost(recipes.index(miss.recipe), miss.verdict) for miss in misses]

    return try_out


def _told(case: ClientCase, recipe: Recipe) -> str:
    """The message, indented where it is JSON."""
    body = recipe.body(surroundings(case))
    try:
        return json.dumps(texts.loads(body), indent=1)
    except ValueError:
        return body
