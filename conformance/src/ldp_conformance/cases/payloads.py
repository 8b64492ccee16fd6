"""Payload objects as the suite writes and reads them, on its own and strictly.

Nothing here is shared with an implementation: what a port gets wrong, this must not get wrong too.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import zlib
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.check import NonConformance

if TYPE_CHECKING:
    from collections.abc import Callable

#: Lambda's limit for events and results, and so for a decoded payload (PAY-10).
LARGEST_BYTES: Final = 6_291_556


def text(body: str) -> dict[str, Any]:
    """A payload in the encoding `text` (PAY-3)."""
    return {"encoding": "text", "data": body}


def in_base64(body: bytes) -> dict[str, Any]:
    """A payload in the encoding `base64` (PAY-5)."""
    return {"encoding": "base64", "data": base64.b64encode(body).decode()}


def zipped(body: bytes) -> dict[str, Any]:
    """A payload in the encoding `gzip+base64` (PAY-4)."""
    data = base64.b64encode(gzip.compress(body, mtime=0)).decode()
    return {"encoding": "gzip+base64", "data": data}


def stored(bucket: str, key: str, body: bytes) -> dict[str, Any]:
    """A claim check of what lies in a bucket (PAY-6)."""
    return {
        "encoding": "s3",
        "bucket": bucket,
        "key": key,
        "sizeBytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }


def decoded(payload: dict[str, Any], fetch: Callable[[str, str], bytes | None]) -> bytes:
    """The bytes that a payload object stands for.

    Args:
        payload: One that meets its schema.
        fetch: What lies in a bucket under a key; None if nothing.

    Raises:
        NonConformance: It stands for none.
    """
    encoding = payload["encoding"]
    if encoding == "text":
        return _encoded(payload["data"])
    if encoding == "s3":
        return _fetched(payload, fetch)
    try:
        raw = base64.b64decode(payload["data"], validate=True)
        return _unzipped(raw) if encoding == "gzip+base64" else raw
    except (binascii.Error, zlib.error, EOFError) as exc:
        raise NonConformance(
            f"the payload of the answer cannot be decoded: {exc}",
            requirements=("PAY-4" if encoding == "gzip+base64" else "PAY-5",),
        ) from exc


def _encoded(data: str) -> bytes:
    try:
        return data.encode()
    except UnicodeEncodeError as exc:
        raise NonConformance(
            "the text of the payload has half of a surrogate pair, so it is no valid UTF-8",
            requirements=("PAY-3",),
            hint="Bytes that are no valid UTF-8 go as `base64`.",
        ) from exc


def _unzipped(raw: bytes) -> bytes:
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    body = reader.decompress(raw, LARGEST_BYTES + 1)
    if len(body) > LARGEST_BYTES or not reader.eof or reader.unused_data:
        raise zlib.error("it is no single whole gzip member of at most 6,291,556 bytes")
    return body


def _fetched(payload: dict[str, Any], fetch: Callable[[str, str], bytes | None]) -> bytes:
    body = fetch(payload["bucket"], payload["key"])
    if body is None:
        raise NonConformance(
            f"nothing lies in {payload['bucket']} under {payload['key']}",
            requirements=("PAY-13",),
            hint="The object has to be stored before the message is sent.",
        )
    if (len(body), hashlib.sha256(body).hexdigest()) != (payload["sizeBytes"], payload["sha256"]):
        raise NonConformance(
            "the claim check does not describe what was stored", requirements=("PAY-6",)
        )
    return body
