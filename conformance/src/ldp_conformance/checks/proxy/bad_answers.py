"""Responses that cannot be the answer, and messages that are no replies at all."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.cases import payloads
from ldp_conformance.check import proxy_check
from ldp_conformance.ports.setups import Feature

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase

_ZIPPED: Final = gzip.compress(b'{"a": "' + b"xyz" * 400 + b'"}', mtime=0)
_DAMAGED: Final = _ZIPPED[:20] + bytes([_ZIPPED[20] ^ 0xFF]) + _ZIPPED[21:]
_FRAGMENT: Final = "nobody-else-has-this-7c41"
#: The length of a message that is logged, such as no time or number beside it is.
_LENGTH: Final = 7_919
_LENGTH_TOLD: Final = str(_LENGTH)
#: How many lines before and after it may belong to the entry of a log that a line is of.
_BESIDE: Final = 8


def _data(encoding: str, data: object) -> dict[str, Any]:
    return {"encoding": encoding, "data": data}


def _b64(body: bytes) -> str:
    return base64.b64encode(body).decode()


#: Payload objects that stand for nothing.
_UNDECODABLE: Final = {
    "an unknown encoding": _data("brotli", "abcd"),
    "base64 with a stray character": _data("base64", "bnV*bA=="),
    "base64 with a line break": _data("base64", "bnVs\nbA=="),
    "base64 without its padding": _data("base64", "bnVsbA"),
    "base64 of another alphabet": _data("base64", "_-8="),
    "damaged gzip": _data("gzip+base64", _b64(_DAMAGED)),
    "truncated gzip": _data("gzip+base64", _b64(_ZIPPED[:-6])),
    "gzip that is none": _data("gzip+base64", _b64(b"null")),
    "half of a surrogate pair": _data("text", "\ud800"),
    "a text that is a number": _data("text", 5),
    "no data": {"encoding": "text"},
}


@proxy_check("bad-answer.payload", "PAY-11", "EXC-16", "ERR-6", "ENV-19")
def undecodable_answers_fail_at_once(case: ProxyCase) -> None:
    """A response whose payload does not decode fails the invocation at once."""
    for what, payload in _UNDECODABLE.items():
        _expect_bad(case, {"payload": payload}, what)


@proxy_check("bad-answer.error", "EXC-16", "ENV-26", "ERR-6")
def malformed_responses_fail_at_once(case: ProxyCase) -> None:
    """A response with both, neither, or a broken one of payload and error fails at once."""
    payload = payloads.text("1")
    error = {"errorType": "E", "errorMessage": "m", "payload": payloads.text("{}")}
    _expect_bad(case, {"payload": payload, "error": error}, "payload and error")
    _expect_bad(case, {}, "neither payload nor error")
    _expect_bad(case, {"payload": [payload]}, "a payload that is an array")
    _expect_bad(case, {"error": error | {"payload": _data("brotli", "x")}}, "an undecodable error")
    _expect_bad(case, {"error": {"errorType": "E", "errorMessage": "m"}}, "an error without body")


@proxy_check("bad-answer.other-major", "ENV-10", "EXC-16")
def results_of_other_majors_are_no_answers(case: ProxyCase) -> None:
    """A result of another major version is not passed on; the invocation fails at once."""
    _expect_bad(case, {"version": "2.0", "payload": payloads.text('"two"')}, "a result of 2.0")


@proxy_check("bad-answer.too-large", "PAY-10", "ERR-6")
def answers_beyond_the_limit_are_refused(case: ProxyCase) -> None:
    """Decoding stops beyond 6,291,556 bytes, and what is as large as that passes."""
    limit = payloads.LARGEST_BYTES
    for too_large in (limit + 1, 8 * limit):
        payload = payloads.zipped(b'"' + b"x" * (too_large - 2) + b'"')
        _expect_bad(case, {"payload": payload}, f"a payload of {too_large:,} bytes")
    whole = b'"' + b"x" * (limit - 2) + b'"'
    invocation, request = case.exchange()
    case.respond(request, payloads.zipped(whole))
    case.expect(case.answer(invocation) == whole, "an answer of 6,291,556 bytes is another")


def _expect_bad(case: ProxyCase, members: dict[str, Any], what: str) -> None:
    invocation, request = case.exchange()
    at = time.monotonic()
    case.put(request, case.head(request, "response") | members)
    result = case.result(invocation)
    if result.function_error is None:
        case.expect(condition=False, sentence=f"{what} became the result {result.body[:100]!r}")
    case.error(invocation, "Proxy.BadAnswer")
    took_s = time.monotonic() - at
    case.expect(took_s < 6, f"with {what} it took {took_s:.1f} s to fail", requirements=("EXC-16",))  # noqa: PLR2004 - far from the deadline, and from a slow machine


@proxy_check("bad-message.kind", "ENV-10")
def unknown_kinds_are_no_answers(case: ProxyCase) -> None:
    """A message of an unknown kind with the own request ID does not end the exchange."""
    invocation, request = case.exchange()
    case.put(request, case.response(request, b'"progress"') | {"kind": "progress"})
    case.put(request, case.response(request, b'"request"') | {"kind": "request"})
    case.respond(request, b'"the answer"')
    came = case.answer(invocation)
    case.expect(came == b'"the answer"', f"the caller got {came!r}")


def _unreadable(case: ProxyCase) -> list[str]:
    text = json.dumps(case.foreign())
    return [
        f"{_FRAGMENT}: no JSON at all",
        f'["{_FRAGMENT}", "an array"]',
        json.dumps({"kind": "response", "note": _FRAGMENT}),
        text[:-10],
        json.dumps(case.foreign() | {"requestId": 5, "note": _FRAGMENT}),
        json.dumps(case.foreign() | {"requestId": "../" + _FRAGMENT}),
        json.dumps(case.foreign() | {"version": 2, "note": _FRAGMENT}),
    ]


@proxy_check("bad-message.deleted", "EXC-15", needs=[Feature.SHARED])
def unreadable_messages_are_deleted(case: ProxyCase) -> None:
    """Messages whose frozen members cannot be read are deleted, and the exchange goes on."""
    invocation, request = case.exchange()
    bodies = _unreadable(case)
    sent = {case.put(request, body): body for body in bodies}
    case.respond(request, b'"the answer"')
    came = case.answer(invocation)
    case.expect(came == b'"the answer"', f"the caller got {came!r}")
    for message_id, body in sent.items():
        message = case.reply_queue.message(message_id)
        case.expect(message.is_deleted, "a message that cannot be read is left", came=body)


@proxy_check("bad-message.logged", "EXC-15", "SEC-4", needs=[Feature.SHARED])
def unreadable_messages_are_logged_by_digest(case: ProxyCase) -> None:
    """A message that cannot be read is logged by SHA-256 and length, never by its content."""
    invocation, request = case.exchange()
    body = f"{_FRAGMENT}: {case.fresh('bad')}".ljust(_LENGTH)
    case.put(request, body)
    case.respond(request)
    case.answer(invocation)
    digest = hashlib.sha256(body.encode()).hexdigest()
    until = time.monotonic() + 5
    while _LENGTH_TOLD not in (told := around(case.port.output, digest)):
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    case.expect(told, "the SHA-256 of the message is not in what the proxy printed")
    case.expect(_LENGTH_TOLD in told, "the length of the message is not beside it", came=told)
    case.expect(
        _FRAGMENT not in case.port.output, "the content is in the log", requirements=("SEC-4",)
    )


def around(output: str, word: str) -> str:
    """The line of a log that a word is in, with those beside it: an entry may have several."""
    lines = output.splitlines()
    place = next((number for number, line in enumerate(lines) if word in line), None)
    return "" if place is None else "\n".join(lines[max(0, place - _BESIDE) : place + _BESIDE + 1])
