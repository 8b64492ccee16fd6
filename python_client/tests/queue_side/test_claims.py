"""Claim checks in a client: events from the bucket, answers to it, and what can go wrong."""

from __future__ import annotations

import threading
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from ldp_queues.errors import (
    BucketAccessDenied,
    BucketNotFound,
    StoreCredentialsError,
    StoreError,
    StoreUnreachable,
)
from ldp_queues.memory_faults import Fault
from ldp_testing.deliveries import ONE_WAY_REQUEST, REQUEST, TERMS
from ldp_testing.engine_stage import LIMIT_S, EngineStage
from ldp_wire.claims import Bucket, Direction, check_stored, claim_check
from ldp_wire.codec import encode
from ldp_wire.envelopes import ClaimCheck, HandlerError, Request, RequestId, Response

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


BUCKET = Bucket("payloads", "team/ldp")
#: What fits in no message, and no compression makes fit.
LARGE = Random(7).randbytes(1_000_000).hex().encode()
WITH_S3 = replace(
    REQUEST, terms=replace(TERMS, accept_encodings=("text", "base64", "gzip+base64", "s3"))
)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[EngineStage]:
    """An engine with a bucket, and a runtime that waits."""
    stage = EngineStage(tmp_path, bucket=BUCKET)
    yield stage
    stage.close()


def send(stage: EngineStage, request: Request = WITH_S3, **changed: str) -> Request:
    """Put an event into the bucket, and its request into the queue."""
    fresh = replace(request, request_id=RequestId(f"r-{next(stage._ids)}"))
    claim = claim_check(BUCKET, Direction.REQUEST, fresh.request_id, LARGE)
    stage.store.objects[claim.key] = LARGE
    fresh = replace(fresh, payload=replace(claim, **changed))  # type: ignore[arg-type]
    stage.queues.requests.send(encode(fresh))
    return fresh


def claim_of(request: Request) -> ClaimCheck:
    """The claim check that a request carries."""
    assert isinstance(request.payload, ClaimCheck)
    return request.payload


def answer(stage: EngineStage) -> Response:
    """The one answer that was sent."""
    (response,) = stage.responses()
    return response


def error(stage: EngineStage) -> HandlerError:
    """The one answer that was sent, which is an error."""
    result = answer(stage).result
    assert isinstance(result, HandlerError)
    return result


def fail(stage: EngineStage, exc: StoreError) -> list[str]:
    """Let every call to the bucket fail so; the keys that are asked for from now on."""
    asked: list[str] = []

    class Failing:
        def put(self, key: str, body: bytes) -> None:
            asked.append(f"put {key} {len(body)}")
            raise exc

        def get(self, key: str, limit_bytes: int) -> bytes:
            asked.append(f"get {key} {limit_bytes}")
            raise exc

    stage.engine._tools.claims._store = Failing()
    return asked


# Events.


def test_an_event_is_fetched_before_it_is_run(stage: EngineStage) -> None:
    """PAY-1, PAY-15, PAY-16: the handler gets the stored bytes, which stay where they are."""
    request = send(stage)

    stage.receive()
    assert stage.reporter.words("started") == []
    stage.fetch()

    invocation = stage.runtime.event()
    assert invocation.event == LARGE
    ((_, told, _),) = stage.reporter.words("started")
    assert told == LARGE
    stage.post(invocation)
    assert answer(stage).request_id == request.request_id
    assert list(stage.store.objects) == [claim_of(request).key]


def test_a_lease_is_kept_while_its_event_is_fetched(stage: EngineStage) -> None:
    """SES-7: an event on its way from the bucket stays with its client, however long it takes."""
    send(stage)
    stage.receive()

    stage.advance(60_000)

    assert stage.calls("change_visibility") >= 10
    assert stage.queues.requests.receive(wait_s=0, visibility_s=0) == []
    stage.fetch()
    assert stage.runtime.event().event == LARGE


def test_others_run_while_an_event_is_fetched(tmp_path: Path) -> None:
    """A slow bucket keeps nobody from receiving, nor another event from its handler."""
    stage = EngineStage(tmp_path, bucket=BUCKET, handlers=2)
    send(stage)
    stage.receive()

    invocation = stage.run(WITH_S3)

    assert invocation.event != LARGE
    assert len(stage.aside) == 1
    stage.close()


