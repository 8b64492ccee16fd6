"""Claim checks: payloads that wait in a bucket, by name, size and digest (PAY-6, PAY-13 to PAY-16).

Nothing is stored or fetched here; this says under which key, and whether what came is what was
meant.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_wire.envelopes import ClaimCheck
from ldp_wire.errors import RemoteProtocolError

if TYPE_CHECKING:
    from ldp_wire.envelopes import RequestId

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where this side keeps and looks for payloads.

    Attributes:
        name: The bucket's name, as configured.
        prefix: What the keys begin with, without a slash at its end; may be empty.
    """

    name: str
    prefix: str = ""

    def folder(self, direction: Direction, request_id: RequestId) -> str:
        """What the keys of one request begin with, up to their last slash (PAY-13)."""
        parts = (self.prefix, direction.value, request_id)
        return "/".join(part for part in parts if part) + "/"


class Direction(Enum):
    """Which way a payload goes."""

    REQUEST = "request"
    RESPONSE = "response"


def claim_check(
    bucket: Bucket, direction: Direction, request_id: RequestId, body: bytes
) -> ClaimCheck:
    """The claim check of a payload, which has to be stored before it is sent (PAY-13).

    The last part of the key is a UUID of version 8 (RFC 9562 section 5.8) made of the digest, so
    that a repeated put is the same put, and two answers never share an object.
    """
    digest = hashlib.sha256(body).hexdigest()
    uuid = f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
    key = bucket.folder(direction, request_id) + uuid
    return ClaimCheck(bucket.name, key, len(body), digest)


def check_claim(
    claim: ClaimCheck, bucket: Bucket | None, direction: Direction, request_id: RequestId
) -> None:
    """Refuse a claim check that is not of the configured bucket and of this request (PAY-14).

    Raises:
        RemoteProtocolError: What differs; the message's own bucket is never asked.
    """
    if bucket is None:
        reason = "the payload is a claim check, and no payload bucket is configured"
        raise RemoteProtocolError("PAY-14", reason, pointer="/payload/bucket")
    if claim.bucket != bucket.name:
        reason = "the payload lies in a bucket that is not the configured one"
        raise RemoteProtocolError("PAY-14", reason, pointer="/payload/bucket")
    folder = bucket.folder(direction, request_id)
    if not (claim.key.startswith(folder) and _UUID.fullmatch(claim.key, len(folder))):
        reason = "the key is not the configured prefix, the direction, the requestId and a UUID"
        raise RemoteProtocolError("PAY-14", reason, pointer="/payload/key")


def check_stored(claim: ClaimCheck, body: bytes) -> None:
    """Refuse fetched bytes that are not the ones that were sent (PAY-15).

    Raises:
        RemoteProtocolError: The size or the digest differs.
    """
    if len(body) != claim.size_bytes:
        reason = f"the stored payload has {len(body)} bytes, not {claim.size_bytes}"
        raise RemoteProtocolError("PAY-15", reason, pointer="/payload/sizeBytes")
    if hashlib.sha256(body).hexdigest() != claim.sha256:
        reason = "the stored payload has another digest than was announced"
        raise RemoteProtocolError("PAY-15", reason, pointer="/payload/sha256")
