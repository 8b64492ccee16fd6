from __future__ import annotations

import json

import pytest

from ldp_client.sandboxes import faults

ID = "4850c9f4-6a2e-4c52-b0f3-ba8a1e4b8a4e"


def test_a_timeout_is_worded_as_the_service_words_it() -> None:
    """The timeout is named with two decimals."""
    assert json.loads(faults.timed_out(ID, 3)) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {ID} Error: Task timed out after 3.00 seconds",
    }


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "Runtime exited without providing a reason"),
        (127, "Runtime exited with error: exit status 127"),
        (-9, "Runtime exited with error: signal: killed"),
        (-11, "Runtime exited with error: signal: segmentation fault"),
        (-6, "Runtime exited with error: signal: aborted"),
    ],
)
def test_an_exit_is_worded_as_the_service_words_it(code: int, text: str) -> None:
    """Statuses are numbers, signals have names."""
    assert json.loads(faults.exited(ID, code)) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {ID} Error: {text}",
    }


def test_a_result_that_is_too_large_is_worded_as_the_service_words_it() -> None:
    """Message first, and the limit in it."""
    assert faults.response_too_large() == (
        b'{"errorMessage":"Response payload size exceeded maximum allowed payload size '
        b'(6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}'
    )


def test_a_program_that_cannot_be_started_is_worded_as_the_service_words_it() -> None:
    """The program is named, and why not, in the words of Go's library."""
    assert json.loads(
        faults.invalid_entrypoint(ID, "/var/task/bootstrap", "Permission denied")
    ) == {
        "errorType": "Runtime.InvalidEntrypoint",
        "errorMessage": f"RequestId: {ID} Error: fork/exec /var/task/bootstrap: permission denied",
    }
