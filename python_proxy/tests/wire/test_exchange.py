from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from ldp_testing.deliveries import (
    ACCEPTED,
    ANSWER_BY_MS,
    NOW_MS,
    ONE_WAY_REQUEST,
    REQUEST,
    RESPONSE,
    START_BY_MS,
    WINDOW_REQUEST,
    Delivered,
    delivered,
)
from ldp_testing.wire_stage import begun_exchange, failure_of, stored_exchange
from ldp_testing.wire_strategies import bodies
from ldp_wire.claims import Bucket, Direction, claim_check
from ldp_wire.codec import encode
from ldp_wire.envelopes import (
    Encoding,
    HandlerError,
    Inline,
    RequestId,
)
from ldp_wire.errors import LocalProtocolError
from ldp_wire.exchange import TRANSITIONS, Answer, Forwarded, ProxyExchange, State, Trigger
from ldp_wire.failures import Failure, FailureType, event_too_large
from ldp_wire.payloads import INLINE_ENCODINGS, fit
from ldp_wire.replies import ReplyAction, ReplyDesk

if TYPE_CHECKING:
    from ldp_wire.envelopes import Request


ENDS = {State.ANSWERED, State.FORWARDED, State.ABSENT, State.EXPIRED, State.FAILED}


ANSWER = Answer(b"42")


FOREIGN = replace(RESPONSE, request_id=RequestId("r-2"))


KEEP = ReplyAction.KEEP


DELETE = ReplyAction.DELETE


RELEASE = ReplyAction.RELEASE


@pytest.mark.parametrize(("state", "trigger"), list(itertools.product(State, Trigger)))
def test_an_exchange_moves_as_the_table_says_or_not_at_all(state: State, trigger: Trigger) -> None:
    """Each trigger in each state leads where the table says, or is a bug of this side."""
    exchange = begun_exchange()
    exchange.state = state
    target = TRANSITIONS[state].get(trigger)

    if target is None:
        with pytest.raises(LocalProtocolError, match=f"{trigger.value!r} in state"):
            exchange._move(trigger)
        assert exchange.state is state
    else:
        exchange._move(trigger)
        assert exchange.state is target


def test_the_table_has_a_row_for_each_state_and_a_use_for_each_trigger() -> None:
    """No state is left out of the table, and no trigger is never used."""
    assert set(TRANSITIONS) == set(State)
    assert {trigger for row in TRANSITIONS.values() for trigger in row} == set(Trigger)
    assert {state for state, row in TRANSITIONS.items() if not row} == ENDS


@given(bodies())
def test_the_first_response_is_the_answer(body: bytes) -> None:
    """The bytes of the first response to the request are the caller's (EXC-2, EXC-3, PAY-2)."""
    text = fit(body, lambda payload: replace(RESPONSE, result=payload), INLINE_ENCODINGS, 2**20)
    assert text is not None
    exchange = stored_exchange()

    disposition = exchange.receive(Delivered(text), NOW_MS)

    assert (disposition.action, disposition.reason) == (KEEP, "answer")
    assert (exchange.state, exchange.outcome) == (State.ANSWERED, Answer(body))


def test_a_handlers_error_passes_through() -> None:
    """An error's payload is what is passed on; its texts are for logs (ENV-27)."""
    error = HandlerError("ValueError", "no such order", Inline(Encoding.TEXT, '{"x": 1.10}'))
    exchange = stored_exchange()
    exchange.receive(delivered(replace(RESPONSE, result=error)), NOW_MS)

    assert exchange.outcome == Answer(b'{"x": 1.10}', error)


def test_every_later_response_is_deleted() -> None:
    """A second answer changes nothing and is deleted, now and later (EXC-3, EXC-10)."""
    desk = ReplyDesk()
    exchange = stored_exchange(desk=desk)
    exchange.receive(delivered(RESPONSE), NOW_MS)
    other = replace(RESPONSE, result=Inline(Encoding.TEXT, "43"))

    assert exchange.receive(delivered(other), NOW_MS).reason == "stale"
    assert exchange.outcome == ANSWER
    following = stored_exchange(replace(REQUEST, request_id=RequestId("r-3")), desk)
    assert following.receive(delivered(other), NOW_MS).reason == "stale"
    assert following.outcome is None


