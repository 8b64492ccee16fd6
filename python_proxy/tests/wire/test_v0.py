from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_testing.deliveries import CLIENT, NOW_MS, REPLY_QUEUE, TRUST, Delivered, all_of, kinds, the
from ldp_testing.json_texts import json_texts
from ldp_testing.wire_stage import SETTINGS, new_session, notices_of
from ldp_wire.actions import Notice, NoticeKind, Raised, Record, Returned, Send, SendFailure, Start
from ldp_wire.answers import Answers
from ldp_wire.arrivals import Arrival, BadArrival, read
from ldp_wire.base58 import base58
from ldp_wire.envelopes import Identity
from ldp_wire.failures import Failure
from ldp_wire.limits import V0_PURGE_MS
from ldp_wire.session import ClientSession, OnError, SessionSettings
from ldp_wire.v0 import Dialect, answer_text, read_request

DEADLINE_MS = NOW_MS + 60_000
ANSWER_BY_MS = DEADLINE_MS - 2_000
CTX: dict[str, Any] = {
    "request_id": "4850c7a2",
    "deadline": DEADLINE_MS,
    "invoked_function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders",
    "xray_trace_id": "Root=1-5",
    "client_context": {"custom": {"a": "b"}},
    "identity": {"identityId": "me", "identityPoolId": "pool"},
    "env_config": {
        "function_name": "orders",
        "memory": 128,
        "version": "$LATEST",
        "log_stream": "2024/06/11/[$LATEST]1",
        "log_group": "/aws/lambda/orders",
    },
}
FAILURE = Raised("ValueError", "no such order", b'{"errorType": "ValueError"}')
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _body(event: str = '{"order": 1}', ctx: object = CTX) -> str:
    return f'{{"event": {event}, "ctx": {json.dumps(ctx)}}}'


def _arrival(event: str = '{"order": 1}', ctx: object = CTX) -> Arrival:
    found = read(Delivered(_body(event, ctx), sent_at_ms=NOW_MS - V0_PURGE_MS), TRUST)
    assert isinstance(found, Arrival)
    return found


def _running(settings: SessionSettings = SETTINGS) -> ClientSession:
    session = new_session(settings)
    session.receive(_arrival(), None, NOW_MS)
    return session


def _unbase58(text: str) -> bytes:
    number = 0
    for digit in text:
        number = number * 58 + ALPHABET.index(digit)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


@given(event=json_texts())
def test_the_handler_sees_the_text_that_was_sent(event: bytes) -> None:
    """Whatever JSON value the event is, its very text reaches the handler (V0-2, PAY-1)."""
    assert _arrival(event.decode()).event == event.strip()


def test_the_context_is_what_version_0_tells() -> None:
    """All that the origin's proxy sends is in the context (V0-2)."""
    request = _arrival().request
    context = request.context

    assert (context.aws_request_id, context.deadline_ms) == ("4850c7a2", DEADLINE_MS)
    assert (context.function_name, context.function_version) == ("orders", "$LATEST")
    assert (context.memory_limit_in_mb, context.log_group_name) == (128, "/aws/lambda/orders")
    assert context.client_context == '{"custom": {"a": "b"}}'
    assert context.identity == Identity("me", "pool")
    assert context.trace_id == "Root=1-5"


def test_what_version_0_leaves_out_is_empty() -> None:
    """Only the ID and the deadline are needed (V0-2)."""
    context = _arrival(ctx={"request_id": "r", "deadline": DEADLINE_MS}).request.context

    assert (context.function_name, context.memory_limit_in_mb, context.identity) == ("", 0, None)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"event": 1}',
        '{"event": 1, "ctx": {}}',
        '{"event": 1, "ctx": null}',
        '{"event": 1, "ctx": {"request_id": 5, "deadline": 5}}',
        '{"event": 1, "ctx": {"request_id": "r", "deadline": "5"}}',
        '{"event": 1, "ctx": {"request_id": "r", "deadline": true}}',
        '{"event": 1, "ctx": {"request_id": "r", "deadline": -1}}',
        '{"event": 1, "ctx": {"request_id": "r", "deadline": 1e3}}',
        '{"event": 1, "event": 2, "ctx": {"request_id": "r", "deadline": 5}}',
        '{"event": 1, "ctx": {"request_id": "r", "deadline": 5}, "more": 1}',
        '{"event": 1, "ctx": {"request_id": "r", "deadline": 5}} x',
        '{"event": 1 "ctx": {"request_id": "r", "deadline": 5}}',
        '{"event": nope, "ctx": {"request_id": "r", "deadline": 5}}',
        '{event: 1, "ctx": {"request_id": "r", "deadline": 5}}',
        '{"event": ' + "[" * 100_000 + "]" * 100_000 + ', "ctx": {}}',
        '{"event": "\ud800", "ctx": {"request_id": "r", "deadline": 5}}',
    ],
)
def test_anything_else_is_bad_input(body: str) -> None:
    """Only exactly that shape is version 0 (V0-2, SES-29)."""
    assert read_request(body, REPLY_QUEUE, NOW_MS) is None
    assert isinstance(read(Delivered(body), TRUST), BadArrival)


