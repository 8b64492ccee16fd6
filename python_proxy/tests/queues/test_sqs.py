from __future__ import annotations

import itertools
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from ldp_queues.addresses import QueueAddress
from ldp_queues.errors import MessageTooLarge, QueueError, QueueNotFound, QueueUnreachable
from ldp_queues.sdk_session import CONNECT_TIMEOUT_S, READ_GRACE_S
from ldp_queues.sqs import QueueSettings, SqsQueue, connect
from ldp_queues.sqs_connection import SqsConnection
from ldp_testing.moto_server import REGION
from ldp_testing.tap import DropHeader, Point, Reply, ShiftDate, Tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_testing.moto_server import MotoServer

_AWS_URL = "https://sqs.ap-south-1.amazonaws.com/123456789012/q"


def test_a_send_tells_the_date_of_the_answer(
    tap: Tap, tapped: SqsConnection, queue_url: str
) -> None:
    """The time of a stored message is the server's, in whole seconds, not the local clock's."""
    tap.apply(ShiftDate(by_s=-3600))
    queue = SqsQueue(tapped, queue_url)

    stored = queue.send("x")
    message = queue.receive(wait_s=1, visibility_s=1)[0]

    assert stored.stored_at_ms % 1000 == 0
    assert 3_600_000 - 1000 <= message.sent_at_ms - stored.stored_at_ms <= 3_600_000 + 1000


@pytest.mark.usefixtures("tapped")
def test_an_answer_without_a_date_has_the_local_time(tap: Tap, queue_url: str) -> None:
    """Where the server keeps no clock, the local one stands in, and no offset is told of."""
    tap.apply(DropHeader("Date"))
    told: list[tuple[int, int, int]] = []
    with closing(SqsConnection(clock_ms=lambda: 42, on_answer=_into(told))) as connection:
        stored = SqsQueue(connection, queue_url).send("x")

    assert stored.stored_at_ms == 42
    assert told == []


@pytest.mark.usefixtures("sqs")
def test_quick_calls_tell_both_clocks(queue_url: str) -> None:
    """Each quick call tells its date with the local times around it; a poll tells nothing."""
    clock_ms = itertools.count(1)
    told: list[tuple[int, int, int]] = []
    with closing(
        SqsConnection(clock_ms=lambda: next(clock_ms), on_answer=_into(told))
    ) as connection:
        queue = SqsQueue(connection, queue_url)
        stored = queue.send("x")
        message = queue.receive(wait_s=1, visibility_s=30)[0]
        queue.change_visibility(message.receipt, 30)
        queue.delete(message.receipt)
        queue.settings()

    assert [(before, after) for _, before, after in told] == [(1, 2), (3, 4), (5, 6), (7, 8)]
    assert told[0][0] == stored.stored_at_ms


def test_a_receive_says_everything_itself(tap: Tap, tapped: SqsConnection, queue_url: str) -> None:
    """No receive leaves wait, visibility or number to what the queue is set to."""
    SqsQueue(tapped, queue_url).receive(wait_s=0, visibility_s=0)

    (call,) = tap.calls("ReceiveMessage")
    assert call.parameters == {
        "QueueUrl": queue_url,
        "WaitTimeSeconds": 0,
        "VisibilityTimeout": 0,
        "MaxNumberOfMessages": 1,
        "MessageSystemAttributeNames": ["ApproximateReceiveCount", "SentTimestamp"],
    }


def test_a_call_is_one_attempt(tap: Tap, tapped: SqsConnection, queue_url: str) -> None:
    """The SDK's own retries are off: what failed once is the caller's to repeat."""
    tap.apply(Reply(status=503), times=None)

    with pytest.raises(QueueUnreachable):
        SqsQueue(tapped, queue_url).send("x")

    assert len(tap.calls()) == 1


def test_a_send_without_an_answer_ends_and_may_be_stored(
    tap: Tap, tapped: SqsConnection, queue_url: str
) -> None:
    """A lost answer is QueueUnreachable after the quick calls' limit; the message is there."""
    tap.hold("SendMessage", at=Point.ANSWER)
    queue = SqsQueue(tapped, queue_url)

    with pytest.raises(QueueUnreachable, match="Read timeout"):
        queue.send("x")

    assert [message.body for message in queue.receive(wait_s=1, visibility_s=1)] == ["x"]


