"""The digests that SQS answers with and SDKs check (SQS Developer Guide, message metadata)."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ldp_conformance.witness.message import Attribute


def md5_of(body: str) -> str:
    """MD5OfMessageBody, MD5OfBody."""
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def md5_of_attributes(attributes: Iterable[Attribute]) -> str:
    """MD5OfMessageAttributes: of names, types and values, each with its length before it."""
    digest = hashlib.md5(usedforsecurity=False)
    for each in sorted(attributes, key=lambda attribute: attribute.name):
        is_binary = isinstance(each.value, bytes)
        value = each.value if isinstance(each.value, bytes) else each.value.encode()
        digest.update(_sized(each.name.encode()) + _sized(each.data_type.encode()))
        digest.update((b"\x02" if is_binary else b"\x01") + _sized(value))
    return digest.hexdigest()


def _sized(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
