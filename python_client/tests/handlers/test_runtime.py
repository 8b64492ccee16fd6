"""The loop against the real Runtime API server, with real signals to this process."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from ldp_client.errors import (
    Abandoned,
    ClientError,
    NotMainThread,
    QueueSideLost,
    RuntimeApiUnusable,
)
from ldp_client.handlers.runtime import Runtime, require_main_thread
from ldp_client.runtime_api import Invocation
from ldp_client.runtime_api.headers import FUNCTION_NAME, MEMORY_LIMIT_IN_MB
from ldp_testing.runtime_side import LIMIT_S, Said, ScriptedInvocations

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_testing.scripted_queue_side import ScriptedQueueSide

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
LEASE_S = 7


def work(event: bytes = b"{}", request_id: str = "r-1") -> Invocation:
    """An invocation with this event."""
    return Invocation(
        request_id,
        4_102_444_800_000,
        ARN,
        event,
        trace_id=f"Root={request_id}",
        invocation_id="n-1",
        extra_headers={FUNCTION_NAME: "orders", MEMORY_LIMIT_IN_MB: "512"},
    )


def interrupt() -> None:
    """A Ctrl-C, taken before the next line."""
    os.kill(os.getpid(), signal.SIGINT)


def serve(handler: Callable[[Any, Any], Any], queue_side: ScriptedQueueSide) -> None:
    """Serve until the end."""
    Runtime(handler, lambda: queue_side, LEASE_S).run()


def posts(invocations: ScriptedInvocations) -> list[bytes]:
    """The bodies that were posted, in order."""
    told = [invocations.told.get_nowait() for _ in range(invocations.told.qsize())]
    return [each.body for each in told if each.said in {Said.RESPONDED, Said.FAILED}]


def test_events_are_served_one_after_the_other_on_the_main_thread(
    queue_side: ScriptedQueueSide, invocations: ScriptedInvocations
) -> None:
    """Each event gets its own answer, from the thread that the user's debugger is on."""
    threads = set()

    def handler(event: Any, context: Any) -> Any:
        threads.add(threading.current_thread())
        if event == 3:
            queue_side.close()
        return [event, context.function_name, os.environ["_X_AMZN_TRACE_ID"]]

    for number in (1, 2, 3):
        invocations.offer(work(b"%d" % number, f"r-{number}"))
    serve(handler, queue_side)

    assert posts(invocations) == [
        b'[%d, "orders", "Root=r-%d"]' % (number, number) for number in (1, 2, 3)
    ]
    assert threads == {threading.main_thread()}


def test_an_error_is_posted_and_shown(
    queue_side: ScriptedQueueSide,
    invocations: ScriptedInvocations,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The caller gets the error body, the developer the traceback (ENV-27)."""

    def handler(_event: Any, _context: Any) -> None:
        queue_side.close()
        raise ValueError("no such order")

    invocations.offer(work())
    serve(handler, queue_side)

    [body] = posts(invocations)
    assert b'"errorType": "ValueError"' in body
    assert capsys.readouterr().err.endswith("ValueError: no such order\n")


def test_a_signal_while_idle_ends_the_session(
    queue_side: ScriptedQueueSide,
    invocations: ScriptedInvocations,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A signal while nothing runs ends the session in good order, with a word (SES-32)."""

    def signal_once_idle() -> None:
        invocations.expect(Said.ASKED)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=signal_once_idle)
    thread.start()
    serve(lambda event, _context: event, queue_side)
    thread.join()

    assert queue_side.drained.is_set()
    assert "Ending." in capfd.readouterr().err


