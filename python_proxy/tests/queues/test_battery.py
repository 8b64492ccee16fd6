"""Every implementation passes the one battery."""

from __future__ import annotations

import itertools
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ldp_queues.checks import CHECKS, Check, TextQueue, check_queue
from ldp_queues.memory import MemoryQueue
from ldp_queues.memory_clock import RealClock, VirtualClock
from ldp_queues.sqs import SqsQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_queues.sqs_connection import SqsConnection
    from ldp_testing.moto_server import MotoServer

by_name = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)


@pytest.fixture(scope="module")
def outcomes(moto_server: MotoServer, sqs: SqsConnection) -> Iterator[dict[str, Future[None]]]:
    """The battery on both kinds of real time, all checks at once, since most of them wait."""
    makers: dict[str, Callable[[], TextQueue]] = {
        "moto": lambda: SqsQueue(sqs, moto_server.create_queue()),
        "memory": lambda: MemoryQueue(clock=RealClock()),
    }
    with ThreadPoolExecutor(len(makers) * len(CHECKS)) as pool:
        yield {
            f"{kind}: {check.name}": pool.submit(check.run, make)
            for kind, make in makers.items()
            for check in CHECKS
        }


@by_name
def test_sqs_over_http_keeps_the_contract(check: Check, outcomes: dict[str, Future[None]]) -> None:
    """The SQS adapter passes each check on moto's server."""
    outcomes[f"moto: {check.name}"].result()


@by_name
def test_memory_in_real_time_keeps_the_contract(
    check: Check, outcomes: dict[str, Future[None]]
) -> None:
    """The queue in memory passes each check on the machine's clock."""
    outcomes[f"memory: {check.name}"].result()


def test_memory_in_virtual_time_keeps_the_contract() -> None:
    """The queue in memory passes the battery on a clock that it moves itself."""
    clock = VirtualClock()
    names = itertools.count()

    check_queue(lambda: MemoryQueue(f"q{next(names)}", clock=clock), virtual_time=True)
