"""Payloads that wait in a bucket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.cases import payloads
from ldp_conformance.check import proxy_check
from ldp_conformance.checks.proxy.sizes import noise
from ldp_conformance.ports.setups import Feature, ProxySetup
from ldp_conformance.witness import Deny

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.cases.replying import Request

_BUCKET: Final = ProxySetup(timeout_s=14, has_bucket=True)
_NEEDS: Final = (Feature.S3,)
_UUID: Final = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_ANSWER: Final = b'"kept in the bucket"'


@proxy_check("claim.event", "PAY-13", "PAY-6", "PAY-7", "PAY-16", needs=_NEEDS, setup=_BUCKET)
def large_events_wait_in_the_bucket(case: ProxyCase) -> None:
    """An event that fits in no message is stored under its key before the request is sent."""
    event = noise(case, 3_000_000)
    invocation, request = case.exchange(event)
    claim = request.envelope["payload"]
    case.expect(claim["encoding"] == "s3", f"it travels as {claim['encoding']}")
    case.expect_equal(claim["bucket"], case.bucket.name, "the bucket is another")
    form = f"ldp/request/{re.escape(request.id)}/{_UUID}"
    case.expect(re.fullmatch(form, claim["key"]), "the key has another form", came=claim["key"])
    case.expect(case.payload_of(request) == event, "another event lies in the bucket")
    case.respond(request)
    case.answer(invocation)
    puts, sends = case.calls("S3.PutObject"), case.calls("SendMessage")
    is_first = puts and puts[0].number < sends[0].number
    case.expect(is_first, "the request was sent before its event was stored")
    is_before = puts[0].ended_ms is not None and puts[0].ended_ms <= sends[0].begun_ms
    case.expect(is_before, "the request was sent before the storing had ended")
    case.expect(case.bucket.get(claim["key"]) == event, "the event was deleted")


@proxy_check("claim.only-if-needed", "PAY-7", needs=_NEEDS, setup=_BUCKET)
def the_bucket_is_the_last_resort(case: ProxyCase) -> None:
    """With a bucket, an event that fits into a message travels in it."""
    for event, encoding in (
        (case.event(), "text"),
        (b'"' + b"x" * 2_000_000 + b'"', "gzip+base64"),
    ):
        invocation, request = case.exchange(event)
        came = request.envelope["payload"]["encoding"]
        case.expect(came == encoding, f"an event travels as {came}, not as {encoding}")
        case.respond(request)
        case.answer(invocation)


@proxy_check("claim.not-stored", "ERR-11", needs=_NEEDS, setup=_BUCKET, alone=True)
def a_bucket_that_refuses_is_an_error(case: ProxyCase) -> None:
    """An event that cannot be stored fails with `Proxy.StorageError`, and nothing is sent."""
    case.bucket.inject(Deny("S3.PutObject", times=50))
    invocation = case.invoke(noise(case, 3_000_000))
    case.error(invocation, "Proxy.StorageError")
    case.expect(not case.calls("SendMessage"), "a request was sent for an event that is nowhere")


@proxy_check("claim.answer", "PAY-6", "PAY-16", "ENV-19", needs=_NEEDS, setup=_BUCKET)
def answers_are_fetched_from_the_bucket(case: ProxyCase) -> None:
    """An answer that waits in the bucket reaches the caller, and stays there."""
    body = noise(case, 2_000_000)
    invocation, request = case.exchange()
    claim = _stored(case, request, body)
    case.respond(request, claim)
    case.expect(case.answer(invocation) == body, "the caller got another answer")
    case.settle()
    deleted = case.calls("S3.DeleteObject") or case.bucket.get(claim["key"]) != body
    case.expect(not deleted, "the answer was deleted from the bucket", requirements=("PAY-16",))


@proxy_check("claim.error", "ENV-27", "PAY-6", needs=_NEEDS, setup=_BUCKET)
def errors_are_fetched_from_the_bucket(case: ProxyCase) -> None:
    """An error body that waits in the bucket reaches the caller."""
    body = b'{"errorType": "Large", "errorMessage": "kept in the bucket", "stackTrace": []}'
    invocation, request = case.exchange()
    response = case.failure(request, body)
    response["error"]["payload"] = _stored(case, request, body)
    case.put(request, response)
    error = case.error(invocation)
    case.expect(error.type == "Large", f"the error is {error.type}", came=str(error.body))


@proxy_check("claim.elsewhere", "PAY-14", "ERR-6", needs=_NEEDS, setup=_BUCKET)
def pointers_to_elsewhere_are_not_followed(case: ProxyCase) -> None:
    """A claim check of another bucket or another key's form is bad input, and not followed."""
    for what in ("bucket", "request-id", "direction", "prefix", "no-uuid", "deeper", "dots"):
        invocation, request = case.exchange()
        claim = _stored(case, request, _ANSWER) | _elsewhere(case, request, what)
        if claim["bucket"] == case.bucket.name:
            case.bucket.put(claim["key"], _ANSWER)
        case.respond(request, claim)
        error = case.error(invocation)
        case.expect(error.type == "Proxy.BadAnswer", f"{what}: the error is {error.type}")
        case.expect(not case.calls("S3.GetObject"), f"a claim check of another {what} was followed")


def _elsewhere(case: ProxyCase, request: Request, what: str) -> dict[str, Any]:
    uuid = case.uuid()
    keys = {
        "request-id": f"ldp/response/{case.uuid()}/{uuid}",
        "direction": f"ldp/request/{request.id}/{uuid}",
        "prefix": f"response/{request.id}/{uuid}",
        "no-uuid": f"ldp/response/{request.id}/latest",
        "deeper": f"ldp/response/{request.id}/more/{uuid}",
        "dots": f"ldp/response/{request.id}/../{request.id}/{uuid}",
    }
    return {"key": keys[what]} if what in keys else {"bucket": "somebody-elses-payloads"}


@proxy_check("claim.unasked", "PAY-14", "ERR-6")
def claim_checks_without_a_bucket_are_refused(case: ProxyCase) -> None:
    """Without a bucket, a claim check is bad input."""
    invocation, request = case.exchange()
    key = f"response/{request.id}/{case.uuid()}"
    case.respond(request, payloads.stored("somebody-elses-payloads", key, _ANSWER))
    case.error(invocation, "Proxy.BadAnswer")


@proxy_check("claim.verified", "PAY-15", "ERR-6", needs=_NEEDS, setup=_BUCKET)
def what_was_fetched_is_verified(case: ProxyCase) -> None:
    """A stored answer of another size or SHA-256 than told is bad input."""
    for name, value in (("sizeBytes", len(_ANSWER) + 1), ("sha256", "0" * 64)):
        invocation, request = case.exchange()
        case.respond(request, _stored(case, request, _ANSWER) | {name: value})
        error = case.error(invocation)
        case.expect(error.type == "Proxy.BadAnswer", f"with another {name} it is {error.type}")


@proxy_check("claim.not-fetched", "ERR-11", needs=_NEEDS, setup=_BUCKET)
def an_answer_that_is_not_there_is_an_error(case: ProxyCase) -> None:
    """An answer that cannot be fetched fails with `Proxy.StorageError`."""
    invocation, request = case.exchange()
    key = f"ldp/response/{request.id}/{case.uuid()}"
    case.respond(request, payloads.stored(case.bucket.name, key, _ANSWER))
    case.error(invocation, "Proxy.StorageError")


def _stored(case: ProxyCase, request: Request, body: bytes) -> dict[str, Any]:
    key = f"ldp/response/{request.id}/{case.uuid()}"
    case.bucket.put(key, body)
    return payloads.stored(case.bucket.name, key, body)
