"""The line to SQS in chaos: what its witness records, and what its weather does to calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from ldp_queues.errors import QueueThrottled, QueueUnreachable, ReceiptExpired
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_connection import SqsConnection
from ldp_testing.chaos.faults import CALM, Faults, Odds, outage
from ldp_testing.chaos.history import Event, Weather
from ldp_testing.chaos.wire import Wire, now_ms
from ldp_testing.deliveries import ACCEPTED, ANSWER_BY_MS, CONTEXT, REQUEST, WINDOW_REQUEST
from ldp_testing.moto_server import aws_environment
from ldp_testing.tap import Point, Tap
from ldp_wire.codec import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ldp_testing.chaos.history import Passage
    from ldp_testing.moto_server import MotoServer

    MakeLine = Callable[..., "Line"]

_BODY: Final = encode(REQUEST)


class Line:
    """A queue behind weather."""

    def __init__(self, server: MotoServer, odds: Odds, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.wire = Wire()
        self.tap = Tap(server.url)
        self.tap.apply(self.wire, times=None)
        self.tap.apply(Faults(odds, Random(1), self.wire), times=None)
        self._server = server
        self._url = server.create_queue()

    def queue(self, who: str) -> SqsQueue:
        """The queue as a program of that name sees it."""
        for name, value in {**aws_environment(self.tap.url), "AWS_ACCESS_KEY_ID": who}.items():
            self._patch.setenv(name, value)
        return SqsQueue(SqsConnection(warm=True), self._url)

    @property
    def message_count(self) -> int:
        """How many messages the server has."""
        return self._server.message_count(self._url)

    @property
    def weather(self) -> list[Weather]:
        """What the weather did so far."""
        return [event.kind for event in self.wire.weather]


@pytest.fixture
def line(moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeLine]:
    """Makes a line for some odds."""
    with ExitStack() as stack:

        def make(odds: Odds = CALM) -> Line:
            made = Line(moto_server, odds, monkeypatch)
            stack.callback(made.tap.close)
            return made

        yield make


def _seen(passage: Passage) -> tuple[str, str, str, bool]:
    return passage.operation, passage.who, passage.kind, passage.done_ms is not None


def test_the_witness_knows_whose_message_was_where(line: MakeLine) -> None:
    """Sends, deliveries, renewals and deletions are told apart by program, request and message."""
    calm = line()
    proxy, client = calm.queue("function"), calm.queue("client")
    stored = proxy.send(encode(WINDOW_REQUEST))
    (message,) = client.receive(wait_s=0, visibility_s=3)
    client.change_visibility(message.receipt, 4)
    client.send(encode(ACCEPTED))
    client.delete(message.receipt)
    with pytest.raises(ReceiptExpired):
        client.change_visibility(message.receipt, 5)

    passages = calm.wire.passages
    assert [_seen(passage) for passage in passages] == [
        ("SendMessage", "function", "request", True),
        ("ReceiveMessage", "client", "request", True),
        ("ChangeMessageVisibility", "client", "request", True),
        ("SendMessage", "client", "accepted", True),
        ("DeleteMessage", "client", "request", True),
        ("ChangeMessageVisibility", "client", "request", False),
    ]
    assert {passage.request_id for passage in passages} == {REQUEST.request_id}
    assert {passages[index].message_id for index in (0, 1, 2, 4, 5)} == {stored.message_id}
    assert [passage.visibility_s for passage in passages] == [0, 3, 4, 0, 0, 5]
    (request,) = calm.wire.requests
    assert (request.aws_request_id, request.answer_by_ms) == (CONTEXT.aws_request_id, ANSWER_BY_MS)
    assert request.start_by_ms is not None


def test_what_a_dead_client_is_given_is_given_to_nobody(line: MakeLine) -> None:
    """A receive of a program that was killed, or cut off meanwhile, brings its message nowhere."""
    calm = line()
    proxy, client = calm.queue("function"), calm.queue("client")
    proxy.send(_BODY)
    hold = calm.tap.hold("ReceiveMessage")
    with ThreadPoolExecutor() as pool:
        polling = pool.submit(client.receive, wait_s=0, visibility_s=0)
        hold.wait_until_reached()
        with outage(calm.tap, calm.wire), pytest.raises(QueueUnreachable):
            polling.result()
        hold.release()
    calm.tap.wait_for("ReceiveMessage", at=Point.ANSWER)
    assert sorted(each.name for each in calm.weather) == ["DELIVERED_TO_NOBODY", "OUTAGE"]

    calm.wire.note(Event(Weather.BOTH_KILLED, now_ms(), now_ms(), "client"))
    assert client.receive(wait_s=0, visibility_s=0) != []
    assert calm.weather[2:] == [Weather.BOTH_KILLED, Weather.DELIVERED_TO_NOBODY]


@pytest.mark.parametrize(
    ("odds", "weather", "error", "count"),
    [
        (replace(CALM, throttled=1), Weather.THROTTLED, QueueThrottled, 0),
        (replace(CALM, server_error=1), Weather.SERVER_ERROR, QueueUnreachable, 0),
        (replace(CALM, cut_before=1), Weather.CUT_BEFORE, QueueUnreachable, 0),
        (replace(CALM, cut_after=1), Weather.CUT_AFTER, QueueUnreachable, 1),
    ],
)
def test_a_call_meets_its_fate(
    line: MakeLine, odds: Odds, weather: Weather, error: type[Exception], count: int
) -> None:
    """A program sees SQS's own errors and broken connections, and the witness what was done."""
    rough = line(odds)
    with pytest.raises(error):
        rough.queue("function").send(_BODY)

    assert rough.weather == [weather]
    assert rough.message_count == count
    assert [passage.done_ms is not None for passage in rough.wire.passages] == [bool(count)]


def test_a_slow_call_is_only_slow(line: MakeLine) -> None:
    """Its answer comes, and when it was slow is noted."""
    slow = line(replace(CALM, slow=1, slow_s=0.01))
    slow.queue("function").send(_BODY)

    assert slow.weather == [Weather.SLOW]
    assert slow.message_count == 1


def test_a_message_is_delivered_again_although_it_is_hidden_or_deleted(line: MakeLine) -> None:
    """A receive brings what another brought before, with the same handle and a higher count."""
    doubled = line(replace(CALM, repeated=1))
    queue = doubled.queue("client")
    queue.send(_BODY)
    (first,) = queue.receive(wait_s=0, visibility_s=30)
    (second,) = queue.receive(wait_s=0, visibility_s=30)
    queue.delete(second.receipt)
    (third,) = queue.receive(wait_s=0, visibility_s=30)

    assert replace(second, receive_count=1) == replace(third, receive_count=1) == first
    assert second.receive_count == 2
    received = [each for each in doubled.wire.passages if each.operation == "ReceiveMessage"]
    assert [passage.is_repeated for passage in received] == [False, True, True]
