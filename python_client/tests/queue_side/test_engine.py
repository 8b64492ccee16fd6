"""The engine's own part: what it does in which order, and what it tells."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_client.queue_side.engine import _until
from ldp_client.runtime_api import Worker
from ldp_queues.errors import (
    QueueAccessDenied,
    QueueCredentialsError,
    ReceiptExpired,
)
from ldp_queues.memory_faults import Fault, Faults
from ldp_testing.deliveries import (
    ANSWER_BY_MS,
    NOW_MS,
    ONE_WAY_REQUEST,
    REQUEST,
    TERMS,
    WINDOW_REQUEST,
)
from ldp_testing.engine_stage import LIMIT_S, EngineStage
from ldp_wire.actions import Recorded, Status
from ldp_wire.codec import encode
from ldp_wire.envelopes import Accepted, HandlerError, Inline, RequestId
from ldp_wire.limits import MAX_INTEGER

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_queues.errors import QueueError


R1 = RequestId("r-1")


def _fail(stage: EngineStage, operation: str, error: QueueError) -> None:
    """Let an operation on the request queue fail from now on."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    setattr(stage.queues.requests, operation, refuse)


def test_an_answer_goes_to_the_reply_queue_and_the_request_is_deleted(stage: EngineStage) -> None:
    """A result is sent, recorded, and only then the request deleted (SES-13, SES-25)."""
    invocation = stage.run()
    stage.post(invocation, b'{"ok": 1}')

    (response,) = stage.responses()
    assert isinstance(response.result, Inline)
    assert response.result.data == '{"ok": 1}'
    assert stage.queues.requests.bodies() == []
    assert stage.journal.lookup(R1) == Recorded(Status.ANSWERED, "answered")


def test_a_handlers_error_goes_to_the_reply_queue(stage: EngineStage) -> None:
    """An error is the answer, with its body as it was posted (SES-18)."""
    body = b'{"errorType": "ValueError", "errorMessage": "no such order"}'
    stage.post_error(stage.run(), body)

    (response,) = stage.responses()
    assert isinstance(response.result, HandlerError)
    assert (response.result.error_type, response.result.error_message) == (
        "ValueError",
        "no such order",
    )


def test_the_report_hears_of_start_end_and_answer(stage: EngineStage) -> None:
    """The report is told of an event's three moments in their order."""
    invocation = stage.run()
    stage.clock.advance(1_200)
    stage.post(invocation, b'"x"')

    names = [name for name, _, _ in stage.reporter.told]
    assert names == ["started", "ended", "answered"]
    (request, event, attempt), _ended, answered = (args for _, args, _ in stage.reporter.told)
    assert (request.request_id, event, attempt) == ("r-1", b'{"order": 1}', 1)
    ended = stage.reporter.told[1][2]
    assert ended["duration_ms"] >= 1_200
    assert ended["result_bytes"] == b'"x"'
    assert 0 < ended["left_ms"] < ANSWER_BY_MS - NOW_MS
    assert answered == ("r-1", len(encode(stage.responses()[0]).encode()))


def test_the_report_hears_how_often_an_event_was_delivered(stage: EngineStage) -> None:
    """The attempt is SQS's receive count."""
    stage.request()
    (message,) = stage.queues.requests.receive(wait_s=0, visibility_s=0)
    assert message.receive_count == 1
    stage.receive()
    stage.runtime.event()

    ((_, _, attempt),) = stage.reporter.words("started")
    assert attempt == 2


def test_nothing_is_received_while_no_runtime_waits(stage: EngineStage) -> None:
    """A receive begins when a runtime asks, not before (SES-1)."""
    stage.request()
    received = threading.Thread(target=stage.receiver.receive_once, daemon=True)
    received.start()
    assert stage.calls("receive") == 0
    stage.runtime.ask()
    stage.runtime.event()
    received.join(LIMIT_S)
    assert stage.calls("receive") == 1


def test_a_busy_client_has_no_room(stage: EngineStage) -> None:
    """A second runtime that asks does not make a client of one handler receive (SES-1)."""
    stage.run()
    other = Worker(2)
    threading.Thread(target=stage.desk.next, args=(other,), daemon=True).start()
    waiting = threading.Thread(target=stage.engine.wait_for_room, daemon=True)
    waiting.start()
    stage.engine.drain()
    waiting.join(LIMIT_S)
    assert not waiting.is_alive()
    assert stage.calls("receive") == 1


def test_as_many_messages_are_asked_for_as_runtimes_wait(tmp_path: Path) -> None:
    """A client of three handlers, two of which wait, receives two messages at most (SES-1)."""
    stage = EngineStage(tmp_path, handlers=3)
    for number in (2, 3):
        threading.Thread(target=stage.desk.next, args=(Worker(number),), daemon=True).start()
    for _ in range(4):
        stage.request()
    while stage.desk.idle_workers < 2:
        stage.engine._changed.acquire()
        stage.engine._changed.wait(0.01)
        stage.engine._changed.release()
    stage.receiver.receive_once()

    assert len(stage.reporter.words("started")) == 2
    stage.close()


