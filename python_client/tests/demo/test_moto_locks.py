from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from moto.sqs.models import sqs_backends

from ldp_client.demo.moto_locks import lock_queues

if TYPE_CHECKING:
    from collections.abc import Iterator

THREADS = 16
ROUNDS = 60


class Traffic:
    """Threads that release what they receive, or delete it and send something new."""

    def __init__(self) -> None:
        self.name = uuid4().hex
        self.backend = sqs_backends["123456789012"]["eu-west-1"]
        self.queue = self.backend.create_queue(self.name, {})
        self.sent: set[str] = set()
        self.deleted: Counter[str] = Counter()

    def work(self, number: int) -> None:
        """What one thread does."""
        random = Random(number)
        self._send(f"{number}")
        for step in range(ROUNDS):
            for message in self.backend.receive_message(self.name, 1, 1, 30):
                assert message.receipt_handle is not None
                if random.random() < 0.2:
                    self.backend.delete_message(self.name, message.receipt_handle)
                    self.deleted[message.body] += 1
                    self._send(f"{number}.{step}")
                else:
                    self.backend.change_message_visibility(self.name, message.receipt_handle, 0)

    def _send(self, body: str) -> None:
        self.backend.send_message(self.name, body)
        self.sent.add(body)

    def left(self) -> set[str]:
        """What is in the queue."""
        return {message.body for message in self.queue._messages}


@pytest.fixture
def _restless() -> Iterator[None]:
    """Threads that take turns a hundred times as often, so that they meet everywhere."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(before_s / 100)
    yield
    sys.setswitchinterval(before_s)


@pytest.mark.usefixtures("_restless")
def test_calls_that_meet_lose_and_bring_back_nothing() -> None:
    """With its queues locked, moto keeps each message for one receiver, until it is deleted."""
    lock_queues()
    traffic = Traffic()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(traffic.work, range(THREADS)))

    assert set(traffic.deleted.values()) == {1}
    assert traffic.left() == traffic.sent - set(traffic.deleted)
