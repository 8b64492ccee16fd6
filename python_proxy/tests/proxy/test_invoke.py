from __future__ import annotations

import uuid
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldp_proxy.reply import ReplyError
from ldp_queues.memory_faults import Fault, Faults
from ldp_testing.deliveries import REPLY_TO, RESPONSE
from ldp_testing.json_texts import json_texts
from ldp_testing.proxy_stage import Stage, accepted, echo, error, event_of, response, result
from ldp_wire.codec import encode
from ldp_wire.envelopes import Encoding, HandlerError, Inline, Request, RequestId, Response

if TYPE_CHECKING:
    from ldp_proxy.reply import Reply
    from ldp_wire.envelopes import Envelope


EVENT = b'{"order": 1}'


#: Bytes that no compression makes smaller, as text.
NOISE = Random(7).randbytes(1_200_000).hex().encode()


@pytest.fixture
def stage() -> Stage:
    """An empty stage without faults."""
    return Stage()


def failed_with(reply: Reply, error_type: str) -> str:
    """The message of a reply that is this failure of the proxy's own."""
    assert reply.error is not None
    assert reply.error.is_own
    assert reply.error.type == error_type
    return reply.error.message


def test_a_request_says_all_that_a_client_needs(stage: Stage) -> None:
    """ENV-15, ENV-16, ENV-18, ENV-19, ENV-20, EXC-4: a waiting request is complete."""
    proxy, context = stage.proxy(), stage.context(timeout_s=900)
    begun_ms = stage.clock.now_ms()

    proxy.invoke(EVENT, context)

    (request,) = stage.sent_requests()
    assert request.terms is not None
    assert request.sent_at_ms == begun_ms
    assert request.context == context
    assert request.payload == Inline(Encoding.TEXT, EVENT.decode())
    assert request.terms.reply_to == REPLY_TO
    assert request.terms.answer_by_ms == context.deadline_ms - 5_000
    assert request.terms.max_reply_bytes == 1_048_576
    assert request.terms.accept_encodings == ("text", "base64", "gzip+base64")
    assert request.terms.start_by_ms is None


def test_every_attempt_has_an_id_of_its_own(stage: Stage) -> None:
    """EXC-1: the same invocation, tried again, is a new random UUID."""
    proxy, context = stage.one_way_proxy(), stage.context()

    for _ in range(20):
        proxy.invoke(EVENT, context)

    ids = {request.request_id for request in stage.sent_requests()}
    assert len(ids) == 20
    assert {uuid.UUID(request_id).version for request_id in ids} == {4}


def test_a_one_way_request_asks_for_nothing(stage: Stage) -> None:
    """ENV-17, EXC-28: one-way, the caller gets null once SQS has a request without terms."""
    reply = stage.one_way_proxy().invoke(EVENT, stage.context(timeout_s=1))

    (request,) = stage.sent_requests()
    assert request.terms is None
    assert reply == (b"null", None, None)
    assert stage.replies.calls == []


def test_a_one_way_request_that_is_not_stored_is_an_error(stage: Stage) -> None:
    """EXC-28: without SQS's word that it has the event there is no null."""
    stage.requests.vanish()

    reply = stage.one_way_proxy().invoke(EVENT, stage.context())

    assert "requests does not exist" in failed_with(reply, "Proxy.QueueError")


def test_a_start_window_is_an_instant(stage: Stage) -> None:
    """EXC-18: with a start window the request says until when a client may accept."""
    begun_ms = stage.clock.now_ms()

    reply = stage.proxy(start_within_s=2.5).invoke(EVENT, stage.context())

    (request,) = stage.sent_requests()
    assert request.terms is not None
    assert request.terms.start_by_ms == begun_ms + 2_500
    assert "LAMBDA_PROXY_START_WITHIN_S" in failed_with(reply, "Proxy.Absent")


