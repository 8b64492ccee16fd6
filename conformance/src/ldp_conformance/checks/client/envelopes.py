"""Envelopes: what a client takes for a request, and what it makes of version and members."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import client_check
from ldp_conformance.checks.client.refusing import (
    ABSENT,
    Bad,
    Reply,
    changed,
    expect_refused,
    variant,
)
from ldp_conformance.checks.client.strict import MOST, envelope_in
from ldp_conformance.ports.setups import Feature

if TYPE_CHECKING:
    from typing import Any

    from ldp_conformance.cases.client_case import ClientCase

#: Values that a later version could give a member of its own.
_STRANGE: Final[tuple[object, ...]] = (
    None,
    True,
    -1.5,
    "x",
    [],
    [{"a": [None]}],
    {},
    {"version": "9.0"},
)
_MINORS: Final = (1, 2, 10, 9999)


@client_check("envelope.form", "ENV-1", "ENV-3", "ENV-4", "ENV-6", "ENV-7", "ENV-12")
def envelopes_are_well_formed(case: ClientCase) -> None:
    """A result and an error are each one JSON object, read by the strictest of parsers.

    That is: no byte order mark, no name twice in an object, no integer beyond 2^53 - 1, no `NaN`,
    an integer in every member that ends in `Ms`, and none of the reserved names.
    """
    for request in (
        case.request("echo", value={"a": [1, None, "ä"]}),
        case.request("throw", type="Broken", message="it broke"),
    ):
        sent = case.send(request)
        envelope = envelope_in(case.reply(sent).message)
        case.expect_equal(envelope["kind"], "response", "the envelope is of another kind")
        case.gone(sent)


@client_check(
    "envelope.accepted-form", "ENV-1", "ENV-3", "ENV-6", "ENV-12", needs=[Feature.ACCEPTED]
)
def accepted_is_well_formed(case: ClientCase) -> None:
    """An `accepted` is one JSON object, read by the strictest of parsers."""
    sent = case.send(case.in_start_window("echo", value=1))
    envelope = envelope_in(case.reply(sent, "accepted").message)
    case.expect_equal(envelope["kind"], "accepted", "the envelope is of another kind")
    case.answer(sent)
    case.gone(sent)


@client_check("envelope.refused-characters", "ENV-5")
def refused_characters_are_escaped(case: ClientCase) -> None:
    """U+FFFE and U+FFFF leave the client escaped, in a result and in what tells of an error.

    SQS refuses a whole message for one of them, so that its answer would never arrive.
    """
    text = "a\ufffe\uffffb\U0001fffe"
    sent = case.send(case.request("echo", value=text))
    case.expect_equal(case.result(sent), text, "the characters do not arrive")
    envelope_in(case.reply(sent).message)

    failing = case.send(case.request("throw", type="Broken", message=text))
    case.expect_equal(case.error(failing).message, text, "the characters do not arrive")
    envelope_in(case.reply(failing).message)
    case.gone(failing)


@client_check("envelope.unknown-members", "ENV-2", "ENV-12")
def unknown_members_are_ignored(case: ClientCase) -> None:
    """Members that a client does not know change nothing, at every level of a request."""
    for value in _STRANGE:
        nonce = case.fresh("nonce")
        request = case.request("echo", nonce=nonce, value="unmoved")
        request["context"]["identity"] = {"cognitoIdentityId": "id", "later": value}
        request["context"]["later"] = value
        request["payload"]["later"] = value
        sent = case.send({"later": value, "environment": value, **request, "signature": value})
        case.expect_equal(
            case.result(sent),
            "unmoved",
            f"the answer changes with unknown members that are {json.dumps(value)}",
        )
        case.gone(sent)


@client_check("envelope.minor-versions", "ENV-8", "ENV-9", "ENV-7")
def answers_in_the_lower_version(case: ClientCase) -> None:
    """A request of any minor version is served, and answered in the lower of both versions."""
    own = _minor_of_answer(case, 9999)
    for minor in (0, *_MINORS):
        case.expect_equal(
            _minor_of_answer(case, minor),
            min(minor, own),
            f"the answer to a request of version 1.{minor} is not in the lower version",
            hint=f"To a request of version 1.9999 the client answers in 1.{own}: its own version.",
        )


def _minor_of_answer(case: ClientCase, minor: int) -> int:
    request = case.request("echo", value=minor)
    sent = case.send(request | {"version": f"1.{minor}"})
    case.expect_equal(case.result(sent), minor, f"version 1.{minor} is not served as 1.0 is")
    case.gone(sent)
    return int(case.response(sent)["version"].partition(".")[2])


@client_check("envelope.other-major", "ENV-10", "ENV-7", "SES-31", "ERR-13")
def another_major_version_is_bad_input(case: ClientCase) -> None:
    """A request of another major version is not served, and answered with `Client.BadRequest`."""
    expect_refused(
        case,
        [
            variant(case, f"the version {version}", "/version", version, Reply.ERROR)
            for version in ("2.0", "0.9", "10.0", "2.1")
        ],
        ("ENV-10",),
    )


@client_check("envelope.no-version", "ENV-7", "ENV-10", "SES-29")
def what_is_no_version_is_bad_input(case: ClientCase) -> None:
    """What is no `version` by the letter does not make a request: `1`, `1.00`, `01.0`.

    Whether such a request can be answered is not for the specification to say.
    """
    values = ("1", "1.", "1.00", "01.0", "1.0.0", "v1.0", " 1.0", "1.0\n", "", 1, 1.0, None, ABSENT)
    expect_refused(
        case,
        [variant(case, _called("version", v), "/version", v, Reply.EITHER) for v in values],
        ("ENV-7",),
    )


@client_check("envelope.other-kind", "ENV-10", "SES-31")
def another_kind_is_bad_input(case: ClientCase) -> None:
    """An envelope of a kind that does not exist is not served, and answered with an error."""
    expect_refused(
        case,
        [
            variant(case, f"the kind {kind!r}", "/kind", kind, Reply.ERROR)
            for kind in ("notice", "Request", "request ", "REQUEST")
        ],
        ("ENV-10",),
    )


@client_check("envelope.foreign-kind", "ENV-10", "SES-29")
def a_reply_is_no_request(case: ClientCase) -> None:
    """A reply in the request queue, or what has no kind at all, reaches no handler.

    Each has all that a request has, so that only its kind tells.
    """
    kinds = ("response", "accepted", "declined", None, 1, ABSENT)
    expect_refused(
        case,
        [variant(case, _called("kind", kind), "/kind", kind, Reply.EITHER) for kind in kinds],
        ("ENV-10",),
    )


@client_check("envelope.request-id", "ENV-13", "ENV-14")
def request_ids_come_back(case: ClientCase) -> None:
    """Any `requestId` that is allowed comes back as it was, 1 to 128 characters long."""
    for name in ("0", "-", "_", "-_-", "A" * 128, "constructor", "null", case.fresh("Zz_9")):
        sent = case.send(case.request("echo", value=name) | {"requestId": name})
        response = case.response(sent)
        case.expect_equal(response["requestId"], name, "the requestId comes back otherwise")
        case.gone(sent)


@client_check("envelope.no-request-id", "ENV-13", "SES-29")
def what_is_no_request_id_is_bad_input(case: ClientCase) -> None:
    """What is no `requestId` does not make a request, and is not echoed in an answer."""
    values = ("", "A" * 129, "a/b", "../x", "a b", "ä", "x\n", 5, None, ABSENT)
    expect_refused(
        case,
        [variant(case, _called("requestId", v), "/requestId", v, Reply.NONE) for v in values],
        ("ENV-13",),
    )


@client_check("envelope.answer-by", "ENV-14", "ENV-6")
def answer_by_comes_back(case: ClientCase) -> None:
    """`answerByMs` comes back as it was, to the millisecond, up to the largest that there is."""
    now_ms = case.witness.now_ms()
    for answer_by_ms in (now_ms + 30_001, now_ms + 899_999, MOST):
        sent = case.send(case.request("echo", value=1) | {"answerByMs": answer_by_ms})
        response = case.response(sent)
        case.expect_equal(response["answerByMs"], answer_by_ms, "answerByMs comes back otherwise")
        case.gone(sent)


@client_check("envelope.unknown-encodings", "ENV-19")
def unknown_encodings_are_ignored(case: ClientCase) -> None:
    """Names in `acceptEncodings` that a client does not know change nothing."""
    for names in (["zstd", "text"], ["text", "br+base64", "s4", "-", "+"], ["9" * 32, "text"]):
        sent = case.send(case.request("echo", value="unmoved") | {"acceptEncodings": names})
        case.expect_equal(case.result(sent), "unmoved", f"{names} is not served as text alone is")
        case.gone(sent)


@client_check("envelope.deadline-past", "ENV-23", "SES-7")
def a_past_deadline_changes_nothing(case: ClientCase) -> None:
    """A `deadlineMs` in the past ends nothing: the event runs, keeps its lease, and is answered."""
    request = case.request("wait", flag=(flag := case.fresh("flag")), value="done")
    request["context"]["deadlineMs"] = case.witness.now_ms() - 60_000
    sent = case.send(request)
    case.began(sent.nonce)
    renewed = case.requests.wait(
        lambda each: each.id == sent.message_id and bool(each.receives[-1].renewals),
        within_s=2.0 * case.setup.lease_s,
    )
    case.flag(flag)
    case.expect(renewed is not None, "the lease of an event past its deadlineMs is not renewed")
    case.expect_equal(case.result(sent), "done", "the event is not served to its end")
    case.gone(sent)


@client_check("envelope.deadline-ahead", "ENV-23", "SES-2")
def a_late_deadline_changes_nothing(case: ClientCase) -> None:
    """A `deadlineMs` ahead does not lengthen the time to answer: past `answerByMs` nothing runs."""
    request = case.request("echo", value=1, answer_in_s=-1.0)
    request["context"]["deadlineMs"] = case.witness.now_ms() + 600_000
    sent = case.send(request)
    case.gone(sent)
    case.expect(not case.runs(sent.nonce), "an event ran that nobody waits for any more")
    case.no_answer(sent, for_s=0.1)


@client_check("envelope.one-way-members", "ENV-17", "SES-29")
def one_way_requests_say_nothing_of_answers(case: ClientCase) -> None:
    """A one-way request with a member about its answer is bad input."""
    now_ms = case.witness.now_ms()
    members: dict[str, Any] = {
        "replyTo": case.reply_queue.url,
        "answerByMs": now_ms + 30_000,
        "startByMs": now_ms + 30_000,
        "maxReplyBytes": 4_096,
        "acceptEncodings": ["text"],
    }
    bads = []
    for name, value in members.items():
        nonce = case.fresh("nonce")
        body = changed(case.one_way("echo", nonce=nonce, value=1), f"/{name}", value)
        bads.append(Bad(f"oneWay true and {name}", body, nonce, Reply.EITHER))
    expect_refused(case, bads, ("ENV-17",))


def _called(name: str, value: object) -> str:
    return f"no {name}" if value is ABSENT else f"the {name} {json.dumps(value)[:60]}"
