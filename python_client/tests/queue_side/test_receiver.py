"""Receiving: how often, how patiently, and what the developer hears of what goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ldp_queues.errors import (
    QueueAccessDenied,
    QueueClockError,
    QueueCredentialsError,
    QueueError,
    QueueNotFound,
    QueueUnreachable,
)
from ldp_queues.memory_faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_testing.engine_stage import EngineStage

_HOUR_MS = 3_600_000
_PERMANENT = [
    QueueNotFound("gone"),
    QueueAccessDenied("denied"),
    QueueCredentialsError("expired"),
    QueueClockError("refused", server_at_ms=0, local_at_ms=600_000),
]


def _fail(stage: EngineStage, *errors: QueueError) -> None:
    """Let the next receives fail with these, one after the other."""
    receive: Callable[..., object] = stage.queues.requests.receive
    left = list(errors)

    def fail(**asked: int) -> object:
        if left:
            raise left.pop(0)
        return receive(**asked)

    stage.queues.requests.receive = fail  # type: ignore[method-assign,assignment]


def test_an_idle_client_asks_at_most_180_times_an_hour(stage: EngineStage) -> None:
    """With nothing to do, a client receives with the longest wait and no pause (SQS-6)."""
    began_ms = stage.clock.now_ms()
    stage.runtime.ask()
    while stage.clock.now_ms() - began_ms < _HOUR_MS:
        stage.receiver.receive_once()

    receives = [call for call in stage.queues.requests.calls if call.operation == "receive"]
    assert len(receives) <= 180
    assert {call.wait_s for call in receives} == {20}
    assert len(stage.queues.requests.calls) == len(receives)


def test_every_receive_sets_the_lease(stage: EngineStage) -> None:
    """The message is hidden for one lease, whatever the queue's own setting is (SES-7)."""
    stage.run()
    stage.clock.advance(19_000)
    assert stage.queues.requests.receive(wait_s=0, visibility_s=0) == []
    stage.clock.advance(1_000)
    assert len(stage.queues.requests.receive(wait_s=0, visibility_s=0)) == 1


def test_an_outage_is_told_once_and_so_is_its_end(stage: EngineStage) -> None:
    """Failures that pass are met with growing pauses, one problem, and one word at the end."""
    stage.queues.requests.faults.force(Fault.UNREACHABLE, 8)
    stage.runtime.ask()
    for _ in range(9):
        assert stage.receiver.receive_once()

    assert len(stage.reporter.problems) == 1
    assert stage.recovered == 1
    assert len(stage.paused_s) == 8
    assert stage.paused_s[0] <= 0.4
    assert 2.5 <= max(stage.paused_s) <= 7.5


def test_the_next_outage_begins_with_short_pauses(stage: EngineStage) -> None:
    """A success forgets the failures before it."""
    stage.runtime.ask()
    for _ in range(2):
        stage.queues.requests.faults.force(Fault.THROTTLED, 3)
        for _ in range(4):
            stage.receiver.receive_once()

    assert max(stage.paused_s) <= 1.5
    assert len(stage.reporter.problems) == 2
    assert stage.recovered == 2


@pytest.mark.parametrize("error", _PERMANENT, ids=lambda error: type(error).__name__)
def test_a_lasting_failure_in_mid_session_is_told_with_its_hint_and_tried_on(
    stage: EngineStage, error: QueueError
) -> None:
    """Expired credentials and the like end no session: a log-in elsewhere mends them."""
    stage.runtime.ask()
    stage.receiver.receive_once()
    _fail(stage, *[error] * 3)
    for _ in range(4):
        assert stage.receiver.receive_once()

    assert stage.reporter.words("problem") == [(str(error), error.hint)]
    assert min(stage.paused_s) >= 2.5
    assert stage.recovered == 1
    assert stage.hopeless == []


def test_another_failure_in_an_outage_is_told_too(stage: EngineStage) -> None:
    """What is told once is one kind of failure."""
    stage.runtime.ask()
    stage.receiver.receive_once()
    _fail(stage, QueueUnreachable("away"), QueueCredentialsError("expired"))
    for _ in range(3):
        stage.receiver.receive_once()

    assert stage.reporter.problems == ["away", "expired"]


@pytest.mark.parametrize("error", _PERMANENT, ids=lambda error: type(error).__name__)
def test_a_first_receive_that_cannot_succeed_ends_the_client(
    stage: EngineStage, error: QueueError
) -> None:
    """What is wrong from the start is an error at the start."""
    _fail(stage, error)
    stage.runtime.ask()

    assert not stage.receiver.receive_once()
    assert stage.hopeless == [error]


def test_messages_of_a_receive_that_was_slept_through_are_left_alone(stage: EngineStage) -> None:
    """Nobody knows whose they are after a laptop slept in the middle of a receive (SES-10)."""
    receive = stage.queues.requests.receive

    def sleep(**asked: int) -> object:
        messages = receive(**asked)
        stage.clock.advance(_HOUR_MS)
        return messages

    stage.queues.requests.receive = sleep  # type: ignore[method-assign,assignment]
    stage.request()
    stage.receive()

    assert stage.reporter.words("started") == []
    assert len(stage.queues.requests.bodies()) == 1


def test_a_lost_receive_brings_its_message_after_one_lease(stage: EngineStage) -> None:
    """A message on a connection that died is hidden for a lease, then run (SQS-7, SQS-12)."""
    stage.request()
    stage.queues.requests.faults.force(Fault.LOST_POLL)
    stage.runtime.ask()
    while not stage.reporter.words("started"):
        assert stage.receiver.receive_once()

    assert stage.reporter.words("started")[0][2] == 2
