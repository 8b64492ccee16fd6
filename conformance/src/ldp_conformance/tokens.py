"""The word that a failure prints, from which its generated case can be run again.

It holds the whole case, so that it works elsewhere and later: the check's ID, a colon, the case.
"""

from __future__ import annotations

import base64
import binascii
import zlib

from ldp_conformance.errors import UsageError


def packed(check: str, case: bytes) -> str:
    """The word for a case of a check, as its `replay` reads it."""
    return f"{check}:{base64.urlsafe_b64encode(zlib.compress(case, 9)).decode()}"


def unpacked(token: str) -> tuple[str, bytes]:
    """The check's ID and the case that `packed` made a word of.

    Raises:
        UsageError: It is no such word.
    """
    check, _, case = token.partition(":")
    try:
        return check, zlib.decompress(base64.urlsafe_b64decode(case))
    except (binascii.Error, zlib.error, ValueError) as exc:
        raise UsageError(
            f"the token cannot be read: {exc}", hint="Copy the whole word from the report."
        ) from exc
