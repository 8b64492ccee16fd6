"""How a client serves the proxies of version 0, whose messages correlate nothing (V0-1 to V0-9)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.cases.client_watch import LEAST_WORDS, expect_runs, run_ended, words_about
from ldp_conformance.cases.old_proxy import OldProxy, as_json, expanded
from ldp_conformance.check import client_check
from ldp_conformance.checks.client.hold import press_until
from ldp_conformance.outcomes import Role
from ldp_conformance.ports.setups import ClientSetup, Feature

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase

#: What the manifest calls the words that have errors reported.
_OPTION: Final = "report-v0-errors"
_NEEDS: Final = (Feature.V0,)
#: From this size on an answer is compressed (V0-4).
_LARGE_BYTES: Final = 262_144
#: How long after SQS stored a request its answer is not thrown away (V0-9), in ms.
_PURGE_MS: Final = 1_000
_REPORTING: Final = ClientSetup(v0_errors="report")
_ONE_WAY: Final = ClientSetup(has_response_queue=False)


@client_check("v0.bare", "V0-4", "V0-2", needs=_NEEDS)
def object_is_answered_bare(case: ClientCase) -> None:
    """An object of fewer than 262,144 bytes is the body of the answer, with nothing around it."""
    proxy = OldProxy(case)
    value = {"price": 7, "nested": {"kind": "response"}}
    sent = proxy.send("echo", value=value)
    (answer,) = proxy.answers(1)
    case.expect(
        answer.lstrip(" \t\n\r").startswith("{"), "an object is not answered bare", came=answer
    )
    case.expect_equal(as_json(answer), value, "the answer is not the result")
    case.gone(sent)


@client_check("v0.limit", "V0-4", needs=_NEEDS)
def limit_of_bare_answers_is_exact(case: ClientCase) -> None:
    """An object whose JSON text has 262,143 bytes is answered bare, one of 262,144 compressed."""
    proxy = OldProxy(case)
    proxy.send("echo", value={"text": ""})
    (empty,) = proxy.answers(1)
    most = _LARGE_BYTES - 1 - len(empty.encode())
    for length in (most, most + 1):
        proxy.send("echo", value={"text": "x" * length})
    smaller, larger = sorted(proxy.answers(2), key=lambda answer: not answer.startswith("{"))
    case.expect(
        smaller.startswith("{"),
        "an object of 262,143 bytes is not answered bare",
        came=smaller[:200],
    )
    case.expect(
        not larger.startswith("{"),
        "an object of 262,144 bytes is not compressed",
        came=larger[:200],
    )
    case.expect_equal(
        len(smaller.encode()), _LARGE_BYTES - 1, "what is answered bare has not 262,143 bytes"
    )
    case.expect_equal(
        expanded(larger), {"text": "x" * (most + 1)}, "the compressed answer is not the result"
    )


@client_check("v0.compressed", "V0-4", needs=_NEEDS)
def everything_else_is_answered_compressed(case: ClientCase) -> None:
    """What is no object, or has 262,144 bytes or more, is answered as Base58 of its gzip."""
    proxy = OldProxy(case)
    values: list[Any] = ["text", 7, ["list"], None, {"text": "x" * _LARGE_BYTES}]
    sent = [proxy.send("echo", value=value) for value in values]
    for answer in proxy.answers(len(values)):
        value = expanded(answer)
        case.expect(value in values, "the answer is not the result", came=repr(value)[:200])
        values.remove(value)
    for each in sent:
        case.gone(each)


@client_check("v0.endpoint", "V0-4", needs=_NEEDS)
def proxy_that_knows_no_base58_is_answered_bare(case: ClientCase) -> None:
    """What is no object is answered bare to a proxy whose `env_config` has a member `endpoint`."""
    proxy = OldProxy(case)
    request = proxy.request("echo", value="text")
    request["ctx"]["env_config"]["endpoint"] = "127.0.0.1:9001"
    sent = proxy.put(request)
    (answer,) = proxy.answers(1)
    case.expect_equal(as_json(answer), "text", "the answer is not the bare JSON text of the result")
    case.gone(sent)


@client_check("v0.context", "V0-2", needs=_NEEDS)
def handler_gets_event_and_context(case: ClientCase) -> None:
    """The handler gets the event, and the context that the proxy tells in `ctx`."""
    proxy = OldProxy(case)
    request = proxy.request("context")
    proxy.put(request)
    (answer,) = proxy.answers(1)
    ctx, config = request["ctx"], request["ctx"]["env_config"]
    told = as_json(answer)
    case.expect(isinstance(told, dict), "the answer is not the context", came=answer[:200])
    remaining_ms = told.pop("remainingMs", None)
    for name in ("clientContext", "identity"):
        told.pop(name, None)
    case.expect_equal(
        told,
        {
            "awsRequestId": ctx["request_id"],
            "functionName": config["function_name"],
            "functionVersion": config["version"],
            "invokedFunctionArn": ctx["invoked_function_arn"],
            "memoryLimitInMb": config["memory"],
            "logGroupName": config["log_group"],
            "logStreamName": config["log_stream"],
            "traceId": ctx["xray_trace_id"],
        },
        "the handler's context is not that of `ctx`",
    )
    left_ms = ctx["deadline"] - case.witness.now_ms()
    case.expect(
        isinstance(remaining_ms, int | float) and left_ms - 500 < remaining_ms < left_ms + 8_000,
        "the time that remains is not that until `ctx.deadline`",
        came=str(remaining_ms),
    )


@client_check("v0.exact-event", "V0-2", "PAY-1", needs=_NEEDS)
def event_is_handed_on_as_it_is(case: ClientCase) -> None:
    """The handler gets the event with its very numbers and characters."""
    proxy = OldProxy(case)
    value: dict[str, object] = {"text": "e\u0301 \u00e9", "number": 9_007_199_254_740_993}
    if not case.manifest.has_exact_numbers:
        del value["number"]
    sent = proxy.send("echo", value=value)
    (answer,) = proxy.answers(1)
    case.expect_equal(as_json(answer), value, "another event came to the handler")
    case.gone(sent)


@client_check("v0.recognised", "V0-2", "SES-29", needs=_NEEDS)
def nothing_else_is_taken_for_version_0(case: ClientCase) -> None:
    """A message is of version 0 only with exactly `event` and `ctx`, and an ID and a deadline."""
    proxy = OldProxy(case)
    strange: list[dict[str, Any]] = [proxy.request("echo", value=1) for _ in range(5)]
    strange[0]["more"] = True
    strange[1]["ctx"]["request_id"] = 17
    strange[2]["ctx"]["deadline"] = str(strange[2]["ctx"]["deadline"])
    strange[3]["ctx"]["deadline"] += 0.5
    del strange[4]["ctx"]["deadline"]
    for request in strange:
        sent = proxy.put(request)
        case.gone(sent)
        expect_runs(case, sent, 0, "a message that is not quite of version 0 is run")
    proxy.expect_silence(0.2, "a message that is not quite of version 0 is answered")


@client_check("v0.key", "V0-3", needs=_NEEDS)
def retry_is_another_request(case: ClientCase) -> None:
    """The key is ID and deadline: a copy is not run again, a retry with another deadline is."""
    proxy = OldProxy(case)
    request = proxy.request("echo", value={"run": 1})
    sent = proxy.put(request)
    proxy.answers(1)
    case.gone(sent)

    copy = proxy.put(request)
    case.gone(copy)
    expect_runs(case, copy, 1, "a second copy of a request that is answered is run")
    request["ctx"]["deadline"] += 7
    retry = proxy.put(request)
    proxy.answers(1)
    case.gone(retry)
    expect_runs(case, retry, 2, "a retry with the same ID and another deadline is not run")
    request["ctx"]["request_id"] = request["ctx"]["request_id"][::-1]
    other = proxy.put(request)
    proxy.answers(1)
    case.gone(other)
    expect_runs(case, other, 3, "a request with another ID and the same deadline is not run")


@client_check("v0.never-late", "V0-5", needs=_NEEDS)
def nothing_is_answered_late(case: ClientCase) -> None:
    """A request is not answered later than 2 s before its deadline, but deleted."""
    proxy = OldProxy(case)
    flag = case.fresh("flag")
    sent = proxy.send("wait", deadline_in_s=3.2, flag=flag, value={"late": True})
    case.began(sent.nonce)
    time.sleep(1.4)
    case.flag(flag)
    run_ended(case, sent.nonce)
    proxy.expect_silence(1.0, "an answer is sent later than 2 s before the deadline")
    case.gone(sent)


@client_check("v0.not-too-soon", "V0-9", needs=_NEEDS)
def nothing_is_answered_too_soon(case: ClientCase) -> None:
    """A request is not answered sooner than 1 s after SQS stored it, unless time is too short."""
    proxy = OldProxy(case)
    sent = proxy.send("echo", value={"soon": True})
    proxy.answers(1)
    waited_ms = proxy.taken[-1].sent_at_ms - case.requests.message(sent.message_id).sent_at_ms
    case.expect(
        waited_ms >= _PURGE_MS - 50,
        "an answer is sent while the proxy may still be emptying its response queue",
        came=f"It came {waited_ms} ms after the request.",
    )
    proxy.send("echo", deadline_in_s=2.9, value={"short": True})
    proxy.answers(1)


@client_check("v0.error-held", "V0-6", needs=_NEEDS)
def error_is_held(case: ClientCase) -> None:
    """A failed request is held: not answered, not run again until Enter is pressed."""
    proxy = OldProxy(case)
    flag = case.fresh("flag")
    sent = proxy.send("throw-until", flag=flag, type="Broken", message="no", value={"mended": 1})
    run_ended(case, sent.nonce)
    proxy.expect_silence(1.3, "the error of a request of version 0 is reported unasked")
    expect_runs(case, sent, 1, "a held request is run again without being asked")
    message = case.requests.message(sent.message_id)
    case.expect(not message.is_deleted, "a held request is deleted")

    case.flag(flag)
    press_until(case, sent.nonce, 2)
    (answer,) = proxy.answers(1)
    case.expect_equal(as_json(answer), {"mended": 1}, "the answer is not that of the second run")
    case.gone(sent)


@client_check("v0.error-never-sent", "V0-6", "V0-5", needs=_NEEDS)
def held_error_is_not_sent_in_the_end(case: ClientCase) -> None:
    """A request of version 0 that is held until its time is over is deleted, unanswered."""
    proxy = OldProxy(case)
    sent = proxy.send("throw", deadline_in_s=4.3, type="Broken", message="no")
    run_ended(case, sent.nonce)
    proxy.expect_silence(2.6, "the error of a request of version 0 is reported in the end")
    case.gone(sent)
    expect_runs(case, sent, 1, "a held request is run again without being asked")


@client_check("v0.error-reported", "V0-6", needs=_NEEDS, setup=_REPORTING)
def error_is_reported_when_asked_for(case: ClientCase) -> None:
    """A client that is told to reports the error of a failed request as its bare error body.

    One that cannot be told, by its manifest, holds it.
    """
    proxy = OldProxy(case)
    sent = proxy.send("throw", type="Broken", message="no")
    if _OPTION not in case.manifest.side(Role.CLIENT).options:
        run_ended(case, sent.nonce)
        proxy.expect_silence(1.3, "the error of a request of version 0 is reported unasked")
        return
    (answer,) = proxy.answers(1)
    told = as_json(answer)
    case.expect(
        isinstance(told, dict)
        and (told.get("errorType"), told.get("errorMessage")) == ("Broken", "no"),
        "the answer is not the error body of the handler's failure",
        came=answer[:200],
    )
    case.gone(sent)
    expect_runs(case, sent, 1, "a failed request is run again without being asked")


@client_check("v0.warned-once", "V0-7", needs=_NEEDS, alone=True)
def warning_is_given_once(case: ClientCase) -> None:
    """A client warns once: it says more about its first request of version 0 than of later ones.

    Whatever the words are: of three requests that differ in nothing but their IDs, only the first
    is told of in words that are not said of the others, too.
    """
    proxy = OldProxy(case)
    case.gone(case.send(case.request("echo", value={"same": True})))
    words_about(case, lambda: None)
    first, *later = (words_about(case, lambda: _serve(case, proxy)) for _ in range(3))
    only_first = first.difference(*later)
    case.expect(
        len(only_first) >= LEAST_WORDS,
        "the client does not warn that an answer of version 0 can reach the wrong invocation",
        came=" ".join(sorted(first)),
        hint="It says of its first request of version 0 nothing that it does not say of the next.",
    )


def _serve(case: ClientCase, proxy: OldProxy) -> None:
    sent = proxy.send("echo", value={"same": True})
    proxy.answers(1)
    case.gone(sent)


@client_check("v0.needs-response-queue", "V0-1", needs=_NEEDS, setup=_ONE_WAY)
def version_0_is_not_served_without_a_response_queue(case: ClientCase) -> None:
    """A client without a response queue does not run a request of version 0."""
    proxy = OldProxy(case)
    sent = proxy.send("echo", value={"ran": True})
    case.gone(sent)
    expect_runs(case, sent, 0, "a request of version 0 is run that nobody can answer")
    proxy.expect_silence(0.2, "a request is answered although no response queue is configured")
