"""Whole clients and a payload bucket: what becomes of events and answers that wait in it."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from ldp_testing.moto_bucket import MotoBucket
from ldp_testing.tap_s3 import BUCKET_DENIED, SLOW_DOWN
from ldp_wire.claims import Bucket, Direction, check_stored, claim_check
from ldp_wire.envelopes import ClaimCheck, Request

if TYPE_CHECKING:
    from ldp_testing.client_stage import ClientStage
    from ldp_testing.moto_server import MotoServer
    from ldp_wire.exchange import Answer

#: An event that fits in no message, and comes back as it is.
LARGE = json.dumps({"noise": Random(7).randbytes(1_000_000).hex()}).encode()


@pytest.fixture
def bucket(
    clients: ClientStage, moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> MotoBucket:
    """A bucket that caller and clients have."""
    made = MotoBucket(moto_server)
    clients.caller.bucket = Bucket(made.name, "ldp")
    monkeypatch.setenv("LAMBDA_PROXY_PAYLOAD_BUCKET", f"{made.name}/ldp")
    return made


def large_request(
    clients: ClientStage, bucket: MotoBucket, *, answer_within_s: float = 60, event: bytes = LARGE
) -> Request:
    """A request whose event lies in the bucket."""
    request = clients.caller.request({}, answer_within_s=answer_within_s)
    assert clients.caller.bucket is not None
    place = clients.caller.bucket
    claim = claim_check(place, Direction.REQUEST, request.request_id, event)
    bucket.put(claim.key, event)
    return replace(request, payload=claim)


def failed_with(answer: Answer, error_type: str) -> str:
    """The message of an answer that is this error of the client's own."""
    assert answer.error is not None
    assert answer.error.error_type == error_type
    return answer.error.error_message


def echoed(bucket: MotoBucket, answer: Answer) -> bool:
    """Whether an answer is the event, by way of the bucket."""
    assert isinstance(answer.body, ClaimCheck)
    body = bucket.body(answer.body.key)
    check_stored(answer.body, body)
    return bool(json.loads(body) == json.loads(LARGE))


def test_trouble_with_the_bucket_is_ridden_out(clients: ClientStage, bucket: MotoBucket) -> None:
    """A get and a put that S3 does not take now are made again, and told (SES-15, ERR-11)."""
    client = clients.client()
    clients.tap.apply(SLOW_DOWN, "GetObject", times=2)
    clients.tap.apply(SLOW_DOWN, "PutObject", times=2)

    answer = clients.caller.send(large_request(clients, bucket)).answer()

    assert echoed(bucket, answer)
    client.wait_for("answered")
    assert len(clients.tap.calls("GetObject")) == len(clients.tap.calls("PutObject")) == 3
    (problem,) = [line for line in client.lines if line["type"] == "problem"]
    assert "Please reduce your request rate" in problem["message"]
    assert [line["kind"] for line in client.lines if line["type"] == "notice"] == ["send-failed"]


def test_every_copy_of_a_message_finds_its_event(clients: ClientStage, bucket: MotoBucket) -> None:
    """Two clients that get a copy each both fetch the object, which nobody deletes (PAY-16)."""
    clients.client()
    event = json.dumps({**json.loads(LARGE), **clients.switchboard.event()}).encode()
    request = large_request(clients, bucket, event=event)
    first = clients.caller.send(request)
    runs = [clients.switchboard.next_run()]  # a busy client receives nothing, so not the copy

    clients.client()
    clients.caller.send(request)
    runs.append(clients.switchboard.next_run())
    assert len(clients.tap.calls("GetObject")) == 2
    for run in runs:
        run.returns(json.loads(LARGE))

    assert echoed(bucket, first.answer())
    keys = bucket.stored_keys()
    assert [key.split("/")[1] for key in keys] == ["request", "response"]


@pytest.mark.parametrize("operation", ["GetObject", "PutObject"])
def test_what_is_not_allowed_is_told_to_the_caller(
    clients: ClientStage, bucket: MotoBucket, operation: str
) -> None:
    """A missing permission is a typed error that names the call and what to allow (ERR-11)."""
    client = clients.client()
    clients.tap.apply(BUCKET_DENIED, operation)

    message = failed_with(
        clients.caller.send(large_request(clients, bucket)).answer(), "Client.StorageError"
    )

    assert message.startswith(f"{operation} on s3://{bucket.name}/ldp/")
    assert "is not authorized to perform" in message
    assert "Allow s3:PutObject and s3:GetObject" in message
    client.wait_for("notice", kind="fetch-failed" if operation == "GetObject" else "send-failed")


def test_what_became_of_an_object_is_told_to_the_caller(
    clients: ClientStage, bucket: MotoBucket
) -> None:
    """An object that is gone, or another, reaches no handler (ERR-11, ERR-13, PAY-15, SES-30)."""
    client = clients.client()
    gone, changed = (large_request(clients, bucket) for _ in range(2))
    assert isinstance(gone.payload, ClaimCheck)
    assert isinstance(changed.payload, ClaimCheck)
    bucket.delete(gone.payload.key)
    bucket.put(changed.payload.key, LARGE[:-1] + b" ")

    first, second = (clients.caller.send(request).answer() for request in (gone, changed))

    assert "lifecycle rule" in failed_with(first, "Client.StorageError")
    assert "PAY-15" in failed_with(second, "Client.BadRequest")
    assert "started" not in client.types()
    clients.caller.wait_until_requests_left(0)


def test_a_client_with_another_bucket_says_so(
    clients: ClientStage, bucket: MotoBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxy and client have to have the same bucket and prefix; neither follows (PAY-14)."""
    monkeypatch.setenv("LAMBDA_PROXY_PAYLOAD_BUCKET", f"{bucket.name}/other")
    clients.client()

    answer = clients.caller.send(large_request(clients, bucket)).answer()

    assert "PAY-14" in failed_with(answer, "Client.BadRequest")
    assert clients.tap.calls("GetObject") == []