def test_a_foreign_answer_is_released() -> None:
    """An answer with another requestId is nothing of this exchange (EXC-2, EXC-11)."""
    exchange = stored_exchange()

    assert exchange.receive(delivered(FOREIGN), NOW_MS).action is RELEASE
    assert exchange.state is State.AWAITING


def test_only_the_request_id_correlates() -> None:
    """The owner ignores the echo of answerByMs, however wrong it is (EXC-2)."""
    exchange = stored_exchange()
    exchange.receive(delivered(replace(RESPONSE, answer_by_ms=0)), NOW_MS)

    assert exchange.outcome == ANSWER


@pytest.mark.parametrize(
    "text",
    [
        encode(RESPONSE).replace('"payload"', '"pay"'),
        encode(RESPONSE).replace('"text"', '"zstd"'),
        encode(RESPONSE).replace('"1.0"', '"2.0"'),
        encode(RESPONSE).replace(str(ANSWER_BY_MS), '"soon"'),
        encode(replace(RESPONSE, result=Inline(Encoding.GZIP_BASE64, "AAAA"))),
        encode(replace(RESPONSE, result=Inline(Encoding.TEXT, "\ud800"))),
        encode(RESPONSE)[:-1].replace('"1.0"', '"2.0"') + ',"error":{"errorType":1}}',
    ],
)
def test_a_first_response_that_cannot_be_decoded_ends_the_exchange(text: str) -> None:
    """A broken response to the own request is Proxy.BadAnswer at once (EXC-16, ERR-6)."""
    exchange = stored_exchange()

    disposition = exchange.receive(Delivered(text), NOW_MS)

    assert disposition.action in {DELETE, KEEP}
    assert (exchange.state, failure_of(exchange)) == (State.FAILED, FailureType.BAD_ANSWER)
    assert exchange.wait_s(NOW_MS) == 0


def test_a_claim_check_is_an_answer_only_to_whoever_has_the_bucket() -> None:
    """Without the bucket an answer by claim check cannot be collected (PAY-14, EXC-16)."""
    bucket = Bucket("debug-payloads")
    claim = claim_check(bucket, Direction.RESPONSE, REQUEST.request_id, b"42")
    answer = delivered(replace(RESPONSE, result=claim))
    without, having = (
        stored_exchange(),
        ProxyExchange(REQUEST, ReplyDesk(), begun_ms=NOW_MS, bucket=bucket),
    )
    having.stored(NOW_MS)
    without.receive(answer, NOW_MS)
    having.receive(answer, NOW_MS)

    assert failure_of(without) is FailureType.BAD_ANSWER
    assert having.outcome == Answer(claim)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": "1.0", "kind": "response"}'])
def test_a_message_without_frozen_members_is_deleted(text: str) -> None:
    """What cannot be routed is deleted, with its fingerprint for the log (EXC-15)."""
    exchange = stored_exchange()
    disposition = exchange.receive(Delivered(text), NOW_MS)

    assert (disposition.action, disposition.reason) == (DELETE, "bad")
    assert disposition.bad is not None
    assert disposition.bad.length_bytes == len(text)
    assert exchange.outcome is None


