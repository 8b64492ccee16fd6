"""What becomes of an event that nobody accepted, and of what clients say of it afterwards."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_proxy.absence import Absence, FallbackAnswer
from ldp_proxy.errors import LambdaDenied, LambdaThrottled, LambdaUnreachable
from ldp_proxy.reply import ReplyError
from ldp_queues.memory_faults import Fault, Faults
from ldp_testing.deliveries import REQUEST
from ldp_testing.proxy_stage import (
    ScriptedFallback,
    Stage,
    accepted,
    declined,
    echo,
    error,
    result,
)
from ldp_wire.errors import LocalProtocolError
from ldp_wire.replies import ReplyDesk

if TYPE_CHECKING:
    from ldp_proxy.errors import LambdaError
    from ldp_proxy.reply import Reply
    from ldp_testing.proxy_stage import Script

EVENT = b'{"order": 1}'
ANSWER = FallbackAnswer(b'{"a":1,"a":2, "n":1.10}', is_error=False, version="7")


@pytest.fixture
def stage() -> Stage:
    """An empty stage without faults."""
    return Stage()


def message_of(reply: Reply) -> str:
    """The message of a reply that says that the fallback failed."""
    assert reply.error is not None
    assert (reply.error.type, reply.error.is_own) == ("Proxy.FallbackFailed", True)
    return reply.error.message


def test_the_fallback_answers_where_nobody_is_there(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """EXC-21, EXC-27: it gets the event and the time that is left, once, and its bytes pass."""
    caplog.set_level(logging.INFO)
    fallback = ScriptedFallback(ANSWER)
    proxy, context = stage.proxy(start_within_s=2, fallback=fallback), stage.context(60)
    begun_ms = stage.clock.now_ms()

    reply = proxy.invoke(EVENT, context)

    assert reply == (ANSWER.payload, None, None)
    assert stage.clock.now_ms() - begun_ms < 7_000
    left_s = (context.deadline_ms - 3_000 - stage.clock.now_ms()) / 1000
    assert fallback.calls == [(EVENT, context, left_s)]
    (record,) = [r for r in caplog.records if r.message == "fallback.answered"]
    assert record.__dict__["version"] == "7"


@pytest.mark.parametrize(
    ("body", "short"),
    [
        (b'{"errorType":"E","errorMessage":"\\u00fc","stackTrace":[]}', ("E", "ü")),
        (b'{"errorMessage":"Task timed out"}', ("Error", "Task timed out")),
        (b'{"errorType":7,"errorMessage":{"a":1}}', ("7", '{"a": 1}')),
        (b"\xff", ("Error", "")),
    ],
)
def test_an_error_of_the_fallback_is_the_callers(
    stage: Stage, body: bytes, short: tuple[str, str]
) -> None:
    """EXC-27, ERR-10: the function's own error passes through, whatever it looks like."""
    fallback = ScriptedFallback(FallbackAnswer(body, is_error=True, version="7"))

    reply = stage.proxy(start_within_s=2, fallback=fallback).invoke(EVENT, stage.context())

    assert reply == (body, ReplyError(*short, is_own=False), None)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (LambdaThrottled("Invoke: Rate Exceeded."), "Invoke: Rate Exceeded. The fallback function"),
        (LambdaDenied("Invoke: no"), "Invoke: no. Allow lambda:InvokeFunction"),
        (LambdaUnreachable("Invoke: no"), "Invoke: no. It may have run the event all the same."),
    ],
)
def test_a_fallback_that_cannot_be_invoked_is_a_typed_error(
    stage: Stage, caplog: pytest.LogCaptureFixture, problem: LambdaError, said: str
) -> None:
    """ERR-10, ERR-2, EXC-27: the message says why, and nothing is tried again."""
    fallback = ScriptedFallback(problem)

    reply = stage.proxy(start_within_s=2, fallback=fallback).invoke(EVENT, stage.context())

    assert message_of(reply).startswith("No client accepted the event, and the fallback")
    assert said in message_of(reply)
    assert len(fallback.calls) == 1
    assert [r.levelno for r in caplog.records if r.message == "fallback.failed"] == [30]


