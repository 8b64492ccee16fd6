from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ldp_wire import failures
from ldp_wire.failures import Failure, FailureType

ERRORS = Path(__file__).resolve().parents[3] / "spec" / "v1" / "errors.md"

FAILURES = [
    (failures.no_response(895), "Proxy.NoResponse", ["895 s", "LAMBDA_PROXY_REQ_QUEUE_URL"]),
    (
        failures.event_too_large(2_000_000, 1_048_576),
        "Proxy.EventTooLarge",
        ["2000000", "1048576", "LAMBDA_PROXY_PAYLOAD_BUCKET"],
    ),
    (
        failures.event_too_large(6_291_557, 1_048_576),
        "Proxy.EventTooLarge",
        ["6291557", "6291556", "LAMBDA_PROXY_PAYLOAD_BUCKET"],
    ),
    (failures.queue_error("SQS denies it. Allow it."), "Proxy.QueueError", ["SQS denies it."]),
    (failures.bad_answer("the body is no JSON"), "Proxy.BadAnswer", ["the body is no JSON"]),
    (failures.timeout_too_short(1_900, 1_000), "Proxy.TimeoutTooShort", ["1900 ms", "timeout"]),
    (failures.misconfigured("X is missing. Set it."), "Proxy.Misconfigured", ["X is missing"]),
    (failures.absent(), "Proxy.Absent", ["LAMBDA_PROXY_START_WITHIN_S"]),
    (failures.fallback_failed("It is gone. Deploy it."), "Proxy.FallbackFailed", ["Deploy it."]),
    (failures.storage_error_of_proxy("S3 denies it."), "Proxy.StorageError", ["S3 denies it."]),
    (failures.storage_error_of_client("S3 denies it."), "Client.StorageError", ["S3 denies it."]),
    (
        failures.result_too_large(2_000_000, 1_048_576),
        "Client.ResultTooLarge",
        ["2000000", "1048576", "LAMBDA_PROXY_PAYLOAD_BUCKET"],
    ),
    (
        failures.result_too_large(6_291_557, 1_048_576),
        "Client.ResultTooLarge",
        ["6291557", "6291556"],
    ),
    (failures.result_refused(300_000), "Client.ResultTooLarge", ["300000", "maximum message size"]),
    (failures.bad_request("a reply"), "Client.BadRequest", ["a reply"]),
]


def test_the_types_are_the_specifications() -> None:
    """The failures are those of the chapter (ERR-1)."""
    named = set(re.findall(r"`((?:Proxy|Client)\.\w+)`", ERRORS.read_text(encoding="utf-8")))

    assert {failure.value for failure in FailureType} == named


def test_each_type_has_a_failure() -> None:
    """Every type can be made (ERR-3, ERR-4, ERR-5, ERR-6, ERR-7, ERR-8, ERR-9, ERR-12, ERR-13)."""
    assert {failure.type for failure, _, _ in FAILURES} == set(FailureType)


@pytest.mark.parametrize(
    ("failure", "name", "told"), FAILURES, ids=[f"{name}-{told[0]}" for _, name, told in FAILURES]
)
def test_a_failure_says_what_was_wrong_and_what_to_do(
    failure: Failure, name: str, told: list[str]
) -> None:
    """Each failure has its type, and its message names what is to be changed (ERR-2)."""
    assert failure.type.value == name
    assert all(words in failure.message for words in told)
    assert len(failure.message) <= 1024


def test_a_failure_has_the_shape_of_lambdas_own_errors() -> None:
    """The body of a failure is read as any function error is (ERR-1)."""
    failure = failures.absent()

    assert json.loads(failure.body) == {
        "errorMessage": failure.message,
        "errorType": "Proxy.Absent",
        "stackTrace": [],
    }