def test_a_broken_accepted_is_deleted_and_changes_nothing() -> None:
    """Of the own replies only a response ends an exchange when it is broken (EXC-16)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    text = encode(ACCEPTED).replace('"instanceId"', '"instance"')

    assert exchange.receive(Delivered(text), NOW_MS).reason == "bad"
    assert exchange.state is State.AWAITING


def test_a_foreign_reply_that_cannot_be_decoded_is_its_owners() -> None:
    """A broken or later foreign response is routed to whoever awaits it (EXC-17)."""
    exchange = stored_exchange()
    for old, new in (('"1.0"', '"2.0"'), ('"payload"', '"pay"'), (str(ANSWER_BY_MS), '"x"')):
        text = encode(FOREIGN).replace(old, new)
        assert exchange.receive(Delivered(text), NOW_MS).action is RELEASE


def _later_error(**members: object) -> Delivered:
    error = {"errorType": "Client.BadRequest", "errorMessage": "version 1?", **members}
    document = json.loads(encode(RESPONSE)) | {"version": "2.0", "error": error}
    del document["payload"]
    return Delivered(json.dumps(document))


@pytest.mark.parametrize("payload", [{}, {"payload": {"encoding": "cbor"}}, {"payload": 1}])
def test_an_error_of_a_later_version_is_the_answer(payload: dict[str, object]) -> None:
    """A response with an error of any major version is taken by its frozen members (ENV-11)."""
    exchange = stored_exchange()
    exchange.receive(_later_error(**payload), NOW_MS)

    assert isinstance(exchange.outcome, Answer)
    assert exchange.outcome.error is not None
    assert exchange.outcome.error.error_type == "Client.BadRequest"
    assert isinstance(exchange.outcome.body, bytes)
    assert json.loads(exchange.outcome.body) == {
        "errorMessage": "version 1?",
        "errorType": "Client.BadRequest",
    }


def test_an_error_body_of_a_later_version_is_passed_on_where_it_can_be_read() -> None:
    """A payload of a later version in a form that version 1 knows is taken (ENV-11, ENV-27)."""
    exchange = stored_exchange()
    exchange.receive(_later_error(payload={"encoding": "text", "data": "x"}), NOW_MS)

    assert isinstance(exchange.outcome, Answer)
    assert exchange.outcome.body == b"x"


def test_an_error_of_a_later_version_without_its_echo_is_a_bad_answer() -> None:
    """The echo is one of the members that every version has (ENV-11, EXC-16)."""
    exchange = stored_exchange()
    body = _later_error().body.replace("answerByMs", "until")
    exchange.receive(Delivered(body), NOW_MS)

    assert failure_of(exchange) is FailureType.BAD_ANSWER


def test_a_wait_ends_with_the_exchange_and_lasts_whole_seconds() -> None:
    """A receive lasts 1 s to 20 s and never beyond answerByMs (EXC-8, SQS-6)."""
    exchange = stored_exchange()

    assert exchange.wait_s(NOW_MS) == 20
    assert exchange.wait_s(ANSWER_BY_MS - 19_001) == 19
    assert exchange.wait_s(ANSWER_BY_MS - 1_000) == 1
    assert exchange.outcome is None


def test_without_a_second_left_the_exchange_expires() -> None:
    """With less than 1 s left the caller is told to check for a client (EXC-6, EXC-7, ERR-3)."""
    exchange = stored_exchange()

    assert exchange.wait_s(ANSWER_BY_MS - 999) == 0
    assert (exchange.state, failure_of(exchange)) == (State.EXPIRED, FailureType.NO_RESPONSE)
    assert isinstance(exchange.outcome, Failure)
    assert "894 s" in exchange.outcome.message


def test_nobody_waits_before_the_request_is_stored() -> None:
    """Whoever polls for an answer to what was not sent has a bug (EXC-9)."""
    with pytest.raises(LocalProtocolError):
        begun_exchange().wait_s(NOW_MS)
    with pytest.raises(LocalProtocolError):
        begun_exchange().receive(delivered(RESPONSE), NOW_MS)


def test_a_one_way_exchange_ends_when_sqs_has_the_request() -> None:
    """The caller of a one-way request gets null once it is stored, not before (EXC-28)."""
    exchange = begun_exchange(ONE_WAY_REQUEST)
    with pytest.raises(LocalProtocolError):
        exchange.wait_s(NOW_MS)
    assert not isinstance(exchange.outcome, Forwarded)

    exchange.stored(NOW_MS)

    assert exchange.state is State.FORWARDED
    assert isinstance(exchange.outcome, Forwarded)
    assert exchange.wait_s(NOW_MS) == 0


def test_a_passing_failure_is_repeated() -> None:
    """A queue call that failed for a passing reason is repeated, ever more slowly (EXC-32)."""
    exchange = begun_exchange()
    pauses = [exchange.queue_failed("throttled", transient=True, now_ms=NOW_MS) for _ in range(7)]

    assert pauses == [0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 2.0]
    assert exchange.outcome is None


@pytest.mark.parametrize("progress", ["stored", "received", "nothing came"])
def test_a_success_lets_the_pauses_begin_anew(progress: str) -> None:
    """After a call that worked, the next failure is the first one again (EXC-32)."""
    exchange = begun_exchange()
    if progress != "stored":
        exchange.stored(NOW_MS)
    exchange.queue_failed("throttled", transient=True, now_ms=NOW_MS)
    if progress == "stored":
        exchange.stored(NOW_MS)
    elif progress == "received":
        exchange.receive(delivered(FOREIGN), NOW_MS)
    else:
        exchange.receive_ended(begun_ms=NOW_MS, now_ms=NOW_MS)

    assert exchange.queue_failed("throttled", transient=True, now_ms=NOW_MS) == 0.1


def test_a_lasting_failure_ends_the_exchange() -> None:
    """A reason that will not pass is Proxy.QueueError, with the reason (EXC-32, ERR-5)."""
    exchange = stored_exchange()

    assert exchange.queue_failed("No such queue.", transient=False, now_ms=NOW_MS) == 0
    assert exchange.outcome == Failure(FailureType.QUEUE_ERROR, "No such queue.")


def test_a_queue_error_is_never_absence() -> None:
    """Failing receives past the window end in Proxy.QueueError, not in absence (EXC-20)."""
    exchange = stored_exchange(WINDOW_REQUEST)
    now_ms = START_BY_MS + 1
    while exchange.outcome is None:
        now_ms += 3_000
        exchange.queue_failed("unreachable", transient=True, now_ms=now_ms)

    assert failure_of(exchange) is FailureType.QUEUE_ERROR
    assert ANSWER_BY_MS - 6_000 <= now_ms <= ANSWER_BY_MS


@pytest.mark.parametrize(("left_ms", "pause_s"), [(1_100, 0.1), (1_099, 0.0)])
def test_repeating_is_bounded_by_the_callers_time(left_ms: int, pause_s: float) -> None:
    """Nothing is repeated without a second left after the pause (EXC-32, EXC-6)."""
    exchange = stored_exchange()
    now_ms = ANSWER_BY_MS - left_ms

    assert exchange.queue_failed("throttled", transient=True, now_ms=now_ms) == pause_s
    assert (exchange.outcome is None) == (pause_s > 0)


def test_a_one_way_send_is_repeated_within_the_functions_time() -> None:
    """A one-way request has until its function's deadline less the margin (EXC-32)."""
    exchange = begun_exchange(ONE_WAY_REQUEST)
    last_ms = ONE_WAY_REQUEST.context.deadline_ms - 5_000 - 1_200

    assert exchange.queue_failed("throttled", transient=True, now_ms=last_ms) == 0.1
    assert exchange.queue_failed("throttled", transient=True, now_ms=last_ms + 1) == 0
    assert failure_of(exchange) is FailureType.QUEUE_ERROR


