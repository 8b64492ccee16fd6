"""The events of the demo: shaped like those that AWS sends, each with a fresh nonce inside.

Some hold what a careless intermediary would change: a big integer, a number with a trailing zero,
a doubled name, half a surrogate pair. Two are about size: no compression makes them small.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from importlib import resources
from random import Random
from typing import Final

_SAMPLES: Final = (
    ("API Gateway v1", "apigateway_v1.json"),
    ("API Gateway v2", "apigateway_v2.json"),
    ("Load balancer", "alb.json"),
    ("S3", "s3.json"),
    ("SQS", "sqs.json"),
    ("SNS", "sns.json"),
    ("DynamoDB stream", "dynamodb.json"),
    ("EventBridge", "eventbridge.json"),
    ("Kinesis", "kinesis.json"),
    ("Cognito", "cognito.json"),
)
#: More than a message takes and less than Lambda does.
_LARGE_BYTES: Final = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """One event to send.

    Attributes:
        source: What would have sent it.
        nonce: The word in it that no other event has.
        body: The bytes.
        scan_bytes: How large a scan the answer has to have.
    """

    source: str
    nonce: str
    body: bytes
    scan_bytes: int = 0


def samples() -> list[Sample]:
    """One event of each source, with fresh nonces."""
    folder = resources.files(__package__) / "events"
    return [_sample(source, (folder / name).read_text("utf-8")) for source, name in _SAMPLES]


def samples_of(source: str, count: int) -> list[Sample]:
    """So many events of one source, each with a nonce of its own."""
    template = (resources.files(__package__) / "events" / dict(_SAMPLES)[source]).read_text("utf-8")
    return [_sample(source, template) for _ in range(count)]


def large_samples() -> list[Sample]:
    """An event of 5 MiB, and a small one that is answered by as much."""
    sent, asked = _nonce(), _nonce()
    event = {"order": sent, "scan": scan(sent, _LARGE_BYTES)}
    question = {"order": asked, "scanBytes": _LARGE_BYTES}
    return [
        Sample("5 MiB event", sent, json.dumps(event).encode()),
        Sample("5 MiB answer", asked, json.dumps(question).encode(), _LARGE_BYTES),
    ]


def scan(nonce: str, size_bytes: int) -> str:
    """Text of that size, which nobody can guess who has not the nonce."""
    return Random(nonce).randbytes(size_bytes // 2).hex()  # noqa: S311 - to be computed twice


def _sample(source: str, template: str) -> Sample:
    nonce = _nonce()
    return Sample(source, nonce, template.replace("@NONCE@", nonce).encode())


def _nonce() -> str:
    return f"nonce-{secrets.token_hex(16)}"
