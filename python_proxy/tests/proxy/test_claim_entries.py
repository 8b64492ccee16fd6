"""Claim checks through both entries as Lambda runs them, with a bucket over HTTP."""

from __future__ import annotations

import json
import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import Entry
from ldp_testing.moto_bucket import ACCOUNT, MotoBucket
from ldp_testing.processes import children, command_line, peak_resident_bytes
from ldp_testing.proxy_stage import response, result
from ldp_testing.tap_s3 import BUCKET_DENIED, SLOW_DOWN
from ldp_wire.claims import Bucket, Direction, claim_check
from ldp_wire.envelopes import ClaimCheck, HandlerError
from ldp_wire.limits import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from ldp_testing.deployed_proxy import Deployed, Deployments
    from ldp_testing.moto_server import MotoServer
    from ldp_testing.proxy_stage import Script
    from ldp_testing.tap import Tap
    from ldp_wire.envelopes import Request, Response

both = pytest.mark.parametrize("entry", list(Entry), ids=lambda entry: entry.value)

PREFIX = "team/ldp"
#: JSON that no compression makes small enough for a message, of exactly Lambda's limit.
FULL = f'"{Random(7).randbytes(MAX_PAYLOAD_BYTES // 2 - 1).hex()}"'.encode()
LARGE = FULL[:2_000_000] + b'"'


@pytest.fixture
def bucket(moto_server: MotoServer) -> MotoBucket:
    """A fresh bucket."""
    return MotoBucket(moto_server)


def deploy(
    deployments: Deployments, entry: Entry, bucket: str, endpoint: str | None = None
) -> Deployed:
    """A proxy that has the bucket."""
    variables = {"LAMBDA_PROXY_PAYLOAD_BUCKET": f"{bucket}/{PREFIX}"}
    return deployments.deploy(entry, endpoint=endpoint, variables=variables)


def parking(bucket: MotoBucket, body: bytes, *, is_error: bool = False) -> Script:
    """A script that answers by way of the bucket."""

    def client(request: Request) -> Response:
        place = Bucket(bucket.name, PREFIX)
        claim = claim_check(place, Direction.RESPONSE, request.request_id, body)
        bucket.put(claim.key, body)
        return response(request, HandlerError("E", "m", claim) if is_error else claim)

    return client


@both
def test_six_mebibytes_pass_each_way(
    deployments: Deployments, tap: Tap, bucket: MotoBucket, entry: Entry
) -> None:
    """PAY-1, PAY-2, PAY-13, PAY-16, SEC-6: Lambda's largest payload passes, and is not deleted."""
    proxy = deploy(deployments, entry, bucket.name, tap.url)

    with proxy.answering(parking(bucket, FULL)) as client:
        returned = proxy.invoke(FULL)
    tap.wait_for("DeleteMessage")

    claim = client.seen[0].payload
    assert isinstance(claim, ClaimCheck)
    assert returned.payload == FULL
    assert [bucket.body(key) for key in bucket.stored_keys()] == [FULL, FULL]
    assert claim.key.startswith(f"{PREFIX}/request/{client.seen[0].request_id}/")
    calls = tap.calls()
    assert [call.operation for call in calls] == [
        "PutObject",
        "SendMessage",
        "ReceiveMessage",
        "GetObject",
        "DeleteMessage",
    ]
    for call in (calls[0], calls[3]):
        assert call.parameters["x-amz-expected-bucket-owner"] == ACCOUNT


@pytest.mark.usefixtures("unmeasured")
def test_six_mebibytes_fit_into_a_small_function(
    deployments: Deployments, bucket: MotoBucket
) -> None:
    """At 6 MiB each way, time and again, the managed entry stays under 110 MB resident."""
    proxy = deploy(deployments, Entry.AWSLAMBDARIC, bucket.name)

    with proxy.answering(parking(bucket, FULL)):
        for _ in range(4):
            assert proxy.invoke(FULL).payload == FULL

    (sandbox,) = [pid for pid in children(os.getpid()) if "awslambdaric" in command_line(pid)]
    assert peak_resident_bytes(sandbox) < 110_000_000


@both
def test_a_large_error_passes(deployments: Deployments, bucket: MotoBucket, entry: Entry) -> None:
    """ERR-14, ERR-15: an error body of 5 MiB passes as bytes, or as its parts where it has to."""
    members = {"errorType": "OrderError", "errorMessage": "no", "stackTrace": [FULL.decode()[:9]]}
    body = json.dumps({**members, "cause": FULL.decode()[: 5 * 1024 * 1024]}).encode()
    proxy = deploy(deployments, entry, bucket.name)

    with proxy.answering(parking(bucket, body, is_error=True)):
        returned = proxy.invoke()

    assert returned.function_error == "Unhandled"
    if entry is Entry.RUNTIME:
        assert returned.payload == body
    else:
        assert json.loads(returned.payload) == {**members, "requestId": returned.request_id}


@both
def test_trouble_with_the_bucket_is_explained(
    deployments: Deployments, tap: Tap, bucket: MotoBucket, entry: Entry
) -> None:
    """ERR-2, ERR-11, EXC-32: what passes is ridden out, what stays is told, with what to do."""
    proxy = deploy(deployments, entry, bucket.name, tap.url)

    with proxy.answering(result("42")):
        tap.apply(SLOW_DOWN, "PutObject", times=2)
        assert proxy.invoke(LARGE).payload == b"42"
        tap.apply(BUCKET_DENIED, "PutObject")
        failure = proxy.fail(LARGE)
    with proxy.answering(parking(bucket, LARGE)):
        tap.apply(SLOW_DOWN, "GetObject")
        assert proxy.invoke().payload == LARGE
        tap.apply(BUCKET_DENIED, "GetObject")
        refused = proxy.fail()

    assert len(tap.calls("PutObject")) == 4
    for told, operation in ((failure, "PutObject"), (refused, "GetObject")):
        message = str(told["errorMessage"])
        assert told["errorType"] == "Proxy.StorageError"
        assert message.startswith(f"{operation} on s3://{bucket.name}/{PREFIX}/")
        assert "is not authorized to perform" in message
        assert "Allow s3:PutObject and s3:GetObject" in message


@both
def test_a_bucket_that_does_not_exist_is_explained(deployments: Deployments, entry: Entry) -> None:
    """ERR-2, ERR-11: the caller of a large event hears which variable to check."""
    proxy = deploy(deployments, entry, "no-such-bucket")

    with proxy.answering(result("42")):
        failure = proxy.fail(LARGE)
        assert proxy.invoke().payload == b"42"

    assert failure["errorType"] == "Proxy.StorageError"
    assert "The specified bucket does not exist" in str(failure["errorMessage"])
    assert "LAMBDA_PROXY_PAYLOAD_BUCKET" in str(failure["errorMessage"])


@both
def test_a_wrong_bucket_is_told_at_start_up(deployments: Deployments, entry: Entry) -> None:
    """ERR-8: a value that is no bucket is one sentence that names the variable."""
    proxy = deploy(deployments, entry, "s3://payloads")

    failure = proxy.fail()

    assert failure["errorType"] == "Proxy.Misconfigured"
    assert str(failure["errorMessage"]).startswith("LAMBDA_PROXY_PAYLOAD_BUCKET is wrong: ")
