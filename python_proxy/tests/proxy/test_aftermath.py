"""What follows an exchange: its message is deleted, and its line is logged."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import pytest

from ldp_proxy.invoke import Channel, Proxy
from ldp_proxy.reply_queues import ReplyQueue, SharedReplies
from ldp_queues.errors import QueueAccessDenied
from ldp_testing.deliveries import REPLY_TO
from ldp_testing.proxy_stage import Stage, echo, error, result

if TYPE_CHECKING:
    from ldp_queues.ports import Incoming


EVENT = b'{"order": 1}'


@pytest.fixture
def stage() -> Stage:
    """An empty stage without faults."""
    return Stage()


def test_a_late_answer_of_ones_own_is_deleted_by_the_next_exchange(stage: Stage) -> None:
    """EXC-3, EXC-10: a second answer to a finished request is deleted at sight."""
    proxy = stage.proxy()
    stage.script(result("1"), result("2"))
    first = proxy.invoke(EVENT, stage.context())
    stage.clock.advance(3_000)
    stage.script(result("3"))

    second = proxy.invoke(EVENT, stage.context())

    assert (first.body, second.body) == (b"1", b"3")
    assert len(stage.replies.bodies()) == 1


def test_a_reply_is_discarded_once_it_is_passed_on(stage: Stage) -> None:
    """EXC-33: the message that brought the answer is deleted afterwards."""
    stage.script(echo)
    proxy, context = stage.proxy(), stage.context()
    reply = proxy.invoke(EVENT, context)

    proxy.discard(reply, context.deadline_ms)

    assert stage.replies.bodies() == []


@pytest.mark.parametrize("is_one_way", [True, False])
def test_without_a_message_nothing_is_discarded(stage: Stage, *, is_one_way: bool) -> None:
    """A reply that no message brought has none to delete."""
    proxy = stage.one_way_proxy() if is_one_way else stage.proxy()
    reply = proxy.invoke(EVENT, stage.context(timeout_s=3))
    calls = len(stage.replies.calls)

    proxy.discard(reply, stage.clock.now_ms())

    assert len(stage.replies.calls) == calls


class _Undeletable:
    """A reply queue whose deletes fail, or never end until the test does."""

    def __init__(self, queue: Incoming, hold: threading.Event | None = None) -> None:
        self._hold = hold
        self.receive = queue.receive
        self.change_visibility = queue.change_visibility

    def delete(self, receipt: str) -> None:
        if self._hold is not None:
            self._hold.wait()
        raise QueueAccessDenied(f"not {receipt}")


def _proxy(stage: Stage, replies: Incoming) -> Proxy:
    queue = ReplyQueue(REPLY_TO, replies)
    return Proxy(Channel(stage.requests, SharedReplies(queue)), stage.pace)


def test_a_failed_delete_does_not_cost_the_answer(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """EXC-33: that the message stays is a line in the log, nothing more."""
    proxy, context = _proxy(stage, _Undeletable(stage.replies)), stage.context()
    stage.script(result("42"))

    reply = proxy.invoke(EVENT, context)
    proxy.discard(reply, context.deadline_ms)

    assert reply.body == b"42"
    assert [r.__dict__["reason"] for r in caplog.records if "delete_failed" in r.message] == [
        f"not {reply.receipt}"
    ]


@pytest.mark.parametrize("left_s", [0.02, -1])
def test_a_delete_that_hangs_is_left_alone(
    stage: Stage, caplog: pytest.LogCaptureFixture, left_s: float
) -> None:
    """EXC-33: a delete takes half of the time that is left at most, and none when none is."""
    ended = threading.Event()
    proxy, context = _proxy(stage, _Undeletable(stage.replies, ended)), stage.context()
    stage.script(result("42"))
    reply = proxy.invoke(EVENT, context)

    proxy.discard(reply, stage.clock.now_ms() + round(left_s * 1000))

    ended.set()
    assert "answer.delete_abandoned" in [r.message for r in caplog.records]


def test_one_line_sums_an_exchange_up(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """SEC-4: the line at INFO has IDs, outcome, time and sizes, and nothing of a payload."""
    caplog.set_level(logging.INFO, logger="ldp_proxy")
    proxy = stage.proxy()
    for script in (result('"secret"'), error('"secret"', "OrderError", "secret"), None):
        if script is not None:
            stage.script(script, after_ms=400)
        proxy.invoke(b'"secret"', stage.context(timeout_s=20))

    summed = [r for r in caplog.records if r.message.startswith("exchange.")]
    data = [{k: r.__dict__.get(k) for k in KEYS} for r in summed]
    assert [r.message for r in summed] == [
        "exchange.answered",
        "exchange.answered",
        "exchange.failed",
    ]
    assert [row["outcome"] for row in data] == ["result", "error", "Proxy.NoResponse"]
    assert data[1]["error_type"] == "OrderError"
    assert data[0]["waited_ms"] in range(400, 410)
    assert (data[0]["sent_bytes"], data[0]["received_bytes"]) == (8, 8)
    assert len({row["request_id"] for row in data}) == 3
    assert "secret" not in str([r.__dict__ for r in caplog.records])


KEYS = (
    "request_id",
    "aws_request_id",
    "waited_ms",
    "sent_bytes",
    "received_bytes",
    "outcome",
    "error_type",
)


def test_payloads_show_at_debug_cut_short(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """SEC-4: at DEBUG the first 75 bytes of event and reply are logged, and no more."""
    caplog.set_level(logging.DEBUG, logger="ldp_proxy")
    stage.script(echo)

    stage.proxy().invoke(b"e" * 1000, stage.context())

    shown = [r.__dict__["payload"] for r in caplog.records if hasattr(r, "payload")]
    assert shown == ["e" * 75] * 2
    assert "e" * 76 not in str([r.__dict__ for r in caplog.records])
