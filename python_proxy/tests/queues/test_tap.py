"""The tap does what later tests rely on it for."""

from __future__ import annotations

import http.client
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import pytest

from ldp_queues.errors import QueueThrottled, QueueUnreachable
from ldp_queues.sqs import SqsQueue
from ldp_testing.moto_server import REGION, free_port
from ldp_testing.tap import THROTTLED, Cut, Delay, Effect, Point, Refuse, ShiftDate, Tap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_queues.sqs_connection import SqsConnection
    from ldp_testing.moto_server import MotoServer
    from ldp_testing.tap import Call


@pytest.fixture
def queue(tapped: SqsConnection, queue_url: str) -> SqsQueue:
    """A queue that is reached through the tap."""
    return SqsQueue(tapped, queue_url)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for what waits."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_operations_are_recorded(tap: Tap, queue: SqsQueue) -> None:
    """Each operation is kept with its name, queue, time and parameters, in order."""
    before_ms = time.time_ns() // 1_000_000
    queue.send("x")
    (message,) = queue.receive(wait_s=0, visibility_s=30)
    queue.delete(message.receipt)

    assert [call.operation for call in tap.calls()] == [
        "SendMessage",
        "ReceiveMessage",
        "DeleteMessage",
    ]
    (send,) = tap.calls("SendMessage")
    assert send.queue == queue.url.rpartition("/")[2]
    assert before_ms <= send.at_ms <= time.time_ns() // 1_000_000
    assert send.parameters == {"QueueUrl": queue.url, "MessageBody": "x"}
    assert tap.calls(queue="another") == []
    assert len(tap.calls(at=Point.ANSWER)) == 3


def test_queue_urls_are_left_alone(tap: Tap, queue: SqsQueue, moto_server: MotoServer) -> None:
    """The queue's URL names the server; its operations go through the tap all the same."""
    assert queue.url.startswith(moto_server.url)
    queue.send("x")

    assert len(tap.calls("SendMessage")) == 1
    assert moto_server.message_count(queue.url) == 1


def test_a_held_request_has_not_reached_the_server(
    tap: Tap, queue: SqsQueue, moto_server: MotoServer, pool: ThreadPoolExecutor
) -> None:
    """A held operation happens when it is released; a later one passes."""
    hold = tap.hold("SendMessage")
    sending = pool.submit(queue.send, "x")
    hold.wait_until_reached()

    assert moto_server.message_count(queue.url) == 0
    queue.send("y")
    hold.release()
    sending.result()
    assert moto_server.message_count(queue.url) == 2


def test_a_held_answer_has_reached_the_server(
    tap: Tap, queue: SqsQueue, moto_server: MotoServer, pool: ThreadPoolExecutor
) -> None:
    """An operation whose answer is held is done, and its caller does not know."""
    hold = tap.hold("SendMessage", at=Point.ANSWER)
    sending = pool.submit(queue.send, "x")
    hold.wait_until_reached()

    assert moto_server.message_count(queue.url) == 1
    assert not sending.done()
    hold.release()
    sending.result()


def test_a_hold_that_nobody_reaches_says_so(tap: Tap) -> None:
    """Waiting for an operation that does not come ends."""
    with pytest.raises(TimeoutError):
        tap.hold("SendMessage").wait_until_reached(timeout_s=0.01)


def test_an_effect_happens_so_many_times(tap: Tap, queue: SqsQueue) -> None:
    """An effect with a number meets that many operations, and then no more."""
    tap.apply(THROTTLED, "SendMessage", times=2)
    for _ in range(2):
        with pytest.raises(QueueThrottled):
            queue.send("x")

    assert queue.send("x").message_id


def test_an_effect_can_choose(tap: Tap, queue: SqsQueue, moto_server: MotoServer) -> None:
    """An effect meets only operations on its queue that its predicate takes."""
    other = queue.beside(moto_server.create_queue())
    tap.apply(
        THROTTLED,
        "SendMessage",
        queue=queue.url.rpartition("/")[2],
        times=None,
        when=lambda call: call.parameters["MessageBody"] == "bad",
    )

    assert other.send("bad").message_id
    assert queue.send("good").message_id
    for _ in range(2):
        with pytest.raises(QueueThrottled):
            queue.send("bad")


def test_effects_add_up_and_can_be_cleared(tap: Tap, queue: SqsQueue) -> None:
    """Several effects meet one operation; cleared, they meet none."""
    tap.apply(ShiftDate(by_s=3600), times=None)
    tap.apply(ShiftDate(by_s=3600), times=None)
    shifted = queue.send("x").stored_at_ms
    tap.clear()
    plain = queue.send("x").stored_at_ms

    assert 7_200_000 - 2000 <= shifted - plain <= 7_200_000 + 2000


