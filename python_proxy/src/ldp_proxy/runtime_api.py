"""The Lambda Runtime API as a runtime uses it: one kept connection, bytes in and bytes out.

Facts are those of AWS's own runtime clients and its Runtime Interface Emulator. `/next` has no
time limit, because Lambda freezes the environment inside it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Final, NamedTuple
from urllib.parse import quote

from ldp_proxy.context import INVOCATION_ID_HEADER
from ldp_proxy.errors import ConfigError, RuntimeApiError

_logger = logging.getLogger(__name__)

ADDRESS_VARIABLE: Final = "AWS_LAMBDA_RUNTIME_API"
_ROOT: Final = "/2018-06-01/runtime"
_OK: Final = 200
_REFUSED: Final = 400
_BROKEN: Final = 500
# What Lambda takes; anything else it turns into an unknown type of its own.
_ERROR_TYPE: Final = re.compile(r"(?:Runtime|Function)\.[A-Z][A-Za-z]+")
_CONTENT_TYPE: Final = {"Content-Type": b"application/json"}

_Headers = Mapping[str, bytes]


class Answer(NamedTuple):
    """What the Runtime API answered.

    Attributes:
        status: The HTTP status.
        headers: By their names in lower case; the values are UTF-8, as Lambda sends them.
        body: The bytes.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class Attempt(NamedTuple):
    """Which attempt at an invocation is answered.

    Attributes:
        aws_request_id: Lambda's request ID.
        invocation_id: Its nonce of the attempt, to be echoed; None if it gave none.
    """

    aws_request_id: str
    invocation_id: str | None


class RuntimeApi:
    """A connection to the Runtime API.

    Args:
        address: `host:port`.

    Raises:
        ConfigError: It is no address.
    """

    def __init__(self, address: str) -> None:
        try:
            # http.client itself turns Nagle's algorithm off, and sets no time limit.
            self._http = HTTPConnection(address)
        except HTTPException as exc:
            raise ConfigError(ADDRESS_VARIABLE, f"is {address!r}, not host:port.") from exc

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def next(self) -> Answer:
        """Wait for an invocation, as long as it takes.

        Raises:
            RuntimeApiError: There will be none.
        """
        answer = self._call("GET", f"{_ROOT}/invocation/next", None, {})
        if answer.status != _OK:
            raise RuntimeApiError(f"The Runtime API answered {answer.status} to /next.")
        return answer

    def respond(self, attempt: Attempt, body: bytes) -> None:
        """Post a result.

        Raises:
            RuntimeApiError: The Runtime API is broken.
        """
        self._post(f"{_invocation(attempt)}/response", body, _echo(attempt))

    def fail(self, attempt: Attempt, body: bytes, error_type: str) -> None:
        """Post an error body (ERR-14).

        Raises:
            RuntimeApiError: The Runtime API is broken.
        """
        headers = {**_echo(attempt), **_error_type(error_type)}
        self._post(f"{_invocation(attempt)}/error", body, headers)

    def fail_init(self, body: bytes, error_type: str) -> None:
        """Post the error that keeps the runtime from starting; it has to end then.

        Raises:
            RuntimeApiError: The Runtime API is broken.
        """
        self._post(f"{_ROOT}/init/error", body, _error_type(error_type))

    def _post(self, path: str, body: bytes, headers: _Headers) -> None:
        answer = self._call("POST", path, body, {**_CONTENT_TYPE, **headers})
        if answer.status >= _BROKEN:
            raise RuntimeApiError(f"The Runtime API answered {answer.status} to a post.")
        if answer.status >= _REFUSED:
            # The invocation is over: answered, out of time, or answered with too much. Its caller
            # has been told, and this environment is good for the next one.
            _logger.warning("runtime_api.post_refused", extra={"status": answer.status})

    def _call(self, method: str, path: str, body: bytes | None, headers: _Headers) -> Answer:
        """Make a call, on a new connection if the kept one has gone."""
        try:
            return self._try(method, path, body, headers)
        except (OSError, HTTPException):
            self._http.close()
        try:
            return self._try(method, path, body, headers)
        except (OSError, HTTPException) as exc:
            self._http.close()
            raise RuntimeApiError(f"The Runtime API does not answer: {exc!r}.") from exc

    def _try(self, method: str, path: str, body: bytes | None, headers: _Headers) -> Answer:
        self._http.request(method, path, body, dict(headers))
        response = self._http.getresponse()
        texts = {
            name.lower(): value.encode("latin-1").decode(errors="replace")
            for name, value in response.getheaders()
        }
        return Answer(response.status, texts, response.read())


def _invocation(attempt: Attempt) -> str:
    return f"{_ROOT}/invocation/{quote(attempt.aws_request_id, safe='')}"


def _echo(attempt: Attempt) -> _Headers:
    if attempt.invocation_id is None:
        return {}
    return {INVOCATION_ID_HEADER: attempt.invocation_id.encode()}


def _error_type(error_type: str) -> _Headers:
    if _ERROR_TYPE.fullmatch(error_type) is None:
        return {}
    return {"Lambda-Runtime-Function-Error-Type": error_type.encode()}
