"""Generated programs of deliveries and outages: what holds, whatever SQS does meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.cases.recovery import recover
from ldp_conformance.check import client_check
from ldp_conformance.fuzz import programs
from ldp_conformance.fuzz.delivery import PATIENCE_S, Voyage
from ldp_conformance.fuzz.search import Lost, Plan, Search, tried_again
from ldp_conformance.outcomes import Role
from ldp_conformance.ports.setups import Feature

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.check import NonConformance
    from ldp_conformance.fuzz.programs import Program

_DELIVERIES: Final = 240
_OUTAGES: Final = 45
#: So many programs wait for each other's leases and pauses together.
_DELIVERIES_TOGETHER: Final = 6
_OUTAGES_TOGETHER: Final = 3
#: For how long a program may take that is known to be of a failing kind, in seconds.
_HURRIED_S: Final = 6.0
#: How often a program is run that did not go well before, as the moments of its steps differ.
_HURRIED_REPEATS: Final = 2
_REPEATS: Final = 10


def _replay(case: ClientCase, token: bytes) -> None:
    """Run the program of a token again, several times: it hangs on moments, too."""
    chosen = programs.loaded(token)
    for _ in range(_REPEATS):
        tried_again(_sailor(case), chosen)


@client_check(
    "fuzz.delivery",
    *("SQS-12", "SES-3", "SES-4", "SES-5", "SES-6", "SES-13", "SES-14", "SES-2", "SES-27"),
    *("SES-19", "ENV-14"),
    alone=True,
    cases=_DELIVERIES,
    replay=_replay,
)
def deliveries(case: ClientCase) -> None:
    """Through 240 programs of copies, redeliveries and returns each event runs once.

    Each request that lives long enough is answered by its own answer, nothing is deleted before
    that, and nothing is left in the end.
    """
    _search(case, programs.deliveries, _DELIVERIES, _DELIVERIES_TOGETHER)


@client_check(
    "fuzz.outages",
    *("SQS-12", "SES-15", "SES-13", "SES-14", "SES-3", "SES-6"),
    alone=True,
    cases=_OUTAGES,
    replay=_replay,
)
def outages(case: ClientCase) -> None:
    """Through 45 programs of refused, failed and cut calls each event runs and is answered once."""
    _search(case, programs.outages, _OUTAGES, _OUTAGES_TOGETHER)


def _search(
    case: ClientCase, strategy: Callable[..., SearchStrategy[Program]], cases: int, together: int
) -> None:
    reports = Feature.REPORT in case.manifest.side(Role.CLIENT).features
    plan = Plan(
        strategy=strategy(reports=reports),
        cases=cases,
        volley=together,
        try_out=_sailor(case),
        dump=programs.dumped,
        tell=lambda program: "\n".join(map(str, program)),
    )
    Search(case, plan).go()


def _sailor(case: ClientCase) -> Callable[[list[Program], bool], list[Lost]]:
    def try_out(chosen: list[Program], is_hurried: bool) -> list[Lost]:  # noqa: FBT001 - a callback
        found: dict[int, NonConformance] = {}
        for _ in range(_HURRIED_REPEATS if is_hurried else 1):
            found = found or Voyage(case, _HURRIED_S if is_hurried else PATIENCE_S).go(chosen)
        if found or case.port.status is not None:
            recover(case)
        return [Lost(place, verdict) for place, verdict in sorted(found.items())]

    return try_out