def test_a_failed_delete_does_not_cost_the_answer() -> None:
    """A failure after the answer is here changes nothing (EXC-33)."""
    exchange = stored_exchange()
    exchange.receive(delivered(RESPONSE), NOW_MS)

    assert exchange.queue_failed("unreachable", transient=False, now_ms=NOW_MS) == 0
    assert exchange.outcome == ANSWER


def test_a_request_that_cannot_be_carried_ends_with_its_reason() -> None:
    """An event that fits in no form is Proxy.EventTooLarge (PAY-9, ERR-4)."""
    exchange = begun_exchange()
    exchange.refused(event_too_large(2_000_000, 1_048_576), NOW_MS)

    assert (exchange.state, failure_of(exchange)) == (State.FAILED, FailureType.EVENT_TOO_LARGE)
    with pytest.raises(LocalProtocolError):
        exchange.stored(NOW_MS)


@pytest.mark.parametrize("request_", [REQUEST, ONE_WAY_REQUEST])
def test_a_finished_exchange_is_known_at_the_desk(request_: Request) -> None:
    """However an exchange ends, its late replies are deleted from then on (EXC-10)."""
    desk = ReplyDesk()
    begun_exchange(request_, desk).queue_failed("gone", transient=False, now_ms=NOW_MS)

    assert (
        stored_exchange(replace(REQUEST, request_id=RequestId("r-2")), desk)
        .receive(delivered(RESPONSE), NOW_MS)
        .reason
        == "stale"
    )


def test_a_request_in_the_reply_queue_is_nobodys() -> None:
    """A request that strayed into the reply queue is released, and in time deleted (EXC-13)."""
    exchange = stored_exchange()
    other = delivered(replace(REQUEST, request_id=RequestId("r-9")))

    assert exchange.receive(other, NOW_MS).action is RELEASE
    assert exchange.receive(other, NOW_MS + 10_001).action is DELETE