@pytest.mark.parametrize("at", Point)
def test_a_cut_connection_loses_request_or_answer(
    at: Point, tap: Tap, queue: SqsQueue, moto_server: MotoServer
) -> None:
    """Cut before the server the operation never happened; cut after it, it did."""
    tap.apply(Cut(at), "SendMessage")
    with pytest.raises(QueueUnreachable):
        queue.send("x")

    assert moto_server.message_count(queue.url) == (1 if at is Point.ANSWER else 0)


@pytest.mark.parametrize("at", Point)
def test_a_delay_ends_with_the_tap(
    at: Point, queue_url: str, moto_server: MotoServer, pool: ThreadPoolExecutor
) -> None:
    """A delayed operation is let go when the tap closes, so that no test waits for it."""
    with Tap(moto_server.url) as tap:
        tap.apply(Delay(by_s=3600, at=at))
        asking = pool.submit(_post, tap.url, queue_url)
        tap.wait_for("SendMessage")
    asking.exception()


@pytest.mark.parametrize("at", Point)
def test_a_delay_passes(at: Point, tap: Tap, queue: SqsQueue) -> None:
    """A delayed operation succeeds, later."""
    tap.apply(Delay(by_s=0.01, at=at))

    assert queue.send("x").message_id


def test_a_test_can_wait_for_an_operation(
    tap: Tap, queue: SqsQueue, pool: ThreadPoolExecutor
) -> None:
    """Waiting ends as soon as so many operations have come, or says that they did not."""
    polling = pool.submit(queue.receive, wait_s=20, visibility_s=30)
    tap.wait_for("ReceiveMessage")
    queue.send("x")
    tap.wait_for("ReceiveMessage", at=Point.ANSWER)

    assert [message.body for message in polling.result()] == ["x"]
    with pytest.raises(TimeoutError, match="fewer than 2 ReceiveMessage"):
        tap.wait_for("ReceiveMessage", 2, timeout_s=0.01)


def test_connections_are_kept(tap: Tap) -> None:
    """A caller's connection serves one operation after another."""
    where = urlsplit(tap.url)
    with closing(http.client.HTTPConnection(where.hostname or "", where.port)) as connection:
        connection.connect()
        in_use = connection.sock
        for _ in range(3):
            connection.request("GET", "/")
            connection.getresponse().read()
            assert connection.sock is in_use

    assert [call.operation for call in tap.calls()] == ["GET /"] * 3


def test_a_poll_goes_on_when_its_caller_is_gone(
    tap: Tap, queue: SqsQueue, moto_server: MotoServer
) -> None:
    """As in SQS, a message can be given to a connection that nobody reads any more."""
    body = f'{{"QueueUrl": "{queue.url}", "WaitTimeSeconds": 20, "VisibilityTimeout": 30}}'
    with closing(_open(tap.url)) as caller:
        caller.sendall(_request("ReceiveMessage", body))
        tap.wait_for("ReceiveMessage")
    queue.send("x")
    tap.wait_for("ReceiveMessage", at=Point.ANSWER)

    assert moto_server.attribute(queue.url, "ApproximateNumberOfMessagesNotVisible") == "1"


def test_a_tap_can_refuse_connections_for_a_while(
    tap: Tap, queue: SqsQueue, moto_server: MotoServer
) -> None:
    """Nobody is let in meanwhile, and everybody afterwards, at the same address."""
    queue.send("before")
    with tap.refusing(), pytest.raises(QueueUnreachable):
        queue.send("meanwhile")
    queue.send("after")

    assert moto_server.message_count(queue.url) == 2


def test_a_poll_that_is_refused_consumes_a_message(
    tap: Tap, queue: SqsQueue, pool: ThreadPoolExecutor
) -> None:
    """Who is hung up on gets nothing, and what was asked still happens behind the tap."""
    polling = pool.submit(queue.receive, wait_s=20, visibility_s=30)
    tap.wait_for("ReceiveMessage")
    with tap.refusing(), pytest.raises(QueueUnreachable):
        polling.result()
    queue.send("x")
    tap.wait_for("ReceiveMessage", at=Point.ANSWER)

    assert queue.receive(wait_s=0, visibility_s=30) == []


def test_a_caller_is_known_by_its_credentials(tap: Tap, queue: SqsQueue) -> None:
    """Each operation tells whose access key signed it."""
    queue.send("x")

    assert [call.access_key for call in tap.calls()] == ["testing"]


