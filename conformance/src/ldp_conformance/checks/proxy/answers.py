"""What the caller gets of a response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.cases import payloads
from ldp_conformance.check import proxy_check
from ldp_conformance.ports.setups import Feature

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase

#: JSON texts that whoever parses and writes them again changes.
NASTY: Final = (
    b"null",
    b' { "b" : 1.10 ,\n "a":12345678901234567890, "a": 1e400 }\t',
    b'"\\ud800 and \\u00e9"',
    '"ü 東京 🚀 \u2028"'.encode(),
    '"\ufffe\uffff"'.encode(),
    b"-0.0",
    b"[]",
)
_ERROR: Final = (
    b'{"errorMessage": "no such order", "errorType": "OrderMissingError", "requestId": "",'
    b'  "stackTrace": ["  File \\"app.py\\", line 3, in handler\\n    raise\\n"],'
    b' "trace": ["1.10", 12345678901234567890]}'
)


@proxy_check("answer.bytes", "PAY-2", "PAY-3")
def answers_pass_byte_for_byte(case: ProxyCase) -> None:
    """The caller gets exactly the bytes that the handler's runtime produced."""
    for body in NASTY:
        invocation, request = case.exchange()
        case.respond(request, body)
        came = case.answer(invocation)
        case.expect(came == body, f"the caller got {came!r}, not {body!r}", came=repr(came))


@proxy_check("answer.encodings", "ENV-19", "PAY-3", "PAY-4", "PAY-5")
def every_listed_encoding_is_read(case: ProxyCase) -> None:
    """An answer is read in every encoding that the request lists."""
    body = b'{"text": "' + b"x" * 3000 + b'"}'
    forms: dict[str, dict[str, Any]] = {
        "text": payloads.text(body.decode()),
        "base64": payloads.in_base64(body),
        "gzip+base64": payloads.zipped(body),
    }
    for name, payload in forms.items():
        invocation, request = case.exchange()
        is_listed = name in request.envelope["acceptEncodings"]
        case.respond(request, payload if is_listed else body)
        came = case.answer(invocation)
        case.expect(came == body, f"the answer in {name} is another: {came[:50]!r}")


@proxy_check("answer.error", "ERR-15", "ENV-27", "ERR-14")
def errors_pass_with_type_message_and_stack(case: ProxyCase) -> None:
    """The handler's error reaches the caller with its type, message and stack trace."""
    invocation, request = case.exchange()
    case.respond_error(request, _ERROR)
    error = case.error(invocation)
    told, came = texts.loads(_ERROR), texts.loads(error.body)
    for name in ("errorType", "errorMessage", "stackTrace"):
        case.expect_equal(came.get(name), told[name], f"{name} of the error is another")


@proxy_check("answer.error-bytes", "ERR-14", "ENV-27", needs=[Feature.VERBATIM])
def errors_pass_byte_for_byte(case: ProxyCase) -> None:
    """The handler's error body reaches the caller byte for byte."""
    invocation, request = case.exchange()
    case.respond_error(request, _ERROR)
    error = case.error(invocation)
    case.expect(error.body == _ERROR, "the error body is another", came=error.body.decode())


@proxy_check("answer.error-payload", "ENV-27")
def the_error_body_is_the_payload(case: ProxyCase) -> None:
    """Of an error, the caller gets the payload, not `errorType` and `errorMessage` beside it."""
    invocation, request = case.exchange()
    response = case.failure(request, _ERROR)
    response["error"] |= {"errorType": "ForPeople", "errorMessage": "for people only"}
    case.put(request, response)
    error = case.error(invocation)
    case.expect(error.type == "OrderMissingError", f"the error is {error.type}", came=str(error))
    case.expect(error.message == "no such order", f"the message is {error.message!r}")


