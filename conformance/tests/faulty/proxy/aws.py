"""Calls of AWS by bare HTTP: one attempt each, 2 s to connect, unsigned (SQS-10)."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from faulty.proxy.errors import CallFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faulty.proxy.settings import Settings

_THROTTLED = ("Throttl", "TooManyRequests", "SlowDown", "RequestLimit")


@dataclass(frozen=True, slots=True)
class Ask:
    """An HTTP call."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP call brought."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Calls:
    """The bottom of a proxy: it can call AWS.

    Args:
        settings: What the proxy was told.
    """

    connect_timeout_s = 2.0
    slack_s = 3.0

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def sqs(self, operation: str, *, wait_s: float = 0.0, **request: Any) -> dict[str, Any]:
        """Make one call of SQS.

        Raises:
            CallFailed: It did not succeed.
        """
        headers = {
            "X-Amz-Target": f"AmazonSQS.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
        }
        body = json.dumps(request, ensure_ascii=False).encode("utf-8", "surrogatepass")
        answer = self.http("sqs", Ask("POST", "/", body, headers), wait_s + self.slack_s)
        parsed: dict[str, Any] = json.loads(answer.body or b"{}")
        if answer.status >= 300:
            raise failure_of(answer, str(parsed.get("__type", "")).rpartition("#")[2], parsed)
        return parsed

    def put_object(self, key: str, body: bytes) -> None:
        """Store an object in the payload bucket."""
        self._object("PUT", key, body)

    def get_object(self, key: str) -> bytes:
        """Fetch an object of the payload bucket."""
        return self._object("GET", key, b"").body

    def _object(self, method: str, key: str, body: bytes) -> Answer:
        path = f"/{self.settings.bucket}/{quote(key)}"
        answer = self.http("s3", Ask(method, path, body), 10 * self.slack_s)
        if answer.status >= 300:
            raise failure_of(answer, f"HTTP {answer.status}", {})
        return answer

    def http(self, service: str, ask: Ask, timeout_s: float) -> Answer:
        """Make one HTTP call.

        Raises:
            CallFailed: There was no answer; whatever its status, an answer is none.
        """
        host = urlsplit(self.settings.endpoints[service])
        connection = http.client.HTTPConnection(
            host.hostname or "", host.port, timeout=self.connect_timeout_s
        )
        try:
            connection.connect()
            connection.sock.settimeout(timeout_s)
            headers = {**ask.headers, **self._authorization(service)}
            connection.request(ask.method, ask.path, ask.body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise CallFailed(type(error).__name__, "no connection", is_passing=True) from error
        finally:
            connection.close()

    def _authorization(self, service: str) -> dict[str, str]:
        scope = f"20260101/{self.settings.region}/{service}/aws4_request"
        credential = f"Credential={self.settings.access_key}/{scope}"
        return {"Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"}


def failure_of(answer: Answer, code: str, parsed: Mapping[str, Any]) -> CallFailed:
    """What an answer of AWS says went wrong."""
    is_passing = answer.status >= 500 or answer.status == 429
    is_passing = is_passing or any(word in code for word in _THROTTLED)
    message = str(parsed.get("message", parsed.get("Message", "")))
    return CallFailed(code or f"HTTP {answer.status}", message, is_passing=is_passing)
