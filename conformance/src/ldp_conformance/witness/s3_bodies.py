"""The body of an upload: taken out of the chunks that newer SDKs send it in, and checked.

Of the checksums those are checked that the standard library can; the others are kept and told.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CHECKSUM: Final = "x-amz-checksum-"
_CHUNKED: Final = "STREAMING-"
_HEX_LENGTH: Final = 64
_DIGESTS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}


def read(headers: Mapping[str, str], body: bytes) -> tuple[bytes, dict[str, str]]:
    """The bytes that are to be stored, and the checksums that came with them.

    Args:
        headers: The headers of the upload.
        body: Its body, as it came.

    Raises:
        Refusal: It is cut, or not what its digests say.
    """
    trailers: Mapping[str, str] = {}
    digest = headers.get("x-amz-content-sha256", "")
    if digest.startswith(_CHUNKED) or "aws-chunked" in headers.get("content-encoding", ""):
        body, trailers = _unchunked(body)
        _check_length(headers.get("x-amz-decoded-content-length"), body)
    elif len(digest) == _HEX_LENGTH and hashlib.sha256(body).hexdigest() != digest:
        raise Refusal(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    checksums = {
        name: value
        for name, value in (*headers.items(), *trailers.items())
        if name.startswith(_CHECKSUM) and name.removeprefix(_CHECKSUM) not in ("mode", "type")
    }
    checksums.pop("x-amz-checksum-algorithm", None)
    _check(checksums, headers.get("content-md5"), body)
    return body, checksums


def _unchunked(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The bytes in chunks, each after its size in hexadecimal digits, and the trailers."""
    parts: list[bytes] = []
    position = 0
    while True:
        end = body.find(b"\r\n", position)
        size_text = body[position:end].partition(b";")[0]
        try:
            size = int(size_text, 16)
        except ValueError:
            raise _incomplete() from None
        position = end + 2
        if size == 0:
            return b"".join(parts), _trailers(body[position:])
        parts.append(body[position : position + size])
        position += size + 2
        if end < 0 or position > len(body):
            raise _incomplete()


def _trailers(text: bytes) -> dict[str, str]:
    lines = (line.partition(b":") for line in text.split(b"\r\n") if b":" in line)
    return {name.decode().lower(): value.decode().strip() for name, _, value in lines}


def _check_length(told: str | None, body: bytes) -> None:
    if told is not None and told != str(len(body)):
        raise _incomplete()


def _check(checksums: Mapping[str, str], md5: str | None, body: bytes) -> None:
    told = {name.removeprefix(_CHECKSUM): value for name, value in checksums.items()}
    wrong = [
        name
        for name, value in told.items()
        if name in _DIGESTS and _base64(_DIGESTS[name](body)) != value
    ]
    if md5 is not None and _base64(hashlib.md5(body, usedforsecurity=False).digest()) != md5:
        wrong.append("Content-MD5")
    if wrong:
        raise Refusal("BadDigest", f"The {wrong[0]} you specified did not match what we received.")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _incomplete() -> Refusal:
    return Refusal(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