def test_every_copy_of_a_message_finds_the_object(stage: EngineStage, tmp_path: Path) -> None:
    """PAY-16, SES-35: a second copy, in another client's hands, is fetched like the first."""
    other = EngineStage(tmp_path / "other", bucket=BUCKET)
    other.store.objects = stage.store.objects
    request = send(stage)
    other.queues.requests.send(encode(request))

    for each in (stage, other):
        each.receive()
        each.fetch()
        invocation = each.runtime.event()
        assert invocation.event == LARGE
        each.post(invocation)
        assert answer(each).request_id == request.request_id
    other.close()


@pytest.mark.parametrize(
    "changed",
    [
        {"bucket": "others"},
        {"key": "team/other/request/r-1/00000000-0000-8000-8000-000000000000"},
        {"key": "team/ldp/request/another/00000000-0000-8000-8000-000000000000"},
        {"key": "team/ldp/response/r-1/00000000-0000-8000-8000-000000000000"},
    ],
    ids=str,
)
def test_a_foreign_claim_check_is_never_followed(stage: EngineStage, changed: Any) -> None:
    """PAY-14, ERR-13: another bucket, prefix, request or direction is bad input; none is read."""
    send(stage, **changed)

    stage.receive()

    assert error(stage).error_type == "Client.BadRequest"
    assert "PAY-14" in error(stage).error_message
    assert stage.store.calls == []
    assert stage.queues.requests.bodies() == []


def test_a_client_without_a_bucket_says_so(tmp_path: Path) -> None:
    """PAY-14, ERR-13: the caller hears that the client has no bucket, and need not wait."""
    stage = EngineStage(tmp_path)
    send(stage)

    stage.receive()

    assert "no payload bucket is configured" in error(stage).error_message
    stage.close()


@pytest.mark.parametrize("stored", [LARGE + b"x", LARGE[:-1], b"x" + LARGE[1:]])
def test_a_changed_object_is_bad_input(stage: EngineStage, stored: bytes) -> None:
    """PAY-15, SES-29, SES-30, ERR-13: other bytes than announced reach no handler."""
    request = send(stage)
    stage.store.objects[claim_of(request).key] = stored

    stage.receive()
    stage.fetch()

    assert error(stage).error_type == "Client.BadRequest"
    assert "PAY-15" in error(stage).error_message
    (kept,) = (stage.folder / "bad").iterdir()
    assert claim_of(request).sha256 in kept.read_text(encoding="utf-8")
    assert stage.reporter.words("started") == []


def test_an_object_that_is_gone_is_an_error_at_once(stage: EngineStage) -> None:
    """ERR-2, ERR-11: what the lifecycle rule took is a typed error that says what to check."""
    send(stage)
    stage.store.objects.clear()

    stage.receive()
    stage.fetch()
    stage.settle()

    assert error(stage).error_type == "Client.StorageError"
    assert "lifecycle rule" in error(stage).error_message
    assert stage.reporter.notices == ["FETCH_FAILED"]
    assert stage.queues.requests.bodies() == []


def test_a_one_way_event_is_fetched(stage: EngineStage) -> None:
    """EXC-28, PAY-15: nobody waits for it, and it runs all the same."""
    send(stage, ONE_WAY_REQUEST)
    stage.receive()
    stage.fetch()

    stage.post(stage.runtime.event())

    assert stage.replies() == []
    assert stage.queues.requests.bodies() == []


def test_a_one_way_event_that_cannot_be_had_comes_back(stage: EngineStage) -> None:
    """EXC-28: with nobody to tell, an event that cannot be fetched now is not lost."""
    fail(stage, BucketAccessDenied("no"))
    send(stage, ONE_WAY_REQUEST)

    stage.receive()
    stage.fetch()

    assert len(stage.queues.requests.bodies()) == 1
    assert stage.reporter.notices[0] == "FETCH_FAILED"
    assert stage.replies() == []


def test_an_end_in_mid_fetch_leaves_the_event_to_others(stage: EngineStage) -> None:
    """SES-33: the second signal ends the attempts at a fetch, and its event is free again."""
    asked = fail(stage, StoreUnreachable("away"))
    send(stage)
    stage.receive()
    fetching = threading.Thread(target=stage.fetch)
    fetching.start()

    stage.engine.abandon()
    fetching.join(LIMIT_S)

    assert not fetching.is_alive()
    assert len(asked) >= 1
    assert stage.closed == 1
    assert len(stage.queues.requests.receive(wait_s=0, visibility_s=0)) == 1
    assert stage.replies() == []