def test_a_lease_is_renewed_every_quarter(stage: EngineStage) -> None:
    """A request that runs is hidden from others for as long as it runs (SES-7)."""
    invocation = stage.run()
    stage.advance(60_000)

    assert stage.calls("change_visibility") == 12
    assert stage.queues.requests.receive(wait_s=0, visibility_s=0) == []
    stage.post(invocation)
    assert stage.queues.requests.bodies() == []


def test_a_renewal_that_fails_is_made_again(stage: EngineStage) -> None:
    """A lease outlives a renewal that did not reach SQS."""
    invocation = stage.run()
    stage.queues.requests.faults.force(Fault.UNREACHABLE)
    stage.advance(30_000)

    assert "LEASE_LAPSED" not in stage.reporter.notices
    stage.post(invocation)
    assert stage.queues.requests.bodies() == []


def test_a_lapsed_lease_is_told_and_the_answer_still_sent(stage: EngineStage) -> None:
    """What a lease that ran out covered may still be answered first (SES-10)."""
    invocation = stage.run()
    stage.clock.advance(600_000)  # a laptop that slept
    stage.advance(1)
    assert stage.reporter.notices == ["LEASE_LAPSED"]

    deletes = stage.calls("delete")
    stage.post(invocation)
    assert len(stage.responses()) == 1
    assert stage.calls("delete") == deletes


def test_an_answer_that_could_not_be_sent_is_sent_again(stage: EngineStage) -> None:
    """The same bytes go out once the network is back, and failures are told once (SES-15)."""
    replies = stage.queues.by_name["LAMBDA_PROXY_RESP"]
    invocation = stage.run()
    replies.faults.force(Fault.UNREACHABLE, 3)
    stage.post(invocation)
    stage.advance(20_000)

    assert len(stage.responses()) == 1
    assert stage.reporter.notices == ["SEND_FAILED"]
    assert stage.queues.requests.bodies() == []


def test_a_reply_queue_that_is_gone_settles_the_request(stage: EngineStage) -> None:
    """Nobody waits at a queue that does not exist: that is recorded (SES-16)."""
    invocation = stage.run()
    stage.queues.by_name["LAMBDA_PROXY_RESP"].vanish()
    stage.post(invocation)

    assert stage.reporter.notices == ["CALLER_GONE"]
    assert stage.journal.lookup(R1) == Recorded(Status.DISCARDED, "the caller is gone")
    assert stage.queues.requests.bodies() == []


def test_an_answer_that_the_queue_refuses_becomes_an_error(stage: EngineStage) -> None:
    """A queue that takes less than was known gets a small error instead (PAY-9)."""
    invocation = stage.run()
    stage.queues.by_name["LAMBDA_PROXY_RESP"].limit_bytes = 1_200
    stage.post(invocation, b'"' + b"x" * 1_500 + b'"')

    (response,) = stage.responses()
    assert isinstance(response.result, HandlerError)
    assert response.result.error_type == "Client.ResultTooLarge"


def test_an_event_of_a_start_window_is_accepted_first(stage: EngineStage) -> None:
    """An `accepted` is stored and recorded before the handler starts (SES-20, SES-25)."""
    stage.run(WINDOW_REQUEST)

    (accepted,) = stage.replies()
    assert isinstance(accepted, Accepted)
    assert stage.journal.lookup(R1) == Recorded(Status.ACCEPTED, "accepted in time")


def test_a_one_way_event_is_never_answered(stage: EngineStage) -> None:
    """A one-way request is deleted after the handler ended, and nothing is sent (SES-27)."""
    invocation = stage.run(ONE_WAY_REQUEST)
    stage.post(invocation)

    assert stage.replies() == []
    assert stage.queues.requests.bodies() == []
    assert stage.reporter.told[-1][2]["left_ms"] is None


def test_an_expired_request_is_never_started(stage: EngineStage) -> None:
    """A request past its time is deleted with a notice, and no runtime gets it (SES-2)."""
    stage.request(replace(REQUEST, terms=replace(TERMS, answer_by_ms=NOW_MS)))
    stage.receive()

    assert stage.reporter.notices == ["EXPIRED_BEFORE_START"]
    assert stage.queues.requests.bodies() == []
    assert stage.desk.idle_workers == 1


