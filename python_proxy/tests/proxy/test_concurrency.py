"""Many environments at once, each a proxy of its own in a thread.

How long they may wait on a shared queue is the matter of `test_shared_replies.py`.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ldp_proxy.dedicated import DedicatedReplies, Means
from ldp_proxy.invoke import Channel, Proxy
from ldp_proxy.loop import Pace
from ldp_proxy.reply_queues import ReplyQueue, SharedReplies
from ldp_queues.addresses import QueueAddress
from ldp_queues.memory import MemoryQueue
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_admin import SqsAdmin
from ldp_queues.sqs_connection import SqsConnection, wall_clock_ms
from ldp_testing.admin_stage import new_name
from ldp_testing.answering import Answering
from ldp_testing.deliveries import CONTEXT, REPLY_TO

if TYPE_CHECKING:
    import pytest

    from ldp_proxy.reply import Reply
    from ldp_queues.ports import Incoming, Outgoing
    from ldp_testing.moto_server import MotoServer

AT_ONCE = 50
#: Each foreign answer that is released costs calls, which moto's server answers one by one.
AT_ONCE_OVER_HTTP = 10
PACE = Pace(wall_clock_ms, time.sleep, random.random)


def _shared(requests: Outgoing, reply_to: str, replies: Incoming) -> Channel:
    return Channel(requests, SharedReplies(ReplyQueue(reply_to, replies)))


def _invoke(channel: Channel, number: int) -> Reply:
    """One invocation in an environment of its own."""
    proxy = Proxy(channel, PACE)
    deadline_ms = wall_clock_ms() + 300_000
    reply = proxy.invoke(b"%d" % number, replace(CONTEXT, deadline_ms=deadline_ms))
    proxy.discard(reply, deadline_ms)
    return reply


def _invoke_all(*channels: Channel) -> list[bytes]:
    with ThreadPoolExecutor(len(channels)) as pool:
        return [reply.body for reply in pool.map(_invoke, channels, range(len(channels)))]


def test_everybody_gets_the_own_answer_in_memory() -> None:
    """EXC-2, EXC-11: 50 invocations share a reply queue, and each gets its own answer."""
    requests, replies = MemoryQueue("requests"), MemoryQueue("replies")

    with Answering(requests, replies, at_once=AT_ONCE):
        bodies = _invoke_all(*[_shared(requests, REPLY_TO, replies)] * AT_ONCE)

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
            bodies = _invoke_all(*[_shared(requests, replies.url, replies)] * AT_ONCE_OVER_HTTP)

    assert bodies == [b"%d" % number for number in range(AT_ONCE_OVER_HTTP)]
    assert moto_server.message_count(replies.url) == 0


def test_everybody_gets_the_own_answer_on_queues_of_their_own(
    moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EXC-29, EXC-30, SEC-2: 50 environments, 50 reply queues, and no answer in another's."""
    for name, value in moto_server.environment().items():
        monkeypatch.setenv(name, value)
    with closing(SqsConnection()) as connection, ThreadPoolExecutor(AT_ONCE) as aside:
        requests, admin = SqsQueue(connection, moto_server.create_queue()), SqsAdmin(connection)
        base = QueueAddress.parse(requests.url).sibling(new_name())
        means = Means(admin, requests.beside, PACE, random.SystemRandom(), aside.submit)
        channels = [Channel(requests, DedicatedReplies(base, means)) for _ in range(AT_ONCE)]
        nowhere = requests.beside(base.url)
        with Answering(requests, nowhere, at_once=AT_ONCE, beside=requests.beside) as client:
            bodies = _invoke_all(*channels)
        made = list(admin.find(f"{base.name}-"))

    assert bodies == [b"%d" % number for number in range(AT_ONCE)]
    assert len(made) == AT_ONCE
    assert sorted(made) == sorted(r.terms.reply_to for r in client.seen if r.terms is not None)
    assert {moto_server.message_count(url) for url in made} == {0}
