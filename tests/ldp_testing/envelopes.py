"""Strategies that draw envelopes of protocol version 1.

An envelope is drawn as what a JSON parser makes of it: dicts, lists, strings and numbers. The
rules are those of the specification, written down a second time on purpose: a schema, a codec
and this module can each be held against the others. What is drawn is valid, and its strings
hold no halves of surrogate pairs, which UTF-8 cannot carry. Strategies are made once, because
making them takes longer than drawing from them.
"""

from __future__ import annotations

import base64
import gzip
import string
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
Members: TypeAlias = "dict[str, JSON]"
# What is drawn for each member. JSON is invariant in its lists, so nothing closer fits them all.
_Fields: TypeAlias = "Mapping[str, SearchStrategy[Any]]"

KINDS: Final = ("request", "accepted", "declined", "response")
LARGEST_INTEGER: Final = 2**53 - 1

#: Strings that parsers, terminals, databases and people have come to grief over.
NASTY_TEXTS: Final = (
    "",
    " ",
    "\x00",
    "\x1b[2J",
    "\x7f",
    "\r\n",
    "line feed\n",
    "\u0301e\u0301",
    "\u2028\u2029",
    "\u202edrawkcab",
    "\ufeffmark",
    "\ufffd",
    "\ufffe\uffff",
    "\U0001f44b\U0010ffff",
    "\u0130\u0131\u00df",
    '"\\/\b\f',
    "\\ud800",
    "null",
    "NaN",
    "-0.0",
    "1e400",
    '{"a":12345678901234567890,"a":1.10}',
    "[" * 200 + "]" * 200,
    "%s%n${x}$(x)`x`",
    "</script><!--",
    "../../etc",
)

_IDENTIFIER: Final = string.ascii_letters + string.digits + "_-"
_SEGMENT: Final = "".join(c for c in map(chr, range(0x21, 0x7F)) if c not in '/?#"')
#: The members that the protocol knows, at any level.
KNOWN_NAMES: Final = (
    "version", "kind", "requestId", "replyTo", "sentAtMs", "startByMs", "answerByMs", "oneWay",
    "maxReplyBytes", "acceptEncodings", "context", "payload", "error", "client", "reason",
    "environment", "signature", "encoding", "data", "bucket", "key", "sizeBytes", "sha256",
    "errorType", "errorMessage", "instanceId", "name", "language", "awsRequestId", "functionName",
    "functionVersion", "invokedFunctionArn", "memoryLimitInMb", "logGroupName", "logStreamName",
    "deadlineMs", "traceId", "tenantId", "invocationId", "clientContext", "identity",
    "cognitoIdentityId", "cognitoIdentityPoolId",
)  # fmt: skip


@cache
def texts(shortest: int = 0, longest: int = 200) -> SearchStrategy[str]:
    """Draw a string within lengths in characters: any, a nasty one, the longest, the shortest."""
    fitting = [text for text in NASTY_TEXTS if shortest <= len(text) <= longest]
    return st.one_of(
        st.text(min_size=shortest, max_size=min(longest, shortest + 40)),
        st.sampled_from(fitting),
        st.sampled_from([shortest, longest]).map("\u00e4".__mul__),
    )


@cache
def whole_numbers(lowest: int = 0, highest: int = LARGEST_INTEGER) -> SearchStrategy[int | float]:
    """Draw a whole number within bounds, at times written with a fraction of zero."""
    numbers = st.one_of(st.integers(lowest, highest), st.sampled_from([lowest, highest]))
    return st.one_of(numbers, numbers.map(float))


@cache
def identifiers() -> SearchStrategy[str]:
    """Draw what a request ID or an instance ID may be."""
    return st.one_of(
        st.uuids().map(str), st.text(_IDENTIFIER, min_size=1, max_size=128), st.just("-" * 128)
    )


@cache
def versions() -> SearchStrategy[str]:
    """Draw a version of major 1; the minor is 0 half of the time."""
    return st.one_of(st.just("1.0"), st.integers(0, 9999).map("1.{}".format))


@cache
def json_values() -> SearchStrategy[JSON]:
    """Draw any JSON value that a sender may emit (ENV-4)."""
    scalars: SearchStrategy[JSON] = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-LARGEST_INTEGER, LARGEST_INTEGER),
        st.floats(-1e15, 1e15),
        texts(longest=60),
    )
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NASTY_TEXTS), inner)
        ),
        max_leaves=4,
    )


@cache
def queue_urls() -> SearchStrategy[str]:
    """Draw the URL of a queue: a real one, one of an emulator, or any that is allowed."""
    segments = st.lists(st.text(_SEGMENT, min_size=1, max_size=12), min_size=1, max_size=4)
    return st.builds(
        "{}://{}/{}/{}".format,
        st.sampled_from(["http", "https"]),
        st.one_of(
            st.sampled_from(["sqs.eu-west-1.amazonaws.com", "localhost:4566", "[::1]:9324/queue"]),
            segments.map("/".join),
        ),
        st.text(string.digits, min_size=12, max_size=12),
        st.text(_IDENTIFIER, min_size=1, max_size=80),
    )


@cache
def accept_encodings() -> SearchStrategy[list[str]]:
    """Draw a list of encodings that has `text` and may have names that nobody knows."""
    names = st.one_of(
        st.sampled_from(["base64", "gzip+base64", "s3"]),
        st.text(string.ascii_lowercase + string.digits + "+-", min_size=1, max_size=32),
    )
    others = st.lists(names.filter("text".__ne__), unique=True, max_size=15)
    return others.flatmap(lambda drawn: st.permutations(["text", *drawn]))