@proxy_check("answer.unknown-members", "ENV-2")
def unknown_members_are_ignored(case: ProxyCase) -> None:
    """Members that the proxy does not know change nothing, at any level."""
    invocation, request = case.exchange()
    response = case.response(request, b'"known"') | {"later": {"n": [1]}, "signature": 7}
    response["payload"] |= {"later": None, "bucket": 3}
    case.put(request, response)
    case.expect(case.answer(invocation) == b'"known"', "the answer is another")


@proxy_check("answer.minor", "ENV-8")
def later_minor_versions_are_taken(case: ProxyCase) -> None:
    """A response of any minor version of 1 is the answer."""
    for version in ("1.1", "1.10", "1.9999"):
        invocation, request = case.exchange()
        case.put(request, case.response(request, b'"later"') | {"version": version})
        came = case.answer(invocation)
        case.expect(came == b'"later"', f"the answer in {version} is another")


@proxy_check("answer.other-major-error", "ENV-11")
def errors_of_other_majors_are_answers(case: ProxyCase) -> None:
    """A response with an error is the answer, whatever its major version is."""
    body = b'{"errorType": "Client.BadRequest", "errorMessage": "I speak version 2 only"}'
    for version in ("2.0", "0.3", "17.4"):
        invocation, request = case.exchange()
        case.put(request, case.failure(request, body) | {"version": version})
        error = case.error(invocation)
        case.expect(error.type == "Client.BadRequest", f"in {version} it is {error.type}")
        case.expect(error.message == "I speak version 2 only", f"it says {error.message!r}")


@proxy_check("answer.other-major-form", "ENV-11")
def errors_of_other_majors_need_no_known_payload(case: ProxyCase) -> None:
    """An error of another major version is the answer, whatever its payload looks like."""
    invocation, request = case.exchange()
    error = {"errorType": "Client.BadRequest", "errorMessage": "of another time", "body": [1]}
    case.put(request, case.head(request, "response") | {"version": "2.0", "error": error})
    seen = case.error(invocation)
    case.expect(seen.type == "Client.BadRequest", f"the error is {seen.type}", came=str(seen.body))
    case.expect(seen.message == "of another time", f"the message is {seen.message!r}")


@proxy_check("answer.own-only", "EXC-2", "SQS-12", needs=[Feature.SHARED])
def answers_to_others_are_not_taken(case: ProxyCase) -> None:
    """A response to another request is not the answer, though it came first."""
    invocation, request = case.exchange()
    other = case.foreign()
    case.put(request, other)
    case.put(
        request, case.foreign() | {"awsRequestId": request.envelope["context"]["awsRequestId"]}
    )
    case.respond(request, b'"own"')
    came = case.answer(invocation)
    case.expect(came == b'"own"', f"the caller got {came!r}")


@proxy_check("answer.first", "EXC-3", "EXC-10", "SQS-12")
def the_first_answer_counts(case: ProxyCase) -> None:
    """The first response is the answer; later ones disturb nobody, and are deleted."""
    invocation, request = case.exchange()
    case.respond(request, b'"first"')
    second = case.respond(request, b'"second"')
    came = case.answer(invocation)
    case.expect(came == b'"first"', f"the caller got {came!r}")
    queue = case.reply_queue_of(request)
    third = case.respond(request, b'"third"')
    case.settle()
    case.settle()
    for message_id in (second, third):
        gone = queue.wait(_is_gone(message_id), within_s=3)
        case.expect(gone, "a later answer to a finished request is left", requirements=("EXC-10",))


@proxy_check("answer.deleted", "EXC-10")
def answers_are_deleted(case: ProxyCase) -> None:
    """The message of the answer is deleted once it was taken."""
    invocation, request = case.exchange()
    message_id = case.respond(request)
    case.answer(invocation)
    case.settle()
    gone = case.reply_queue_of(request).wait(_is_gone(message_id), within_s=3)
    case.expect(gone, "the message of the answer is left in the queue")


def _is_gone(message_id: str) -> Any:
    return lambda message: message.id == message_id and message.is_deleted
