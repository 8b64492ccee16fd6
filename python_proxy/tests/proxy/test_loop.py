"""What the bridge does with queues and messages; what is decided is tested with the core."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from ldp_proxy.loop import collect, store
from ldp_queues.errors import MessageTooLarge, QueueAccessDenied, QueueError
from ldp_queues.memory_faults import Fault, Faults
from ldp_testing.deliveries import ANSWER_BY_MS, CLIENT, REQUEST, RESPONSE
from ldp_testing.proxy_stage import Stage, echo, response, result
from ldp_wire.codec import encode
from ldp_wire.envelopes import Declined, Encoding, Inline, RequestId
from ldp_wire.exchange import Answer, ProxyExchange, State
from ldp_wire.failures import Failure, FailureType
from ldp_wire.replies import ReplyDesk

FOREIGN = RequestId("r-2")


class Run:
    """One exchange on a stage of its own."""

    def __init__(self, stage: Stage, *, start_within_s: int | None = None) -> None:
        now_ms = stage.clock.now_ms()
        assert REQUEST.terms is not None
        start_by_ms = None if start_within_s is None else now_ms + start_within_s * 1000
        terms = replace(REQUEST.terms, answer_by_ms=now_ms + 60_000, start_by_ms=start_by_ms)
        self.stage = stage
        self.request = replace(REQUEST, terms=terms)
        self.exchange = ProxyExchange(self.request, ReplyDesk(), begun_ms=now_ms)

    def carry_out(self) -> str | None:
        """Run it to its end."""
        stage = self.stage
        store(self.exchange, encode(self.request), stage.requests, stage.pace)
        return collect(self.exchange, stage.replies, stage.pace)

    @property
    def failure(self) -> Failure:
        """What the exchange failed with."""
        assert isinstance(self.exchange.outcome, Failure), self.exchange.outcome
        return self.exchange.outcome


@pytest.fixture
def faults() -> Faults:
    """The faults of the reply queue."""
    return Faults()


@pytest.fixture
def stage(faults: Faults) -> Stage:
    """An empty stage."""
    return Stage(request_faults=Faults(), reply_faults=faults)


def test_an_answer_costs_one_send_and_one_receive(stage: Stage) -> None:
    """EXC-9: between the request and the answer stand a send and the poll that brings it."""
    run = Run(stage)
    stage.script(echo)

    receipt = run.carry_out()

    made = [call.operation for call in stage.replies.calls if call.operation != "send"]
    assert next(call.operation for call in stage.requests.calls) == "send"
    assert made == ["receive"]
    assert isinstance(run.exchange.outcome, Answer)
    assert receipt is not None
    stage.replies.delete(receipt)
    assert stage.replies.bodies() == []


def test_polls_end_by_the_deadline(stage: Stage) -> None:
    """EXC-6, EXC-7, EXC-8: polls last 1 to 20 s, none outlasts the wait, then comes the error."""
    run = Run(stage)

    assert run.carry_out() is None

    polls = [call for call in stage.replies.calls if call.operation == "receive"]
    assert run.failure.type is FailureType.NO_RESPONSE
    assert [poll.wait_s for poll in polls] == [20, 20, 19]
    assert run.request.terms is not None
    assert all(poll.at_ms + poll.wait_s * 1000 <= run.request.terms.answer_by_ms for poll in polls)


def test_a_reply_is_hidden_for_two_seconds(stage: Stage) -> None:
    """SQS-8: an answer that the proxy holds is visible to others again 2 s later."""
    run = Run(stage)
    stage.script(echo)
    run.carry_out()

    stage.clock.advance(1_900)
    assert stage.replies.receive(wait_s=0, visibility_s=0) == []
    stage.clock.advance(200)
    assert len(stage.replies.receive(wait_s=0, visibility_s=0)) == 1


def test_a_foreign_answer_is_given_back(stage: Stage) -> None:
    """EXC-2, EXC-11: another's answer is released at once, followed by a random pause."""
    foreign = replace(RESPONSE, request_id=FOREIGN, answer_by_ms=stage.clock.now_ms() + 60_000)
    stage.replies.send(encode(foreign))
    run = Run(stage)
    stage.script(echo)

    run.carry_out()

    assert isinstance(run.exchange.outcome, Answer)
    assert encode(foreign) in stage.replies.bodies()
    assert stage.paused_s[0] == 0.025