def _opened(known: SearchStrategy[dict[str, Any]]) -> SearchStrategy[Members]:
    """Add members that no version knows yet (ENV-2)."""
    names = texts(longest=30).filter(lambda name: name not in KNOWN_NAMES)
    unknown = st.dictionaries(names, json_values(), min_size=1, max_size=2)
    return known | st.builds(lambda members, more: {**members, **more}, known, unknown)


def _object(required: _Fields, optional: _Fields) -> SearchStrategy[Members]:
    return _opened(st.fixed_dictionaries(required, optional=optional))


@cache
def contexts() -> SearchStrategy[Members]:
    """Draw what Lambda tells a proxy of an invocation."""
    ids = {name: texts(0, 1024) for name in ("cognitoIdentityId", "cognitoIdentityPoolId")}
    return _object(
        {
            "awsRequestId": texts(1, 256),
            "functionName": texts(1, 256),
            "functionVersion": texts(1, 256),
            "invokedFunctionArn": texts(1, 2048),
            "memoryLimitInMb": whole_numbers(1, 1_048_576),
            "logGroupName": texts(0, 1024),
            "logStreamName": texts(0, 1024),
            "deadlineMs": whole_numbers(),
        },
        {
            "traceId": texts(1, 2048),
            "tenantId": texts(1, 256),
            "invocationId": texts(1, 1024),
            "clientContext": texts(1, 16384),
            "identity": _object({}, ids),
        },
    )


@cache
def payloads() -> SearchStrategy[Members]:
    """Draw a payload in any encoding; what is compressed or in base64 decodes."""
    return st.one_of(_inline_payloads(), _claim_checks())


def _inline_payloads() -> SearchStrategy[Members]:
    packed = texts().map(lambda text: gzip.compress(text.encode(), mtime=0))
    data = {
        "text": texts(),
        "base64": st.binary(max_size=60).map(base64.b64encode).map(bytes.decode),
        "gzip+base64": packed.map(base64.b64encode).map(bytes.decode),
    }
    return st.one_of(
        [_object({"encoding": st.just(name), "data": drawn}, {}) for name, drawn in data.items()]
    )


def _claim_checks() -> SearchStrategy[Members]:
    bucket = st.text(string.ascii_lowercase + string.digits + ".-", min_size=3, max_size=63)
    return _object(
        {
            "encoding": st.just("s3"),
            "bucket": bucket,
            "key": texts(1, 1024),
            "sizeBytes": whole_numbers(0, 6_291_556),
            "sha256": st.binary(min_size=32, max_size=32).map(bytes.hex),
        },
        {},
    )


def _head(kind: str) -> _Fields:
    return {"version": versions(), "kind": st.just(kind), "requestId": identifiers()}


@cache
def requests() -> SearchStrategy[Members]:
    """Draw a request: one that waits, with or without a start window, or one that does not."""
    common = {
        **_head("request"),
        "sentAtMs": whole_numbers(),
        "context": contexts(),
        "payload": payloads(),
    }
    answer = {
        "replyTo": queue_urls(),
        "answerByMs": whole_numbers(),
        "maxReplyBytes": whole_numbers(1024, 1_048_576),
        "acceptEncodings": accept_encodings(),
    }
    waiting = _object(
        {**common, "oneWay": st.just(value=False), **answer}, {"startByMs": whole_numbers()}
    )
    return st.one_of(waiting, _object({**common, "oneWay": st.just(value=True)}, {}))


@cache
def _clients() -> SearchStrategy[Members]:
    described = {"name": texts(1, 128), "version": texts(1, 64), "language": texts(1, 64)}
    return _object({"instanceId": identifiers()}, described)


@cache
def accepted() -> SearchStrategy[Members]:
    """Draw what a client sends before it starts a handler."""
    return _object({**_head("accepted"), "answerByMs": whole_numbers(), "client": _clients()}, {})


@cache
def declined() -> SearchStrategy[Members]:
    """Draw what a client sends instead of starting a handler."""
    reasons = st.one_of(
        st.sampled_from(["late", "filtered", "r" * 64]),
        st.from_regex(
            r"[a-z][a-z0-9-]{0,63}", fullmatch=True, alphabet=st.characters(codec="ascii")
        ),
    )
    return _object(
        {
            **_head("declined"),
            "answerByMs": whole_numbers(),
            "reason": reasons,
            "client": _clients(),
        },
        {},
    )


@cache
def responses() -> SearchStrategy[Members]:
    """Draw a result or an error."""
    head = {**_head("response"), "answerByMs": whole_numbers()}
    error = {"errorType": texts(0, 1024), "errorMessage": texts(0, 1024), "payload": payloads()}
    return st.one_of(
        _object({**head, "payload": payloads()}, {}),
        _object({**head, "error": _object(error, {})}, {}),
    )


@cache
def envelopes(kind: str | None = None) -> SearchStrategy[Members]:
    """Draw an envelope.

    Args:
        kind: One of `KINDS`; by default any.
    """
    by_kind = {
        "request": requests(),
        "accepted": accepted(),
        "declined": declined(),
        "response": responses(),
    }
    return st.one_of(list(by_kind.values())) if kind is None else by_kind[kind]
