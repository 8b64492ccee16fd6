"""Requests as invocations, and posts as results."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ldp_client.queue_side.translate import describe, exited, raised, returned, to_invocation
from ldp_client.runtime_api import Posted
from ldp_client.runtime_api.headers import next_headers
from ldp_testing.deliveries import CONTEXT, REQUEST
from ldp_wire.actions import Raised, Returned, Start
from ldp_wire.envelopes import Identity
from ldp_wire.limits import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_wire.actions import Result


def _same(at_ms: int) -> int:
    return at_ms


def _start(**changes: object) -> Start:
    context = replace(CONTEXT, **changes)  # type: ignore[arg-type]
    return Start(replace(REQUEST, context=context), b'{"n":1.10}')


def test_a_runtime_is_told_all_that_the_context_has() -> None:
    """Everything that Lambda told the proxy is in the headers, the event as it is (PAY-1)."""
    start = _start(
        trace_id="Root=1",
        tenant_id="t",
        invocation_id="nonce",
        client_context='{"custom": {"\\u00e4": 1}}',
        identity=Identity("id", "pool"),
    )
    invocation = to_invocation(start, _same)

    assert invocation.event == b'{"n":1.10}'
    headers = {name: value.decode() for name, value in next_headers(invocation)}
    assert headers == {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": CONTEXT.aws_request_id,
        "Lambda-Runtime-Deadline-Ms": str(CONTEXT.deadline_ms),
        "Lambda-Runtime-Invoked-Function-Arn": CONTEXT.invoked_function_arn,
        "Lambda-Runtime-Trace-Id": "Root=1",
        "Lambda-Runtime-Aws-Tenant-Id": "t",
        "Lambda-Runtime-Invocation-Id": "nonce",
        "Lambda-Runtime-Client-Context": '{"custom": {"\\u00e4": 1}}',
        "Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId": "id", '
        '"cognitoIdentityPoolId": "pool"}',
        "Lambda-Debug-Function-Name": "orders",
        "Lambda-Debug-Function-Version": "$LATEST",
        "Lambda-Debug-Memory-Limit-In-Mb": "128",
        "Lambda-Debug-Log-Group-Name": "/aws/lambda/orders",
        "Lambda-Debug-Log-Stream-Name": CONTEXT.log_stream_name,
    }


def test_a_request_without_a_nonce_lends_its_own_id() -> None:
    """Every attempt has a nonce of its own, so that no late post is taken for another's."""
    invocation = to_invocation(_start(), _same)

    assert invocation.invocation_id == "r-1"
    assert invocation.cognito_identity is None


@pytest.mark.parametrize("text", ["\U0010ffff", "a/b", "..", "a b", "\n", "a%2Fb", "é", "\ud800"])
def test_an_id_that_http_cannot_carry_is_told_by_its_digest(text: str) -> None:
    """What comes back in a path or a header comes back as it went, whoever wrote the request."""
    invocation = to_invocation(_start(aws_request_id=text, invocation_id=text), _same)

    assert re.fullmatch(r"[0-9a-f]{32}", invocation.request_id)
    assert re.fullmatch(r"[!-~]+", invocation.invocation_id or "")
    other = to_invocation(_start(aws_request_id=text + "x"), _same)
    assert other.request_id != invocation.request_id


def test_a_partial_identity_stays_partial() -> None:
    """An absent member is left out, not null."""
    invocation = to_invocation(_start(identity=Identity("id", None)), _same)
    assert invocation.cognito_identity == '{"cognitoIdentityId": "id"}'


def test_the_deadline_is_told_in_local_time() -> None:
    """A runtime counts by the local clock, which may differ from AWS's; it is never negative."""
    assert to_invocation(_start(), lambda at_ms: at_ms - 240_000).deadline_ms == (
        CONTEXT.deadline_ms - 240_000
    )
    assert to_invocation(_start(deadline_ms=5), lambda at_ms: at_ms - 240_000).deadline_ms == 0


def test_a_result_is_what_was_posted() -> None:
    """The bytes of a result are passed on unread (PAY-2)."""
    assert returned(Posted(b"\xff not JSON", 10)) == Returned(b"\xff not JSON")


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        (b'{"errorType": "E", "errorMessage": "m"}', "Runtime.Odd", ("E", "m")),
        (b'{"errorType": 1, "errorMessage": null}', "Runtime.Odd", ("Runtime.Odd", "")),
        (b"[1]", "Function.Broke", ("Function.Broke", "")),
        (b"[1]", "unhandled", ("Runtime.Unknown", "")),
        (b"[1]", "Function.no", ("Function.Unknown", "")),
        (b"[1]", "", ("Runtime.Unknown", "")),
        (b"no JSON", "", ("Runtime.Unknown", "")),
        (b"\xff", "", ("Runtime.Unknown", "")),
        (b"[" * 100_000, "", ("Runtime.Unknown", "")),
    ],
)
def test_an_error_is_described_by_its_body_first(
    body: bytes, header: str, expected: tuple[str, str]
) -> None:
    """Type and message are read from the body, else the header, and never from what is no text."""
    posted = Posted(body, len(body), "", header)
    assert describe(posted) == expected
    assert raised(posted) == Raised(*expected, body)


@pytest.mark.parametrize("read", [returned, raised])
def test_a_body_over_lambdas_limit_is_an_error_that_says_so(
    read: Callable[[Posted], Result],
) -> None:
    """More than Lambda takes is refused as such, and never passed on in part (ERR-12, PAY-9)."""
    result = read(Posted(b"[0", MAX_PAYLOAD_BYTES + 1))
    assert isinstance(result, Raised)
    assert result.error_type == "Client.ResultTooLarge"
    assert str(MAX_PAYLOAD_BYTES) in result.error_message
    assert json.loads(result.body)["errorType"] == "Client.ResultTooLarge"


def test_a_runtime_that_gave_up_is_lambdas_own_error() -> None:
    """A caller sees what Lambda says of a runtime that ended without a result."""
    result = exited()
    assert isinstance(result, Raised)
    assert json.loads(result.body) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "Runtime exited without providing a reason",
    }
