"""The desk: what reaches which runtime, and which post belongs to what."""

from __future__ import annotations

import queue
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_client.queue_side.aws_clock import AwsClock
from ldp_client.queue_side.desk import Desk
from ldp_client.queue_side.runtimes import Office
from ldp_client.runtime_api import Posted, Worker
from ldp_testing.deliveries import CONTEXT, REQUEST
from ldp_testing.engine_stage import LIMIT_S
from ldp_wire.actions import Raised, Returned, Start
from ldp_wire.envelopes import RequestId

if TYPE_CHECKING:
    from ldp_client.runtime_api import Invocation
    from ldp_wire.actions import Result

AWS_ID = CONTEXT.aws_request_id


class Around:
    """A desk, and what it tells."""

    def __init__(self, handlers: int = 1) -> None:
        self.ended: queue.SimpleQueue[tuple[RequestId, Result]] = queue.SimpleQueue()
        self.problems: list[tuple[str, str]] = []
        self.changed = threading.Condition()
        self.desk = Desk(Office(self.changed, handlers, AwsClock(), self._end, self._problem))

    def _end(self, request_id: RequestId, result: Result, duration_ms: int) -> None:
        assert duration_ms >= 0
        self.ended.put((request_id, result))

    def _problem(self, message: str, hint: str) -> None:
        self.problems.append((message, hint))

    def offer(self, request_id: str = "r-1", aws_request_id: str = AWS_ID) -> None:
        """Have an event."""
        context = replace(CONTEXT, aws_request_id=aws_request_id)
        request = replace(REQUEST, request_id=RequestId(request_id), context=context)
        self.desk.offer(Start(request, b"{}"))

    def ask(self, worker: Worker) -> queue.SimpleQueue[Invocation | None]:
        """Let a worker ask on a thread of its own."""
        got: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        before = self.desk.idle_workers
        threading.Thread(target=lambda: got.put(self.desk.next(worker)), daemon=True).start()
        with self.changed:
            self.changed.wait_for(
                lambda: self.desk.idle_workers > before or not got.empty(), LIMIT_S
            )
        return got

    def given(self, worker: Worker) -> Invocation:
        """What a worker is given for which something is ready."""
        invocation = self.desk.next(worker)
        assert invocation is not None
        return invocation


@pytest.fixture
def around() -> Around:
    """A desk for one runtime."""
    return Around()


def test_a_ready_event_goes_to_the_next_that_asks(around: Around) -> None:
    """An event waits for a runtime if none waits for it."""
    around.offer()
    assert around.given(Worker(1)).event == b"{}"


def test_a_post_ends_its_event_once(around: Around) -> None:
    """A repeated or unknown post is taken and does nothing."""
    around.offer()
    worker = Worker(1)
    around.given(worker)
    for request_id in ("unknown", AWS_ID, AWS_ID):
        around.desk.responded(worker, request_id, Posted(b"1", 1))

    assert around.ended.get(timeout=LIMIT_S) == ("r-1", Returned(b"1"))
    assert around.ended.empty()


def test_the_nonce_tells_two_attempts_apart(around: Around) -> None:
    """Lambda's request ID repeats on retries; a late post of the first cannot end the second."""
    around.offer("r-2")
    worker = Worker(1)
    invocation = around.given(worker)
    around.desk.responded(worker, AWS_ID, Posted(b"late", 4, invocation_id="r-1"))
    assert around.ended.empty()
    around.desk.failed(
        worker, AWS_ID, Posted(b"{}", 2, "", "Runtime.Odd", invocation.invocation_id or "")
    )

    assert around.ended.get(timeout=LIMIT_S) == ("r-2", Raised("Runtime.Odd", "", b"{}"))


def test_without_a_nonce_the_connection_tells_two_attempts_apart() -> None:
    """Runtimes that echo nothing post on the connection that they asked on."""
    around = Around(handlers=2)
    first, second = Worker(1), Worker(2)
    for request_id, worker in (("r-1", first), ("r-2", second)):
        around.offer(request_id)
        around.given(worker)
    around.desk.responded(second, AWS_ID, Posted(b"2", 1))
    around.desk.responded(Worker(3), AWS_ID, Posted(b"1", 1))

    assert around.ended.get(timeout=LIMIT_S) == ("r-2", Returned(b"2"))
    assert around.ended.get(timeout=LIMIT_S) == ("r-1", Returned(b"1"))


def test_a_closed_desk_sends_runtimes_home(around: Around) -> None:
    """Whoever waits, and whoever asks later, gets nothing."""
    got = around.ask(Worker(1))
    around.desk.close()

    assert got.get(timeout=LIMIT_S) is None
    assert around.desk.next(Worker(2)) is None


def test_a_worker_that_went_away_counts_no_longer(around: Around) -> None:
    """No event is received for a runtime that is not there."""
    worker = Worker(1)
    got = around.ask(worker)
    assert around.desk.idle_workers == 1
    worker.gone = True
    around.desk.lost(worker)

    assert got.get(timeout=LIMIT_S) is None
    assert around.desk.idle_workers == 0


def test_an_event_that_could_not_be_delivered_goes_to_the_next(around: Around) -> None:
    """An event whose connection died before it was sent is handed to the next that asks."""
    around.offer()
    lost = Worker(1)
    invocation = around.given(lost)
    around.desk.undelivered(lost, invocation)
    around.desk.undelivered(lost, invocation)

    assert around.given(Worker(2)) is invocation
    assert around.ended.empty()


def test_a_runtime_that_asks_again_without_a_result_has_failed(around: Around) -> None:
    """Asking for the next event without a result of this one is the end of this one."""
    around.offer()
    worker = Worker(1)
    around.given(worker)
    around.ask(worker)

    request_id, result = around.ended.get(timeout=LIMIT_S)
    assert request_id == "r-1"
    assert isinstance(result, Raised)
    assert result.error_type == "Runtime.ExitError"


def test_an_event_whose_runtime_died_ends_when_another_asks_in_its_place(around: Around) -> None:
    """A runtime that was started again cannot know of the event that its predecessor died of."""
    around.offer()
    dead = Worker(1)
    around.given(dead)
    around.ask(Worker(2))
    assert around.ended.empty()
    dead.gone = True

    assert around.ended.get(timeout=LIMIT_S)[0] == "r-1"


def test_a_runtime_that_only_hung_up_may_still_post(around: Around) -> None:
    """A runtime may post on another connection than it asked on, which is closed by then."""
    around.offer()
    asked_on, posts_on = Worker(1), Worker(2)
    around.given(asked_on)
    asked_on.gone = True
    around.desk.responded(posts_on, AWS_ID, Posted(b"1", 1))
    around.ask(posts_on)

    assert around.ended.get(timeout=LIMIT_S) == ("r-1", Returned(b"1"))
    assert around.ended.empty()


def test_a_runtime_that_cannot_start_is_a_problem(around: Around) -> None:
    """What a runtime posts to `/init/error` reaches the developer."""
    body = b'{"errorType": "Runtime.ImportModuleError", "errorMessage": "No module named x"}'
    around.desk.init_failed(Worker(1), Posted(body, len(body)))

    ((message, hint),) = around.problems
    assert message.endswith("Runtime.ImportModuleError: No module named x")
    assert hint
