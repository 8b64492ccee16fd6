"""The error payloads that the Lambda service itself writes, in its own words; pure.

The texts are those that the service was recorded to send in 2025 and 2026.
"""

from __future__ import annotations

import json
import signal

from ldp_wire.limits import MAX_PAYLOAD_BYTES


def timed_out(request_id: str, timeout_s: float) -> bytes:
    """The sandbox was ended because the invocation took too long."""
    message = f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
    return _payload(errorType="Sandbox.Timedout", errorMessage=message)


def exited(request_id: str, code: int) -> bytes:
    """The runtime's process ended during the invocation or twice while starting.

    Args:
        request_id: Whose invocation it was.
        code: The exit status; a negative one is the signal that ended the process.
    """
    message = f"RequestId: {request_id} Error: {_exit_text(code)}"
    return _payload(errorType="Runtime.ExitError", errorMessage=message)


def invalid_entrypoint(request_id: str, program: str, reason: str) -> bytes:
    """The program could not be started.

    Args:
        request_id: Whose invocation it was.
        program: What was to be started.
        reason: What the system said.
    """
    message = f"RequestId: {request_id} Error: fork/exec {program}: {reason.lower()}"
    return _payload(errorType="Runtime.InvalidEntrypoint", errorMessage=message)


def response_too_large() -> bytes:
    """The result exceeds what Lambda passes on."""
    message = (
        f"Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes)."
    )
    return _payload(errorMessage=message, errorType="Function.ResponseSizeTooLarge")


def _exit_text(code: int) -> str:
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    # The service is written in Go, whose names for signals are the system's in lower case.
    name = str(signal.strsignal(-code)).lower()
    return f"Runtime exited with error: signal: {name}"


def _payload(**members: str) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode("utf-8")
