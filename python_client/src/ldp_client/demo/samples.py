"""The events of the demo: shaped like those that AWS sends, each with a fresh nonce inside.

Some hold what a careless intermediary would change: a big integer, a number with a trailing zero,
a doubled name, half a surrogate pair.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from importlib import resources
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


@dataclass(frozen=True, slots=True)
class Sample:
    """One event to send.

    Attributes:
        source: What would have sent it.
        nonce: The word in it that no other event has.
        body: The bytes.
    """

    source: str
    nonce: str
    body: bytes


def samples() -> list[Sample]:
    """One event of each source, with fresh nonces."""
    folder = resources.files(__package__) / "events"
    return [_sample(source, (folder / name).read_text("utf-8")) for source, name in _SAMPLES]


def _sample(source: str, template: str) -> Sample:
    nonce = f"nonce-{secrets.token_hex(16)}"
    return Sample(source, nonce, template.replace("@NONCE@", nonce).encode())