def test_a_foreign_answer_does_not_become_a_hot_loop(stage: Stage) -> None:
    """EXC-12: an answer that nobody else collects is hidden for 1 s after three receives."""
    answer_by_ms = stage.clock.now_ms() + 60_000
    stage.replies.send(encode(replace(RESPONSE, request_id=FOREIGN, answer_by_ms=answer_by_ms)))
    run = Run(stage)

    run.carry_out()

    receives = [call for call in stage.replies.calls if call.operation == "receive"]
    assert len(receives) < 70


def test_what_nobody_waits_for_is_deleted(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """EXC-13: a foreign answer whose time is over is deleted, and the log says why at DEBUG."""
    stage.replies.send(encode(replace(RESPONSE, request_id=FOREIGN, answer_by_ms=1)))
    past_ms = stage.clock.now_ms() - 10_000
    stage.replies.send(encode(replace(RESPONSE, request_id=FOREIGN, answer_by_ms=past_ms)))
    run = Run(stage)
    stage.script(echo)
    caplog.set_level(logging.DEBUG, logger="ldp_proxy")

    run.carry_out()

    assert [r.__dict__["reason"] for r in caplog.records if r.message == "reply.deleted"] == [
        "expired"
    ]
    assert len(stage.replies.bodies()) == 2


def test_a_message_that_cannot_be_read_is_told_by_its_fingerprint(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """EXC-15, SEC-4: the log has reason, SHA-256 and length of it, and nothing of its content."""
    stage.replies.send("my secret")
    run = Run(stage)
    stage.script(echo)

    run.carry_out()

    (record,) = [r for r in caplog.records if r.message == "reply.bad"]
    assert record.__dict__["length_bytes"] == 9
    assert len(record.__dict__["sha256"]) == 64
    assert record.__dict__["requirement"] == "ENV-1"
    assert "secret" not in str(record.__dict__)
    assert len(stage.replies.bodies()) == 1


def test_an_undecodable_answer_ends_the_exchange(stage: Stage) -> None:
    """EXC-16, ERR-6: the first response to the request that cannot be decoded fails at once."""
    run = Run(stage)
    stage.script(lambda r: encode(echo(r)).replace('"payload"', '"payloads"'))

    assert run.carry_out() is None
    assert run.failure.type is FailureType.BAD_ANSWER
    assert stage.replies.bodies() == []


def test_an_answer_that_does_not_unpack_is_left_to_be_deleted(stage: Stage) -> None:
    """ERR-6, PAY-11: an answer of damaged gzip is a typed error, and its handle is handed out."""
    run = Run(stage)
    stage.script(lambda r: response(r, Inline(Encoding.GZIP_BASE64, "AAAA")))

    assert run.carry_out() is not None
    assert run.failure.type is FailureType.BAD_ANSWER


def test_a_declined_request_is_waited_for(stage: Stage) -> None:
    """EXC-23: what else a client says is deleted, and the answer still counts."""
    run = Run(stage, start_within_s=5)
    declined = Declined(run.request.request_id, ANSWER_BY_MS, "late", CLIENT)
    stage.script(lambda _: declined, result("42"))

    run.carry_out()

    assert isinstance(run.exchange.outcome, Answer)
    assert len(stage.replies.bodies()) == 1


def test_silence_in_the_start_window_is_absence(stage: Stage) -> None:
    """EXC-19, EXC-21, ERR-9: nobody accepts, and 3 s after the window the caller hears of it."""
    run = Run(stage, start_within_s=5)
    begun_ms = stage.clock.now_ms()

    run.carry_out()

    assert run.failure.type is FailureType.ABSENT
    assert 8_000 <= stage.clock.now_ms() - begun_ms < 10_000


def test_foreign_answers_do_not_hide_absence(stage: Stage) -> None:
    """EXC-19: receives that bring only another's answer bring none of one's own."""
    answer_by_ms = stage.clock.now_ms() + 60_000
    stage.replies.send(encode(replace(RESPONSE, request_id=FOREIGN, answer_by_ms=answer_by_ms)))
    run = Run(stage, start_within_s=5)

    run.carry_out()

    assert run.failure.type is FailureType.ABSENT


def test_a_passing_failure_to_send_is_repeated(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """EXC-32: what fails for a passing reason is done again after a pause, and logged."""
    stage.requests.faults.force(Fault.THROTTLED, 2)
    run = Run(stage)
    stage.script(echo, after_ms=1_000)

    run.carry_out()

    assert isinstance(run.exchange.outcome, Answer)
    assert stage.paused_s == [0.1, 0.2]
    retried = [r for r in caplog.records if r.message == "queue.retrying"]
    assert [r.__dict__["error"] for r in retried] == ["QueueThrottled", "QueueThrottled"]


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.THROTTLED])
def test_a_passing_failure_to_receive_is_repeated(
    stage: Stage, faults: Faults, fault: Fault
) -> None:
    """EXC-32: a poll that fails for a passing reason is made again."""
    faults.force(fault, 3)
    run = Run(stage)
    stage.script(echo, after_ms=5_000)
    faults.force(fault, 3)

    run.carry_out()

    assert isinstance(run.exchange.outcome, Answer)


def test_failing_without_end_stops_in_time(stage: Stage, faults: Faults) -> None:
    """EXC-6, EXC-20, ERR-5: a queue that stays out of reach ends in a queue error, in time."""
    faults.rates[Fault.UNREACHABLE] = 1.0
    run = Run(stage, start_within_s=5)

    run.carry_out()

    assert run.failure.type is FailureType.QUEUE_ERROR
    assert "no connection" in run.failure.message
    assert run.request.terms is not None
    assert stage.clock.now_ms() <= run.request.terms.answer_by_ms


def test_a_queue_that_vanishes_fails_at_once(stage: Stage) -> None:
    """EXC-32, ERR-2, ERR-5: a queue that is gone ends the wait, with what to check."""
    run = Run(stage)
    stage.clock.call_at(stage.clock.now_ms() + 3_000, stage.replies.vanish)
    begun_ms = stage.clock.now_ms()

    run.carry_out()

    assert run.failure.type is FailureType.QUEUE_ERROR
    assert "replies does not exist. Check the queue's URL" in run.failure.message
    assert stage.clock.now_ms() - begun_ms < 4_000


def test_a_request_queue_that_is_gone_fails_at_once(stage: Stage) -> None:
    """ERR-5: where the request cannot be stored, nothing is waited for."""
    stage.requests.vanish()
    run = Run(stage)

    assert run.carry_out() is None
    assert run.failure.type is FailureType.QUEUE_ERROR
    assert stage.replies.calls == []


def test_a_message_over_the_limit_is_the_callers_to_shrink(stage: Stage) -> None:
    """PAY-7: the size that the queue refuses is handed on, and the exchange has not begun."""
    stage.requests.limit_bytes = 300
    run = Run(stage)

    with pytest.raises(MessageTooLarge):
        run.carry_out()
    assert run.exchange.state is State.IDLE


class _Stubborn:
    """A reply queue on which nothing but receiving is allowed."""

    def __init__(self, stage: Stage) -> None:
        self._queue = stage.replies
        self.receive = stage.replies.receive

    def delete(self, receipt: str) -> None:
        raise QueueAccessDenied(f"{self._queue.name}: not {receipt}")

    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        raise QueueError(f"{self._queue.name}: not {receipt} for {visibility_s} s")


def test_a_failed_delete_or_release_does_not_cost_the_answer(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """EXC-33: what cannot be deleted or released is logged, and the wait goes on."""
    now_ms = stage.clock.now_ms()
    stage.replies.send("garbage")
    stage.replies.send(encode(replace(RESPONSE, request_id=FOREIGN, answer_by_ms=now_ms + 60_000)))
    run = Run(stage)
    stage.script(echo)

    store(run.exchange, encode(run.request), stage.requests, stage.pace)
    collect(run.exchange, _Stubborn(stage), stage.pace)

    assert isinstance(run.exchange.outcome, Answer)
    failed = [r for r in caplog.records if r.message == "reply.disposal_failed"]
    assert [r.__dict__["reason"][:16] for r in failed] == ["replies: not rep"] * 2
