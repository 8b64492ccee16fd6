from __future__ import annotations

import base64
import gzip
import json
import tracemalloc
import zlib
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ldp_testing.deliveries import ANSWER_BY_MS, REQUEST, RESPONSE
from ldp_testing.wire_strategies import NASTY_BODIES, bodies, large_bodies
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import Encoding, HandlerError, Inline, Request, Response
from ldp_wire.errors import RemoteProtocolError
from ldp_wire.limits import MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES
from ldp_wire.payloads import INLINE_ENCODINGS, fit, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_wire.envelopes import Envelope, Payload


def _as_response(payload: Payload) -> Envelope:
    return replace(RESPONSE, result=payload)


def _as_error(payload: Payload) -> Envelope:
    return Response(RESPONSE.request_id, ANSWER_BY_MS, HandlerError("E", "m\u20ac", payload))


def _as_request(payload: Payload) -> Envelope:
    return replace(REQUEST, payload=payload)


WRAPS: list[Callable[[Payload], Envelope]] = [_as_response, _as_error, _as_request]


def _payload(text: str) -> Inline:
    """The payload of an envelope that `fit` made."""
    envelope = decode(text)
    if isinstance(envelope, Request):
        payload = envelope.payload
    else:
        assert isinstance(envelope, Response)
        result = envelope.result
        payload = result.payload if isinstance(result, HandlerError) else result
    assert isinstance(payload, Inline)
    return payload


def _forms(body: bytes) -> list[Inline]:
    """The forms that a body has within a message, the preferred one first."""
    try:
        text = Inline(Encoding.TEXT, body.decode())
    except UnicodeDecodeError:
        return [Inline(Encoding.BASE64, base64.b64encode(body).decode())]
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(body) + packer.flush()
    return [text, Inline(Encoding.GZIP_BASE64, base64.b64encode(packed).decode())]


def _packed(raw: bytes) -> Inline:
    return Inline(Encoding.GZIP_BASE64, base64.b64encode(raw).decode())


def _refusal(payload: Inline) -> str:
    with pytest.raises(RemoteProtocolError) as caught:
        unpack(payload)
    assert caught.value.pointer == "/payload/data"
    return caught.value.requirement


@given(
    body=bodies() | large_bodies(),
    wrap=st.sampled_from(WRAPS),
    others=st.sets(st.sampled_from(["base64", "gzip+base64", "s3", "zstd"])),
    limit_bytes=st.integers(1024, 8192),
)
@example(body=b"\xff" * 700, wrap=_as_response, others={"base64"}, limit_bytes=1100)
@example(body=b"\xff", wrap=_as_response, others=set(), limit_bytes=8192)
@example(body=b"a" * 9000, wrap=_as_error, others={"gzip+base64"}, limit_bytes=1024)
@example(body=b"a" * 9000, wrap=_as_error, others={"base64"}, limit_bytes=1024)
def test_a_payload_travels_in_the_first_form_that_fits(
    body: bytes, wrap: Callable[[Payload], Envelope], others: set[str], limit_bytes: int
) -> None:
    """Any bytes arrive unchanged in the first form that fits and is taken (PAY-1, PAY-2, PAY-7)."""
    encodings = {"text", *others}
    sizes = {
        form: len(encode(wrap(form)).encode())
        for form in _forms(body)
        if form.encoding.value in encodings
    }
    fitting = [form for form, size_bytes in sizes.items() if size_bytes <= limit_bytes]

    text = fit(body, wrap, encodings, limit_bytes)

    if text is None:
        assert fitting == []
    else:
        assert len(text.encode()) <= limit_bytes
        assert _payload(text) == fitting[0]
        assert unpack(_payload(text)) == body


