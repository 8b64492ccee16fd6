"""Bad input: what is no valid request reaches no handler, is kept, and is answered if it can be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.cases.client_watch import WAITED, expect_runs, start_waiting
from ldp_conformance.check import client_check
from ldp_conformance.checks.client.files import contents
from ldp_conformance.checks.client.refusing import (
    ABSENT,
    Bad,
    Reply,
    changed,
    expect_refused,
    variant,
)
from ldp_conformance.requirements import Level
from ldp_conformance.witness import Hang

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent

_LONG: Final = "x" * 2_049
#: How long the answer takes that a bad twin could overtake, in seconds.
_STORING_S: Final = 1.0
#: How long to watch for an answer after what it would answer is deleted, in seconds.
_LATE_S: Final = 0.3
#: Wrong members, by pointer, of a request whose frozen members can be read.
_TERMS: Final[Mapping[str, tuple[object, ...]]] = {
    "/sentAtMs": (ABSENT, None, "1718071341001", -1, 1.5, 2**53, True),
    "/oneWay": (ABSENT, None, "false", 0),
    "/maxReplyBytes": (ABSENT, None, 1_023, 1_048_577, "4096", 4096.5),
    "/acceptEncodings": (
        *(ABSENT, None, [], "text", {"text": 1}, ["base64"], ["text"] * 2, ["text", 1]),
        ["text", "GZIP"],
        ["text", *(f"e{number}" for number in range(16))],
    ),
    "/startByMs": (None, "soon", -1, 1.5),
}
_CONTEXT: Final[Mapping[str, tuple[object, ...]]] = {
    "/context": (ABSENT, None, [], "{}"),
    "/context/awsRequestId": (ABSENT, "", 7, "x" * 257),
    "/context/functionName": (ABSENT, "", None, "x" * 257),
    "/context/functionVersion": (ABSENT, 7),
    "/context/invokedFunctionArn": (ABSENT, _LONG),
    "/context/memoryLimitInMb": (ABSENT, 0, "128", 1.5, None, 1_048_577),
    "/context/logGroupName": (ABSENT, None),
    "/context/logStreamName": (ABSENT, None, 5, "x" * 1_025),
    "/context/deadlineMs": (ABSENT, None, "1718072241165", -1, 2**53),
    "/context/traceId": (None, "", {}, _LONG),
    "/context/clientContext": ({"custom": {}}, None, "", "x" * 16_385),
    "/context/identity": (None, "id", []),
    "/context/identity/cognitoIdentityId": (5,),
}
_PAYLOAD: Final[Mapping[str, tuple[object, ...]]] = {
    "/payload": (ABSENT, None, "{}", []),
    "/payload/encoding": (ABSENT, None, 1, "Text", "json"),
    "/payload/data": (ABSENT, None, {}, 5),
}
#: Wrong members without which no answer has a way.
_FROZEN: Final[Mapping[str, tuple[object, ...]]] = {
    "/replyTo": (
        *(ABSENT, None, 5, "", "LAMBDA_PROXY_RESP"),
        "arn:aws:sqs:eu-west-1:123456789012:LAMBDA_PROXY_RESP",
    ),
    "/answerByMs": (ABSENT, None, "soon", -1, 1.5, 2**53),
}


@client_check("bad-input.terms", "SES-29", "SES-31", "ENV-15", "ENV-16", "ENV-19", "ENV-20")
def wrong_terms_are_bad_input(case: ClientCase) -> None:
    """A request whose terms are missing, or of a wrong type or range, is refused with an error."""
    expect_refused(case, _variants(case, _TERMS, Reply.ERROR), ("SES-29",))


@client_check("bad-input.context", "SES-29", "SES-31", "ENV-15", "ENV-21", "ENV-22")
def a_wrong_context_is_bad_input(case: ClientCase) -> None:
    """A request whose context lacks a member, or has it wrong, is refused with an error."""
    expect_refused(case, _variants(case, _CONTEXT, Reply.ERROR), ("SES-29",))


@client_check("bad-input.payload", "SES-29", "SES-31", "PAY-3", "PAY-11", "ENV-15")
def a_wrong_payload_is_bad_input(case: ClientCase) -> None:
    """A request whose payload is no payload object is refused with an error."""
    expect_refused(case, _variants(case, _PAYLOAD, Reply.ERROR), ("SES-29",))


@client_check("bad-input.no-way-back", "SES-29", "SES-31", "SEC-3", "ENV-14", "ENV-18")
def what_cannot_be_answered_is_not(case: ClientCase) -> None:
    """A request without a usable `replyTo` or `answerByMs` is deleted, and never answered."""
    expect_refused(case, _variants(case, _FROZEN, Reply.NONE), ("SES-31",))


def _variants(
    case: ClientCase, changes: Mapping[str, tuple[object, ...]], reply: Reply
) -> list[Bad]:
    return [
        variant(case, f"{pointer} {_told(value)}", pointer, value, reply)
        for pointer, values in changes.items()
        for value in values
    ]


def _told(value: object) -> str:
    return "missing" if value is ABSENT else f"being {json.dumps(value)[:40]}"


@client_check("bad-input.one-way", "SES-29", "SES-27", "ENV-17")
def a_wrong_one_way_request_is_not_answered(case: ClientCase) -> None:
    """A one-way request that is bad input is deleted, and not answered: it names no reply queue."""
    bads = []
    for pointer, value in (
        ("/payload/encoding", "json"),
        ("/context", ABSENT),
        ("/version", "2.0"),
    ):
        nonce = case.fresh("nonce")
        request = case.one_way("echo", nonce=nonce, value=1)
        bads.append(
            Bad(f"oneWay, and {pointer} wrong", changed(request, pointer, value), nonce, Reply.NONE)
        )
    expect_refused(case, bads, ("SES-29",))


@client_check("bad-input.garbage", "SES-29", "ENV-1")
def garbage_is_bad_input(case: ClientCase) -> None:
    """What is no JSON object, or no JSON at all, reaches no handler, and the client goes on.

    Some of it a lenient parser would take for a request.
    """
    bads = [Bad(f"nothing but {text[:30]!r}", text, "", Reply.NONE) for text in _GARBAGE]
    for what, spoil in _SPOILED:
        nonce = case.fresh("nonce")
        text = json.dumps(case.request("echo", nonce=nonce, value=1))
        bads.append(Bad(what, spoil(text), nonce, Reply.NONE))
    expect_refused(case, bads, ("SES-29",))


_GARBAGE: Final = (
    "x",
    " ",
    "{",
    "{}",
    "[]",
    "null",
    "true",
    "7",
    '"request"',
    '{"kind": "request"}',
    '{"version": "1.0", "kind": "request"}',
    '{"event": {}}',
    '{"event": {}, "ctx": {}}',
    "<request/>",
    "kind=request&version=1.0",
    "11111111111111111111",
    "[" * 50_000,
    '{"a":' * 20_000 + "1" + "}" * 20_000,
    "9" * 20_000,
    "ä🙂\u2028" * 100,
    "x" * 1_000_000,
)
_SPOILED: Final = (
    ("half its text missing", lambda text: text[: len(text) // 2]),
    ("its last brace missing", lambda text: text[:-1]),
    ("something behind it", lambda text: f"{text} x"),
    ("a second one behind it", lambda text: f"{text}\n{text}"),
    ("an array around it", lambda text: f"[{text}]"),
    ("a JSON string around it", json.dumps),
    ("a comma behind its last member", lambda text: f"{text[:-1]},}}"),
    ("a comment in it", lambda text: text.replace("{", "{/* a request */", 1)),
    ("single quotes", lambda text: text.replace('"version"', "'version'")),
    ("a name without quotes", lambda text: text.replace('"version"', "version")),
    ("NaN for its time", lambda text: text.replace('"sentAtMs": ', '"sentAtMs": NaN, "x": ')),
    ("Infinity in it", lambda text: text.replace("{", '{"x": -Infinity, ', 1)),
    ("a line break in a string", lambda text: text.replace("request", "req\nuest", 1)),
    ("a leading zero", lambda text: text.replace('"sentAtMs": ', '"sentAtMs": 0')),
)


@client_check("bad-input.kept", "SES-30", "SES-29")
def bad_input_is_kept_before_it_is_deleted(case: ClientCase) -> None:
    """The body of a bad message, and the place where it is bad, are on disk when it is deleted."""
    markers: list[str] = []
    for pointer, value in (("/context/memoryLimitInMb", "much"), ("/payload/encoding", "json")):
        marker, before = case.fresh("marker"), contents(case)
        request = case.request("echo", value=1) | {"later": marker}
        sent = case.send(changed(request, pointer, value))
        case.gone(sent)
        markers.append(marker)
        _expect_kept(case, marker)
        kept = _written_since(case, before)
        case.expect(
            pointer in kept.replace("\\/", "/"),
            f"what is kept does not say that {pointer} is wrong",
            came=kept[:1_000],
        )
    marker = case.fresh("marker")
    sent = case.send(f"no JSON, but {marker}")
    case.gone(sent)
    for each in (*markers, marker):
        _expect_kept(case, each)


def _expect_kept(case: ClientCase, marker: str) -> None:
    """Go on only if a file of the client's holds a marker.

    Raises:
        NonConformance: None does.
    """
    case.expect(
        any(marker.encode() in content for content in contents(case).values()),
        "a bad message was deleted, and its body is in no file of the client's",
        hint=f"Files are looked for below {case.port.scratch}, which [client.variables] of the "
        "manifest can name as {scratch}.",
    )


def _written_since(case: ClientCase, before: Mapping[Path, bytes]) -> str:
    """What the client wrote into its files; body and reason may stand in different ones."""
    news = (
        content.removeprefix(before.get(path, b""))
        for path, content in contents(case).items()
        if content != before.get(path)
    )
    return b"\n".join(news).decode(errors="replace")


@client_check("bad-input.goes-on", "SES-29", "SES-6")
def bad_input_is_handled_once(case: ClientCase) -> None:
    """A second copy of a bad message is refused as the first one was, and ends nothing."""
    nonce = case.fresh("nonce")
    request: dict[str, Any] = case.request("echo", nonce=nonce, value=1)
    sent = case.send(changed(request, "/payload/encoding", "json"))
    case.gone(sent)
    case.requests.bring_back(sent.message_id)
    case.gone(sent)
    bodies = {message.body for message in case.replies(sent)}
    case.expect(len(bodies) <= 1, "one request has two different answers", requirements=("SES-14",))
    expect_refused(case, [], ("SES-29",))


@client_check("bad-input.twin", "SES-31", "SES-14", "SES-29")
def a_bad_twin_takes_no_answer_away(case: ClientCase) -> None:
    """A bad message with the ID of a request in work, or answered, is deleted and not answered.

    The answer takes a while to be stored, so that a client with one handler, too, receives the
    first twin before.
    """
    waiting = start_waiting(case)
    request: dict[str, Any] = json.loads(waiting.sent.body)
    twins = [case.send(changed(request, "/version", "2.0"))]
    case.reply_queue.inject(Hang("SendMessage", seconds=_STORING_S))
    case.flag(waiting.flag)
    case.expect_equal(case.result(waiting.sent), WAITED, "the answer is not what was returned")
    case.gone(waiting.sent)
    twins.append(case.send(changed(request, "/context", ABSENT)))
    for twin in twins:
        case.gone(twin)
    _expect_one_answer(case, waiting.sent)
    expect_runs(case, waiting.sent, 1, "a bad message with the ID of a request reached the handler")


def _expect_one_answer(case: ClientCase, sent: Sent) -> None:
    first = case.reply(sent).message.body
    other = case.reply_queue.wait(
        lambda each: sent.request_id in each.body and each.body != first, within_s=_LATE_S
    )
    case.expect(
        other is None,
        "a bad message with the ID of an answered request is answered, too",
        came="" if other is None else other.body,
    )


@client_check("bad-input.redrive", "SES-30", alone=True, level=Level.SHOULD)
def bad_input_is_left_to_a_redrive_policy(case: ClientCase) -> None:
    """Where the request queue has a redrive policy a client leaves a bad message alone."""
    policy = {"deadLetterTargetArn": case.reply_queue.arn, "maxReceiveCount": 1_000}
    case.requests.change_settings(
        replace(case.requests.settings, redrive_policy=json.dumps(policy))
    )
    case.restart()
    sent = case.send(f"no JSON, but {case.fresh('marker')}")
    case.received(sent)
    after = case.send(case.request("echo", value="after"))
    case.expect_equal(case.result(after), "after", "the next request is not served")
    case.gone(after)
    case.expect(
        not case.requests.message(sent.message_id).is_deleted,
        "a bad message was deleted that the queue would have moved elsewhere",
    )
