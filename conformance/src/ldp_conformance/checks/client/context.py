"""What the handler's context object shows: what Lambda told the proxy, and the time left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.check import client_check

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase

#: The members of `context` that a handler sees as they are.
_PLAIN: Final = (
    "awsRequestId",
    "functionName",
    "functionVersion",
    "invokedFunctionArn",
    "memoryLimitInMb",
    "logGroupName",
    "logStreamName",
)
#: All that a handler shows of its context (PORTING.md).
_SHOWN: Final = (*_PLAIN, "remainingMs", "traceId", "clientContext", "identity")
#: How far the clocks of a client and of the suite may be apart, in milliseconds: what SQS-13
#: leaves uncorrected, for `Date` has whole seconds.
_CLOCK_MS: Final = 2_000
_TRACE: Final = "Root=1-6667b0c5-1f2e3d4c5b6a798081920a1b;Sampled=0"


def seen(case: ClientCase, **members: Any) -> dict[str, Any]:
    """What the handler's context shows for a request whose `context` has these members."""
    request = case.request("context")
    request["context"] |= members
    sent = case.send(request)
    shown = case.members(sent, *_SHOWN)
    case.gone(sent)
    return shown


@client_check("context.members", "ENV-21")
def the_context_is_lambda_s(case: ClientCase) -> None:
    """The handler's context shows the members of `context`, each event's own."""
    arn = "arn:aws:lambda:eu-west-1:123456789012:function"
    for members in (
        {"functionName": "orders", "functionVersion": "7", "invokedFunctionArn": f"{arn}:orders:7"},
        {"memoryLimitInMb": 10_240, "logGroupName": "/aws/lambda/x", "logStreamName": "a/[7]b"},
        {"awsRequestId": "a" * 256, "functionName": "f" * 256, "functionVersion": "9" * 256},
        {"invokedFunctionArn": "a" * 2_048, "memoryLimitInMb": 1, "logStreamName": "s" * 1_024},
    ):
        request = case.request("context")
        request["context"] |= members
        sent = case.send(request)
        shown = case.members(sent, *_PLAIN)
        case.expect_equal(
            {name: shown[name] for name in _PLAIN},
            {name: request["context"][name] for name in _PLAIN},
            "the handler's context shows something else than the request says",
        )
        case.gone(sent)


@client_check("context.request-ids", "ENV-21", "ENV-14")
def lambda_s_request_id_is_data(case: ClientCase) -> None:
    """Two requests with one `awsRequestId` are two events: Lambda repeats it when it retries."""
    name = case.fresh("lambda")
    for _ in range(2):
        request = case.request("context")
        request["context"]["awsRequestId"] = name
        sent = case.send(request)
        case.expect_equal(
            case.members(sent, "awsRequestId")["awsRequestId"],
            name,
            "the context shows another request ID",
        )
        case.gone(sent)


@client_check("context.trace", "ENV-21")
def the_trace_is_the_event_s(case: ClientCase) -> None:
    """The handler sees the trace header of its own event, and none where there is none."""
    for trace in (_TRACE, None, f"{_TRACE};Lineage=1:2", None):
        members = {} if trace is None else {"traceId": trace}
        case.expect_equal(
            seen(case, **members)["traceId"], trace, "the handler sees another trace header"
        )


@client_check("context.client-context", "ENV-22", "ENV-21")
def the_client_context_is_the_caller_s(case: ClientCase) -> None:
    """The handler sees the caller's client context, and none where there is none."""
    texts: tuple[str | None, ...] = (
        '{"custom": {"build": "7"}, "env": {"locale": "de"}}',
        None,
        # Strings only, as in the types that Lambda's runtimes of Go and Java have for it.
        '{ "env":{}, "custom":{ "name":"Zo\\u00eb \\ud83d\\ude42", "n":"[1,null]" } }',
        json.dumps({"custom": {"long": "x" * 16_000}, "env": {}}),
        None,
    )
    for text in texts:
        members = {} if text is None else {"clientContext": text}
        case.expect_equal(
            _known(seen(case, **members)["clientContext"]),
            None if text is None else json.loads(text),
            "the handler sees another client context",
        )


def _known(shown: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the event was sent with of a client context: a runtime may show an empty `client`."""
    if not isinstance(shown, dict):
        return shown
    return {name: value for name, value in shown.items() if name in {"custom", "env"}}


@client_check("context.identity", "ENV-21")
def the_identity_is_the_caller_s(case: ClientCase) -> None:
    """The handler sees the Cognito identity of its caller, and none where there is none."""
    identity = {"cognitoIdentityId": "eu-west-1:5f2b", "cognitoIdentityPoolId": "eu-west-1:77aa"}
    for members in ({"identity": identity}, {}, {"identity": identity}, {}):
        case.expect_equal(
            seen(case, **members)["identity"],
            members.get("identity"),
            "the handler sees another identity",
        )


@client_check("context.remaining-time", "ENV-23")
def the_remaining_time_is_lambda_s(case: ClientCase) -> None:
    """The remaining time that the handler sees ends at `deadlineMs`, not at `answerByMs`."""
    for ahead_ms in (8_000, 45_000, 900_000):
        deadline_ms = case.witness.now_ms() + ahead_ms
        remaining_ms = seen(case, deadlineMs=deadline_ms)["remainingMs"]
        least_ms = deadline_ms - case.witness.now_ms() - _CLOCK_MS
        is_right = least_ms <= remaining_ms <= ahead_ms + _CLOCK_MS
        case.expect(
            is_right,
            f"of {ahead_ms:,} ms until the deadline the handler sees {remaining_ms:,} ms",
        )


@client_check("context.no-time-left", "ENV-23")
def no_time_may_be_left(case: ClientCase) -> None:
    """An event past its `deadlineMs` runs, and sees that no time is left."""
    remaining_ms = seen(case, deadlineMs=case.witness.now_ms() - 60_000)["remainingMs"]
    case.expect(remaining_ms <= 0, f"the handler sees {remaining_ms:,} ms")


@client_check("context.optional-members", "ENV-21", "ENV-2")
def what_lambda_did_not_tell_is_absent(case: ClientCase) -> None:
    """Optional members, those that no handler of the suite shows included, do not disturb a run."""
    contexts: tuple[dict[str, Any], ...] = (
        {"tenantId": "tenant-7", "invocationId": "attempt-1"},
        {"identity": {}},
        {"identity": {"cognitoIdentityId": "", "cognitoIdentityPoolId": ""}},
        {"logGroupName": "", "logStreamName": ""},
        {"deadlineMs": 0},
        {"deadlineMs": 2**53 - 1},
    )
    for members in contexts:
        shown = seen(case, **members)
        case.expect_equal(shown["functionName"], "conformance", "the handler sees another context")
