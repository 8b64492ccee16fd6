"""The witness passes what every queue, every keeper of queues and every store has to pass."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ldp_queues import checks_admin
from ldp_queues.checks import CHECKS, Check
from ldp_queues.s3 import S3Store
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_connection import SqsConnection
from ldp_queues.store_checks import STORE_CHECKS
from ldp_testing.admin_stage import over_sqs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_conformance.witness import Witness
    from ldp_queues.checks_admin import AdminCheck
    from ldp_queues.ports import Store


@pytest.fixture(scope="module")
def connection(witness: Witness) -> Iterator[SqsConnection]:
    """The adapter's way to the witness."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in witness.variables("adapter").items():
            patch.setenv(name, value)
        connection = SqsConnection(clock_ms=lambda: time.time_ns() // 1_000_000)
        yield connection
        connection.close()


@pytest.fixture(scope="module")
def outcomes(witness: Witness, connection: SqsConnection) -> Iterator[dict[str, Future[None]]]:
    """The battery, all checks at once, since most of them wait."""

    def make() -> SqsQueue:
        return SqsQueue(connection, witness.create_queue(f"q{uuid.uuid4().hex}").url)

    with ThreadPoolExecutor(len(CHECKS)) as pool:
        yield {check.name: pool.submit(check.run, make) for check in CHECKS}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_queue_keeps_the_contract(check: Check, outcomes: dict[str, Future[None]]) -> None:
    """A queue of the witness passes each check through the SQS adapter."""
    outcomes[check.name].result()


@pytest.mark.parametrize("check", checks_admin.CHECKS, ids=lambda check: check.name)
def test_queues_are_made_as_the_contract_says(check: AdminCheck, connection: SqsConnection) -> None:
    """The witness passes each check of who makes and deletes queues."""
    check.run(over_sqs(connection, pause=lambda _: None))


@pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__)
def test_a_bucket_keeps_the_contract(
    check: Callable[[Callable[[], Store]], None], witness: Witness, connection: SqsConnection
) -> None:
    """A bucket of the witness passes each check through the S3 adapter."""

    def make() -> S3Store:
        name = witness.create_bucket(f"b{uuid.uuid4().hex}").name
        return S3Store(connection.session, name, "123456789012")

    check(make)