def test_without_a_response_queue_version_0_is_not_served() -> None:
    """Nobody would get the answer (V0-1)."""
    assert isinstance(read(Delivered(_body()), None), BadArrival)


def test_a_retry_of_lambda_is_another_request() -> None:
    """Lambda repeats its ID with another deadline (V0-3)."""
    first, retry = _arrival(), _arrival(ctx={**CTX, "deadline": DEADLINE_MS + 1})

    assert first.request_id != retry.request_id


def _as_the_origin_reads(text: str) -> bytes:
    """What the origin's proxy makes of an answer since November 2021."""
    if text.lstrip().startswith("{"):
        return text.encode()
    return gzip.decompress(_unbase58(text))


@given(result=json_texts())
def test_the_origins_proxy_reads_every_result(result: bytes) -> None:
    """Objects go as they are, everything else compressed, without an envelope (V0-4)."""
    session = _running()
    answer = the(Send, session.handler_ended(_arrival().request_id, Returned(result), NOW_MS))

    assert _as_the_origin_reads(answer.text) == result
    is_bare = result.lstrip().startswith(b"{") and not {*"\ufffe\uffff"} & {*result.decode()}
    assert (answer.text == result.decode()) is is_bare
    assert answer.queue_name == REPLY_QUEUE


@given(result=json_texts())
def test_a_proxy_from_before_compression_gets_every_result_bare(result: bytes) -> None:
    """A context with an endpoint is that of a proxy that knows no Base58 (V0-4)."""
    arrival = _arrival(
        ctx={**CTX, "env_config": {**CTX["env_config"], "endpoint": "127.0.0.1:9001"}}
    )

    assert arrival.dialect is Dialect.ANYTHING
    assert answer_text(result, arrival.dialect) == result.decode()


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("size_bytes", [262_143, 262_144])
def test_a_large_result_is_compressed(size_bytes: int, dialect: Dialect) -> None:
    """From 262,144 bytes on the answer is the Base58 text of the result's gzip (V0-4)."""
    body = b'{"a": "' + b"x" * (size_bytes - 9) + b'"}'
    text = answer_text(body, dialect)

    assert len(body) == size_bytes
    assert text is not None
    assert (text == body.decode()) is (size_bytes < 262_144)
    if text != body.decode():
        assert gzip.decompress(_unbase58(text)) == body


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\x01"])
def test_a_result_that_sqs_would_refuse_is_compressed(character: str) -> None:
    """A character that no message may have is no obstacle to Base58 (V0-4)."""
    body = f'{{"a": "{character}"}}'.encode()
    text = answer_text(body, Dialect.OBJECTS)

    assert text is not None
    assert gzip.decompress(_unbase58(text)) == body


def test_an_answer_waits_until_the_proxy_has_emptied_its_queue() -> None:
    """The origin's proxy throws away what comes soon after its request (V0-9)."""
    found = read(Delivered(_body(), sent_at_ms=NOW_MS), TRUST)
    assert isinstance(found, Arrival)
    session = new_session()
    session.receive(found, None, NOW_MS)
    assert all_of(Send, session.handler_ended(found.request_id, Returned(b"{}"), NOW_MS + 5)) == []
    assert session.due_ms() == NOW_MS + V0_PURGE_MS

    assert all_of(Send, session.tick(NOW_MS + V0_PURGE_MS - 1)) == []
    assert the(Send, session.tick(NOW_MS + V0_PURGE_MS)).text == "{}"


def test_an_answer_does_not_wait_until_it_is_too_late() -> None:
    """Where there is no time to wait, an answer that may be lost is better than none (V0-9)."""
    ctx = {**CTX, "deadline": NOW_MS + 2_000 + V0_PURGE_MS}
    found = read(Delivered(_body(ctx=ctx), sent_at_ms=NOW_MS), TRUST)
    assert isinstance(found, Arrival)
    session = new_session()
    session.receive(found, None, NOW_MS)

    assert the(Send, session.handler_ended(found.request_id, Returned(b"{}"), NOW_MS)).text == "{}"


@pytest.mark.parametrize("names", [("identity_id", "identity_pool_id")])
def test_an_older_runtimes_names_of_an_identity_are_read(names: tuple[str, str]) -> None:
    """Rust's runtime has renamed them over time (V0-2)."""
    identity = _arrival(ctx={**CTX, "identity": dict(zip(names, ("me", "pool"), strict=True))})

    assert identity.request.context.identity == Identity("me", "pool")


def test_a_client_context_has_the_names_that_its_caller_wrote() -> None:
    """Rust's runtime renames what runtimes of other languages look for (V0-2)."""
    client = {"installationId": "i", "appTitle": "Shop", "other": 1}
    context = {"client": client, "custom": {"a": "b"}, "environment": {}}
    text = _arrival(ctx={**CTX, "client_context": context}).request.context.client_context

    assert text is not None
    assert json.loads(text) == {
        "client": {"installation_id": "i", "app_title": "Shop", "other": 1},
        "custom": {"a": "b"},
        "environment": {},
    }


