"""The payload bucket: objects are put and fetched, never deleted."""

from __future__ import annotations

import time
from http.client import HTTPConnection, HTTPException

from faulty.client.part import Part

_ATTEMPTS = 3


class StorageError(Exception):
    """An object could not be stored or fetched."""


class Bucket(Part):
    """Stores and fetches claim checks."""

    def put(self, key: str, data: bytes) -> None:
        """Store an object."""
        status, _ = self.call("PUT", key, data, len(data))
        if status != 200:
            raise StorageError(f"the bucket answered {status} to a put")

    def get(self, key: str, limit: int) -> bytes:
        """Fetch an object, and no more of it than the limit and a byte."""
        status, data = self.call("GET", key, b"", limit + 1)
        if status != 200:
            raise StorageError(f"the bucket answered {status} to a get")
        return data

    def call(self, method: str, key: str, data: bytes, limit: int) -> tuple[int, bytes]:
        """Make a call, again where the reason of a failure passes."""
        answer = 0, b""
        for attempt in range(_ATTEMPTS):
            try:
                answer = self.exchange(method, key, data, limit)
            except (OSError, HTTPException):
                answer = 0, b""
            if 0 < answer[0] < 500:
                break
            time.sleep(0.1 * 2**attempt)
        return answer

    def exchange(self, method: str, key: str, data: bytes, limit: int) -> tuple[int, bytes]:
        """One HTTP request: status and body."""
        from urllib.parse import quote  # noqa: PLC0415 - quick to start without

        settings = self.port.settings
        host = settings.s3_endpoint.partition("://")[2].rstrip("/")
        connection = HTTPConnection(host, timeout=10)
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={settings.access_key}/20260101/"
            f"{settings.region}/s3/aws4_request, SignedHeaders=host, Signature=none",
        }
        try:
            connection.request(method, f"/{settings.bucket}/{quote(key)}", data or None, headers)
            response = connection.getresponse()
            return response.status, response.read(limit)
        finally:
            connection.close()