@pytest.mark.parametrize("wait_s", [0, 1, 20])
def test_time_limits_suit_the_wait(wait_s: int, sqs: SqsConnection) -> None:
    """An answer may take 3 s longer than the wait, connecting 2 s, and each client is kept."""
    client = sqs.client(wait_s)
    config: Any = client.meta.config

    assert config.read_timeout == wait_s + READ_GRACE_S
    assert config.connect_timeout == CONNECT_TIMEOUT_S
    assert config.retries["total_max_attempts"] == 1
    assert sqs.client(wait_s) is client


@pytest.mark.usefixtures("tapped")
def test_a_warm_connection_has_called_nobody(tap: Tap, queue_url: str) -> None:
    """Warming builds the clients of quick calls and of the longest poll, without a call."""
    with closing(connect(queue_url, warm=True).connection) as connection:
        assert sorted(connection.session._clients) == [("sqs", 0), ("sqs", 20)]

    assert tap.calls() == []


def test_a_closed_connection_opens_again(sqs: SqsConnection, queue_url: str) -> None:
    """Closing drops the idle connections only."""
    queue = SqsQueue(sqs, queue_url)
    queue.send("x")
    sqs.close()

    assert queue.send("y").message_id


def test_queues_share_a_connection(sqs: SqsConnection, moto_server: MotoServer) -> None:
    """A queue beside another uses its session, so that credentials are found once."""
    requests = SqsQueue(sqs, moto_server.create_queue())
    replies = requests.beside(moto_server.create_queue(), limit_bytes=10)

    assert replies.connection is requests.connection
    with pytest.raises(MessageTooLarge):
        replies.send("x" * 11)
    assert requests.send("x" * 11).message_id


def test_a_rebuilt_address_reaches_the_queue(sqs: SqsConnection, moto_server: MotoServer) -> None:
    """A sibling that is known by name only is reached at the own base."""
    address = QueueAddress.parse(moto_server.create_queue())
    sibling = QueueAddress.parse(moto_server.create_queue())

    SqsQueue(sqs, address.sibling(sibling.name).url).send("x")

    assert moto_server.message_count(sibling.url) == 1


def test_settings_are_read(sqs: SqsConnection, moto_server: MotoServer) -> None:
    """Start-up checks see the size limit, the visibility, and whether messages are redriven."""
    plain = moto_server.create_queue(MaximumMessageSize="2048")
    redriven, _ = moto_server.create_queue_with_redrive()

    assert SqsQueue(sqs, plain).settings() == QueueSettings(2048, 10, has_redrive_policy=False)
    assert SqsQueue(sqs, redriven).settings().has_redrive_policy


def test_a_queue_can_vanish(sqs: SqsConnection, moto_server: MotoServer, queue_url: str) -> None:
    """Once the queue is deleted, each call tells that it is not found."""
    queue = SqsQueue(sqs, queue_url)
    queue.send("x")
    moto_server.delete_queue(queue_url)

    for call in (
        lambda: queue.send("y"),
        lambda: queue.receive(wait_s=0, visibility_s=1),
        lambda: queue.delete("receipt"),
        lambda: queue.change_visibility("receipt", 1),
        queue.settings,
    ):
        with pytest.raises(QueueNotFound, match="does not exist"):
            call()


@pytest.mark.usefixtures("sqs")
def test_the_region_of_a_url_goes_before_that_of_the_environment() -> None:
    """A queue is signed for in its own region, whatever AWS_REGION says; an argument wins."""
    assert connect(_AWS_URL).connection.region == "ap-south-1"
    assert connect(_AWS_URL, region="us-west-2").connection.region == "us-west-2"
    assert connect("http://127.0.0.1:1/123456789012/q").connection.region == REGION


@pytest.mark.usefixtures("sqs")
def test_no_region_is_told_at_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a region anywhere, warming says which variable to set."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    with pytest.raises(QueueError) as caught:
        connect("http://127.0.0.1:1/123456789012/q", warm=True)

    assert "AWS_REGION" in caught.value.hint


@pytest.mark.usefixtures("sqs")
def test_a_wrong_endpoint_is_told_at_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that is no URL is a clear error that names the variable."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "localhost:4566")

    with pytest.raises(QueueError, match="localhost:4566") as caught:
        connect(_AWS_URL, warm=True)

    assert "AWS_ENDPOINT_URL_SQS" in caught.value.hint


def _into(told: list[tuple[int, int, int]]) -> Callable[[int, int, int], None]:
    return lambda date_ms, before_ms, after_ms: told.append((date_ms, before_ms, after_ms))
