"""Generated replies: each caller gets its own answer, whatever else lies in the reply queue."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ldp_conformance import texts
from ldp_conformance.check import proxy_check
from ldp_conformance.checks.proxy.dedicated import DEDICATED
from ldp_conformance.fuzz import reply, reply_strategies
from ldp_conformance.fuzz.search import Lost, Plan, Search, tried_again
from ldp_conformance.fuzz.switchboard import PATIENCE_S, Switchboard
from ldp_conformance.ports.setups import Feature
from ldp_conformance.vectors.filling import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.fuzz.reply import Replies

_CASES: Final = 200
#: So many environments of the function run at a time.
_TOGETHER: Final = 4
#: For how long a case may take that is known to be of a failing kind, in seconds.
_HURRIED_S: Final = 2.0


def _replay(case: ProxyCase, token: bytes) -> None:
    """Send the replies of a token again."""
    tried_again(_caller(case), reply.loaded(token))


@proxy_check(
    "fuzz.replies",
    *("PAY-2", "EXC-2", "EXC-3", "EXC-15", "EXC-16", "ERR-6", "ENV-27", "ERR-14", "PAY-11"),
    *("ENV-2", "ENV-8", "ENV-10", "ENV-11", "ENV-26", "PAY-3", "PAY-4", "PAY-5", "PAY-14"),
    needs=[Feature.DEDICATED],
    setup=DEDICATED,
    alone=True,
    cases=_CASES,
    replay=_replay,
)
def replies(case: ProxyCase) -> None:
    """Through 200 generated series of replies each caller gets its own answer, byte for byte.

    Right answers come with texts that are no envelopes, answers with a wrong member or a damaged
    payload, replies to other requests, words that nobody asked for, and second copies. What has to
    follow is told by the schemas.
    """
    plan = Plan(
        strategy=reply_strategies.cases(),
        cases=_CASES,
        volley=_TOGETHER,
        try_out=_caller(case),
        dump=reply.dumped,
        tell=_told,
    )
    Search(case, plan).go()


def _caller(case: ProxyCase) -> Callable[[list[Replies], bool], list[Lost]]:
    switchboard = Switchboard(case)

    def try_out(cases: list[Replies], is_hurried: bool) -> list[Lost]:  # noqa: FBT001 - a callback
        lost = switchboard.connect(cases, _HURRIED_S if is_hurried else PATIENCE_S)
        if case.port.status is not None:
            case.restart()
        return lost

    return try_out


def _told(replies: Replies) -> str:
    """The messages in order, indented where they are JSON, with a request's names left open."""
    around = Surroundings(0, {})
    shown = []
    for each in replies:
        body = each.body(around)
        try:
            body = json.dumps(texts.loads(body), indent=1)
        except ValueError:
            shown.append(f"to {each.whose.value}, {each.copies} times, no JSON: {body}")
        else:
            shown.append(f"to {each.whose.value}, {each.copies} times: {body}")
    return "\n".join(shown)
