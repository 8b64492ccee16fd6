"""Envelopes and deliveries to start a test of the core from; a test changes what it is about.

Everything happens around `NOW_MS`: the request is sent then, and has fifteen minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ldp_wire.actions import Send
from ldp_wire.arrivals import Arrival, read
from ldp_wire.codec import encode
from ldp_wire.envelopes import (
    Accepted,
    ClientInfo,
    Context,
    Declined,
    Encoding,
    Inline,
    ReplyTerms,
    Request,
    RequestId,
    Response,
)
from ldp_wire.trust import ReplyTrust

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeVar

    from ldp_wire.envelopes import Envelope

    T = TypeVar("T")

NOW_MS: Final = 1_718_071_341_000
ANSWER_BY_MS: Final = NOW_MS + 895_000
START_BY_MS: Final = NOW_MS + 5_000
ACCOUNT: Final = "123456789012"
REPLY_QUEUE: Final = "LAMBDA_PROXY_RESP"
REPLY_TO: Final = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{REPLY_QUEUE}"
TRUST: Final = ReplyTrust(ACCOUNT, REPLY_QUEUE)

CONTEXT: Final = Context(
    aws_request_id="4850b8b5-4bb4-4b84-9d3e-0a3a8f1c4c0a",
    function_name="orders",
    function_version="$LATEST",
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:orders",
    memory_limit_in_mb=128,
    log_group_name="/aws/lambda/orders",
    log_stream_name="2024/06/11/[$LATEST]8f1c4c0a",
    deadline_ms=NOW_MS + 900_000,
)
TERMS: Final = ReplyTerms(
    reply_to=REPLY_TO,
    answer_by_ms=ANSWER_BY_MS,
    max_reply_bytes=1_048_576,
    accept_encodings=("text", "base64", "gzip+base64"),
)
REQUEST: Final = Request(
    request_id=RequestId("r-1"),
    sent_at_ms=NOW_MS,
    context=CONTEXT,
    payload=Inline(Encoding.TEXT, '{"order": 1}'),
    terms=TERMS,
)
#: One whose proxy wants to know within five seconds whether anybody is there.
WINDOW_REQUEST: Final = replace(REQUEST, terms=replace(TERMS, start_by_ms=START_BY_MS))
ONE_WAY_REQUEST: Final = replace(REQUEST, terms=None)

CLIENT: Final = ClientInfo("i-1", "lambda-debug", "0.1.0", "python")
ACCEPTED: Final = Accepted(REQUEST.request_id, ANSWER_BY_MS, CLIENT)
DECLINED: Final = Declined(REQUEST.request_id, ANSWER_BY_MS, "late", CLIENT)
RESPONSE: Final = Response(REQUEST.request_id, ANSWER_BY_MS, Inline(Encoding.TEXT, "42"))


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message as one receive brought it; it satisfies `ldp_wire.envelopes.Delivery`."""

    body: str
    message_id: str = "m-1"
    receipt: str = "h-1"
    receive_count: int = 1
    sent_at_ms: int = NOW_MS


def delivered(envelope: Envelope) -> Delivered:
    """An envelope in its first delivery."""
    return Delivered(encode(envelope))


def arrival(request: Request = REQUEST, delivery: Delivered | None = None) -> Arrival:
    """A valid request as a session gets it.

    Args:
        request: The request.
        delivery: The message that it came in, whatever its body is; by default a first one.
    """
    body = encode(request)
    message = delivered(request) if delivery is None else replace(delivery, body=body)
    found = read(message, TRUST)
    assert isinstance(found, Arrival), found
    return found


def the(kind: type[T], actions: Iterable[object]) -> T:
    """The only action of a kind."""
    (found,) = all_of(kind, actions)
    return found


def all_of(kind: type[T], actions: Iterable[object]) -> list[T]:
    """The actions of a kind, in their order."""
    return [action for action in actions if isinstance(action, kind)]


def kinds(actions: Iterable[object]) -> list[str]:
    """What actions are, in short: their types, and for a send what it is for."""
    return [
        action.purpose.value if isinstance(action, Send) else type(action).__name__
        for action in actions
    ]