def test_a_caller_may_die_in_the_middle(tap: Tap) -> None:
    """A request that ends early is no operation and no failure of the tap."""
    with closing(_open(tap.url)) as caller:
        caller.sendall(_request("SendMessage", "x" * 100)[:-50])
        caller.shutdown(socket.SHUT_WR)
        assert caller.recv(1000) == b""

    assert tap.calls() == []


def test_a_server_that_is_gone_cuts_the_line() -> None:
    """With nobody behind the tap its callers' connections end without an answer."""
    with Tap(f"http://127.0.0.1:{free_port()}") as tap, pytest.raises(http.client.HTTPException):
        _post(tap.url, "http://127.0.0.1/123456789012/q")


def test_what_fails_in_an_effect_fails_the_test(moto_server: MotoServer, queue_url: str) -> None:
    """An exception of a predicate is raised when the tap closes."""

    def fail(_: Call) -> bool:
        raise LookupError("a bug of the test")

    with pytest.raises(LookupError), Tap(moto_server.url) as tap:  # noqa: PT012
        tap.apply(Effect(), when=fail)
        with pytest.raises(http.client.HTTPException):
            _post(tap.url, queue_url)


def test_operations_on_a_bucket_pass(tap: Tap) -> None:
    """S3's operations have names as SQS's have; a HEAD has the length of what it describes."""
    s3 = boto3.Session().client(
        "s3",
        region_name=REGION,
        endpoint_url=tap.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    with closing(s3):
        location: dict[str, object] = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket="tapped", CreateBucketConfiguration=location)  # type: ignore[arg-type]
        s3.put_object(Bucket="tapped", Key="a/b", Body=b"x" * 1000)

        assert s3.head_object(Bucket="tapped", Key="a/b")["ContentLength"] == 1000
        assert s3.get_object(Bucket="tapped", Key="a/b")["Body"].read() == b"x" * 1000
    (put,) = tap.calls("PutObject", queue="tapped")
    assert put.parameters["Key"] == "a/b"


def test_other_services_pass(tap: Tap) -> None:
    """What is neither SQS's nor S3's goes through by method and path."""
    where = urlsplit(tap.url)
    with closing(http.client.HTTPConnection(where.hostname or "", where.port)) as connection:
        connection.request("GET", "/moto-api/data.json")
        assert connection.getresponse().read()

    assert len(tap.calls("GET /moto-api/data.json")) == 1


def test_many_connections_are_served_at_once(tap: Tap, queue: SqsQueue) -> None:
    """Polls that wait do not keep others from sending."""
    with ThreadPoolExecutor(30) as pool:
        polls = [pool.submit(queue.receive, wait_s=20, visibility_s=60) for _ in range(20)]
        tap.wait_for("ReceiveMessage", 20)
        for _ in range(20):
            queue.send("x")
        got = [poll.result() for poll in polls]

    assert sum(len(messages) for messages in got) >= 20


def test_an_own_answer_carries_the_legacy_code(tap: Tap, queue_url: str) -> None:
    """A refusal has the query-error header that the SDK reads its code from, or none."""
    tap.apply(Refuse("Code", legacy_code="Legacy"))
    tap.apply(Refuse("Code", legacy_code=""), when=lambda _: bool(tap.calls()))
    first, second = _post(tap.url, queue_url), _post(tap.url, queue_url)

    assert first.getheader("x-amzn-query-error") == "Legacy;Sender"
    assert second.getheader("x-amzn-query-error") is None
    assert first.status == second.status == 400


def _post(endpoint: str, queue_url: str) -> http.client.HTTPResponse:
    where = urlsplit(endpoint)
    body = f'{{"QueueUrl": "{queue_url}", "MessageBody": "x"}}'
    headers = {
        "X-Amz-Target": "AmazonSQS.SendMessage",
        "Content-Type": "application/x-amz-json-1.0",
    }
    with closing(http.client.HTTPConnection(where.hostname or "", where.port)) as connection:
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        response.read()
        return response


def _open(endpoint: str) -> socket.socket:
    where = urlsplit(endpoint)
    return socket.create_connection((where.hostname, where.port))


def _request(operation: str, body: str) -> bytes:
    head = (
        "POST / HTTP/1.1\r\nHost: tap\r\nContent-Type: application/x-amz-json-1.0\r\n"
        f"X-Amz-Target: AmazonSQS.{operation}\r\nContent-Length: {len(body)}\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=testing/20260101/eu-west-1/sqs/aws4_request, "
        "SignedHeaders=host, Signature=0\r\n\r\n"
    )
    return (head + body).encode()
