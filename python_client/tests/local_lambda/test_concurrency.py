"""How many sandboxes there are, who gets one, and what happens to events that are queued."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import (
    FunctionClosed,
    InvocationType,
    InvokeOptions,
    LocalLambda,
    TooManyRequests,
)
from ldp_testing.function_zips import RAW_RUNTIME
from ldp_testing.local_functions import (
    LIMIT_S,
    ON_AWSLAMBDARIC,
    ON_ITS_OWN,
    Gate,
    Hosts,
    Lines,
    await_stop,
    process_state,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from ldp_client.local_lambda import InvokeResult

ASYNC = InvokeOptions(invocation_type=InvocationType.EVENT)
ONE = replace(ON_AWSLAMBDARIC, reserved_concurrency=1, timeout_s=LIMIT_S)
WAITS_AT_THE_GATE = """
    import os

    def handler(event, context):
        if event:
            print("waiting", os.getpid(), context.aws_request_id)
            open(event).read()
        return os.getpid()
"""


@contextmanager
def invoking(function: LocalLambda, gate: Gate) -> Iterator[Future[InvokeResult]]:
    """An invocation that waits at the gate, and is let go at the end of the block."""
    with ThreadPoolExecutor() as pool:
        future = pool.submit(function.invoke, json.dumps(str(gate.path)).encode())
        yield future
        gate.open()


def test_beyond_the_reserved_concurrency_invokes_are_refused(
    hosts: Hosts, gate: Gate, lines: Lines
) -> None:
    """The refusal is the service's, and passes as soon as the sandbox is free."""
    function = hosts.handler(WAITS_AT_THE_GATE, ONE)
    with invoking(function, gate) as first:
        lines.until("waiting")
        with pytest.raises(TooManyRequests, match="Rate Exceeded") as caught:
            function.invoke(b"0")
    assert caught.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"

    assert function.invoke(b"0").payload == first.result().payload


def test_sandboxes_are_started_on_demand_up_to_the_limit(
    hosts: Hosts, gate: Gate, lines: Lines
) -> None:
    """Two invocations at once have a process each; the third is refused; both stay warm."""
    function = hosts.handler(WAITS_AT_THE_GATE, replace(ONE, reserved_concurrency=2))
    second_gate = Gate(gate.path.with_name("second"))
    with invoking(function, gate) as one, invoking(function, second_gate) as two:
        lines.until("waiting")
        lines.until("waiting")
        with pytest.raises(TooManyRequests):
            function.invoke(b"0")
    warm = {one.result().payload, two.result().payload}

    assert len(warm) == 2
    assert function.invoke(b"0").payload in warm


def test_one_caller_uses_one_sandbox(hosts: Hosts) -> None:
    """Without a limit, too, invocations in sequence find the same warm sandbox."""
    function = hosts.handler(WAITS_AT_THE_GATE)
    pids = {function.invoke(b"0").payload for _ in range(20)}

    assert len(pids) == 1


def test_a_reservation_of_none_refuses_everything(hosts: Hosts) -> None:
    """Zero is how a function is switched off."""
    function = hosts.handler(WAITS_AT_THE_GATE, replace(ONE, reserved_concurrency=0))
    with pytest.raises(TooManyRequests):
        function.invoke(b"0")


def test_many_callers_at_once_each_get_their_answer(hosts: Hosts) -> None:
    """A hundred invocations by four callers over four sandboxes: none crossed, none refused."""
    function = hosts.handler(
        "handler = lambda event, context: event", replace(ONE, reserved_concurrency=4)
    )

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: function.invoke(b"%d" % number), range(100)))

    assert [each.payload for each in answers] == [b"%d" % number for number in range(100)]


def test_a_queued_event_is_accepted_and_runs(hosts: Hosts, lines: Lines) -> None:
    """The caller gets 202 and no payload; client context is for synchronous callers only."""
    function = hosts.handler("""
        def handler(event, context):
            print("ran", event, context.client_context)
    """)
    options = replace(ASYNC, client_context='{"custom":{}}')
    result = function.invoke(b"7", options)

    assert (result.status, result.payload) == (202, b"")
    assert lines.until("ran") == "ran 7 None"


def test_a_failed_event_is_retried_under_the_same_request_id(hosts: Hosts, lines: Lines) -> None:
    """Lambda's request ID is no attempt's own: both retries repeat it."""
    function = hosts.handler(
        """
        def handler(event, context):
            print("attempt", context.aws_request_id)
            raise ValueError(event)
    """,
        replace(ON_AWSLAMBDARIC, retry_attempts=2),
    )
    result = function.invoke(b"1", ASYNC)
    attempts = [lines.until("attempt") for _ in range(3)]
    function.close()

    assert attempts == [f"attempt {result.request_id}"] * 3
    assert not [line for line in lines.rest() if "attempt" in line]


def test_a_retry_that_succeeds_is_the_last(hosts: Hosts, lines: Lines, gate: Gate) -> None:
    """No attempt follows a good one."""
    mark = gate.path.with_name("mark")
    function = hosts.handler(
        f"""
        import pathlib

        mark = pathlib.Path({str(mark)!r})

        def handler(event, context):
            print("attempt")
            if not mark.exists():
                mark.touch()
                raise ValueError
            print("well")
    """,
        replace(ON_AWSLAMBDARIC, retry_attempts=2),
    )
    function.invoke(b"1", ASYNC)
    lines.until("well")
    function._queued[0].join(LIMIT_S)

    assert not function._queued[0].is_alive()
    assert "attempt" not in lines.rest()


