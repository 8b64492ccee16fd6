"""Errors: the handler's, which pass through, and the client's own, which have types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.check import client_check
from ldp_conformance.checks.client.answers import body_of
from ldp_conformance.checks.client.refusing import ABSENT, changed
from ldp_conformance.checks.client.results import asking

if TYPE_CHECKING:
    from typing import Any

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import HandlerError, Sent

#: The types that a client may use (ERR-1).
_TYPES: Final = frozenset({"Client.ResultTooLarge", "Client.BadRequest", "Client.StorageError"})
_MARKER: Final = "kohlrabi-in-a-payload"
#: What only a signed URL has.
_SIGNED: Final = ("X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId")
#: A message in which nothing is said is shorter than this, in characters.
_FEW_CHARACTERS: Final = 20


@client_check("error.handler-s-own", "ENV-27", "ENV-28", "ERR-1", "SES-18")
def a_handler_s_error_passes_through(case: ClientCase) -> None:
    """A handler's error reaches the caller with its own type and message, whatever they are.

    Even a type that looks like one of the client's own, or a message that looks like JSON.
    """
    for kind, message in (
        ("ValueError", "no such order"),
        ("Broken", '{"errorType": "Other", "errorMessage": "inner"}'),
        ("Straße", "line one\nline two\ttab"),
        ("E" * 300, "m" * 900),
        ("Throttled", "0"),
    ):
        sent = case.send(case.request("throw", type=kind, message=message))
        error = case.error(sent)
        body = body_of(error)
        case.expect_equal(
            [error.type, error.message, body.get("errorType"), body.get("errorMessage")],
            [kind, message, kind, message],
            "the handler's error arrives as another",
        )
        case.gone(sent)


@client_check("error.unserialisable", "ENV-27", "SES-18", "ERR-1")
def a_result_without_json_is_an_error(case: ClientCase) -> None:
    """A result that has no JSON form is an error of the handler's runtime, not of the client's."""
    sent = case.send(case.request("unserialisable"))
    error = case.error(sent)
    case.expect(error.type, "the error has no type", requirements=("ENV-28",))
    case.expect(
        not error.type.startswith(("Client.", "Proxy.")),
        "the error is one of the client's own",
        came=f"{error.type}: {error.message}",
    )
    case.gone(sent)
    after = case.send(case.request("echo", value="after"))
    case.expect_equal(case.result(after), "after", "the next event is not served")
    case.gone(after)


@client_check("error.types", "ERR-1", "ERR-2", "ERR-12", "ERR-13")
def own_errors_have_types_and_sentences(case: ClientCase) -> None:
    """The client's own errors have one of three types, and a sentence that says what to do."""
    for sent in _provoked(case):
        error = case.error(sent)
        case.expect(error.type in _TYPES, "the error has no type that is known", came=error.type)
        is_told = len(error.message) >= _FEW_CHARACTERS and " " in error.message
        case.expect(
            is_told, "the message says nothing", came=error.message, requirements=("ERR-2",)
        )
        body = body_of(error)
        case.expect_equal(
            [body.get("errorType"), str(body.get("errorMessage"))[:1_000]],
            [error.type, error.message[:1_000]],
            "the error body says something else than the error",
            requirements=("ENV-27", "ERR-1"),
        )
        case.gone(sent)


@client_check("error.discretion", "ERR-2", "SEC-5")
def own_errors_give_nothing_away(case: ClientCase) -> None:
    """The client's own errors have no payloads, no credentials and no signed URLs in them."""
    for sent in _provoked(case):
        error = case.error(sent)
        for what, secret in _secrets(case):
            case.expect(
                secret not in error.message and secret not in error.body.decode(errors="replace"),
                f"the error shows {what}",
                came=f"{error.type}: {error.message}",
            )
        case.gone(sent)


def _secrets(case: ClientCase) -> list[tuple[str, str]]:
    known = [("the payload", _MARKER)]
    known += [(name, value) for name, value in case.stage.secrets.items()]
    return known + [("a signed URL", word) for word in _SIGNED]


def _provoked(case: ClientCase) -> list[Sent]:
    """Requests that a client answers with an error of its own; each has a marker in its event."""
    valid = case.request("echo", value=_MARKER)
    text = valid["payload"]["data"]
    return [
        case.send(asking(case, "echo", most=1_024, accept=("text",), value=_MARKER * 100)),
        *(
            case.send(_another(case, valid, pointer, value))
            for pointer, value in (
                ("/payload/encoding", "base64"),
                ("/payload/encoding", "gzip+base64"),
                ("/payload/encoding", _MARKER),
                ("/payload/data", [text]),
                ("/context/functionName", [_MARKER]),
                ("/context", ABSENT),
                ("/acceptEncodings", [_MARKER]),
                ("/version", "2.0"),
            )
        ),
    ]


def _another(
    case: ClientCase, request: dict[str, Any], pointer: str, value: object
) -> dict[str, Any]:
    fresh = request | {"requestId": case.request()["requestId"]}
    return changed(fresh, pointer, value)


@client_check("error.after-error", "SES-18", "SES-29", "ENV-26")
def an_error_ends_nothing(case: ClientCase) -> None:
    """After a handler's error the next event is served as if nothing had been."""
    errors: list[HandlerError] = []
    for number in range(3):
        failing = case.send(case.request("throw", type="Broken", message=str(number)))
        errors.append(case.error(failing))
        serving = case.send(case.request("echo", value=number))
        case.expect_equal(case.result(serving), number, "the next event is not served")
        case.gone(failing)
        case.gone(serving)
    case.expect_equal(
        [error.message for error in errors], ["0", "1", "2"], "an error is another event's"
    )
