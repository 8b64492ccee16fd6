"""Claim checks: payloads that wait in a bucket, the client's and the proxy's."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.cases import payloads
from ldp_conformance.cases.payloads import LARGEST_BYTES
from ldp_conformance.check import SOON_S, client_check
from ldp_conformance.checks.client.refusing import (
    STORAGE_ERROR,
    Bad,
    Reply,
    changed,
    expect_refused,
)
from ldp_conformance.checks.client.results import TOO_LARGE, asking, encoding_of
from ldp_conformance.ports.setups import ClientSetup, Feature
from ldp_conformance.witness import Deny, Hang

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.client_values import Sent

_BUCKET: Final = ClientSetup(has_bucket=True)
#: What `Stage` configures behind the bucket's name.
_PREFIX: Final = "ldp"
_UUID: Final = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FEW_BYTES: Final = 4_096
#: How long it takes to store an object, where that is to be seen.
_STORING_S: Final = 0.3
#: More of noise than fits in any message.
_MANY_BYTES: Final = 2_500_000


@client_check("payload.claimed-event", "PAY-6", "PAY-1", needs=[Feature.S3], setup=_BUCKET)
def a_claimed_event_reaches_the_handler(case: ClientCase) -> None:
    """An event that waits in the bucket reaches the handler, the largest that there is, too."""
    for size in (0, LARGEST_BYTES):
        request = case.request("nonce")
        nonce = case.event_of(request)["nonce"]
        body = json.dumps(case.event_of(request)).encode().ljust(size)
        sent = case.send(_claimed(case, request, body))
        case.expect_equal(
            case.members(sent, "nonce")["nonce"], nonce, "another event came to the handler"
        )
        case.gone(sent)


@client_check(
    "payload.claimed-result", "PAY-13", "PAY-6", "PAY-2", needs=[Feature.S3], setup=_BUCKET
)
def a_large_result_waits_in_the_bucket(case: ClientCase) -> None:
    """A result that fits in no message is stored under its key before its claim check is sent."""
    case.bucket.inject(Hang("S3.PutObject", seconds=_STORING_S))
    mark = case.witness.calls.mark()
    accept = ("text", "gzip+base64", "s3")
    sent = case.send(asking(case, "noise", accept=accept, bytes=_MANY_BYTES, seed="s"))
    case.expect_equal(encoding_of(case, sent), "s3", "the result is in another form")
    case.bucket.clear_faults()
    case.expect(len(case.answer(sent)) == _MANY_BYTES, "the result is not what was returned")
    claim = case.response(sent)["payload"]
    case.expect_equal(claim["bucket"], case.bucket.name, "it lies in another bucket")
    key = f"{_PREFIX}/response/{re.escape(sent.request_id)}/{_UUID}"
    case.expect(
        re.fullmatch(key, claim["key"], re.IGNORECASE),
        "the key is not <prefix>/response/<requestId>/<uuid>",
        came=claim["key"],
    )
    _expect_stored_first(case, sent, mark)
    case.gone(sent)


def _expect_stored_first(case: ClientCase, sent: Sent, mark: int) -> None:
    """Expect that the message was sent only when the storing, which took a while, was over."""
    puts = case.witness.calls.since(mark, sender=case.stage.sender, operation="S3.PutObject")
    message = case.reply(sent).message
    send = case.witness.calls.wait(
        lambda call: message.id in call.message_ids and call.is_operation("SendMessage"),
        since=mark,
        sender=case.stage.sender,
        within_s=SOON_S,
    )
    least_ms = round(_STORING_S * 1000)
    is_first = bool(puts) and send is not None and send.begun_ms >= puts[0].begun_ms + least_ms
    case.expect(is_first, "the message was sent before its object was stored")


@client_check("payload.claim-last", "PAY-7", "PAY-12", needs=[Feature.S3], setup=_BUCKET)
def a_claim_check_is_the_last_form(case: ClientCase) -> None:
    """A client uses its bucket only where no message holds the result and the proxy takes it."""
    small = case.send(asking(case, "fill", accept=("s3", "text"), bytes=1_000))
    case.expect_equal(encoding_of(case, small), "text", "a small result is not sent as text")
    case.gone(small)
    only_s3 = asking(case, "fill", most=_FEW_BYTES, accept=("text", "s3"), bytes=8_000)
    sent = case.send(only_s3)
    case.expect_equal(encoding_of(case, sent), "s3", "the result is in another form")
    case.gone(sent)
    keys = set(case.bucket.keys())
    refused = case.send(
        asking(case, "noise", most=_FEW_BYTES, accept=("text",), bytes=12_000, seed="c")
    )
    case.expect_equal(case.error(refused).type, TOO_LARGE, "the error is of another type")
    case.gone(refused)
    case.expect(set(case.bucket.keys()) == keys, "an object was stored that nobody may be told of")


@client_check("payload.claim-beyond-lambda", "PAY-6", "ERR-12", needs=[Feature.S3], setup=_BUCKET)
def no_bucket_lifts_lambda_s_limit(case: ClientCase) -> None:
    """A result of more than 6,291,556 bytes is no claim check either; one of just as many is."""
    accept = ("text", "s3")
    fitting = case.send(asking(case, "fill", accept=accept, bytes=LARGEST_BYTES))
    case.expect(len(case.answer(fitting)) == LARGEST_BYTES, "the result has another size")
    case.gone(fitting)
    sent = case.send(asking(case, "fill", accept=accept, bytes=LARGEST_BYTES + 1))
    case.expect_equal(case.error(sent).type, TOO_LARGE, "the error is of another type")
    case.gone(sent)


@client_check("payload.claimed-error", "ENV-27", "PAY-6", needs=[Feature.S3], setup=_BUCKET)
def a_large_error_waits_in_the_bucket(case: ClientCase) -> None:
    """An error body that fits in no message is stored whole, and its head is in the message."""
    message = "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(200))
    request = asking(
        case, "throw", most=_FEW_BYTES, accept=("text", "s3"), type="Broken", message=message
    )
    sent = case.send(request)
    error = case.error(sent)
    case.expect_equal(error.type, "Broken", "the error is of another type")
    case.expect(
        json.dumps(message).encode() in error.body,
        "the stored body is another",
        came=repr(error.body[:500]),
    )
    case.expect_equal(
        case.response(sent)["error"]["payload"]["encoding"], "s3", "the body is in another form"
    )
    case.gone(sent)


@client_check("payload.foreign-claim", "PAY-14", "SES-31", needs=[Feature.S3], setup=_BUCKET)
def a_claim_that_is_not_of_the_request_is_bad_input(case: ClientCase) -> None:
    """A claim check of another bucket, prefix, direction or request is refused unfollowed.

    What it points to exists, and is an event.
    """
    other = case.witness.create_bucket(f"{case.bucket.name}-of-others")
    mark = case.witness.calls.mark()
    bads = [_pointing(case, what, key) for what, key in _KEYS]
    nonce = case.fresh("nonce")
    request = case.request("echo", nonce=nonce, value=1)
    foreign = _claimed(case, request, json.dumps(case.event_of(request)).encode(), other.name)
    bads.append(Bad("a claim check of another bucket", foreign, nonce))
    expect_refused(case, bads, ("PAY-14",))
    fetched = case.witness.calls.since(mark, sender=case.stage.sender, operation="S3.GetObject")
    case.expect(
        not fetched,
        "the client fetched what it must not be made to read",
        came=str(fetched[0].request) if fetched else "",
    )


_KEYS: Final = (
    ("another prefix", "other/request/{id}/{uuid}"),
    ("no prefix", "request/{id}/{uuid}"),
    ("a longer prefix", "ldp/ldp/request/{id}/{uuid}"),
    ("the direction of a response", "ldp/response/{id}/{uuid}"),
    ("another request's ID", "ldp/request/another-{id}/{uuid}"),
    ("no request's ID", "ldp/request/{uuid}"),
    ("no UUID", "ldp/request/{id}/event.json"),
    ("an empty UUID", "ldp/request/{id}/"),
    ("something behind the UUID", "ldp/request/{id}/{uuid}/x"),
    ("something after the UUID", "ldp/request/{id}/{uuid}.json"),
    ("a step up", "ldp/request/{id}/../{id}/{uuid}"),
    ("a slash in front", "/ldp/request/{id}/{uuid}"),
    ("capitals in the prefix", "LDP/request/{id}/{uuid}"),
)


def _pointing(case: ClientCase, what: str, form: str) -> Bad:
    nonce = case.fresh("nonce")
    request = case.request("echo", nonce=nonce, value=1)
    key = form.format(id=request["requestId"], uuid=case.uuid())
    body = json.dumps(case.event_of(request)).encode()
    case.bucket.put(key, body)
    request["payload"] = payloads.stored(case.bucket.name, key, body)
    return Bad(f"a key with {what}", request, nonce)


@client_check("payload.wrong-claim", "PAY-15", "PAY-6", needs=[Feature.S3], setup=_BUCKET)
def what_is_stored_has_to_be_what_was_meant(case: ClientCase) -> None:
    """A claim check whose size or digest is not that of its object is bad input."""
    lies = (
        ("a size too small", "/payload/sizeBytes", 1),
        ("a size too large", "/payload/sizeBytes", LARGEST_BYTES),
        ("a size beyond Lambda's limit", "/payload/sizeBytes", LARGEST_BYTES + 1),
        ("another digest", "/payload/sha256", "0" * 64),
        ("no digest", "/payload/sha256", ""),
        ("data beside the claim", "/payload/data", "{}"),
    )
    bads = []
    for what, pointer, value in lies:
        nonce = case.fresh("nonce")
        request = case.request("echo", nonce=nonce, value=1)
        made = _claimed(case, request, json.dumps(case.event_of(request)).encode())
        bads.append(Bad(what, changed(made, pointer, value), nonce))
    expect_refused(case, bads, ("PAY-15",))


@client_check("payload.no-bucket", "PAY-14", "SES-31")
def a_claim_without_a_bucket_is_bad_input(case: ClientCase) -> None:
    """A client without a bucket takes a claim check for bad input, and fetches nothing."""
    mark = case.witness.calls.mark()
    nonce = case.fresh("nonce")
    request = case.request("echo", nonce=nonce, value=1)
    event = json.dumps(case.event_of(request)).encode()
    claimed = _claimed(case, request, event, f"bucket-of-{case.stage.sender}")
    expect_refused(case, [Bad("a claim check", claimed, nonce)], ("PAY-14",))
    fetched = case.witness.calls.since(mark, sender=case.stage.sender, operation="S3.GetObject")
    case.expect(not fetched, "the client fetched an object")


@client_check("payload.missing-object", "ERR-11", "ERR-1", needs=[Feature.S3], setup=_BUCKET)
def a_missing_object_is_a_storage_error(case: ClientCase) -> None:
    """A claim check whose object cannot be fetched is answered with `Client.StorageError`."""
    nonce = case.fresh("nonce")
    request = case.request("echo", nonce=nonce, value=1)
    key = f"{_PREFIX}/request/{request['requestId']}/{case.uuid()}"
    request["payload"] = payloads.stored(case.bucket.name, key, b"{}")
    bad = Bad("an object that is not there", request, nonce, Reply.ERROR, STORAGE_ERROR)
    expect_refused(case, [bad], ("ERR-11",))


@client_check("payload.refused-object", "ERR-11", "PAY-9", needs=[Feature.S3], setup=_BUCKET)
def what_cannot_be_stored_is_a_storage_error(case: ClientCase) -> None:
    """A result that the bucket does not take is answered with `Client.StorageError`."""
    case.bucket.inject(Deny("S3.PutObject", times=1_000))
    try:
        accept = ("text", "s3")
        sent = case.send(asking(case, "fill", most=_FEW_BYTES, accept=accept, bytes=8_000))
        error = case.error(sent, within_s=SOON_S)
        case.expect_equal(error.type, STORAGE_ERROR, "the error is of another type")
        case.gone(sent)
    finally:
        case.bucket.clear_faults()


@client_check("payload.claims-stay", "PAY-16", needs=[Feature.S3], setup=_BUCKET)
def claim_checks_are_not_deleted(case: ClientCase) -> None:
    """A client deletes no object: neither the event's that it fetched nor the result's."""
    mark = case.witness.calls.mark()
    request = asking(case, "fill", most=_FEW_BYTES, accept=("text", "s3"), bytes=8_000)
    made = _claimed(case, request, json.dumps(case.event_of(request)).encode())
    sent = case.send(made)
    result = case.response(sent)["payload"]
    case.answer(sent)
    case.gone(sent)
    keys = {made["payload"]["key"], result["key"]}
    case.expect(keys <= set(case.bucket.keys()), "an object is gone", came=str(sorted(keys)))
    calls = case.witness.calls.since(mark, sender=case.stage.sender)
    deletes = [call for call in calls if call.operation.startswith("S3.Delete")]
    case.expect(not deletes, "the client deletes objects")


def _claimed(
    case: ClientCase, request: dict[str, Any], event: bytes, bucket: str | None = None
) -> dict[str, Any]:
    """A request whose event lies in a bucket, the configured one if none is named."""
    key = f"{_PREFIX}/request/{request['requestId']}/{case.uuid()}"
    name = bucket or case.bucket.name
    case.witness.create_bucket(name).put(key, event)
    return request | {"payload": payloads.stored(name, key, event)}
