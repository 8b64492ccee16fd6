"""Version 0, which existing programs speak: their request in, their answer out (V0-1 to V0-6).

Nothing in it correlates, expires or tells errors from results; what can be made good is made good
by treating such a request as one of version 1 with terms of its own.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_wire.base58 import base58
from ldp_wire.envelopes import Context, Encoding, Identity, Inline, ReplyTerms, Request, RequestId
from ldp_wire.limits import MAX_INTEGER, MAX_MESSAGE_BYTES, V0_COMPRESS_BYTES, V0_MARGIN_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLANKS: Final = " \t\n\r"
#: What SendMessage takes no message with; half of a surrogate pair is no text in the first place.
_REFUSED: Final = re.compile("[^\t\n\r\x20-\ufffd\U00010000-\U0010ffff]")
#: Names in a client context's `client` as callers write them, by those that Rust gave them.
_CLIENT_NAMES: Final = {
    "installationId": "installation_id",
    "appTitle": "app_title",
    "appVersionName": "app_version_name",
    "appVersionCode": "app_version_code",
    "appPackageName": "app_package_name",
}


class Dialect(Enum):
    """What a proxy of version 0 takes for JSON (V0-4)."""

    ANYTHING = "anything"  #: it knows no Base58: it was built before December 2021
    OBJECTS = "objects"  #: what begins with a brace; everything else has to be Base58


@dataclass(frozen=True, slots=True)
class OldRequest:
    """A request of version 0.

    Attributes:
        request: What it is in version 1.
        event: The very text that was sent.
        dialect: What its proxy reads.
    """

    request: Request
    event: bytes
    dialect: Dialect


def read_request(text: str, reply_to: str, sent_at_ms: int) -> OldRequest | None:
    """A request of version 0 as one of version 1, or None if the text is none (V0-2).

    Its `requestId` is made of Lambda's own ID and the deadline (V0-3).

    Args:
        text: A message's body.
        reply_to: Name of the configured response queue, the only one that version 0 knows.
        sent_at_ms: When SQS stored it.
    """
    try:
        members = _members(text)
        ctx = json.loads(members["ctx"]) if members.keys() == {"event", "ctx"} else None
        event = members["event"].encode() if ctx else b""
    except (ValueError, RecursionError):
        return None
    if not isinstance(ctx, dict):
        return None
    aws_request_id, deadline_ms = ctx.get("request_id"), ctx.get("deadline")
    if not isinstance(aws_request_id, str) or type(deadline_ms) is not int:
        return None
    if not 0 <= deadline_ms <= MAX_INTEGER:
        return None
    request = Request(
        request_id=RequestId(f"{aws_request_id}-{deadline_ms}"),
        sent_at_ms=sent_at_ms,
        context=_context(ctx, aws_request_id, deadline_ms),
        payload=Inline(Encoding.TEXT, members["event"]),
        terms=ReplyTerms(
            reply_to=reply_to,
            answer_by_ms=max(0, deadline_ms - V0_MARGIN_MS),
            max_reply_bytes=MAX_MESSAGE_BYTES,
            accept_encodings=(Encoding.TEXT.value,),
        ),
    )
    return OldRequest(request, event, _dialect(ctx))


def _members(text: str) -> dict[str, str]:
    """The members of an object as the texts that they are written with.

    Raises:
        ValueError: The text is no object, or names a member twice.
        RecursionError: It is nested too deeply.
    """
    decoder = json.JSONDecoder()
    found: dict[str, str] = {}
    at = _expect(text, 0, "{")
    while True:
        name, at = decoder.raw_decode(text, _expect(text, at, '"') - 1)
        start = _skip(text, _expect(text, at, ":"))
        _, at = decoder.raw_decode(text, start)
        if name in found:
            raise ValueError(name)
        found[name] = text[start:at]
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            break
        at = _expect(text, at, ",")
    if _skip(text, at + 1) != len(text):
        raise ValueError("text after the object")
    return found


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _BLANKS:
        at += 1
    return at


def _expect(text: str, at: int, character: str) -> int:
    """The place after a character that has to come next."""
    at = _skip(text, at)
    if text[at : at + 1] != character:
        raise ValueError(character)
    return at + 1


def _dialect(ctx: Mapping[str, object]) -> Dialect:
    """What the proxy reads, by what its runtime told of itself until shortly after it changed."""
    config = ctx.get("env_config")
    knows_endpoint = isinstance(config, dict) and "endpoint" in config
    return Dialect.ANYTHING if knows_endpoint else Dialect.OBJECTS


def _context(ctx: Mapping[str, object], aws_request_id: str, deadline_ms: int) -> Context:
    """What version 0 tells of an invocation; what it leaves out or mangles is empty."""
    config = ctx.get("env_config")
    settings: Mapping[str, object] = config if isinstance(config, dict) else {}
    memory = settings.get("memory")
    return Context(
        aws_request_id=aws_request_id,
        function_name=_text(settings, "function_name") or "",
        function_version=_text(settings, "version") or "",
        invoked_function_arn=_text(ctx, "invoked_function_arn") or "",
        memory_limit_in_mb=memory if type(memory) is int else 0,
        log_group_name=_text(settings, "log_group") or "",
        log_stream_name=_text(settings, "log_stream") or "",
        deadline_ms=deadline_ms,
        trace_id=_text(ctx, "xray_trace_id"),
        client_context=_client_context(ctx.get("client_context")),
        identity=_identity(ctx.get("identity")),
    )


def _client_context(value: object) -> str | None:
    """The client context as a caller writes it and a runtime expects it."""
    if value is None:
        return None
    if isinstance(value, dict) and isinstance(value.get("client"), dict):
        client = {_CLIENT_NAMES.get(name, name): text for name, text in value["client"].items()}
        value = {**value, "client": client}
    return json.dumps(value)


def _identity(value: object) -> Identity | None:
    """The Cognito identity, under the names that Rust's runtimes gave it over time."""
    if not isinstance(value, dict):
        return None
    return Identity(
        _text(value, "identityId") or _text(value, "identity_id"),
        _text(value, "identityPoolId") or _text(value, "identity_pool_id"),
    )


def _text(members: Mapping[str, object], name: str) -> str | None:
    value = members.get(name)
    return value if isinstance(value, str) and value else None


def answer_text(body: bytes, dialect: Dialect) -> str | None:
    """A result as version 0 sends it (V0-4), or None if it is no text, which it cannot carry."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    is_small = len(body) < V0_COMPRESS_BYTES
    if is_small and (dialect is Dialect.ANYTHING or _is_taken_for_json(text)):
        return text
    return base58(gzip.compress(body, mtime=0))


def _is_taken_for_json(text: str) -> bool:
    return text.lstrip(_BLANKS).startswith("{") and _REFUSED.search(text) is None