def test_two_clients_that_accept_are_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """EXC-24: a second instance that accepts the request leaves a line of its own."""
    stage.script(accepted("i-1"), accepted("i-2"), result("42"))

    reply = stage.proxy(start_within_s=5).invoke(EVENT, stage.context())

    assert reply.body == b"42"
    (record,) = [r for r in caplog.records if r.message == "exchange.double_run"]
    assert record.__dict__["error_type"] == "Proxy.DoubleRun"


@pytest.mark.parametrize(("timeout_s", "is_enough"), [(1.9, False), (2.0, True)])
def test_too_little_time_is_refused(stage: Stage, timeout_s: float, *, is_enough: bool) -> None:
    """EXC-5, ERR-7: less than a second to wait is refused at once, and nothing is sent."""
    reply = stage.proxy().invoke(EVENT, stage.context(timeout_s))

    if is_enough:
        failed_with(reply, "Proxy.NoResponse")
    else:
        assert "Raise the function's timeout" in failed_with(reply, "Proxy.TimeoutTooShort")
    assert len(stage.sent_requests()) == is_enough


def test_nobody_there_is_an_error_in_time(stage: Stage) -> None:
    """EXC-6, EXC-7, ERR-3, ERR-2: without an answer the caller hears what to check, in time."""
    context = stage.context(timeout_s=30)

    reply = stage.proxy().invoke(EVENT, context)

    assert "LAMBDA_PROXY_REQ_QUEUE_URL" in failed_with(reply, "Proxy.NoResponse")
    assert stage.clock.now_ms() < context.deadline_ms


def test_an_error_is_passed_on_as_it_is(stage: Stage) -> None:
    """ENV-27: the caller gets the error body that the handler's runtime wrote."""
    body = '{"errorType":"E","errorMessage":"\\ud800","trace":["a"], "cause":{}}'
    stage.script(error(body, "E", "m"))

    reply = stage.proxy().invoke(EVENT, stage.context())

    assert reply.body == body.encode()
    assert reply.error == ReplyError("E", "m", is_own=False)


def test_an_answer_of_a_later_major_version_is_an_error_at_once(stage: Stage) -> None:
    """ENV-11: an error of any major version is the answer."""
    later, payload = '"version":"2.0"', Inline(Encoding.TEXT, '"b"')

    def failing(request: Request) -> Response:
        return response(request, HandlerError("E", "m", payload))

    stage.script(lambda r: encode(failing(r)).replace('"version":"1.0"', later))

    reply = stage.proxy().invoke(EVENT, stage.context())

    assert reply.body == b'"b"'


def test_a_claim_check_is_refused_without_a_bucket(stage: Stage) -> None:
    """PAY-14, ERR-6: an answer in a bucket that the proxy has not is a bad answer."""
    stage.script(
        lambda r: encode(echo(r)).replace(
            '{"encoding":"text","data":"{\\"order\\": 1}"}',
            f'{{"encoding":"s3","bucket":"abc","key":"k","sizeBytes":1,"sha256":"{"0" * 64}"}}',
        )
    )

    reply = stage.proxy().invoke(EVENT, stage.context())

    assert "claim check" in failed_with(reply, "Proxy.BadAnswer")


@given(event=json_texts(), answer=json_texts(), is_error=st.booleans())
def test_bytes_pass_both_ways(event: bytes, answer: bytes, *, is_error: bool) -> None:
    """PAY-1, PAY-2: whatever the JSON texts are, they arrive byte for byte, both ways."""
    stage = Stage()
    received = []
    text = answer.decode()

    def client(request: Request) -> Envelope | str:
        received.append(event_of(request))
        return error(text)(request) if is_error else result(text)(request)

    stage.script(client)
    reply = stage.proxy().invoke(event, stage.context())

    assert received == [event]
    assert reply.body == answer
    assert (reply.error is not None) == is_error