def test_a_signal_while_a_handler_runs_still_answers(
    queue_side: ScriptedQueueSide,
    invocations: ScriptedInvocations,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The running handler ends and its answer is sent; no further event is run (SES-32)."""

    def handler(event: Any, _context: Any) -> Any:
        interrupt()
        return event

    invocations.offer(work(b'"first"'))
    invocations.offer(work(b'"second"', "r-2"))
    serve(handler, queue_side)

    assert posts(invocations) == [b'"first"']
    assert "Ending after the running event." in capfd.readouterr().err


def test_a_second_signal_abandons_the_event(
    queue_side: ScriptedQueueSide, invocations: ScriptedInvocations
) -> None:
    """The handler is interrupted, nothing is sent, and the end says so (SES-33)."""
    cleaned_up = []

    def handler(_event: Any, _context: Any) -> None:
        try:
            interrupt()
            interrupt()
        finally:
            cleaned_up.append(True)

    invocations.offer(work())
    with pytest.raises(Abandoned, match="Abandoned") as caught:
        serve(handler, queue_side)

    assert posts(invocations) == []
    assert cleaned_up
    assert queue_side.abandoned.is_set()
    assert "within 7 s" in caught.value.hint


def test_an_interrupt_that_the_handler_catches_abandons_all_the_same(
    queue_side: ScriptedQueueSide, invocations: ScriptedInvocations
) -> None:
    """`except KeyboardInterrupt` works in a handler; what it then returns is not sent (SES-33)."""
    caught = []

    def handler(_event: Any, _context: Any) -> str:
        interrupt()
        try:
            interrupt()
        except KeyboardInterrupt:
            caught.append(True)
        return "too late"

    invocations.offer(work())
    with pytest.raises(Abandoned):
        serve(handler, queue_side)

    assert caught
    assert posts(invocations) == []


def test_a_second_signal_while_the_end_is_awaited_abandons(
    queue_side: ScriptedQueueSide,
    invocations: ScriptedInvocations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A queue side that takes its time to end is not waited for after a second signal."""
    monkeypatch.setattr(queue_side, "drain", interrupt)
    invocations.offer(work())

    with pytest.raises(Abandoned):
        serve(lambda _event, _context: interrupt(), queue_side)


def test_a_signal_while_the_queue_side_starts_ends_the_session(
    queue_side: ScriptedQueueSide, invocations: ScriptedInvocations
) -> None:
    """A signal before the first event is heeded as soon as the queue side is up (SES-32)."""

    def start() -> ScriptedQueueSide:
        interrupt()
        return queue_side

    invocations.offer(work())
    Runtime(lambda event, _context: event, start, LEASE_S).run()

    assert queue_side.drained.is_set()
    assert posts(invocations) == []


def test_a_second_signal_while_the_queue_side_starts_gives_up() -> None:
    """Whoever does not want to wait for a slow start interrupts twice (SES-33)."""

    def start() -> ScriptedQueueSide:
        interrupt()
        interrupt()
        raise AssertionError

    with pytest.raises(Abandoned):
        Runtime(lambda event, _context: event, start, LEASE_S).run()


def test_a_queue_side_that_does_not_start_says_why() -> None:
    """Its error is the session's."""
    failure = ClientError("The queue does not exist.", hint="Create it.")

    def start() -> ScriptedQueueSide:
        raise failure

    with pytest.raises(ClientError) as caught:
        Runtime(lambda event, _context: event, start, LEASE_S).run()
    assert caught.value is failure


def test_an_interrupt_that_nobody_sent_is_an_outcome(
    queue_side: ScriptedQueueSide, invocations: ScriptedInvocations
) -> None:
    """A handler that raises KeyboardInterrupt itself is answered as Lambda would."""

    def handler(_event: Any, _context: Any) -> None:
        queue_side.close()
        raise KeyboardInterrupt

    invocations.offer(work())
    serve(handler, queue_side)

    assert b"signal: interrupt" in posts(invocations)[0]


def test_a_queue_side_that_dies_under_a_handler_is_told_at_once(
    queue_side: ScriptedQueueSide,
    invocations: ScriptedInvocations,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """While the handler still runs, the developer reads that its event comes back (SES-34)."""
    said = []

    def handler(_event: Any, _context: Any) -> str:
        queue_side.die()
        written = ""
        while "delivered again within 7 s" not in written:
            written += capfd.readouterr().err
        said.append(written)
        return "lost"

    invocations.offer(work())
    with pytest.raises(QueueSideLost, match="ended unexpectedly") as caught:
        serve(handler, queue_side)

    assert said
    assert "delivered again within 7 s" in caught.value.hint


def test_what_a_failing_queue_side_says_is_told(
    queue_side: ScriptedQueueSide, invocations: ScriptedInvocations
) -> None:
    """Its own reason and hint stand in the error that ends the session."""
    failure = ClientError("The queue is gone.", hint="Create it again.")

    def handler(_event: Any, _context: Any) -> None:
        queue_side.die(failure)

    invocations.offer(work())
    with pytest.raises(QueueSideLost, match="The queue is gone") as caught:
        serve(handler, queue_side)

    assert caught.value.hint.startswith("Create it again. The event that was running")


@pytest.mark.parametrize("failure", [None, ClientError("Logged out.", hint="Log in.")])
def test_a_queue_side_that_dies_while_idle_is_an_error(
    queue_side: ScriptedQueueSide,
    invocations: ScriptedInvocations,
    failure: ClientError | None,
) -> None:
    """Its end without having been asked is no success."""

    def die_once_idle() -> None:
        invocations.expect(Said.ASKED)
        queue_side.die(failure)

    thread = threading.Thread(target=die_once_idle)
    thread.start()
    with pytest.raises(ClientError) as caught:
        serve(lambda event, _context: event, queue_side)
    thread.join()

    assert caught.value is failure if failure else isinstance(caught.value, QueueSideLost)


def test_another_server_on_the_port_ends_the_session(
    queue_side: ScriptedQueueSide, invocations: ScriptedInvocations
) -> None:
    """An invocation that is none abandons the queue side, which is not left behind."""
    invocations.offer(work(request_id=""))

    with pytest.raises(RuntimeApiUnusable):
        serve(lambda event, _context: event, queue_side)
    assert queue_side.abandoned.is_set()


def test_the_session_belongs_to_the_main_thread() -> None:
    """Elsewhere neither signals nor debuggers would reach the handler; the error says so."""
    errors: list[NotMainThread] = []

    def check() -> None:
        try:
            require_main_thread()
        except NotMainThread as exc:
            errors.append(exc)

    thread = threading.Thread(target=check, name="worker-7")
    thread.start()
    thread.join(LIMIT_S)

    assert "worker-7" in str(errors[0])
    require_main_thread()


def test_a_closed_standard_error_does_not_fail_an_event(
    queue_side: ScriptedQueueSide,
    invocations: ScriptedInvocations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The traceback of a handler that dropped its streams is shown nowhere, but answered."""

    def handler(_event: Any, _context: Any) -> None:
        monkeypatch.setattr("sys.stderr", None)
        queue_side.close()
        raise ValueError("unseen")

    invocations.offer(work())
    serve(handler, queue_side)

    assert b"unseen" in posts(invocations)[0]