@pytest.mark.parametrize(("timeout_s", "is_enough"), [(6.5, False), (7.5, True)])
def test_too_little_time_is_not_begun(stage: Stage, timeout_s: float, *, is_enough: bool) -> None:
    """ERR-10: with less than a second left the fallback is not invoked, and the caller told."""
    fallback = ScriptedFallback(ANSWER)

    reply = stage.proxy(start_within_s=2, fallback=fallback).invoke(EVENT, stage.context(timeout_s))

    assert len(fallback.calls) == is_enough
    if not is_enough:
        assert "Raise the function's timeout" in message_of(reply)


@pytest.mark.parametrize(
    "script", [echo, error("{}"), accepted()], ids=["result", "error", "accepted"]
)
def test_whoever_is_there_keeps_the_fallback_out(stage: Stage, script: Script) -> None:
    """EXC-22, EXC-23: after an accepted or an answer the fallback is not invoked."""
    fallback = ScriptedFallback(ANSWER)
    stage.script(script)

    stage.proxy(start_within_s=2, fallback=fallback).invoke(EVENT, stage.context(30))

    assert fallback.calls == []


#: What clients may say of an event.
SAYINGS: dict[str, Script] = {
    "accepted": accepted("i-1"),
    "accepted by another": accepted("i-2"),
    "declined": declined,
    "result": result("1"),
    "error": error("{}"),
}


@given(
    said=st.lists(st.tuples(st.sampled_from(list(SAYINGS)), st.integers(100, 20_000)), max_size=4),
    start_within_s=st.integers(2, 6),
    timeout_s=st.integers(5, 30),
    hidden_at_ms=st.integers(0, 10_000),
)
def test_no_event_is_run_by_both(
    said: list[tuple[str, int]], start_within_s: int, timeout_s: int, hidden_at_ms: int
) -> None:
    """EXC-22, EXC-27: after an accepted that counts never, else once at most, and in time.

    Somebody may hide what is in the queue for as long as another proxy would, once.
    """
    stage, fallback = Stage(), ScriptedFallback(ANSWER)
    for what, after_ms in said:
        stage.reply_later(SAYINGS[what], after_ms)
    stage.hide_replies_later(hidden_at_ms)
    context = stage.context(timeout_s)

    reply = stage.proxy(start_within_s=start_within_s, fallback=fallback).invoke(EVENT, context)

    is_accepted = any(
        what.startswith("accepted") and after_ms <= start_within_s * 1000 for what, after_ms in said
    )
    assert not (fallback.calls and is_accepted)
    assert len(fallback.calls) == (reply.body == ANSWER.payload)
    assert stage.clock.now_ms() < context.deadline_ms


@pytest.mark.parametrize(
    ("problem", "ran"),
    [(None, True), (LambdaUnreachable("?"), True), (LambdaThrottled("429"), False)],
    ids=["answered", "unknown", "throttled"],
)
def test_a_run_that_comes_to_light_afterwards_is_told(
    caplog: pytest.LogCaptureFixture, problem: LambdaError | None, *, ran: bool
) -> None:
    """EXC-24, EXC-10: an accepted that SQS hid for longer than the grace is a double run."""
    caplog.set_level(logging.INFO)
    faults = Faults()
    faults.force(Fault.EMPTY_POLL, times=2)
    stage = Stage(reply_faults=faults)
    proxy = stage.proxy(start_within_s=2, fallback=ScriptedFallback(problem or ANSWER))
    stage.reply_later(accepted(), 1_000)
    stage.reply_later(declined, 1_000)
    proxy.invoke(EVENT, stage.context())
    (request,) = stage.sent_requests()
    stage.reply_later(echo, 100)

    proxy.invoke(EVENT, stage.context())

    told = {
        record.message
        for record in caplog.records
        if record.__dict__.get("request_id") == request.request_id
    }
    assert ({"exchange.double_run", "reply.after_fallback"} <= told) is ran
    assert len(stage.replies.bodies()) == 1  # the second answer, which its entry deletes


def test_a_request_without_a_window_has_no_fallback(stage: Stage) -> None:
    """Whoever asked nobody cannot conclude that nobody is there."""
    absence = Absence(ScriptedFallback(ANSWER), ReplyDesk(), stage.pace)

    with pytest.raises(LocalProtocolError):
        absence.reply(REQUEST, EVENT)
