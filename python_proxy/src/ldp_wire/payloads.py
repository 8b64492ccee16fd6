"""Payload bytes to their encodings and back, and the choice of the encoding that fits.

What fits in no encoding goes by way of a bucket; see `claims`.
"""

from __future__ import annotations

import base64
import codecs
import zlib
from typing import TYPE_CHECKING, Final

from ldp_wire.codec import encode
from ldp_wire.envelopes import Encoding, Inline
from ldp_wire.errors import RemoteProtocolError
from ldp_wire.limits import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from ldp_wire.envelopes import Envelope, Payload

#: Encodings that need no bucket, as a proxy lists them in `acceptEncodings` (ENV-19).
INLINE_ENCODINGS: Final = (
    Encoding.TEXT.value,
    Encoding.BASE64.value,
    Encoding.GZIP_BASE64.value,
)
_GZIP: Final = 16 + zlib.MAX_WBITS
_UTF8: Final = codecs.getincrementaldecoder("utf-8")
#: How much is looked at in one go: compressed, before it is asked whether the result can still fit.
_STEP_BYTES: Final = 262_144


def fit(
    body: bytes, wrap: Callable[[Payload], Envelope], encodings: Collection[str], limit_bytes: int
) -> str | None:
    """The text of the envelope in the first inline form that fits, or None (PAY-7, PAY-8).

    Args:
        body: The payload.
        wrap: Puts a payload into the envelope that will be sent.
        encodings: Names of the encodings that the receiver takes.
        limit_bytes: Limit for the whole message in UTF-8 bytes.
    """
    if len(body) > MAX_PAYLOAD_BYTES:  # compressed it might fit, but no receiver opens it (PAY-10)
        return None
    for payload in _inline_forms(body, encodings, limit_bytes):
        if len(payload.data) <= limit_bytes:
            text = encode(wrap(payload))
            if len(text.encode()) <= limit_bytes:
                return text
    return None


def _inline_forms(body: bytes, encodings: Collection[str], limit_bytes: int) -> Iterator[Inline]:
    """The forms that may fit; of a long payload no text is made, which could be four times it."""
    may_fit_as_it_is = len(body) <= limit_bytes
    if not _is_utf8(body):
        if may_fit_as_it_is and Encoding.BASE64.value in encodings:
            yield Inline(Encoding.BASE64, base64.b64encode(body).decode())
        return
    if may_fit_as_it_is:
        yield Inline(Encoding.TEXT, body.decode())
    if Encoding.GZIP_BASE64.value in encodings:
        packed = _packed(body, limit_bytes)
        yield Inline(Encoding.GZIP_BASE64, base64.b64encode(packed).decode())


def _is_utf8(body: bytes) -> bool:
    """Whether a payload is text, found out piece by piece."""
    decoder = _UTF8()
    view = memoryview(body)
    try:
        for start in range(0, len(body), _STEP_BYTES):
            decoder.decode(view[start : start + _STEP_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _packed(body: bytes, limit_bytes: int) -> bytes:
    """The gzip of a payload, or its beginning as soon as it is sure that it will not fit."""
    packer = zlib.compressobj(wbits=_GZIP)
    parts: list[bytes] = []
    size_bytes = 0
    view = memoryview(body)
    for start in range(0, len(body), _STEP_BYTES):
        parts.append(packer.compress(view[start : start + _STEP_BYTES]))
        size_bytes += len(parts[-1])
        if size_bytes > limit_bytes:
            return b"".join(parts)
    return b"".join([*parts, packer.flush()])


def unpack(payload: Inline) -> bytes:
    """The bytes of a payload (PAY-10, PAY-11).

    Raises:
        RemoteProtocolError: It does not decode, or exceeds Lambda's limit.
    """
    if payload.encoding is Encoding.TEXT:
        body = _from_text(payload.data)
    elif payload.encoding is Encoding.BASE64:
        body = base64.b64decode(payload.data)
    else:
        body = _from_gzip(base64.b64decode(payload.data))
    if len(body) > MAX_PAYLOAD_BYTES:
        raise _too_large()
    return body


def _from_text(data: str) -> bytes:
    try:
        return data.encode()
    except UnicodeEncodeError:
        reason = "the text holds half of a surrogate pair, which UTF-8 cannot encode"
        raise RemoteProtocolError("PAY-3", reason, pointer="/payload/data") from None


def _from_gzip(packed: bytes) -> bytes:
    """Expand all members of a gzip file, but never by more than the limit."""
    parts: list[bytes] = []
    room = MAX_PAYLOAD_BYTES
    while packed or not parts:
        member = zlib.decompressobj(_GZIP)
        try:
            part = member.decompress(packed, room + 1)
        except zlib.error:
            raise _damaged("damaged") from None
        if len(part) > room:
            raise _too_large()
        if not member.eof:
            raise _damaged("truncated")
        parts.append(part)
        room -= len(part)
        packed = member.unused_data
    return b"".join(parts)


def _damaged(how: str) -> RemoteProtocolError:
    return RemoteProtocolError("PAY-11", f"the gzip data is {how}", pointer="/payload/data")


def _too_large() -> RemoteProtocolError:
    reason = f"the payload expands to more than {MAX_PAYLOAD_BYTES} bytes"
    return RemoteProtocolError("PAY-10", reason, pointer="/payload/data")
