"""The Runtime API's paths; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import unquote

VERSION = "2018-06-01"
"""The only version of the Runtime API there has been."""

_PREFIX = f"/{VERSION}/runtime"
_POST = re.compile(rf"{_PREFIX}/invocation/(?P<id>[^/]+)/(?P<what>response|error)")


class Call(Enum):
    """What a runtime wants."""

    NEXT = auto()
    RESPONSE = auto()
    ERROR = auto()
    INIT_ERROR = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """A call and the request ID that it is about, "" where there is none."""

    call: Call
    request_id: str = ""


def find_route(method: str, target: str) -> Route | None:
    """The route of a request, or None if the Runtime API has no such call.

    Request IDs may arrive percent-encoded: Node's client passes them through `encodeURIComponent`.
    `/restore/*` is not served: AWS routes it only while it takes a SnapStart snapshot.
    """
    path = target.partition("?")[0]
    fixed = _FIXED.get((method, path))
    if fixed is not None:
        return fixed
    match = _POST.fullmatch(path) if method == "POST" else None
    if match is None:
        return None
    call = Call.RESPONSE if match["what"] == "response" else Call.ERROR
    return Route(call, unquote(match["id"]))


_FIXED = {
    ("GET", f"{_PREFIX}/invocation/next"): Route(Call.NEXT),
    ("POST", f"{_PREFIX}/init/error"): Route(Call.INIT_ERROR),
}
