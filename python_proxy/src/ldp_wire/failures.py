"""The failures of the proxy and of the client, as their callers see them (spec/v1/errors.md).

A test compares the names with the spec's, which is the only other place that lists them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum

from ldp_wire.limits import MAX_PAYLOAD_BYTES


class FailureType(Enum):
    """The `errorType` of a failure that is not the handler's (ERR-1)."""

    NO_RESPONSE = "Proxy.NoResponse"
    EVENT_TOO_LARGE = "Proxy.EventTooLarge"
    QUEUE_ERROR = "Proxy.QueueError"
    BAD_ANSWER = "Proxy.BadAnswer"
    FALLBACK_FAILED = "Proxy.FallbackFailed"
    STORAGE_ERROR = "Proxy.StorageError"
    TIMEOUT_TOO_SHORT = "Proxy.TimeoutTooShort"
    MISCONFIGURED = "Proxy.Misconfigured"
    ABSENT = "Proxy.Absent"
    CLIENT_STORAGE_ERROR = "Client.StorageError"
    RESULT_TOO_LARGE = "Client.ResultTooLarge"
    BAD_REQUEST = "Client.BadRequest"


@dataclass(frozen=True, slots=True)
class Failure:
    """A typed failure with a sentence that says what to do next (ERR-2)."""

    type: FailureType
    message: str

    @property
    def body(self) -> bytes:
        """The error body in the shape of Lambda's own errors."""
        members = {"errorMessage": self.message, "errorType": self.type.value}
        return json.dumps({**members, "stackTrace": []}).encode()


def no_response(waited_s: int) -> Failure:
    """Nobody answered in time (ERR-3)."""
    return Failure(
        FailureType.NO_RESPONSE,
        f"No client answered within {waited_s} s. Check that lambda-debug runs on the developer's "
        "machine, that it listens on the queue of LAMBDA_PROXY_REQ_QUEUE_URL in this region, "
        "and that the handler was not held at a breakpoint for longer than that.",
    )


def event_too_large(size_bytes: int, limit_bytes: int) -> Failure:
    """An event fits in no form (ERR-4)."""
    if size_bytes > MAX_PAYLOAD_BYTES:
        return Failure(
            FailureType.EVENT_TOO_LARGE,
            f"The event has {size_bytes} bytes, and Lambda's own limit is {MAX_PAYLOAD_BYTES}, "
            "which LAMBDA_PROXY_PAYLOAD_BUCKET does not lift: send less.",
        )
    return Failure(
        FailureType.EVENT_TOO_LARGE,
        f"The event has {size_bytes} bytes and does not fit into an SQS message of {limit_bytes} "
        "bytes, even compressed. Configure a payload bucket with LAMBDA_PROXY_PAYLOAD_BUCKET on "
        "the function and on the client, or send less.",
    )


def queue_error(reason: str) -> Failure:
    """A queue call failed for good (ERR-5)."""
    return Failure(FailureType.QUEUE_ERROR, reason)


def bad_answer(reason: str) -> Failure:
    """The client's answer cannot be decoded (ERR-6)."""
    return Failure(
        FailureType.BAD_ANSWER,
        f"The client's answer cannot be decoded: {reason}. Check that proxy and client are of "
        "versions that fit each other.",
    )


def timeout_too_short(remaining_ms: int, margin_ms: int) -> Failure:
    """An invocation leaves no time to wait (ERR-7)."""
    return Failure(
        FailureType.TIMEOUT_TOO_SHORT,
        f"The invocation has {remaining_ms} ms left, of which the proxy keeps {margin_ms} ms for "
        "itself. Raise the function's timeout; 15 minutes is recommended.",
    )


def misconfigured(reason: str) -> Failure:
    """A variable is missing or wrong (ERR-8)."""
    return Failure(FailureType.MISCONFIGURED, reason)


def absent() -> Failure:
    """Nobody accepted within the start window (ERR-9)."""
    return Failure(
        FailureType.ABSENT,
        "No client accepted the event within LAMBDA_PROXY_START_WITHIN_S. Start lambda-debug on "
        "the developer's machine, and check that it listens on the queue of "
        "LAMBDA_PROXY_REQ_QUEUE_URL in this region.",
    )


def fallback_failed(reason: str) -> Failure:
    """The fallback function could not be invoked (ERR-10)."""
    return Failure(FailureType.FALLBACK_FAILED, reason)


def storage_error_of_proxy(reason: str) -> Failure:
    """The proxy could not store or fetch a payload (ERR-11)."""
    return Failure(FailureType.STORAGE_ERROR, reason)


def storage_error_of_client(reason: str) -> Failure:
    """The client could not store or fetch a payload (ERR-11)."""
    return Failure(FailureType.CLIENT_STORAGE_ERROR, reason)


def result_too_large(size_bytes: int, limit_bytes: int) -> Failure:
    """A result fits in no form (ERR-12)."""
    if size_bytes > MAX_PAYLOAD_BYTES:
        return Failure(
            FailureType.RESULT_TOO_LARGE,
            f"The handler's result has {size_bytes} bytes, but Lambda takes at most "
            f"{MAX_PAYLOAD_BYTES}: return less.",
        )
    return Failure(
        FailureType.RESULT_TOO_LARGE,
        f"The handler's result has {size_bytes} bytes and does not fit into an SQS message of "
        f"{limit_bytes} bytes, even compressed. Configure a payload bucket with "
        "LAMBDA_PROXY_PAYLOAD_BUCKET on the function and on the client, or return less.",
    )


def result_no_text() -> Failure:
    """A result cannot be carried by version 0; nobody but the developer is told (ERR-12)."""
    return Failure(
        FailureType.RESULT_TOO_LARGE,
        "The handler's result is no UTF-8 text, and version 0 carries nothing else.",
    )


def result_refused(size_bytes: int) -> Failure:
    """The response queue takes less than was thought (ERR-12)."""
    return Failure(
        FailureType.RESULT_TOO_LARGE,
        f"SQS refused the handler's result: the response queue takes no message of {size_bytes} "
        "bytes. Raise the queue's maximum message size to 1048576 bytes, or return less.",
    )


def bad_request(reason: str) -> Failure:
    """A request is bad input (ERR-13)."""
    return Failure(
        FailureType.BAD_REQUEST,
        f"The client cannot use this request: {reason}. Check that proxy and client are of "
        "versions that fit each other.",
    )
