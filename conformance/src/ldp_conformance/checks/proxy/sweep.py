"""Queues that environments which are gone left behind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.ports.setups import Feature, ProxySetup

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.witness import WitnessQueue

_SETUP: Final = ProxySetup(reply="dedicated")
_NEEDS: Final = (Feature.DEDICATED,)
_HOUR_MS: Final = 3_600_000
_LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_WAIT_S: Final = 4.0


def _left_behind(case: ProxyCase, tag: str | None, ending: str | None = None) -> WitnessQueue:
    ending = ending or "".join(case.rng.choices(_LETTERS, k=26))
    queue = case.witness.create_queue(f"{case.reply_queue.name}-{ending}")
    if tag is not None:
        queue.tags["createdAtMs"] = tag
    return queue


def _aged(case: ProxyCase, hours: float) -> str:
    return str(int(case.witness.now_ms() - hours * _HOUR_MS))


def _swept(case: ProxyCase, queue: WitnessQueue) -> bool:
    """Let exchanges pass until a queue is deleted, for some seconds at most."""
    until = time.monotonic() + _WAIT_S
    while queue.exists and time.monotonic() < until:
        case.settle()
        time.sleep(0.2)
    return not queue.exists


@proxy_check("sweep.old", "EXC-31", needs=_NEEDS, setup=_SETUP, alone=True)
def old_queues_are_deleted(case: ProxyCase) -> None:
    """A queue of the own prefix that is older than 24 h is deleted."""
    old = _left_behind(case, _aged(case, 25))
    case.expect(_swept(case, old), "a queue that is 25 h old is left", came=old.name)


@proxy_check("sweep.young", "EXC-30", needs=_NEEDS, setup=_SETUP, alone=True)
def younger_queues_are_kept(case: ProxyCase) -> None:
    """A queue of another's that is younger than 24 h is kept."""
    young = [_left_behind(case, _aged(case, hours)) for hours in (0.1, 13, 23)]
    _expect_kept(case, young)


@proxy_check("sweep.untold", "EXC-36", needs=_NEEDS, setup=_SETUP, alone=True)
def queues_of_untold_age_are_kept(case: ProxyCase) -> None:
    """A queue whose tag is missing or has no 13 digits is kept."""
    seconds = _aged(case, 25)[:10]
    tags = (None, "", "0", seconds, f"{seconds}.123", f"0{_aged(case, 25)}", "yesterday")
    _expect_kept(case, [_left_behind(case, tag) for tag in tags])


@proxy_check("sweep.others", "EXC-36", needs=_NEEDS, setup=_SETUP, alone=True)
def queues_of_other_names_are_kept(case: ProxyCase) -> None:
    """A queue is kept unless its name is the configured one, `-`, and 26 characters."""
    letters = "".join(case.rng.choices(_LETTERS, k=27))
    endings = (letters[:25], letters, letters[:25].upper() + "A", "orders", letters[:25] + "_")
    _expect_kept(case, [_left_behind(case, _aged(case, 25), each) for each in endings])


def _expect_kept(case: ProxyCase, queues: list[WitnessQueue]) -> None:
    _swept(case, _left_behind(case, _aged(case, 25)))  # whoever sweeps at all has done so by then
    for queue in queues:
        tag = queue.tags.get("createdAtMs")
        case.expect(queue.exists, f"{queue.name} with the tag {tag!r} was deleted", came=queue.name)
