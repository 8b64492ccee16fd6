"""Results: the form in which one is sent, and what becomes of one that fits in none."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.cases import payloads
from ldp_conformance.cases.payloads import LARGEST_BYTES
from ldp_conformance.check import client_check
from ldp_conformance.ports.setups import Feature

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent

TOO_LARGE: Final = "Client.ResultTooLarge"
#: SQS's own limit for a message (PAY-8).
MOST_BYTES: Final = 1_048_576
_FEW_BYTES: Final = 4_096
#: What breaks where somebody escapes, normalises, trims or rounds.
_NASTY: Final[tuple[object, ...]] = (
    "e\u0301 \u212b \ufb01 \u1e9b\u0323",
    " \t\r\n ",
    "\u0000\u001f\u007f\u0085\u2028\ufeff",
    '"\\/</script>&amp; %00',
    {"b": 1, "a": {"": None, "\u00e9": [], "e\u0301": {}}},
    [9007199254740991, -9007199254740991, 0.5, 1e-7, True, False, None],
)


def asking(
    case: ClientCase, do: str, *, most: int = MOST_BYTES, accept: tuple[str, ...], **more: Any
) -> dict[str, Any]:
    """A request that says how large its answer may be, and which encodings it takes."""
    request = case.request(do, **more)
    return request | {"maxReplyBytes": most, "acceptEncodings": list(accept)}


def size_of(case: ClientCase, sent: Sent) -> int:
    """How many bytes the response to a request has, which have to be those of its text."""
    return len(case.reply(sent).message.body.encode())


def encoding_of(case: ClientCase, sent: Sent) -> str:
    """The encoding of the answer to a request, which has to be a result."""
    case.answer(sent)
    encoding: str = case.response(sent)["payload"]["encoding"]
    return encoding


@client_check("payload.simplest-form", "PAY-7", "PAY-3", "PAY-2")
def the_simplest_form_is_used(case: ClientCase) -> None:
    """A result that fits as text is sent as text, in whatever order `acceptEncodings` stands."""
    for accept in (("s3", "gzip+base64", "base64", "text"), ("text",), ("gzip+base64", "text")):
        sent = case.send(asking(case, "fill", accept=accept, bytes=100_000))
        case.expect_equal(encoding_of(case, sent), "text", "the result is not sent as text")
        case.expect_equal(case.result(sent), "x" * 99_998, "the result is not what was returned")
        case.gone(sent)


@client_check("payload.exact-result", "PAY-2", "PAY-3")
def nobody_tidies_a_result(case: ClientCase) -> None:
    """A result arrives as the handler's runtime wrote it: nothing is normalised or trimmed."""
    for value in _NASTY:
        sent = case.send(case.request("echo", value=value))
        case.expect_equal(case.result(sent), value, "the result is not what was returned")
        case.gone(sent)


@client_check("payload.exact-fit", "PAY-8", "PAY-7", "PAY-9", "ERR-12")
def a_result_that_just_fits_is_sent(case: ClientCase) -> None:
    """A text that makes a message of exactly the limit is sent; one of a byte more is not."""
    for most in (_FEW_BYTES, MOST_BYTES):
        fitting = _just_fitting(case, most)
        sent = case.send(asking(case, "fill", most=most, accept=("text",), bytes=fitting))
        case.expect_equal(
            encoding_of(case, sent), "text", f"a message of exactly {most:,} bytes is not sent"
        )
        case.expect_equal(size_of(case, sent), most, "the message has another size than planned")
        case.gone(sent)
        larger = case.send(asking(case, "fill", most=most, accept=("text",), bytes=fitting + 1))
        _expect_too_large(case, larger, most)


@client_check("payload.next-form", "PAY-7", "PAY-4", needs=[Feature.GZIP])
def a_result_that_does_not_fit_is_compressed(case: ClientCase) -> None:
    """A text of one byte more than fits is sent as `gzip+base64`, where the proxy takes it."""
    for most in (_FEW_BYTES, MOST_BYTES):
        size = _just_fitting(case, most) + 1
        accept = ("text", "gzip+base64", "s3")
        sent = case.send(asking(case, "fill", most=most, accept=accept, bytes=size))
        case.expect_equal(encoding_of(case, sent), "gzip+base64", "the result is in another form")
        case.expect_equal(case.result(sent), "x" * (size - 2), "it is not what was returned")
        case.gone(sent)


def _just_fitting(case: ClientCase, most: int) -> int:
    """For `fill`, how many bytes make a message of exactly this size as text."""
    probe = case.send(asking(case, "fill", most=most, accept=("text",), bytes=1_000))
    size = 1_000 + most - size_of(case, probe)
    case.gone(probe)
    return size


@client_check("payload.bytes-not-characters", "PAY-8")
def sizes_are_counted_in_bytes(case: ClientCase) -> None:
    """A message is measured in bytes of UTF-8: characters of two to four bytes count as such.

    The result would fit if its characters, or its units of UTF-16, were counted.
    """
    for character in ("é", "漢", "🙂"):
        count = _FEW_BYTES // len(character.encode()) - 20
        for accept in (("text",), ("text", "gzip+base64")):
            request = asking(
                case, "echo", most=_FEW_BYTES, accept=accept, value=character * (count + 60)
            )
            sent = case.send(request)
            case.response(sent)
            size = size_of(case, sent)
            case.expect(
                size <= _FEW_BYTES,
                f"the message has {size:,} bytes where {_FEW_BYTES:,} were allowed",
            )
            case.gone(sent)


