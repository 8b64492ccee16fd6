"""Many environments on one shared reply queue, each a proxy of its own in a thread.

How long they may wait is the matter of `test_shared_replies.py`, in virtual time.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ldp_proxy.invoke import Channel, Proxy
from ldp_proxy.loop import Pace
from ldp_queues.memory import MemoryQueue
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_connection import SqsConnection, wall_clock_ms
from ldp_testing.answering import Answering
from ldp_testing.deliveries import CONTEXT, REPLY_TO

if TYPE_CHECKING:
    import pytest

    from ldp_proxy.reply import Reply
    from ldp_testing.moto_server import MotoServer

AT_ONCE = 50
#: Each foreign answer that is released costs calls, which moto's server answers one by one.
AT_ONCE_OVER_HTTP = 10
PACE = Pace(wall_clock_ms, time.sleep, random.random)


def _invoke(channel: Channel, number: int) -> Reply:
    """One invocation in an environment of its own."""
    proxy = Proxy(channel, PACE)
    deadline_ms = wall_clock_ms() + 300_000
    reply = proxy.invoke(b"%d" % number, replace(CONTEXT, deadline_ms=deadline_ms))
    proxy.discard(reply, deadline_ms)
    return reply


def _invoke_all(channel: Channel, at_once: int) -> list[bytes]:
    with ThreadPoolExecutor(at_once) as pool:
        return [reply.body for reply in pool.map(lambda n: _invoke(channel, n), range(at_once))]


def test_everybody_gets_the_own_answer_in_memory() -> None:
    """EXC-2, EXC-11: 50 invocations share a reply queue, and each gets its own answer."""
    requests, replies = MemoryQueue("requests"), MemoryQueue("replies")

    with Answering(requests, replies, at_once=AT_ONCE):
        bodies = _invoke_all(Channel(requests, replies, REPLY_TO), AT_ONCE)

    assert bodies == [b"%d" % number for number in range(AT_ONCE)]
    assert replies.bodies() == []


def test_everybody_gets_the_own_answer_over_http(
    moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EXC-2, EXC-11, SQS-9: ten do over HTTP, against moto's server."""
    for name, value in moto_server.environment().items():
        monkeypatch.setenv(name, value)
    with closing(SqsConnection()) as connection:
        requests = SqsQueue(connection, moto_server.create_queue())
        replies = requests.beside(moto_server.create_queue())
        with Answering(requests, replies, at_once=AT_ONCE_OVER_HTTP):
            bodies = _invoke_all(Channel(requests, replies, replies.url), AT_ONCE_OVER_HTTP)

    assert bodies == [b"%d" % number for number in range(AT_ONCE_OVER_HTTP)]
    assert moto_server.message_count(replies.url) == 0
