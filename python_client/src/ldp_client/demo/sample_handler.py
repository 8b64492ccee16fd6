"""The handler of the demo: it proves to its caller which event it saw, byte for byte."""

from __future__ import annotations

import hashlib
import re
from typing import Any, NoReturn

from ldp_client import raw_event
from ldp_client.demo.samples import scan


class OrderMissingError(Exception):
    """The order that a stream record speaks of does not exist."""


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Return the SHA-256 of the raw event and that of its nonce; fail for one of the events.

    Args:
        event: The parsed event, as any handler gets it; parsing has lost bytes.
        context: Lambda's context object.

    Raises:
        OrderMissingError: The event comes from a DynamoDB stream.
    """
    body = raw_event()
    nonce = find_nonce(body)
    if b'"aws:dynamodb"' in body:
        _fail(nonce)
    answer = {
        "eventSha256": hashlib.sha256(body).hexdigest(),
        "nonceSha256": hashlib.sha256(nonce.encode()).hexdigest(),
        "function": context.function_name,
    }
    if "scanBytes" in event:
        answer["scan"] = scan(nonce, event["scanBytes"])
    return answer


def find_nonce(body: bytes) -> str:
    """The nonce in an event's bytes."""
    match = re.search(rb"nonce-[0-9a-f]{32}", body)
    return "" if match is None else match[0].decode()


def _fail(nonce: str) -> NoReturn:
    raise OrderMissingError(f"no order for {nonce}")
