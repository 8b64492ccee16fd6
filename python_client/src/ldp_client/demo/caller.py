"""The demo's caller: it invokes the function over HTTP, as AWS's services would."""

from __future__ import annotations

import http.client
import time
from typing import Final
from urllib.parse import urlsplit

from ldp_client.demo.verdict import Reply

#: On a slow machine many execution environments take a while to start.
_LIMIT_S: Final = 120.0
_MS_PER_S: Final = 1000


def invoke(url: str, body: bytes) -> Reply:
    """Send an event to the function at `url` and wait for its answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_LIMIT_S)
    try:
        begun_s = time.perf_counter()
        connection.request("POST", parts.path, body)
        answer = connection.getresponse()
        data = answer.read()
        elapsed_ms = (time.perf_counter() - begun_s) * _MS_PER_S
    finally:
        connection.close()
    is_error = answer.status != http.HTTPStatus.OK or "X-Amz-Function-Error" in answer.headers
    return Reply(data, is_error, elapsed_ms)