def test_by_default_a_failed_event_is_not_retried(hosts: Hosts, lines: Lines) -> None:
    """A debugging session does not want the same failure thrice."""
    function = hosts.handler("""
        def handler(event, context):
            print("attempt")
            raise ValueError
    """)
    function.invoke(b"1", ASYNC)
    lines.until("attempt")
    function._queued[0].join(LIMIT_S)
    function.close()

    assert "attempt" not in lines.rest()


def test_a_queued_event_waits_for_a_free_sandbox(hosts: Hosts, lines: Lines, gate: Gate) -> None:
    """Where a caller would be refused, an event waits its turn."""
    function = hosts.handler(WAITS_AT_THE_GATE, ONE)
    with invoking(function, gate):
        lines.until("waiting")
        queued = function.invoke(json.dumps(str(gate.path)).encode(), ASYNC)
    assert queued.request_id in lines.until("waiting")
    gate.open()


def test_queued_events_are_dropped_at_the_end(
    hosts: Hosts, lines: Lines, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing does not wait for events that have no sandbox; it says which were dropped."""
    caplog.set_level("INFO")
    function = hosts.handler(WAITS_AT_THE_GATE, ONE)
    function.invoke(json.dumps(str(gate.path)).encode(), ASYNC)
    lines.until("waiting")
    dropped = function.invoke(b"0", ASYNC)
    function.close()

    records = [each for each in caplog.records if each.message == "invocation.dropped"]
    assert [vars(each)["aws_request_id"] for each in records] == [dropped.request_id]


def test_closing_in_the_middle_of_a_start_refuses_the_caller(hosts: Hosts, lines: Lines) -> None:
    """An invocation that has not begun is refused rather than failed."""
    function = hosts.handler("import signal; print('starting'); signal.pause()")
    with ThreadPoolExecutor() as pool:
        future = pool.submit(function.invoke, b"0")
        lines.until("starting")
        function.close()

        assert isinstance(future.exception(LIMIT_S), FunctionClosed)


RUNTIME_LOOP = (
    RAW_RUNTIME
    + """
    while True:
        headers, event = next_event()
        path = "/invocation/" + headers["Lambda-Runtime-Aws-Request-Id"] + "/response"
        nonce = headers["Lambda-Runtime-Invocation-Id"]
"""
)


def test_the_entry_runtime_runs_the_zips_own_loop(hosts: Hosts) -> None:
    """The wrapper starts it, it asks and posts, and it is frozen like any other."""
    function = hosts.runtime(
        RUNTIME_LOOP + "        post(path, b'%d' % os.getpid(), Lambda_Runtime_Invocation_Id=nonce)"
    )
    pid = int(function.invoke().payload)
    await_stop(pid)

    assert process_state(pid) == "T"
    assert int(function.invoke().payload) == pid


def test_late_and_foreign_posts_are_accepted_and_ignored(
    hosts: Hosts, caplog: pytest.LogCaptureFixture
) -> None:
    """A second answer, another ID's and another attempt's: 202 for each, and on record."""
    function = hosts.runtime(
        RUNTIME_LOOP
        + """
        statuses = [
            post("/invocation/other/response", b'"foreign"'),
            post(path, b'"stale"', Lambda_Runtime_Invocation_Id="another"),
            post("/invocation/other/error", b'"foreign"'),
        ]
        post(path, json.dumps(statuses).encode(), Lambda_Runtime_Invocation_Id=nonce)
        print(post(path, b'"second"', Lambda_Runtime_Invocation_Id=nonce))
"""
    )

    assert [function.invoke().payload for _ in range(2)] == [b"[202, 202, 202]"] * 2
    late = [each for each in caplog.records if each.message == "sandbox.late_post"]
    assert len(late) >= 7


def test_a_caller_waits_for_a_sandbox_that_is_nearly_free(hosts: Hosts) -> None:
    """Work after the answer, like deleting a message, does not cost the next caller a refusal."""
    function = hosts.runtime(
        RUNTIME_LOOP + "        post(path, b'%d' % os.getpid()); time.sleep(0.1)",
        replace(ON_ITS_OWN, reserved_concurrency=1),
    )

    assert len({function.invoke().payload for _ in range(3)}) == 1


@pytest.mark.parametrize(
    ("timeout_s", "limit", "outcome"),
    [(60.0, 1, "refused"), (60.0, 2, "another"), (0.2, 1, "another")],
    ids=["refused when full", "another when there is room", "another when overdue"],
)
def test_a_sandbox_that_does_not_come_back_is_not_waited_for_long(
    hosts: Hosts, timeout_s: float, limit: int, outcome: str
) -> None:
    """After a second it counts as busy, and after its invocation's time it is killed."""
    function = hosts.runtime(
        RUNTIME_LOOP + "        post(path, b'%d' % os.getpid()); time.sleep(60)",
        replace(ON_ITS_OWN, reserved_concurrency=limit, timeout_s=timeout_s),
    )
    first = function.invoke().payload
    if outcome == "refused":
        with pytest.raises(TooManyRequests):
            function.invoke()
    else:
        assert function.invoke().payload not in (first, b"")