def test_a_result_after_its_time_is_not_sent(stage: EngineStage) -> None:
    """A handler that runs beyond `answerByMs` loses its request, and is told so (SES-9, SES-17)."""
    invocation = stage.run(replace(REQUEST, terms=replace(TERMS, answer_by_ms=NOW_MS + 9_000)))
    stage.advance(10_000)
    assert stage.queues.requests.bodies() == []
    stage.post(invocation)

    assert stage.reporter.notices == ["EXPIRED_WHILE_RUNNING", "LATE_RESULT"]
    assert stage.responses() == []


def test_a_journal_keeps_an_answered_request_from_running_again(stage: EngineStage) -> None:
    """A copy of what another client answered is deleted, not run (SES-6, SES-24)."""
    stage.post(stage.run())
    later = EngineStage(stage.folder)
    later.request()
    later.receive()

    assert later.reporter.notices == ["COPY_DELETED"]
    assert later.queues.requests.bodies() == []
    later.close()


def test_a_bad_message_is_kept_then_deleted_and_told_once(stage: EngineStage) -> None:
    """Reason and body are on disk before the message is gone; the notice says where (SES-30)."""
    stage.queues.requests.send("no JSON")
    stage.receive()

    (kept,) = (stage.folder / "bad").iterdir()
    assert stage.queues.requests.bodies() == []
    assert stage.reporter.notices == ["BAD_MESSAGE"]
    ((notice,),) = stage.reporter.words("notice")
    assert str(kept) in notice.detail


def test_a_bad_twin_of_what_the_journal_knows_is_not_answered(stage: EngineStage) -> None:
    """No caller that another client answered gets a refusal, too (SES-31, SES-24)."""
    stage.post(stage.run())
    later = EngineStage(stage.folder)
    later.queues.requests.send(encode(REQUEST).replace('"1.0"', '"2.0"'))
    later.receive()

    assert later.reporter.notices == ["BAD_MESSAGE"]
    assert later.queues.requests.bodies() == []
    assert later.responses() == []
    later.close()


def test_a_bad_message_that_cannot_be_kept_stays_in_its_queue(stage: EngineStage) -> None:
    """Nothing is destroyed that could not be written down (SES-30)."""
    (stage.folder / "bad").write_text("a file where the folder belongs")
    stage.queues.requests.send("no JSON")
    stage.receive()

    assert stage.queues.requests.bodies() == ["no JSON"]
    assert stage.reporter.problems[0].startswith("A bad message could not be kept")


def test_a_bad_message_is_left_to_a_redrive_policy(tmp_path: Path) -> None:
    """Where SQS takes bad messages away by itself, they are only told of (SES-30)."""
    stage = EngineStage(tmp_path, leaves_bad_messages=True)
    stage.queues.requests.send("no JSON")
    stage.receive()

    assert stage.queues.requests.bodies() == ["no JSON"]
    assert stage.reporter.notices == ["BAD_MESSAGE"]
    assert not (tmp_path / "bad").exists()
    stage.close()


def test_a_missing_permission_to_delete_is_told_once(stage: EngineStage) -> None:
    """A policy that allows receiving but not deleting is a problem of every event, told once."""
    _fail(stage, "delete", QueueAccessDenied("DeleteMessage is not allowed"))
    stage.post(stage.run())
    stage.post(stage.run())

    assert stage.reporter.problems == ["DeleteMessage is not allowed"]


@pytest.mark.parametrize(
    "error", [ReceiptExpired("the handle is stale"), QueueCredentialsError("expired")]
)
def test_a_delete_that_fails_for_another_reason_is_not_told(
    stage: EngineStage, error: QueueError
) -> None:
    """A message that was not deleted comes back and is known; nobody need do anything."""
    _fail(stage, "delete", error)
    stage.post(stage.run())

    assert stage.reporter.problems == []
    assert len(stage.responses()) == 1


def test_a_far_deadline_is_no_trouble() -> None:
    """An `answerByMs` at the end of all numbers, with nothing else due, can be waited for."""
    wait_s = _until(MAX_INTEGER, NOW_MS)

    assert wait_s is not None
    assert 0 < wait_s <= threading.TIMEOUT_MAX


def test_the_settler_ends_when_it_is_told_to(stage: EngineStage) -> None:
    """Nothing keeps the settler's thread once all is done."""
    stage.engine.stop()

    assert not stage.engine.settle_next()


def test_a_lost_answer_to_a_send_is_sent_again_with_the_same_bytes(tmp_path: Path) -> None:
    """A send whose answer was lost is repeated, never changed (SES-14)."""
    stage = EngineStage(tmp_path, reply_faults=Faults({}))
    invocation = stage.run()
    stage.queues.by_name["LAMBDA_PROXY_RESP"].faults.force(Fault.LOST_ANSWER)
    stage.post(invocation)
    stage.advance(2_000)

    first, second = stage.queues.by_name["LAMBDA_PROXY_RESP"].bodies()
    assert first == second
    stage.close()
