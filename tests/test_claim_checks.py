"""Payloads of Lambda's full size, by way of a bucket, through everything that is real.

The local Lambda hosts the proxy's zip, moto's server holds queues and bucket, and
`lambda-debug run` is a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import Entry, FunctionSettings, LocalLambda
from ldp_client.packaging import build_proxy_zip
from ldp_testing.moto_bucket import MotoBucket
from ldp_testing.moto_server import REGION, MotoServer, moto_server, process_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_client.local_lambda import InvokeResult

__all__ = ["moto_server"]

FULL_BYTES = 6_291_556
#: JSON that no compression makes small enough for a message.
FULL = f'"{Random(7).randbytes(FULL_BYTES // 2 - 1).hex()}"'.encode()
HANDLER = """
import hashlib
from random import Random
from ldp_client import raw_event

def handler(event, context):
    body = raw_event()
    if not isinstance(event, dict):
        return body
    noise = Random(event["seed"]).randbytes(event["size"])
    if event["do"] == "fail":
        raise LookupError(noise.hex())
    return noise
"""
SANDBOX_VARIABLES = (
    "AWS_ENDPOINT_URL_SQS",
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
)


@dataclass(frozen=True, slots=True)
class Way:
    """The proxy under one of its entries, with a client attached, and the bucket of both."""

    function: LocalLambda
    bucket: MotoBucket
    entry: Entry

    def ask(self, do: str, size: int, seed: int = 7) -> InvokeResult:
        """Let the handler make so many random bytes, and return them or fail with them."""
        return self.function.invoke(json.dumps({"do": do, "size": size, "seed": seed}).encode())


@pytest.fixture(scope="module", params=list(Entry), ids=lambda entry: entry.value)
def way(
    request: pytest.FixtureRequest,
    moto_server: MotoServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Way]:
    """The whole way of an event, which all tests of an entry share."""
    folder = tmp_path_factory.mktemp(request.param.value)
    bucket = MotoBucket(moto_server)
    variables = {
        "LAMBDA_PROXY_REQ_QUEUE_URL": moto_server.create_queue(),
        "LAMBDA_PROXY_RESP_QUEUE_URL": moto_server.create_queue(),
        "LAMBDA_PROXY_PAYLOAD_BUCKET": f"{bucket.name}/team/ldp",
    }
    environment = process_environment(moto_server.url) | variables
    build_proxy_zip(folder / "proxy.zip")
    (folder / "app.py").write_text(HANDLER)
    hosted = FunctionSettings(
        timeout_s=60.0,
        environment=variables | {name: environment[name] for name in SANDBOX_VARIABLES},
        entry=request.param,
        region=REGION,
    )
    client = subprocess.Popen(
        [sys.executable, "-m", "ldp_client", "run", "app.handler"],
        cwd=folder,
        env=environment | {"LAMBDA_DEBUG_STATE_DIR": str(folder / "state")},
        stderr=subprocess.DEVNULL,
    )
    try:
        with LocalLambda(hosted, folder / "proxy.zip") as running:
            yield Way(running, bucket, request.param)
    finally:
        client.terminate()
        client.wait()


def test_six_mebibytes_arrive_and_return(way: Way) -> None:
    """Lambda's largest event and result pass, byte for byte (PAY-1, PAY-2, PAY-6, PAY-13)."""
    before = set(way.bucket.stored_keys())

    result = way.function.invoke(FULL)

    assert result.function_error is None, result.payload[:1000]
    assert len(result.payload) == FULL_BYTES
    assert result.payload == FULL
    stored = set(way.bucket.stored_keys()) - before
    assert sorted(key.split("/")[2] for key in stored) == ["request", "response"]


def test_one_byte_more_is_the_handlers_own_fault(way: Way) -> None:
    """A result over Lambda's limit is a typed error that tells both numbers (PAY-9, ERR-12)."""
    result = way.ask("return", FULL_BYTES + 1)

    error = json.loads(result.payload)
    assert error["errorType"] == "Client.ResultTooLarge"
    assert "6291557" in error["errorMessage"]
    assert "6291556" in error["errorMessage"]


def test_bytes_that_are_no_text_return(way: Way) -> None:
    """Random bytes of the full size are the caller's as they are (PAY-2, PAY-7)."""
    result = way.ask("return", FULL_BYTES)

    expected = Random(7).randbytes(FULL_BYTES)
    assert hashlib.sha256(result.payload).digest() == hashlib.sha256(expected).digest()


def test_a_large_failure_is_the_handlers_own(way: Way) -> None:
    """An error body of 5 MiB arrives with type, message and stack (ENV-27, ERR-15)."""
    result = way.ask("fail", 5 * 1024 * 1024 // 2)

    error = json.loads(result.payload)
    assert result.function_error == "Unhandled"
    assert error["errorType"] == "LookupError"
    assert error["errorMessage"] == Random(7).randbytes(5 * 1024 * 1024 // 2).hex()
    assert "raise LookupError" in "".join(error["stackTrace"])


def test_what_is_compressed_enough_needs_no_bucket(way: Way) -> None:
    """An event that gzip makes fit travels in its message (PAY-4, PAY-7)."""
    before = way.bucket.stored_keys()
    event = b'"' + b"a" * (FULL_BYTES - 2) + b'"'

    assert way.function.invoke(event).payload == event
    assert way.bucket.stored_keys() == before


def test_an_event_goes_by_the_bucket_and_its_answer_does_not(way: Way) -> None:
    """Each way has its own form (PAY-7); nobody deletes what was stored (PAY-16)."""
    before = set(way.bucket.stored_keys())

    event = json.dumps({"do": "return", "size": 0, "seed": 7, "more": FULL.decode()[:3_000_000]})
    result = way.function.invoke(event.encode())

    assert result.payload == b""
    (key,) = set(way.bucket.stored_keys()) - before
    assert before <= set(way.bucket.stored_keys())
    assert way.bucket.body(key) == event.encode()
