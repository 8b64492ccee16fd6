"""Every implementation passes the one battery."""

from __future__ import annotations

import itertools
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ldp_queues.checks import CHECKS, Check, check_queue
from ldp_queues.memory import MemoryQueue
from ldp_queues.memory_clock import RealClock, VirtualClock
from ldp_queues.sqs import SqsQueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_queues.sqs_connection import SqsConnection
    from ldp_testing.moto_server import MotoServer

by_name = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)


@pytest.fixture(scope="module")
def on_moto(moto_server: MotoServer, sqs: SqsConnection) -> Iterator[dict[str, Future[None]]]:
    """The battery on moto's server, all checks at once, since most of them wait."""
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        yield {
            check.name: pool.submit(check.run, lambda: SqsQueue(sqs, moto_server.create_queue()))
            for check in CHECKS
        }


@by_name
def test_sqs_over_http_keeps_the_contract(check: Check, on_moto: dict[str, Future[None]]) -> None:
    """The SQS adapter passes each check on moto's server."""
    on_moto[check.name].result()


@by_name
def test_memory_among_threads_keeps_the_contract(check: Check) -> None:
    """The queue in memory passes each check on a clock that runs by itself."""
    check.run(lambda: MemoryQueue(clock=RealClock(speed=20)))


def test_memory_in_virtual_time_keeps_the_contract() -> None:
    """The queue in memory passes the battery on a clock that it moves itself."""
    clock = VirtualClock()
    names = itertools.count()

    check_queue(lambda: MemoryQueue(f"q{next(names)}", clock=clock), virtual_time=True)
