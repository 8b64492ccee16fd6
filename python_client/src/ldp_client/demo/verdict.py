"""The caller's own judgement of an answer: it recomputes what the handler had to return."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_client.demo.samples import scan

if TYPE_CHECKING:
    from ldp_client.demo.samples import Sample

_ERROR_TYPE = "OrderMissingError"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back to the caller.

    Attributes:
        body: The bytes of the answer.
        is_error: Whether Lambda said that the function failed.
        elapsed_ms: Milliseconds from the call to the answer.
    """

    body: bytes
    is_error: bool
    elapsed_ms: float


def judge(sample: Sample, reply: Reply) -> str | None:
    """What is wrong with the answer to `sample`, or None if it is right."""
    try:
        answer = json.loads(reply.body)
    except ValueError:
        return "the answer is no JSON"
    if not isinstance(answer, dict):
        return "the answer is no object"
    wants_error = sample.source == "DynamoDB stream"
    return (_judge_error if wants_error else _judge_result)(sample, reply, answer)


def _judge_result(sample: Sample, reply: Reply, answer: dict[str, object]) -> str | None:
    if reply.is_error:
        return f"the function failed: {answer.get('errorType')}: {answer.get('errorMessage')}"
    if answer.get("eventSha256") != _sha256(sample.body):
        return "the handler saw other bytes"
    if answer.get("nonceSha256") != _sha256(sample.nonce.encode()):
        return "the answer is for another event"
    if answer.get("scan", "") != scan(sample.nonce, sample.scan_bytes):
        return "the answer has another scan"
    return None


def _judge_error(sample: Sample, reply: Reply, answer: dict[str, object]) -> str | None:
    if not reply.is_error:
        return "the function succeeded, but its handler failed"
    if answer.get("errorType") != _ERROR_TYPE:
        return f"the error is of type {answer.get('errorType')}, not {_ERROR_TYPE}"
    if answer.get("errorMessage") != f"no order for {sample.nonce}":
        return "the error is for another event"
    if "_fail" not in str(answer.get("stackTrace")):
        return "the error has not the handler's stack"
    return None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
