"""A run from its plan to its history: callers, and weather over each client and the endpoint."""

from __future__ import annotations

from functools import partial
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from ldp_testing.chaos.callers import Callers
from ldp_testing.chaos.faults import Odds, outage
from ldp_testing.chaos.stage import SITES, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from ldp_testing.chaos.clients import Client
    from ldp_testing.chaos.history import History
    from ldp_testing.chaos.plan import Front, Plan
    from ldp_testing.moto_server import MotoServer


def play(
    plan: Plan, folder: Path, moto: MotoServer, told: Callable[[int], object] = lambda _: None
) -> History:
    """Make a run.

    Args:
        plan: What comes.
        folder: For all files.
        moto: Where the queues are.
        told: Is told how many invocations are over, after each.
    """
    with Stage(folder, moto, Odds(), plan.seed) as stage:
        for _ in plan.fronts:
            stage.add_client()
        callers = Callers(plan.invocations, told)
        for site in SITES:
            callers.start(stage.deploy(site), site.callers)
        with _Skies(stage, callers, plan):
            callers.wait_for_all()
        for client in stage.clients:
            client.close()
        return stage.history(callers.made, len(plan.invocations))


class _Skies:
    """The weather, from entry to exit: a thread for each client and one for the endpoint."""

    def __init__(self, stage: Stage, callers: Callers, plan: Plan) -> None:
        self._stage = stage
        self._callers = callers
        self._over = Flag()
        self._failures: list[BaseException] = []
        works = [partial(self._come_over_endpoint, plan.outages)]
        for client, fronts in zip(stage.clients, plan.fronts.values(), strict=True):
            works.append(partial(self._come_over_client, client, fronts))
        self._threads = [Thread(target=self._work, args=(work,)) for work in works]

    def _come_over_client(self, client: Client, fronts: Sequence[Front]) -> None:
        for front in fronts:
            if self._callers.wait_for_begun(front.after):
                client.meet(front, self._over)

    def _come_over_endpoint(self, outages: Sequence[Front]) -> None:
        for front in outages:
            if self._callers.wait_for_begun(front.after):
                with outage(self._stage.tap, self._stage.wire):
                    self._over.wait(front.lasts_s)

    def _work(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as exc:  # noqa: BLE001 - raised again where the run ends
            self._failures.append(exc)

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]
