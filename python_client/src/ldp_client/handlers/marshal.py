"""Events and results between bytes and Python's values, with awslambdaric 4.2.2's rules.

simplejson and not the standard library's json, because they differ where it shows: simplejson
refuses NaN in an event, and encodes namedtuples as objects.
"""

from __future__ import annotations

import decimal
import math
import sys
from typing import Any

import simplejson
from simplejson.raw_json import RawJSON

from ldp_client.handlers.faults import Fault, FaultType

JSON = "application/json"
BYTES = "application/unknown"

ESCAPES_NON_ASCII = sys.version_info < (3, 12)
"""Whether the managed runtime of this Python writes `\\u00e9` for é: it does up to 3.11."""


class Encoder(simplejson.JSONEncoder):
    """Encodes what a handler returns.

    Decimals become numbers, digit by digit; simplejson itself would write `-NaN` for one of them.
    """

    def __init__(self, *, ensure_ascii: bool = ESCAPES_NON_ASCII) -> None:
        super().__init__(use_decimal=False, ensure_ascii=ensure_ascii, allow_nan=True)

    def default(self, o: Any) -> Any:
        """What to encode instead of a value that JSON does not know.

        Raises:
            TypeError: There is nothing.
        """
        if isinstance(o, decimal.Decimal):
            return math.nan if o.is_nan() else RawJSON(str(o))
        return super().default(o)

    def encode_bytes(self, value: object) -> bytes:
        """JSON text in UTF-8.

        Lone surrogates, for which UTF-8 has no bytes, are escaped: inside a JSON string, the only
        place where they can stand, Python's escape is JSON's. awslambdaric dies of them.
        """
        return self.encode(value).encode("utf-8", "backslashreplace")


def unmarshal(event: bytes, content_type: str) -> Any:
    """The event as a handler gets it.

    Raises:
        Fault: It is no JSON.
    """
    if content_type != JSON:
        return event
    try:
        return simplejson.loads(event)
    except Exception as exc:
        message = f"Unable to unmarshal input: {exc}"
        raise Fault(FaultType.UNMARSHAL, message) from exc


def marshal(result: object, encoder: Encoder) -> tuple[bytes, str]:
    """The result as bytes, and their media type.

    Raises:
        Fault: It cannot be encoded.
    """
    if isinstance(result, bytes):
        return result, BYTES
    try:
        return encoder.encode_bytes(result), JSON
    except Exception as exc:
        message = f"Unable to marshal response: {exc}"
        raise Fault(FaultType.MARSHAL, message) from exc