@given(body=st.sampled_from(NASTY_BODIES), wrap=st.sampled_from(WRAPS), less=st.booleans())
def test_the_limit_is_one_of_utf8_bytes(
    body: bytes, wrap: Callable[[Payload], Envelope], less: object
) -> None:
    """A message fits exactly at the limit in UTF-8 bytes, and not one byte below (PAY-8)."""
    form = _forms(body * 10)[0]
    size_bytes = len(encode(wrap(form)).encode())
    encodings = [form.encoding.value]

    assert (fit(body * 10, wrap, encodings, size_bytes - bool(less)) is None) == bool(less)


@pytest.mark.parametrize("character", ["a", "\u00e9", "\u20ac", "\U0001f44b", "\ufffe", '"', "\n"])
def test_a_character_counts_as_its_bytes_in_the_message(character: str) -> None:
    """No message is over SQS's limit, whatever its characters cost there (PAY-8)."""
    for count in (MAX_MESSAGE_BYTES // 8, MAX_MESSAGE_BYTES // 3, MAX_MESSAGE_BYTES):
        body = (character * count).encode()[:MAX_PAYLOAD_BYTES]
        text = fit(body, _as_response, INLINE_ENCODINGS, MAX_MESSAGE_BYTES)

        assert text is not None
        assert len(text.encode()) <= MAX_MESSAGE_BYTES
        assert unpack(_payload(text)) == body


def test_text_is_preferred_to_a_smaller_form() -> None:
    """What fits as text travels as text, even where gzip is smaller (PAY-3, PAY-7)."""
    text = fit(b"a" * 10_000, _as_response, INLINE_ENCODINGS, MAX_MESSAGE_BYTES)

    assert text is not None
    assert _payload(text).encoding is Encoding.TEXT


def test_what_compresses_badly_is_given_up_early() -> None:
    """A payload that fits in no form is none, however far it was compressed (PAY-7, PAY-9)."""
    body = base64.b64encode(Random(1).randbytes(3_000_000))

    assert fit(body, _as_error, INLINE_ENCODINGS, 1_048_576) is None


def test_bytes_that_are_no_text_are_never_compressed() -> None:
    """Bytes that are no UTF-8 travel as base64 or not at all (PAY-5, PAY-7)."""
    assert fit(b"\xff" * 10_000, _as_response, ["text", "gzip+base64"], MAX_MESSAGE_BYTES) is None
    text = fit(b"\xff", _as_response, INLINE_ENCODINGS, MAX_MESSAGE_BYTES)
    assert text is not None
    assert json.loads(text)["payload"] == {"encoding": "base64", "data": "/w=="}


def test_the_same_payload_is_the_same_text() -> None:
    """Compressing twice gives the same bytes, so that a repeated answer is the same (PAY-4)."""
    texts = {fit(b"a" * 10_000, _as_response, INLINE_ENCODINGS, 1024) for _ in range(2)}

    assert len(texts) == 1


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_a_payload_over_lambdas_limit_never_fits(more: int, fits: object) -> None:
    """Nothing is sent that a receiver stops decoding, however well it compresses (PAY-10)."""
    body = b"a" * (MAX_PAYLOAD_BYTES + more)

    text = fit(body, _as_response, INLINE_ENCODINGS, MAX_MESSAGE_BYTES)

    assert (text is not None) is fits
    assert text is None or unpack(_payload(text)) == body


@given(st.lists(bodies(), min_size=1, max_size=4))
def test_a_gzip_file_may_have_several_members(parts: list[bytes]) -> None:
    """The members of a gzip file are one payload (PAY-4)."""
    assert unpack(_packed(b"".join(map(gzip.compress, parts)))) == b"".join(parts)


@given(data=st.data(), body=bodies())
def test_a_truncated_gzip_file_is_bad_input(data: st.DataObject, body: bytes) -> None:
    """Each proper beginning of a gzip file is refused (PAY-11)."""
    raw = gzip.compress(body)
    cut = data.draw(st.integers(0, len(raw) - 1))

    assert _refusal(_packed(raw[:cut])) == "PAY-11"


@given(data=st.data(), body=bodies())
def test_a_damaged_gzip_file_never_passes_for_another(data: st.DataObject, body: bytes) -> None:
    """A flipped byte is refused, or it was one that says nothing of the payload (PAY-11)."""
    raw = bytearray(gzip.compress(body))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    try:
        survived: bytes | None = unpack(_packed(bytes(raw)))
    except RemoteProtocolError:
        survived = None

    assert survived in {None, body}


@pytest.mark.parametrize("tail", [b"\x00", b"garbage", b"\x1f\x8b"])
def test_what_follows_a_gzip_file_is_bad_input(tail: bytes) -> None:
    """Bytes after the last member are refused, not ignored (PAY-11)."""
    assert _refusal(_packed(gzip.compress(b"1") + tail)) == "PAY-11"


@pytest.mark.parametrize("raw", [b"", b"plain", zlib.compress(b"not gzip")])
def test_what_is_no_gzip_file_is_bad_input(raw: bytes) -> None:
    """Other bytes than a gzip file are refused (PAY-11)."""
    assert _refusal(_packed(raw)) == "PAY-11"


def _bombs() -> list[bytes]:
    """Some tens of kilobytes that expand to 64 MiB: in one member, in many, in layers of none."""
    zeros = gzip.compress(bytes(64 * 2**20))
    return [zeros, gzip.compress(bytes(2**20)) * 64]


@pytest.mark.parametrize("bomb", _bombs(), ids=["one member", "many members"])
def test_a_gzip_bomb_cannot_fill_the_memory(bomb: bytes) -> None:
    """Decoding stops at Lambda's limit, without holding much more than that (PAY-10)."""
    payload = _packed(bomb)
    tracemalloc.start()
    try:
        requirement = _refusal(payload)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert requirement == "PAY-10"
    assert peak_bytes < 4 * MAX_PAYLOAD_BYTES


@pytest.mark.parametrize("first", ["\U0001f44b".encode(), b"\xff"])
def test_a_payload_that_fits_in_no_form_is_not_copied(first: bytes) -> None:
    """Of a payload that is too long in every form no copy is made, however wide its text is."""
    body = first + Random(7).randbytes(3_000_000).hex().encode()
    tracemalloc.start()
    try:
        text = fit(body, _as_response, INLINE_ENCODINGS, MAX_MESSAGE_BYTES)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert text is None
    assert peak_bytes < len(body)


@pytest.mark.parametrize("encoding", [Encoding.TEXT, Encoding.BASE64, Encoding.GZIP_BASE64])
@pytest.mark.parametrize(("more", "accepted"), [(0, True), (1, False)])
def test_a_payload_ends_at_lambdas_limit(encoding: Encoding, more: int, accepted: object) -> None:
    """6,291,556 decoded bytes are taken, one more is bad input (PAY-10)."""
    body = b"a" * (MAX_PAYLOAD_BYTES + more)
    data = {
        Encoding.TEXT: body,
        Encoding.BASE64: base64.b64encode(body),
        Encoding.GZIP_BASE64: base64.b64encode(gzip.compress(body)),
    }[encoding].decode()

    if accepted:
        assert unpack(Inline(encoding, data)) == body
    else:
        assert _refusal(Inline(encoding, data)) == "PAY-10"


@pytest.mark.parametrize("data", ["\ud800", "ok \udfff", "\udc00\ud800"])
def test_half_of_a_surrogate_pair_is_no_payload(data: str) -> None:
    """Text that UTF-8 cannot encode is bad input (PAY-3)."""
    assert _refusal(Inline(Encoding.TEXT, data)) == "PAY-3"


def test_escaped_halves_are_a_character_again() -> None:
    """A pair that a sender escaped half by half is the character it stands for (PAY-3)."""
    text = encode(RESPONSE).replace('"42"', '"\\ud83d\\udc4b"')

    assert unpack(_payload(text)) == "\U0001f44b".encode()
