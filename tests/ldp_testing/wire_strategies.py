"""Strategies that draw the core's own values: envelopes as dataclasses, payload bytes, errors.

`envelopes` draws the same as a JSON parser sees it, and independently of this.
"""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from ldp_testing.envelopes import (
    LARGEST_INTEGER,
    accept_encodings,
    identifiers,
    queue_urls,
    texts,
)
from ldp_wire.envelopes import (
    Accepted,
    ClaimCheck,
    ClientInfo,
    Context,
    Declined,
    Encoding,
    Envelope,
    HandlerError,
    Identity,
    Inline,
    Payload,
    Reply,
    ReplyTerms,
    Request,
    RequestId,
    Response,
)
from ldp_wire.limits import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: Payloads that a parser on the way would change, refuse or choke on.
NASTY_BODIES: Final[tuple[bytes, ...]] = (
    b"",
    b"null",
    b"NaN",
    b'{"n": 12345678901234567890, "x": 1.10, "x": 1e400}',
    b'"\\ud800 \\u0000 \\ufffe"',
    b' {\t"a" :\r\n1 } ',
    b"\x00\x01\x1f",
    b"[" * 200 + b"]" * 200,
    "\ufeff[]".encode(),
    "\ufffe\uffff\u2028\u2029\x7f".encode(),
    "\U0001f44b".encode() * 50,
    # no UTF-8: a mark, half of a surrogate pair, an overlong zero, the beginning of a gzip file
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\x1f\x8b",
)


def bodies() -> SearchStrategy[bytes]:
    """Draw payload bytes: text, any bytes, or what has hurt somebody before."""
    return st.one_of(texts().map(str.encode), st.binary(), st.sampled_from(NASTY_BODIES))


def large_bodies() -> SearchStrategy[bytes]:
    """Draw payload bytes of some kilobytes, easy or impossible to compress."""
    return st.builds(lambda seed, times: seed * times, bodies(), st.integers(0, 400)) | st.randoms(
        use_true_random=False
    ).map(lambda random: random.randbytes(random.randrange(3000)))


def instants_ms() -> SearchStrategy[int]:
    """Draw an absolute time."""
    return st.one_of(
        st.integers(0, LARGEST_INTEGER), st.sampled_from([0, 1_718_071_341_000, LARGEST_INTEGER])
    )


def request_ids() -> SearchStrategy[RequestId]:
    """Draw a request ID."""
    return identifiers().map(RequestId)


def minors() -> SearchStrategy[int]:
    """Draw a minor version, mostly ours."""
    return st.one_of(st.just(0), st.integers(0, 9999))


def payloads() -> SearchStrategy[Payload]:
    """Draw a payload in any encoding."""
    return st.one_of(
        texts().map(lambda text: Inline(Encoding.TEXT, text)),
        bodies().map(lambda body: Inline(Encoding.BASE64, base64.b64encode(body).decode())),
        bodies().map(
            lambda body: Inline(
                Encoding.GZIP_BASE64, base64.b64encode(gzip.compress(body, mtime=0)).decode()
            )
        ),
        claim_checks(),
    )


def claim_checks() -> SearchStrategy[ClaimCheck]:
    """Draw a payload that is parked in a bucket."""
    return st.builds(
        ClaimCheck,
        bucket=st.text("0123456789abcdefghijklmnopqrstuvwxyz.-", min_size=3, max_size=63),
        key=texts(1, 1024),
        size_bytes=st.integers(0, MAX_PAYLOAD_BYTES),
        sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
    )


def contexts() -> SearchStrategy[Context]:
    """Draw what Lambda tells a proxy of an invocation."""
    ids = st.none() | texts(0, 1024)
    return st.builds(
        Context,
        aws_request_id=texts(1, 256),
        function_name=texts(1, 256),
        function_version=texts(1, 256),
        invoked_function_arn=texts(1, 2048),
        memory_limit_in_mb=st.integers(1, 1_048_576),
        log_group_name=texts(0, 1024),
        log_stream_name=texts(0, 1024),
        deadline_ms=instants_ms(),
        trace_id=st.none() | texts(1, 2048),
        tenant_id=st.none() | texts(1, 256),
        invocation_id=st.none() | texts(1, 1024),
        client_context=st.none() | texts(1, 16_384),
        identity=st.none() | st.builds(Identity, ids, ids),
    )


def terms() -> SearchStrategy[ReplyTerms]:
    """Draw where, until when, how large and in which form an answer is wanted."""
    return st.builds(
        ReplyTerms,
        reply_to=queue_urls(),
        answer_by_ms=instants_ms(),
        max_reply_bytes=st.integers(1024, 1_048_576),
        accept_encodings=accept_encodings().map(tuple),
        start_by_ms=st.none() | instants_ms(),
    )


def requests() -> SearchStrategy[Request]:
    """Draw a request that waits, with or without a start window, or one that does not."""
    return st.builds(
        Request,
        request_ids(),
        instants_ms(),
        contexts(),
        payloads(),
        st.none() | terms(),
        minors(),
    )


def clients() -> SearchStrategy[ClientInfo]:
    """Draw who answers."""
    return st.builds(
        ClientInfo,
        identifiers(),
        st.none() | texts(1, 128),
        st.none() | texts(1, 64),
        st.none() | texts(1, 64),
    )


def results() -> SearchStrategy[Payload | HandlerError]:
    """Draw what a response carries."""
    return payloads() | st.builds(HandlerError, texts(0, 1024), texts(0, 1024), payloads())


def replies() -> SearchStrategy[Reply]:
    """Draw what a client sends."""
    reasons = st.sampled_from(["late", "filtered", "r" * 64, "a-1"])
    ids, times = request_ids(), instants_ms()
    return st.one_of(
        st.builds(Accepted, ids, times, clients(), minors()),
        st.builds(Declined, ids, times, reasons, clients(), minors()),
        st.builds(Response, ids, times, results(), minors()),
    )


def envelopes() -> SearchStrategy[Envelope]:
    """Draw any envelope."""
    return requests() | replies()