@given(event=st.binary(max_size=200))
def test_bytes_that_are_no_text_pass_too(event: bytes) -> None:
    """PAY-5: an event that is no UTF-8 travels as base64, and comes back as it was."""
    stage = Stage()
    stage.script(echo)

    assert stage.proxy().invoke(event, stage.context()).body == event


def test_a_large_event_is_compressed(stage: Stage) -> None:
    """PAY-4, PAY-7: what is too large as text travels as gzip."""
    event = b'"' + b"a" * 3_000_000 + b'"'
    stage.script(echo)

    reply = stage.proxy().invoke(event, stage.context())

    assert reply.body == event


def test_an_event_that_fits_in_no_form_is_an_error(stage: Stage) -> None:
    """PAY-9, ERR-4: the caller hears the size, the limit, and the variable that lifts it."""
    reply = stage.proxy().invoke(NOISE, stage.context())

    message = failed_with(reply, "Proxy.EventTooLarge")
    assert str(len(NOISE)) in message
    assert "1048576" in message
    assert "LAMBDA_PROXY_PAYLOAD_BUCKET" in message
    assert stage.requests.bodies() == []


def test_a_lower_limit_of_the_queue_is_learned_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """PAY-7, PAY-8: a queue that takes less gets the next form, and is not asked again."""
    stage.requests.limit_bytes = 5_000
    event = b'"' + b"a" * 20_000 + b'"'
    proxy = stage.proxy()

    for _ in range(2):
        stage.script(echo)
        assert proxy.invoke(event, stage.context()).body == event

    learned = [r for r in caplog.records if r.message == "queue.limit_learned"]
    assert [r.__dict__["limit_bytes"] for r in learned] == [5_000]


def test_an_event_over_a_learned_limit_is_an_error(stage: Stage) -> None:
    """PAY-9, ERR-4: the limit that is named is the queue's own."""
    stage.requests.limit_bytes = 2_000

    reply = stage.proxy().invoke(NOISE[:10_000], stage.context())

    assert "2000" in failed_with(reply, "Proxy.EventTooLarge")


def test_nothing_of_the_environment_travels(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-5, SQS-11: a message holds the envelope's members alone, no variable and no key."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "topsecret")

    stage.one_way_proxy().invoke(EVENT, stage.context())

    (body,) = stage.requests.bodies()
    assert "topsecret" not in body


_FAULTS = st.sampled_from(sorted(Fault, key=lambda fault: fault.value))


@settings(max_examples=200)
@given(
    rates=st.dictionaries(_FAULTS, st.floats(0.0, 0.3)),
    seed=st.integers(0, 2**32),
    answer_after_ms=st.integers(0, 40_000),
    foreign_answers=st.integers(0, 5),
)
def test_an_exchange_ends_in_time_with_what_is_its_own(
    rates: dict[Fault, float], seed: int, answer_after_ms: int, foreign_answers: int
) -> None:
    """EXC-2, EXC-3, EXC-6, SQS-12: whatever queues do, there is one's own answer, or an error."""
    faults = Faults(seed=seed)
    stage = Stage(request_faults=Faults(rates, seed=seed + 1), reply_faults=faults)
    context = stage.context(timeout_s=45)
    for number in range(foreign_answers):
        answer = replace(RESPONSE, request_id=RequestId(str(number)))
        stage.replies.send(encode(replace(answer, answer_by_ms=context.deadline_ms)))

    def client() -> None:
        faults.rates = {}
        for request in stage.sent_requests():
            stage.replies.send(encode(echo(request)))
        faults.rates = rates

    faults.rates = rates
    stage.clock.call_at(stage.clock.now_ms() + answer_after_ms, client)
    reply = stage.proxy().invoke(EVENT, context)

    if reply.error is None:
        assert reply.body == EVENT
    else:
        failed_with(reply, reply.error.type)
        assert reply.error.type in {"Proxy.NoResponse", "Proxy.QueueError"}
    assert stage.clock.now_ms() <= context.deadline_ms
