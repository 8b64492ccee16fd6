"""Events small and large: exact bytes, the first form that fits, and what fits in none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.checks.proxy.answers import NASTY

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.cases.replying import Request

_LIMIT: Final = 1_048_576
_LOWER_LIMIT: Final = 262_144
_NEAR: Final = 200


def noise(case: ProxyCase, size: int) -> bytes:
    """A JSON text of so many bytes that no compression helps enough."""
    return (
        b'"' + case.rng.randbytes(size // 2).hex().encode()[: size - 2].ljust(size - 2, b"0") + b'"'
    )


@proxy_check("event.bytes", "PAY-1", "PAY-3", "PAY-7")
def events_pass_byte_for_byte(case: ProxyCase) -> None:
    """A client gets exactly the bytes of the event, small ones as text."""
    for event in NASTY:
        invocation, request = case.exchange(event)
        came = case.payload_of(request)
        case.expect(came == event, f"the event {event!r} became {came!r}")
        encoding = request.envelope["payload"]["encoding"]
        case.expect(encoding == "text", f"it travels as {encoding}", requirements=("PAY-7",))
        case.respond(request)
        case.answer(invocation)


@proxy_check("event.gzip", "PAY-4", "PAY-7", "PAY-1")
def large_events_are_compressed(case: ProxyCase) -> None:
    """An event that fits only compressed travels as `gzip+base64`."""
    event = json.dumps([{"order": n, "text": "again and again"} for n in range(60_000)]).encode()
    request = _passed(case, event)
    _expect_encoding(request, case, "gzip+base64")


@proxy_check("event.to-the-limit", "PAY-8", "PAY-7")
def text_goes_up_to_the_limit(case: ProxyCase) -> None:
    """A message is text up to 1,048,576 bytes, and compressed beyond."""
    event = b'"' + b"x" * 1_000 + b'"'
    overhead = len(_passed(case, event).message.body.encode()) - len(event)
    below = _passed(case, b'"' + b"x" * (_LIMIT - overhead - _NEAR) + b'"')
    _expect_encoding(below, case, "text")
    above = _passed(case, b'"' + b"x" * (_LIMIT - overhead + _NEAR) + b'"')
    _expect_encoding(above, case, "gzip+base64")


@proxy_check("event.bytes-not-characters", "PAY-8")
def sizes_are_counted_in_bytes(case: ProxyCase) -> None:
    """An event of fewer characters than the limit and more bytes is compressed."""
    event = json.dumps("ü" * 700_000, ensure_ascii=False).encode()
    _expect_encoding(_passed(case, event), case, "gzip+base64")


@proxy_check("event.queue-limit", "PAY-8", "PAY-7", alone=True)
def the_queue_may_take_less(case: ProxyCase) -> None:
    """Where the request queue takes less than 1 MiB, an event is compressed for it."""
    settings = case.requests.settings
    lower = type(settings)(maximum_message_size_bytes=_LOWER_LIMIT)
    case.requests.change_settings(lower)
    event = json.dumps(["again and again"] * 20_000).encode()
    request = _passed(case, event)
    _expect_encoding(request, case, "gzip+base64")
    small = _passed(case, case.event())
    _expect_encoding(small, case, "text")


@proxy_check("event.too-large", "ERR-4", "PAY-9")
def what_fits_in_no_form_is_refused(case: ProxyCase) -> None:
    """An event that fits in no form fails with `Proxy.EventTooLarge`, and nothing is sent."""
    invocation = case.invoke(noise(case, 3_000_000))
    error = case.error(invocation, "Proxy.EventTooLarge")
    case.expect(
        "LAMBDA_PROXY_PAYLOAD_BUCKET" in error.message,
        "the message does not name LAMBDA_PROXY_PAYLOAD_BUCKET",
        came=error.message,
    )
    digits = "".join(each for each in error.message if each.isdigit())
    told = str(_LIMIT) in digits or "1MiB" in error.message.replace(" ", "")
    case.expect(told, "the message does not name the limit", came=error.message)
    stored = [each for each in case.calls("SendMessage") if each.error is None]
    case.expect(not stored, "something was sent although the event fits in no form")
    case.settle()


def _passed(case: ProxyCase, event: bytes) -> Request:
    invocation, request = case.exchange(event)
    case.expect(case.payload_of(request) == event, "the request carries another event")
    case.respond(request)
    case.answer(invocation)
    return request


def _expect_encoding(request: Request, case: ProxyCase, expected: str) -> None:
    encoding = request.envelope["payload"]["encoding"]
    size = len(request.message.body.encode())
    case.expect(
        encoding == expected,
        f"an event travels as {encoding} in {size:,} bytes, not as {expected}",
        requirements=("PAY-7",),
    )