@given(st.binary(max_size=300))
def test_base58_is_undone_by_its_definition(data: bytes) -> None:
    """Each digit stands for its place in the alphabet, each leading zero for a one (V0-4)."""
    assert _unbase58(base58(data)) == data


def test_base58_is_everybodys() -> None:
    """The examples of draft-msporny-base58-03, section 5 (V0-4)."""
    assert base58(b"Hello World!") == "2NEpo7TZRRrLZSi2U"
    assert base58(bytes.fromhex("0000287fb4cd")) == "11233QC4"


def test_the_developer_is_warned_once() -> None:
    """Answers of version 0 can reach the wrong invocation (V0-7)."""
    session = new_session(replace(SETTINGS, handlers=2))
    first = session.receive(_arrival(), None, NOW_MS)
    second = session.receive(_arrival(ctx={**CTX, "deadline": DEADLINE_MS + 1}), None, NOW_MS)

    assert notices_of(first) == [NoticeKind.VERSION_0]
    assert kinds(second) == ["Start"]


def test_an_error_is_held_and_not_reported() -> None:
    """A reported error would look like a success (V0-6)."""
    session = _running()
    request_id = _arrival().request_id
    held = session.handler_ended(request_id, FAILURE, NOW_MS)

    assert held == [Notice(NoticeKind.HELD, request_id, until_ms=ANSWER_BY_MS)]
    assert kinds(session.rerun(NOW_MS)) == ["Start"]
    session.handler_ended(request_id, FAILURE, NOW_MS)
    end = session.tick(ANSWER_BY_MS)
    assert all_of(Send, end) == []
    assert notices_of(end)[0] is NoticeKind.HOLD_EXPIRED
    assert the(Record, end).reason == "expired while held"


def test_an_error_is_reported_if_that_is_asked_for() -> None:
    """The error body goes bare, at once, or at the end of a hold (V0-6)."""
    reporting = replace(SETTINGS, reports_v0_errors=True)
    holding = replace(reporting, on_error=OnError.HOLD)
    request_id = _arrival().request_id

    sent = _running(reporting).handler_ended(request_id, FAILURE, NOW_MS)
    assert the(Send, sent).text == FAILURE.body.decode()
    session = _running(holding)
    session.handler_ended(request_id, FAILURE, NOW_MS)
    assert the(Send, session.tick(ANSWER_BY_MS - 2_000)).text == FAILURE.body.decode()


def test_nothing_is_answered_shortly_before_the_deadline() -> None:
    """A late answer would become the answer to the next event (V0-5)."""
    session = _running()
    actions = session.handler_ended(_arrival().request_id, Returned(b"42"), ANSWER_BY_MS)

    assert all_of(Send, actions) == []
    assert NoticeKind.LATE_RESULT in notices_of(actions)
    assert kinds(new_session().receive(_arrival(), None, ANSWER_BY_MS))[0] != "Start"


@pytest.mark.parametrize("body", [b"\xff", b'{"a": "' + b"x" * 1_024 + b'"}'])
def test_a_result_that_cannot_be_carried_is_held(body: bytes) -> None:
    """What is no text, or too large, has no form in version 0 (V0-6)."""
    session = _running(replace(SETTINGS, max_message_bytes=1_024))
    request_id = _arrival().request_id
    actions = session.handler_ended(request_id, Returned(body), NOW_MS)

    assert notices_of(actions) == [NoticeKind.RESULT_TOO_LARGE, NoticeKind.HELD]
    assert isinstance(Answers(CLIENT, 1_024).answer(_arrival(), Returned(body)), Failure)


def test_an_error_that_cannot_be_carried_ends_with_its_hold() -> None:
    """At the end of the hold there is nothing that could be sent (V0-6)."""
    settings = replace(
        SETTINGS, max_message_bytes=1_024, reports_v0_errors=True, on_error=OnError.HOLD
    )
    session = _running(settings)
    session.handler_ended(_arrival().request_id, Raised("E", "", b"{%s}" % (b"x" * 2_000)), NOW_MS)

    assert all_of(Send, session.tick(ANSWER_BY_MS - 2_000)) == []
    assert the(Record, session.tick(ANSWER_BY_MS)).reason == "expired while held"


def test_an_answer_that_the_queue_refuses_is_given_up() -> None:
    """There is no smaller answer that would not look like a result (V0-6)."""
    session = _running()
    answer = the(Send, session.handler_ended(_arrival().request_id, Returned(b"{}"), NOW_MS))
    actions = session.send_failed(answer, SendFailure.REFUSED, "too large", NOW_MS)

    assert all_of(Send, actions) == []
    assert the(Record, actions).reason == "the queue takes no such answer"


def test_the_handler_starts_with_the_event() -> None:
    """A request of version 0 runs like any other (V0-1)."""
    start = the(Start, new_session().receive(_arrival("[1, 2]"), None, NOW_MS))

    assert start.event == b"[1, 2]"
