"""One invocation of a proxy's function over Lambda's Invoke API, on its way or ended."""

from __future__ import annotations

import base64
import http.client
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ldp_conformance.check import SOON_S, NonConformance
from ldp_conformance.outcomes import Blame

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Longer than any function's timeout in a check.
_PATIENCE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """What the caller got.

    Attributes:
        status: The HTTP status.
        function_error: The header `X-Amz-Function-Error`; None where the function succeeded.
        body: The payload, or the error body.
        elapsed_ms: How long it took.
        ended_ms: When it came, epoch milliseconds.
        headers: All headers, names in lower case.
    """

    status: int
    function_error: str | None
    body: bytes
    elapsed_ms: int
    ended_ms: int
    headers: Mapping[str, str]


class Invocation:
    """An invocation, which goes on in a thread of its own from the start.

    Args:
        url: Where the function is invoked.
        event: The event.
        client_context: The caller's context, a JSON text; None for none.
    """

    def __init__(self, url: str, event: bytes, client_context: str | None = None) -> None:
        self.event = event
        self.begun_ms = _now_ms()
        self._url = urlsplit(url)
        self._headers = {"Content-Type": "application/json"}
        if client_context is not None:
            told = base64.b64encode(client_context.encode()).decode()
            self._headers["X-Amz-Client-Context"] = told
        self._ended = threading.Event()
        self._result: InvocationResult | None = None
        self._trouble = ""
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def is_done(self) -> bool:
        """Whether the caller has its result, or cannot get one any more."""
        return self._ended.is_set()

    def result(self, within_s: float = SOON_S) -> InvocationResult:
        """Wait for what the caller gets.

        Raises:
            NonConformance: It gets nothing in time, or its connection broke.
        """
        if not self._ended.wait(within_s):
            raise NonConformance(
                f"the caller got nothing within {within_s:g} s", requirements=("EXC-6",)
            )
        if self._result is None:
            raise NonConformance(
                f"the proxy gave its caller no HTTP answer: {self._trouble}",
                hint="A proxy answers Lambda's Invoke API as Lambda does, errors included.",
                blame=Blame.HARNESS,
            )
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._called()
        except (OSError, http.client.HTTPException) as exc:
            self._trouble = f"{type(exc).__name__}: {exc}"
        finally:
            self._ended.set()

    def _called(self) -> InvocationResult:
        connection = http.client.HTTPConnection(
            self._url.hostname or "", self._url.port, timeout=_PATIENCE_S
        )
        try:
            connection.request("POST", self._url.path, self.event, self._headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        ended_ms = _now_ms()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return InvocationResult(
            status=answer.status,
            function_error=headers.get("x-amz-function-error"),
            body=body,
            elapsed_ms=ended_ms - self.begun_ms,
            ended_ms=ended_ms,
            headers=headers,
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
