"""What the client's own envelopes say: the response, the error in it, `accepted`, `declined`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.check import NonConformance, client_check
from ldp_conformance.ports.setups import Feature
from ldp_conformance.witness import ClockOff

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import HandlerError

#: How many bytes `errorType` and `errorMessage` may have (ENV-28).
MOST_BYTES: Final = 1_024
#: Twice as long as a client has to start a handler, where it is to be late.
_LATE_S: Final = 20.0


@client_check("envelope.result-or-error", "ENV-26", "PAY-2")
def a_response_has_a_result_or_an_error(case: ClientCase) -> None:
    """A result comes as `payload` alone, `null` too; a failure as `error` alone."""
    values: tuple[object, ...] = (
        None,
        False,
        0,
        "",
        [],
        {},
        "e\u0301",
        {"error": {}, "errorType": "no"},
    )
    for value in values:
        sent = case.send(case.request("echo", value=value))
        case.expect_equal(case.result(sent), value, "the result is not what was returned")
        _expect_only(case, case.response(sent), "payload")
        case.gone(sent)
    failing = case.send(case.request("throw", type="Broken", message="it broke"))
    _expect_only(case, case.response(failing), "error")
    case.gone(failing)


def _expect_only(case: ClientCase, response: dict[str, Any], name: str) -> None:
    found = [each for each in ("payload", "error") if each in response]
    case.expect_equal(found, [name], "the response has not what it must have of the two")


@client_check("envelope.error-body", "ENV-27")
def the_error_body_is_whole(case: ClientCase) -> None:
    """The error body in `error.payload` has the whole message, where `errorMessage` is cut."""
    for message in ("it broke", "", 'ä\n\t"\\ \u2028 🙂', "long " * 2_000):
        sent = case.send(case.request("throw", type="Broken", message=message))
        body = body_of(case.error(sent))
        found = {name: body.get(name) for name in ("errorType", "errorMessage")}
        case.expect_equal(
            found,
            {"errorType": "Broken", "errorMessage": message},
            "the error body is not the one that the handler's runtime makes",
        )
        case.gone(sent)


@client_check("envelope.error-head", "ENV-28")
def the_error_head_repeats_the_body(case: ClientCase) -> None:
    """`errorType` and `errorMessage` say what the error body says, where that is short enough."""
    full = "é" * (MOST_BYTES // 2)
    for kind, message in (("Broken", "it broke"), ("Österreich", full), ("E", ""), ("T", "🙂")):
        sent = case.send(case.request("throw", type=kind, message=message))
        error = case.error(sent)
        case.expect_equal(
            [error.type, error.message], [kind, message], "the error's head says something else"
        )
        case.gone(sent)


@client_check("envelope.error-head-cut", "ENV-28")
def the_error_head_is_cut_at_a_character(case: ClientCase) -> None:
    """`errorType` and `errorMessage` have at most 1,024 bytes and end with a whole character.

    Characters of two, three and four bytes are shifted, so that each place is cut in which
    one could be cut in two.
    """
    for character, shifts in (("x", 1), ("é", 2), ("漢", 3), ("🙂", 4)):
        for shift in range(shifts):
            text = "a" * shift + character * MOST_BYTES
            sent = case.send(case.request("throw", type=text, message=text))
            error = case.error(sent)
            _expect_cut(case, "errorType", error.type, text)
            _expect_cut(case, "errorMessage", error.message, text)
            case.gone(sent)


def _expect_cut(case: ClientCase, name: str, found: str, whole: str) -> None:
    size = len(found.encode(errors="replace"))
    case.expect(size <= MOST_BYTES, f"{name} has {size:,} bytes, more than 1,024", came=found[:200])
    is_beginning = bool(found) and whole.startswith(found)
    case.expect(
        is_beginning, f"{name} is not the beginning of what the body says", came=found[-200:]
    )


@client_check("envelope.error-head-unicode", "ENV-28", "ENV-5")
def the_error_head_is_well_formed(case: ClientCase) -> None:
    """`errorType` and `errorMessage` are well-formed Unicode, whatever the handler fails with."""
    halves = ("\ud800", "x\udfff", "\ude42\ud83d", "\ud83d" + "🙂")
    for text in halves:
        sent = case.send(case.request("throw", type="Broken", message=text))
        response = case.response(sent)
        case.expect("error" in response, "a failing handler's answer is no error")
        for name in ("errorType", "errorMessage"):
            found = response["error"][name]
            case.expect(
                not any("\ud800" <= character <= "\udfff" for character in found),
                f"{name} has half of a surrogate pair",
                came=json.dumps(found),
            )
        case.gone(sent)


@client_check("envelope.accepted-client", "ENV-24", "ENV-14", needs=[Feature.ACCEPTED])
def accepted_names_its_client(case: ClientCase) -> None:
    """Every `accepted` of one client names the same `instanceId`, and copies what it answers to."""
    found = set()
    for number in range(3):
        request = case.in_start_window("echo", value=number)
        sent = case.send(request)
        accepted = case.reply(sent, "accepted").envelope
        case.expect_equal(
            accepted["answerByMs"], request["answerByMs"], "answerByMs comes back otherwise"
        )
        found.add(accepted["client"]["instanceId"])
        case.answer(sent)
        case.gone(sent)
    case.expect(len(found) == 1, "one client names several instances", came=str(sorted(found)))


@client_check("envelope.instance-id", "ENV-24", needs=[Feature.ACCEPTED], alone=True)
def an_instance_id_is_new_at_each_start(case: ClientCase) -> None:
    """A client that is started again names another `instanceId`."""
    before = _instance_id(case)
    case.restart()
    after = _instance_id(case)
    case.expect(
        before != after, "a client that was started again calls itself the same", came=after
    )


def _instance_id(case: ClientCase) -> str:
    sent = case.send(case.in_start_window("echo", value=1, start_in_s=25.0))
    name: str = case.reply(sent, "accepted").envelope["client"]["instanceId"]
    case.answer(sent)
    case.gone(sent)
    return name


@client_check("envelope.declined", "ENV-25", "ENV-24", "ENV-14", needs=[Feature.ACCEPTED])
def declined_gives_a_reason(case: ClientCase) -> None:
    """A `declined` says why, who says so, and which request it is about.

    By the `Date` of SQS's answer the `accepted` is stored when the start window is over.
    """
    case.reply_queue.inject(ClockOff(_LATE_S, times=1))
    request = case.in_start_window("echo", value=1, start_in_s=_LATE_S / 2)
    sent = case.send(request)
    declined = case.reply(sent, "declined").envelope
    case.reply_queue.clear_faults()
    case.expect_equal(declined["reason"], "late", "the reason is another")
    case.expect_equal(
        declined["answerByMs"], request["answerByMs"], "answerByMs comes back otherwise"
    )
    case.expect(declined["client"]["instanceId"], "it does not say who declines")
    case.expect(not case.runs(sent.nonce), "the handler ran")
    case.gone(sent)


def body_of(error: HandlerError) -> dict[str, Any]:
    """The error body that a client passes on, which has to be a JSON object.

    Raises:
        NonConformance: It is none.
    """
    try:
        body = texts.loads(error.body)
    except ValueError as exc:
        raise NonConformance(
            f"the error body is no JSON text: {exc}", came=repr(error.body[:500])
        ) from exc
    if not isinstance(body, dict):
        raise NonConformance("the error body is no JSON object", came=repr(error.body[:500]))
    return body
