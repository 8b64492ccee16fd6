from __future__ import annotations

import base64
import gzip
import hashlib
import json

import pytest

from ldp_client.demo.samples import Sample, large_samples, samples, scan
from ldp_client.demo.verdict import Reply, judge

SAMPLE = Sample("SQS", "nonce-7", b'{"a": 1.10}')
ASKING = Sample("5 MiB answer", "nonce-6", b"{}", scan_bytes=40)
FAILING = Sample("DynamoDB stream", "nonce-8", b"{}")


def sha256(data: bytes) -> str:
    """The hash as the sample handler writes it."""
    return hashlib.sha256(data).hexdigest()


def reply(body: object, *, is_error: bool = False) -> Reply:
    """An answer with this JSON body."""
    return Reply(json.dumps(body).encode(), is_error, 1.0)


RIGHT = {"eventSha256": sha256(SAMPLE.body), "nonceSha256": sha256(b"nonce-7")}
RIGHT_SCAN = {
    "eventSha256": sha256(ASKING.body),
    "nonceSha256": sha256(b"nonce-6"),
    "scan": scan("nonce-6", 40),
}
RIGHT_ERROR = {
    "errorType": "OrderMissingError",
    "errorMessage": "no order for nonce-8",
    "stackTrace": ["in _fail"],
}


def test_right_answers_are_right() -> None:
    """The results and the error that the sample handler gives are found right."""
    assert judge(SAMPLE, reply(RIGHT)) is None
    assert judge(ASKING, reply(RIGHT_SCAN)) is None
    assert judge(FAILING, reply(RIGHT_ERROR, is_error=True)) is None


@pytest.mark.parametrize(
    ("sample", "answer", "fault"),
    [
        (SAMPLE, Reply(b"no JSON", is_error=False, elapsed_ms=1.0), "no JSON"),
        (SAMPLE, reply([]), "no object"),
        (SAMPLE, reply({"errorType": "Proxy.NoResponse"}, is_error=True), "Proxy.NoResponse"),
        (SAMPLE, reply({**RIGHT, "eventSha256": sha256(b'{"a": 1.1}')}), "other bytes"),
        (SAMPLE, reply({**RIGHT, "nonceSha256": sha256(b"nonce-9")}), "another event"),
        (ASKING, reply({**RIGHT_SCAN, "scan": scan("nonce-7", 40)}), "another scan"),
        (ASKING, reply({**RIGHT_SCAN, "scan": ""}), "another scan"),
        (FAILING, reply(RIGHT), "succeeded"),
        (FAILING, reply({**RIGHT_ERROR, "errorType": "E"}, is_error=True), "of type E"),
        (FAILING, reply({**RIGHT_ERROR, "errorMessage": "?"}, is_error=True), "another event"),
        (FAILING, reply({**RIGHT_ERROR, "stackTrace": []}, is_error=True), "stack"),
    ],
)
def test_every_wrong_answer_is_found(sample: Sample, answer: Reply, fault: str) -> None:
    """Each way for an answer to be wrong is named."""
    found = judge(sample, answer)

    assert found is not None
    assert fault in found


def test_every_sample_is_json_with_its_own_nonce() -> None:
    """Each event is JSON, holds its nonce, and shares it with no other event."""
    events = samples() + large_samples()

    assert len({event.nonce for event in events}) == len(events) == 12
    for event in events:
        json.loads(event.body)
        assert event.nonce.encode() in event.body


def test_large_samples_fit_in_no_message() -> None:
    """What is to be large is so compressed, too, and is within Lambda's own limit."""
    event, question = large_samples()

    for text in (event.body, scan(question.nonce, question.scan_bytes).encode()):
        assert len(base64.b64encode(gzip.compress(text))) > 1_048_576
        assert 5 * 1024 * 1024 <= len(text) < 6_291_556