# Answers.


@pytest.mark.parametrize("is_error", [False, True])
def test_an_answer_is_stored_before_it_is_told_of(stage: EngineStage, *, is_error: bool) -> None:
    """PAY-2, PAY-6, PAY-7, PAY-13: a result, or an error, that fits in no message is a claim."""
    invocation = stage.run(WITH_S3)

    (stage.post_error if is_error else stage.post)(invocation, LARGE)

    result = answer(stage).result
    claim = result.payload if isinstance(result, HandlerError) else result
    assert isinstance(claim, ClaimCheck)
    assert isinstance(result, HandlerError) == is_error
    assert claim.key.startswith(f"team/ldp/response/{answer(stage).request_id}/")
    check_stored(claim, stage.store.objects[claim.key])
    assert stage.queues.requests.bodies() == []


@pytest.mark.parametrize(
    "body", [b"[1]", b'"' + b"a" * 3_000_000 + b'"', b"\xff" * 700_000], ids=len
)
def test_a_bucket_is_the_last_resort(stage: EngineStage, body: bytes) -> None:
    """PAY-7: what fits into a message as text, gzip or base64 never sees the bucket."""
    stage.post(stage.run(WITH_S3), body)

    assert not isinstance(answer(stage).result, ClaimCheck)
    assert stage.store.calls == []


def test_a_proxy_without_a_bucket_gets_no_claim_check(stage: EngineStage) -> None:
    """PAY-9, PAY-12, ERR-12: what the request does not list is not used; the error says why."""
    without = replace(WITH_S3, terms=replace(TERMS, accept_encodings=("text", "gzip+base64")))

    stage.post(stage.run(without), LARGE)

    assert error(stage).error_type == "Client.ResultTooLarge"
    assert "LAMBDA_PROXY_PAYLOAD_BUCKET" in error(stage).error_message
    assert stage.store.calls == []


def test_trouble_with_the_bucket_is_ridden_out(stage: EngineStage) -> None:
    """SES-15, PAY-13: an answer that cannot be stored now is stored and sent later, told once."""
    stage.store.faults.force(Fault.UNREACHABLE, 3)

    stage.post(stage.run(WITH_S3), LARGE)
    assert stage.responses() == []
    stage.advance(10_000)

    assert isinstance(answer(stage).result, ClaimCheck)
    assert len({key for _, key in stage.store.calls}) == 1
    assert stage.reporter.notices == ["SEND_FAILED"]


def test_an_answer_is_stored_once_however_often_it_is_sent(stage: EngineStage) -> None:
    """SES-14: what SQS does not take is sent again, without another 6 MiB to the bucket."""
    invocation = stage.run(WITH_S3)
    stage.queues.by_name[next(iter(stage.queues.by_name))].faults.force(Fault.UNREACHABLE, 3)

    stage.post(invocation, LARGE)
    stage.advance(10_000)

    assert isinstance(answer(stage).result, ClaimCheck)
    assert [operation for operation, _ in stage.store.calls] == ["put"]


@pytest.mark.parametrize("kind", [BucketAccessDenied, BucketNotFound, StoreError])
def test_what_will_not_pass_is_told_at_once(stage: EngineStage, kind: type[StoreError]) -> None:
    """ERR-2, ERR-11: the caller hears why the answer cannot be carried, and what to do."""
    asked = fail(stage, kind("PutObject on s3://payloads: refused"))

    stage.post(stage.run(WITH_S3), LARGE)

    assert len(asked) == 1
    assert error(stage).error_type == "Client.StorageError"
    assert error(stage).error_message == f"PutObject on s3://payloads: refused. {kind.hint}"


def test_a_developer_may_log_in_again_in_time(stage: EngineStage) -> None:
    """SES-15: missing credentials are waited for, as with a queue, since they may come."""
    real = stage.store
    fail(stage, StoreCredentialsError("expired"))

    stage.post(stage.run(WITH_S3), LARGE)
    stage.advance(5_000)
    assert stage.responses() == []
    stage.engine._tools.claims._store = real
    stage.advance(10_000)

    assert isinstance(answer(stage).result, ClaimCheck)
