"""How a session ends: drained, abandoned, or after the one event of `--once`."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_queues.memory_faults import Fault
from ldp_testing.deliveries import (
    NOW_MS,
    REQUEST,
    TERMS,
)
from ldp_testing.engine_stage import LIMIT_S, EngineStage
from ldp_wire.session import SessionState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def once(tmp_path: Path) -> Iterator[EngineStage]:
    """An engine that serves one event."""
    stage = EngineStage(tmp_path, once=True)
    yield stage
    stage.close()


def test_draining_ends_an_idle_client_at_once(stage: EngineStage) -> None:
    """A client without a running event is closed by the first signal (SES-32)."""
    stage.engine.drain()

    assert stage.closed == 1
    assert not stage.receiver.receive_once()
    assert not stage.engine.keep_leases_once()


def test_draining_lets_the_running_event_be_answered(stage: EngineStage) -> None:
    """The first signal closes a busy client only after the answer and the delete (SES-32)."""
    invocation = stage.run()
    stage.engine.drain()
    assert stage.closed == 0
    stage.post(invocation)

    assert stage.closed == 1
    assert len(stage.responses()) == 1
    assert stage.queues.requests.bodies() == []


def test_what_an_open_receive_brings_after_a_signal_is_given_back(stage: EngineStage) -> None:
    """A message that arrives after the signal is free for others at once (SES-32, SQS-7)."""
    stage.clock.call_at(NOW_MS + 5_000, stage.engine.drain)
    stage.clock.call_at(NOW_MS + 6_000, stage.request)
    stage.receive()

    assert stage.closed == 1
    assert stage.reporter.words("started") == []
    assert len(stage.queues.requests.receive(wait_s=0, visibility_s=0)) == 1


def test_abandoning_gives_the_running_event_back(stage: EngineStage) -> None:
    """The second signal releases what is held and answers nothing (SES-33, SES-11)."""
    invocation = stage.run()
    stage.engine.drain()
    stage.engine.abandon()

    assert stage.closed == 1
    assert len(stage.queues.requests.receive(wait_s=0, visibility_s=0)) == 1
    stage.post(invocation)
    assert stage.responses() == []


def test_abandoning_waits_for_an_answer_that_is_being_sent(stage: EngineStage) -> None:
    """A request whose answer is on its way is not given back for another to answer (SES-14)."""
    invocation = stage.run()
    send = stage.queues.by_name["LAMBDA_PROXY_RESP"].send
    sending, abandoning = threading.Event(), threading.Event()

    def slow_send(body: str) -> object:
        sending.set()
        assert abandoning.wait(LIMIT_S)
        return send(body)

    stage.queues.by_name["LAMBDA_PROXY_RESP"].send = slow_send  # type: ignore[method-assign,assignment]
    posting = threading.Thread(target=stage.post, args=(invocation,))
    posting.start()
    assert sending.wait(LIMIT_S)
    ending = threading.Thread(target=stage.engine.abandon)
    ending.start()
    abandoning.set()
    for thread in (posting, ending):
        thread.join(LIMIT_S)
    stage.settle()

    assert len(stage.responses()) == 1
    assert stage.queues.requests.bodies() == []
    assert "RELEASED" not in stage.reporter.notices


def test_once_ends_after_the_first_event_that_ran(once: EngineStage) -> None:
    """`--once` drains when its event is answered and deleted."""
    once.post(once.run())

    assert once.closed == 1
    assert once.session.state is SessionState.CLOSED
    assert once.queues.requests.bodies() == []


def test_once_counts_only_an_event_that_ran(once: EngineStage) -> None:
    """A request that expired before it started is not the one event of `--once`."""
    once.request(replace(REQUEST, terms=replace(TERMS, answer_by_ms=NOW_MS)))
    once.receive()
    assert once.closed == 0

    once.request()
    once.receiver.receive_once()
    once.post(once.runtime.event())
    assert once.closed == 1


def test_once_receives_nothing_while_its_event_is_being_answered(once: EngineStage) -> None:
    """A runtime that asks again during the answer gets no second event."""
    invocation = once.run()
    once.queues.by_name["LAMBDA_PROXY_RESP"].faults.force(Fault.UNREACHABLE)
    once.post(invocation)
    once.runtime.ask()
    waiting = threading.Thread(target=once.engine.wait_for_room, daemon=True)
    waiting.start()
    once.advance(1_000)
    waiting.join(LIMIT_S)

    assert once.closed == 1
    assert once.calls("receive") == 1