@client_check("payload.noise-fits-nowhere", "PAY-9", "ERR-12", "ERR-1", "PAY-7")
def what_fits_in_no_form_is_reported(case: ClientCase) -> None:
    """A result that fits in no form becomes `Client.ResultTooLarge`, which names the limit."""
    for most, size in ((_FEW_BYTES, 12_000), (MOST_BYTES, 1_900_000)):
        request = asking(
            case, "noise", most=most, accept=("text", "gzip+base64"), bytes=size, seed="n"
        )
        _expect_too_large(case, case.send(request), most)


@client_check("payload.error-too-large", "PAY-9", "ERR-12", "ENV-27")
def an_error_that_fits_in_no_form_is_reported(case: ClientCase) -> None:
    """An error body that fits in no form becomes `Client.ResultTooLarge`, too."""
    message = "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(200))
    for accept in (("text",), ("text", "gzip+base64")):
        request = asking(
            case, "throw", most=_FEW_BYTES, accept=accept, type="Broken", message=message
        )
        _expect_too_large(case, case.send(request), _FEW_BYTES)


def _expect_too_large(case: ClientCase, sent: Sent, most: int) -> None:
    error = case.error(sent)
    case.expect_equal(error.type, TOO_LARGE, "the error is of another type")
    digits = "".join(each for each in error.message if each not in ",._'  ")
    case.expect(
        str(most) in digits,
        f"the message does not name the limit of {most:,} bytes",
        came=error.message,
        requirements=("ERR-12",),
    )
    case.expect(
        json.dumps(TOO_LARGE).encode() in error.body,
        "the error body says something else than the error",
        came=repr(error.body[:500]),
    )
    case.expect(size_of(case, sent) <= most, "the error itself does not fit")
    case.gone(sent)


@client_check("payload.beyond-lambda", "PAY-10", "PAY-9", "ERR-12")
def a_result_beyond_lambda_s_limit_is_reported(case: ClientCase) -> None:
    """A result of more than 6,291,556 bytes is not sent, even if it would fit compressed."""
    accept = ("text", "gzip+base64", "s3")
    sent = case.send(asking(case, "fill", accept=accept, bytes=LARGEST_BYTES + 1))
    case.expect_equal(case.error(sent).type, TOO_LARGE, "the error is of another type")
    case.gone(sent)


@client_check("payload.largest-result", "PAY-10", "PAY-7", needs=[Feature.GZIP])
def a_result_of_lambda_s_limit_is_sent(case: ClientCase) -> None:
    """A result of exactly 6,291,556 bytes is sent, compressed."""
    sent = case.send(asking(case, "fill", accept=("text", "gzip+base64"), bytes=LARGEST_BYTES))
    case.expect_equal(len(case.answer(sent)), LARGEST_BYTES, "the result has another size")
    case.gone(sent)


@client_check("payload.only-accepted-forms", "PAY-12", "ENV-19")
def only_accepted_forms_are_used(case: ClientCase) -> None:
    """A client answers in no encoding that the request does not list, even if it would fit."""
    for accept in (("text",), ("text", "s3"), ("text", "base64", "br")):
        sent = case.send(asking(case, "fill", most=_FEW_BYTES, accept=accept, bytes=8_000))
        _expect_too_large(case, sent, _FEW_BYTES)


@client_check("payload.gzip-answer", "PAY-4", "PAY-2", needs=[Feature.GZIP])
def compressed_results_can_be_read(case: ClientCase) -> None:
    """A compressed answer is one gzip member in base64 with padding, and the very result."""
    for extra in range(3):
        value = {"text": "🙂 é \u2028" * 900 + "x" * extra}
        request = asking(case, "echo", most=_FEW_BYTES, accept=("text", "gzip+base64"), value=value)
        sent = case.send(request)
        case.expect_equal(encoding_of(case, sent), "gzip+base64", "the result is in another form")
        case.expect_equal(case.result(sent), value, "the result is not what was returned")
        case.gone(sent)


@client_check("payload.smaller-queue", "PAY-8", "PAY-9", "ERR-12")
def the_limit_of_the_queue_counts(case: ClientCase) -> None:
    """Where the queue takes less than the request allows, the caller still gets an answer.

    A client need not know the queue's limit before SQS refuses a message.
    """
    settings = case.reply_queue.settings
    case.reply_queue.change_settings(replace(settings, maximum_message_size_bytes=65_536))
    try:
        accept = ("text", "gzip+base64")
        sent = case.send(asking(case, "noise", accept=accept, bytes=300_000, seed="q"))
        error = case.error(sent)
        case.expect_equal(error.type, TOO_LARGE, "the error is of another type")
        case.gone(sent)
    finally:
        case.reply_queue.change_settings(settings)


@client_check("payload.zipped-both-ways", "PAY-1", "PAY-2", "PAY-8", needs=[Feature.GZIP])
def large_events_come_and_go(case: ClientCase) -> None:
    """An event of two million bytes comes compressed, and goes back compressed, unchanged."""
    request = case.request("echo", value="lorem ipsum é " * 140_000)
    event = json.dumps(case.event_of(request), ensure_ascii=False).encode()
    request["payload"] = payloads.zipped(event)
    case.expect(len(gzip.compress(event)) < MOST_BYTES // 2, "the event is no good for this")
    sent = case.send(request)
    case.expect(case.result(sent) == "lorem ipsum é " * 140_000, "the result is not what was sent")
    case.gone(sent)
