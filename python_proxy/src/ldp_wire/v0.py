"""Version 0, which existing programs speak: their request in, their answer out (V0-1 to V0-6).

Nothing in it correlates, expires or tells errors from results; what can be made good is made good
by treating such a request as one of version 1 with terms of its own.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Final

from ldp_wire.envelopes import Context, Encoding, Identity, Inline, ReplyTerms, Request, RequestId
from ldp_wire.limits import MAX_INTEGER, MAX_MESSAGE_BYTES, V0_COMPRESS_BYTES, V0_MARGIN_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLANKS: Final = " \t\n\r"
_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#: Digits of base 58 that are written at once where numbers have become small.
_SMALL_DIGITS: Final = 32


def read_request(text: str, reply_to: str) -> tuple[Request, bytes] | None:
    """A request of version 0 as one of version 1, and its event; None if the text is none (V0-2).

    Its `requestId` is made of Lambda's own ID and the deadline (V0-3), and the event is the very
    text that was sent.

    Args:
        text: A message's body.
        reply_to: Name of the configured response queue, the only one that version 0 knows.
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
        sent_at_ms=0,
        context=_context(ctx, aws_request_id, deadline_ms),
        payload=Inline(Encoding.TEXT, members["event"]),
        terms=ReplyTerms(
            reply_to=reply_to,
            answer_by_ms=max(0, deadline_ms - V0_MARGIN_MS),
            max_reply_bytes=MAX_MESSAGE_BYTES,
            accept_encodings=(Encoding.TEXT.value,),
        ),
    )
    return request, event


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


def _context(ctx: Mapping[str, object], aws_request_id: str, deadline_ms: int) -> Context:
    """What version 0 tells of an invocation; what it leaves out or mangles is empty."""
    config = ctx.get("env_config")
    settings: Mapping[str, object] = config if isinstance(config, dict) else {}
    client_context = ctx.get("client_context")
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
        client_context=None if client_context is None else json.dumps(client_context),
        identity=_identity(ctx.get("identity")),
    )


def _identity(value: object) -> Identity | None:
    """The Cognito identity, under the names that the origin's versions gave it."""
    if not isinstance(value, dict):
        return None
    return Identity(
        _text(value, "identity_id") or _text(value, "cognitoIdentityId"),
        _text(value, "identity_pool_id") or _text(value, "cognitoIdentityPoolId"),
    )


def _text(members: Mapping[str, object], name: str) -> str | None:
    value = members.get(name)
    return value if isinstance(value, str) and value else None


def answer_text(body: bytes) -> str | None:
    """A result as version 0 sends it (V0-4), or None if it is no text, which it cannot carry."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if len(body) < V0_COMPRESS_BYTES else base58(gzip.compress(body, mtime=0))


def base58(data: bytes) -> str:
    """Bytes in Bitcoin's base 58, a digit 1 for each leading zero byte.

    https://datatracker.ietf.org/doc/html/draft-msporny-base58-03
    """
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data, "big")
    digits = _digits(number, _SMALL_DIGITS) if number else ""
    return _ALPHABET[0] * zeros + digits.lstrip(_ALPHABET[0])


def _digits(number: int, at_least: int) -> str:
    """The digits of a number, with zeros before them; in halves, since division is quadratic."""
    powers = [(at_least, 58**at_least)]
    while powers[-1][1] <= number:
        count, power = powers[-1]
        powers.append((2 * count, power * power))
    return _split(number, powers, len(powers) - 1)


def _split(number: int, powers: list[tuple[int, int]], level: int) -> str:
    """`number` as exactly as many digits as `powers[level]` stands for."""
    if level == 0:
        digits = []
        for _ in range(powers[0][0]):
            number, digit = divmod(number, 58)
            digits.append(_ALPHABET[digit])
        return "".join(reversed(digits))
    high, low = divmod(number, powers[level - 1][1])
    return _split(high, powers, level - 1) + _split(low, powers, level - 1)
