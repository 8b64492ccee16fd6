"""What a payload decodes to, and what else no schema can state of an envelope's values.

Claim checks are not followed: nothing here leaves the machine.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Final

from ldp_schemas.errors import PayloadError
from ldp_schemas.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_PAYLOAD_BYTES: Final = 6_291_556  # Lambda's limit for events and for results
LARGEST_ERROR_TEXT_BYTES: Final = 1024
_GZIP: Final = 16 + zlib.MAX_WBITS  # zlib: "+16" reads a gzip header and trailer


def findings(envelope: dict[str, object]) -> Iterator[Finding]:
    """Find what is wrong with an envelope's values beyond what its schema states."""
    yield from _reserved(envelope)
    yield from _payload(envelope.get("payload"), "/payload")
    error = envelope.get("error")
    if isinstance(error, dict):
        yield from _error_text(error)
        yield from _payload(error.get("payload"), "/error/payload")


def _reserved(envelope: dict[str, object]) -> Iterator[Finding]:
    if envelope.get("version") != "1.0":
        return  # a later minor version may have given the names a meaning
    for name in ("environment", "signature"):
        if name in envelope:
            yield Finding(f"/{name}", "is there, but reserved in version 1.0", ("ENV-12",))


def _error_text(error: dict[str, object]) -> Iterator[Finding]:
    for name in ("errorType", "errorMessage"):
        text = error.get(name)
        if isinstance(text, str):
            for reason in _faults_of_error_text(text):
                yield Finding(f"/error/{name}", reason, ("ENV-28",))


def _faults_of_error_text(text: str) -> Iterator[str]:
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError:
        yield "holds half of a surrogate pair"
        return
    if size_bytes > LARGEST_ERROR_TEXT_BYTES:
        yield f"has {size_bytes} bytes as UTF-8, more than {LARGEST_ERROR_TEXT_BYTES}"


def _payload(payload: object, pointer: str) -> Iterator[Finding]:
    try:
        match payload:
            case {"encoding": "text", "data": str(data)}:
                _check_text(data)
            case {"encoding": "base64", "data": str(data)}:
                _check_size(_unbase64(data, "PAY-5"))
            case {"encoding": "gzip+base64", "data": str(data)}:
                _check_gzip(_unbase64(data, "PAY-4"))
    except PayloadError as error:
        yield Finding(f"{pointer}/data", error.reason, error.requirements)


def _check_text(data: str) -> None:
    try:
        encoded = data.encode()
    except UnicodeEncodeError as error:
        raise PayloadError("holds half of a surrogate pair: no UTF-8", "PAY-3") from error
    _check_size(encoded)


def _check_size(decoded: bytes) -> None:
    if len(decoded) > LARGEST_PAYLOAD_BYTES:
        raise PayloadError(f"decodes to more than {LARGEST_PAYLOAD_BYTES} bytes", "PAY-10")


def _check_gzip(compressed: bytes) -> None:
    try:
        _expanded(compressed).decode()
    except UnicodeDecodeError as error:
        raise PayloadError("expands to bytes that are no UTF-8", "PAY-7") from error
    except zlib.error as error:
        fault = str(error).rpartition(": ")[2]  # zlib's own words, without its number
        raise PayloadError(f"is no gzip data: {fault}", "PAY-4", "PAY-11") from error


def _unbase64(data: str, requirement: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except ValueError as error:
        raise PayloadError(f"is no base64: {error}", requirement, "PAY-11") from error


def _expanded(compressed: bytes) -> bytes:
    """Expand gzip data of one or more members (RFC 1952 section 2.2), within the limit."""
    expanded = b""
    while True:
        member = zlib.decompressobj(_GZIP)
        expanded += member.decompress(compressed, LARGEST_PAYLOAD_BYTES + 1 - len(expanded))
        _check_size(expanded)
        if not member.eof:
            raise PayloadError("is gzip data that is cut off", "PAY-4", "PAY-11")
        compressed = member.unused_data
        if not compressed:
            return expanded
