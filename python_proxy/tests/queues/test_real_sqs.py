"""The batteries on SQS itself, with the credentials and region of whoever runs it.

Collected only with LDP_TEST_REAL_SQS=1. It creates some forty queues whose names begin with
`ldp-` and deletes them at the end; the cost is a few hundred requests.
"""

from __future__ import annotations

import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_queues import checks_admin
from ldp_queues.checks import CHECKS, Check
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_connection import SqsConnection
from ldp_testing.admin_stage import over_sqs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def on_sqs() -> Iterator[dict[str, Future[None]]]:
    """The battery on SQS, all checks at once, since most of them wait."""
    urls: list[str] = []
    with closing(SqsConnection()) as connection, ThreadPoolExecutor(len(CHECKS)) as pool:
        client = connection.client()

        def make() -> SqsQueue:
            name = f"ldp-test-{uuid.uuid4().hex}"
            urls.append(client.create_queue(QueueName=name)["QueueUrl"])
            queue = SqsQueue(connection, urls[-1])
            # A new queue is usable after a second (CreateQueue), which this wait also is.
            queue.receive(wait_s=2, visibility_s=0)
            return queue

        try:
            yield {check.name: pool.submit(check.run, make) for check in CHECKS}
        finally:
            pool.shutdown()
            for url in urls:
                client.delete_queue(QueueUrl=url)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_sqs_keeps_the_contract(check: Check, on_sqs: dict[str, Future[None]]) -> None:
    """SQS passes each check."""
    on_sqs[check.name].result()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("check", checks_admin.CHECKS, ids=lambda check: check.name)
def test_sqs_keeps_the_contract_of_an_admin(check: checks_admin.AdminCheck) -> None:
    """SQS passes each check about making and deleting queues."""
    names: list[str] = []
    with closing(SqsConnection()) as connection:
        stage = over_sqs(connection)

        def new_name() -> str:
            names.append(stage.new_name())
            return names[-1]

        try:
            check.run(replace(stage, new_name=new_name))
        finally:
            for url in (url for name in names for url in stage.admin.find(name)):
                stage.admin.delete(url)
