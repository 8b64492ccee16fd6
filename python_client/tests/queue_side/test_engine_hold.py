"""The engine while an event is held: what the parent hears, and what its words do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ldp_client.queue_side.channel import Closed, Held, HoldEnded
from ldp_testing.deliveries import ANSWER_BY_MS, NOW_MS, ONE_WAY_REQUEST, REQUEST
from ldp_testing.engine_stage import EngineStage
from ldp_wire.actions import Recorded, Status
from ldp_wire.envelopes import Encoding, HandlerError, Inline, RequestId
from ldp_wire.session import OnError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_wire.envelopes import Request

ERROR = b'{"errorType": "ValueError", "errorMessage": "no such order"}'
R1 = RequestId("r-1")
HOLD_MS = ANSWER_BY_MS - 2_000 - NOW_MS


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[EngineStage]:
    """An engine that holds what fails."""
    stage = EngineStage(tmp_path, on_error=OnError.HOLD)
    yield stage
    stage.close()


def _fail(stage: EngineStage, request: Request = REQUEST) -> None:
    """Let an event's handler fail."""
    stage.post_error(stage.run(request), ERROR)


def test_the_parent_hears_when_an_event_is_held_and_when_none_is_any_more(
    stage: EngineStage,
) -> None:
    """Each hold has a number; nothing is sent, and nothing else received (SES-36, SES-1)."""
    _fail(stage)
    assert stage.said == [Held(1)]
    assert stage.responses() == []
    assert stage.engine._room() == 0

    stage.runtime.ask()
    stage.engine.rerun(1)
    assert stage.said == [Held(1), HoldEnded()]
    stage.post_error(stage.runtime.event(), ERROR)
    assert stage.said == [Held(1), HoldEnded(), Held(2)]


def test_an_event_that_is_run_again_is_answered_and_told_as_another_attempt(
    stage: EngineStage,
) -> None:
    """The report counts runs; the answer is that of the last one (SES-36, SES-14)."""
    _fail(stage)
    stage.runtime.ask()
    stage.engine.rerun(1)
    stage.post(stage.runtime.event(), b"42")

    assert [attempt for _, _, attempt in stage.reporter.words("started")] == [1, 2]
    (response,) = stage.responses()
    assert response.result == Inline(Encoding.TEXT, "42")
    assert stage.journal.lookup(R1) == Recorded(Status.ANSWERED, "answered")


def test_a_late_word_runs_no_other_event_again(stage: EngineStage) -> None:
    """Enter means the event that was held when it was pressed (SES-19)."""
    _fail(stage)
    stage.advance(HOLD_MS)
    _fail(stage)
    stage.engine.rerun(1)

    assert stage.said == [Held(1), HoldEnded(), Held(2)]
    assert len(stage.reporter.words("started")) == 2


def test_a_hold_is_told_with_the_time_that_is_left(stage: EngineStage) -> None:
    """It ends by itself two seconds before nobody waits, with the error (SES-36)."""
    _fail(stage)
    ((notice, left_ms),) = stage.reporter.words("notice")
    assert notice.kind.name == "HELD"
    assert HOLD_MS - 1_000 < left_ms <= HOLD_MS
    stage.advance(HOLD_MS)

    (response,) = stage.responses()
    assert isinstance(response.result, HandlerError)
    assert response.result.error_type == "ValueError"
    assert stage.said[-1] == HoldEnded()
    assert stage.reporter.notices == ["HELD", "HOLD_ENDED"]


def test_a_one_way_event_is_held_for_as_long_as_it_takes(stage: EngineStage) -> None:
    """Nobody waits for it, so no end is told (SES-28)."""
    _fail(stage, ONE_WAY_REQUEST)

    ((_, left_ms),) = stage.reporter.words("notice")
    assert left_ms is None


@pytest.mark.parametrize("end", ["drain", "abandon"])
def test_a_signal_gives_a_held_event_back_and_ends(stage: EngineStage, end: str) -> None:
    """The next client has it at once, unanswered (SES-32, SES-33)."""
    _fail(stage)
    getattr(stage.engine, end)()

    assert stage.said == [Held(1), HoldEnded(), Closed()]
    assert stage.responses() == []
    (message,) = stage.queues.requests.receive(wait_s=0, visibility_s=5)
    assert message.receive_count == 2
    assert stage.journal.lookup(R1) is None


def test_the_one_event_counts_once_it_is_answered(tmp_path: Path) -> None:
    """With --once a failing run is not the end."""
    stage = EngineStage(tmp_path, on_error=OnError.HOLD, once=True)
    _fail(stage)
    assert stage.closed == 0
    stage.runtime.ask()
    stage.engine.rerun(1)
    stage.post(stage.runtime.event())

    assert stage.said == [Held(1), HoldEnded(), Closed()]
    stage.close()
