"""How a proxy fails: its own typed errors, and calls of AWS that failed.

Exception
├─ ProxyError     what the caller is told, with a type of the specification's chapter on errors
└─ CallFailed     a call of SQS, S3 or Lambda did not succeed
"""

from __future__ import annotations

import json


class ProxyError(Exception):
    """What the caller is told instead of an answer.

    Args:
        error_type: Such as `Proxy.NoResponse`.
        message: What was wrong, and what to do next.
    """

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message

    def body(self) -> bytes:
        """The error body, as Lambda's own."""
        return json.dumps({"errorMessage": self.message, "errorType": self.error_type}).encode()


class CallFailed(Exception):  # noqa: N818 - what happened
    """A call of AWS did not succeed.

    Args:
        code: AWS's code, or what became of the connection.
        message: AWS's message.
        is_passing: Whether it is worth repeating.
    """

    def __init__(self, code: str, message: str, *, is_passing: bool) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.is_passing = is_passing


class BadInputError(Exception):
    """A message, or what it carries, cannot be understood."""


def misconfigured(variable: str, what: str) -> ProxyError:
    """A variable is missing or wrong (ERR-8)."""
    return ProxyError("Proxy.Misconfigured", f"{variable} {what}.")


def queue_error(call: str, failure: CallFailed) -> ProxyError:
    """A queue call failed for good (ERR-5)."""
    return ProxyError(
        "Proxy.QueueError",
        f"{call} failed: {failure.code} ({failure.message}). Look whether the queue exists and "
        "what the proxy's role allows.",
    )


def storage_error(failure: CallFailed) -> ProxyError:
    """A claim check could not be stored or fetched (ERR-11)."""
    return ProxyError(
        "Proxy.StorageError",
        f"The payload bucket failed: {failure.code}. Look at LAMBDA_PROXY_PAYLOAD_BUCKET, its "
        "region, and what the proxy's role allows.",
    )
