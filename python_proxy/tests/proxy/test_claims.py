"""Claim checks as the proxy makes and takes them, with a bucket in memory and virtual time."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from ldp_queues.errors import BucketAccessDenied, StoreError
from ldp_queues.memory_faults import Fault
from ldp_testing.proxy_stage import Stage, echo, response, result
from ldp_wire.claims import Bucket, Direction, claim_check
from ldp_wire.codec import decode
from ldp_wire.envelopes import ClaimCheck, Encoding, HandlerError, Inline, Request, RequestId
from ldp_wire.limits import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from ldp_proxy.reply import Reply
    from ldp_testing.proxy_stage import Script
    from ldp_wire.envelopes import Envelope, Response

BUCKET = Bucket("payloads", "team/ldp")
#: Text that no compression makes small enough for a message, of Lambda's own limit.
FULL = Random(7).randbytes(MAX_PAYLOAD_BYTES // 2).hex().encode()
LARGE = FULL[:2_000_000]


@pytest.fixture
def stage() -> Stage:
    """An empty stage without faults."""
    return Stage()


def invoke(stage: Stage, event: bytes = b"{}", timeout_s: float = 900) -> Reply:
    """Invoke a proxy that has the bucket."""
    return stage.proxy(bucket=BUCKET).invoke(event, stage.context(timeout_s))


def claim_of(request: Request) -> ClaimCheck:
    """The claim check that a request carries."""
    assert isinstance(request.payload, ClaimCheck)
    return request.payload


def parked(
    stage: Stage, body: bytes, *, error: bool = False, stored: bytes | None = b"", **changed: str
) -> Script:
    """A script that puts an answer into the bucket, and sends a claim check for it.

    Args:
        stage: Where the bucket is.
        body: The answer.
        error: Send it as an error.
        stored: What lies in the bucket: empty for the answer itself, None for nothing.
        changed: Members of the claim check that are not what they have to be.
    """

    def client(request: Request) -> Response:
        claim = claim_check(BUCKET, Direction.RESPONSE, request.request_id, body)
        if stored is not None:
            stage.store.objects[claim.key] = stored or body
        claim = replace(claim, **changed)  # type: ignore[arg-type]
        return response(request, HandlerError("E", "m", claim) if error else claim)

    return client


def failed_with(reply: Reply, error_type: str) -> str:
    """The message of a reply that is this failure of the proxy's own."""
    assert reply.error is not None
    assert reply.error.is_own
    assert reply.error.type == error_type
    return reply.error.message


@pytest.mark.parametrize("event", [FULL, b"\xff" + LARGE], ids=["text", "bytes"])
def test_what_fits_in_no_message_goes_by_the_bucket(stage: Stage, event: bytes) -> None:
    """PAY-6, PAY-7, PAY-13: the event is stored first, then told of under its request's key."""
    seen = []

    def client(request: Request) -> Envelope | str:
        claim = claim_of(request)
        seen.append((claim.size_bytes, stage.store.get(claim.key, claim.size_bytes)))
        assert claim.bucket == "payloads"
        assert claim.key.startswith(f"team/ldp/request/{request.request_id}/")
        return result("42")(request)

    stage.script(client)

    assert invoke(stage, event).body == b"42"
    assert seen == [(len(event), event)]


@pytest.mark.parametrize(
    ("event", "encoding"),
    [
        (b'{"order": 1}', Encoding.TEXT),
        (b'"' + b"a" * 3_000_000 + b'"', Encoding.GZIP_BASE64),
        (b"\xff" * 700_000, Encoding.BASE64),
    ],
)
def test_a_bucket_is_the_last_resort(stage: Stage, event: bytes, encoding: Encoding) -> None:
    """PAY-7: what fits into a message in an earlier form never sees the bucket."""
    proxy = stage.one_way_proxy(bucket=BUCKET)

    proxy.invoke(event, stage.context())

    (request,) = stage.sent_requests()
    assert isinstance(request.payload, Inline)
    assert request.payload.encoding is encoding
    assert stage.store.calls == []


def test_a_request_says_that_there_is_a_bucket(stage: Stage) -> None:
    """EXC-4, ENV-19: with a bucket answers may be claim checks, and the margin is 3 s more."""
    context = stage.context(timeout_s=900)

    stage.proxy(bucket=BUCKET).invoke(b"{}", context)

    (request,) = stage.sent_requests()
    assert request.terms is not None
    assert request.terms.accept_encodings == ("text", "base64", "gzip+base64", "s3")
    assert request.terms.answer_by_ms == context.deadline_ms - 8_000


@pytest.mark.parametrize("bucket", [BUCKET, None])
def test_one_byte_too_many_is_refused(stage: Stage, bucket: Bucket | None) -> None:
    """PAY-9, PAY-10, ERR-4: over Lambda's own limit not even a bucket helps, and nothing is put."""
    event = FULL + b"x"

    reply = stage.proxy(bucket=bucket).invoke(event, stage.context())

    message = failed_with(reply, "Proxy.EventTooLarge")
    assert "6291557" in message
    assert "6291556" in message
    assert "LAMBDA_PROXY_PAYLOAD_BUCKET" in message
    assert stage.store.calls == []


def test_a_queue_too_small_for_the_envelope_is_an_error(stage: Stage) -> None:
    """PAY-9, ERR-4: where the queue takes not even a claim check, nothing is left to be sent."""
    stage.requests.limit_bytes = 1_024

    context = replace(stage.context(), client_context=f'"{"x" * 1_000}"')
    reply = stage.proxy(bucket=BUCKET).invoke(b"{}" + LARGE, context)

    assert "of 1024 bytes" in failed_with(reply, "Proxy.EventTooLarge")


def test_a_one_way_event_goes_by_the_bucket(stage: Stage) -> None:
    """EXC-28, PAY-13: one-way, the caller has null once bucket and queue have the event."""
    reply = stage.one_way_proxy(bucket=BUCKET).invoke(LARGE, stage.context())

    (request,) = stage.sent_requests()
    assert reply.body == b"null"
    assert stage.store.objects[claim_of(request).key] == LARGE


@pytest.mark.parametrize("error", [False, True])
def test_an_answer_is_fetched(stage: Stage, *, error: bool) -> None:
    """PAY-2, PAY-15, PAY-16: the caller has the stored bytes, and they are left where they are."""
    stage.script(parked(stage, FULL, error=error))

    reply = invoke(stage)

    assert reply.body == FULL
    assert (reply.error is not None) == error
    assert reply.receipt is not None
    assert list(stage.store.objects.values()) == [FULL]


def test_a_duplicate_answer_finds_the_object_again(stage: Stage) -> None:
    """PAY-16: what is read twice, for two copies of an answer, is there both times."""
    proxy = stage.proxy(bucket=BUCKET)
    for _ in range(2):
        stage.script(parked(stage, LARGE), parked(stage, LARGE))
        assert proxy.invoke(b"{}", stage.context()).body == LARGE


@pytest.mark.parametrize(
    "changed",
    [
        {"bucket": "others"},
        {"key": "team/other/response/0b9d3f6e/00000000-0000-8000-8000-000000000000"},
        {"key": "team/ldp/response/another/00000000-0000-8000-8000-000000000000"},
        {"key": "etc/passwd"},
    ],
    ids=str,
)
def test_a_foreign_claim_check_is_never_followed(stage: Stage, changed: Any) -> None:
    """PAY-14, ERR-6: another bucket, prefix or request is a bad answer, and nothing is read."""
    stage.script(parked(stage, LARGE, **changed))

    assert "PAY-14" in failed_with(invoke(stage), "Proxy.BadAnswer")
    assert stage.store.calls == []


def test_the_events_own_key_is_no_answers(stage: Stage) -> None:
    """PAY-14: an echo of the request's claim check is a bad answer, since it goes the other way."""
    stage.script(echo)

    failed_with(invoke(stage, LARGE), "Proxy.BadAnswer")

    assert [operation for operation, _ in stage.store.calls] == ["put"]


@pytest.mark.parametrize("stored", [LARGE + b"x", LARGE[:-1], b"x" + LARGE[1:]])
def test_a_changed_object_is_a_bad_answer(stage: Stage, stored: bytes) -> None:
    """PAY-15, ERR-6: bytes of another size or digest than was announced reach nobody."""
    stage.script(parked(stage, LARGE, stored=stored))

    assert "PAY-15" in failed_with(invoke(stage), "Proxy.BadAnswer")


def test_an_object_that_is_gone_is_an_error_at_once(stage: Stage) -> None:
    """ERR-2, ERR-11: what the lifecycle rule took is a typed error that says what to check."""
    stage.script(parked(stage, LARGE, stored=None))

    reply = invoke(stage)

    assert "lifecycle rule" in failed_with(reply, "Proxy.StorageError")
    assert reply.receipt is not None
    assert stage.paused_s == []


class _Denied:
    """A bucket that one may not use."""

    def put(self, key: str, body: bytes) -> None:
        raise BucketAccessDenied(f"PutObject on {key}, {len(body)} bytes: Access Denied")

    def get(self, key: str, limit_bytes: int) -> bytes:
        raise BucketAccessDenied(f"GetObject on {key}, {limit_bytes} bytes: Access Denied")


@pytest.mark.parametrize("event", [LARGE, b"{}"], ids=["put", "get"])
def test_what_is_not_allowed_is_explained(stage: Stage, event: bytes) -> None:
    """ERR-2, ERR-11: a missing permission names the call and what to allow, and nothing is sent."""
    stage.script(parked(stage, LARGE))
    proxy = stage.proxy(bucket=BUCKET)
    claims = proxy._channel.claims
    assert claims is not None
    claims._store = _Denied()

    message = failed_with(proxy.invoke(event, stage.context()), "Proxy.StorageError")

    assert "Access Denied" in message
    assert "Allow s3:PutObject and s3:GetObject" in message
    assert bool(stage.replies.calls) == (event == b"{}")


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.THROTTLED, Fault.LOST_ANSWER])
def test_what_passes_is_ridden_out(
    stage: Stage, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    """EXC-32: a put that fails, or whose answer is lost, is the same put again."""
    stage.store.faults.force(fault, 3)
    stage.script(result("42"), after_ms=5_000)

    assert invoke(stage, LARGE).body == b"42"

    keys = {key for _, key in stage.store.calls}
    assert (len(stage.store.calls), len(keys)) == (4, 1)
    assert stage.paused_s[:3] == [0.1, 0.2, 0.5]
    lines = [r.__dict__ for r in caplog.records if r.message == "storage.retrying"]
    assert [line["pause_s"] for line in lines] == [0.1, 0.2, 0.5]


@pytest.mark.parametrize("event", [LARGE, b"{}"], ids=["put", "get"])
@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.THROTTLED])
def test_trouble_that_stays_is_told_in_time(stage: Stage, event: bytes, fault: Fault) -> None:
    """EXC-6, EXC-32, ERR-11: retries end by `answerByMs`, and the caller hears of it in time."""
    context = stage.context(timeout_s=30)
    stage.store.faults.rates[fault] = 1.0
    if event == b"{}":
        stage.script(parked(stage, LARGE))

    reply = stage.proxy(bucket=BUCKET).invoke(event, context)

    failed_with(reply, "Proxy.StorageError")
    assert len(stage.store.calls) > 5
    assert (
        stage.clock.now_ms() <= context.deadline_ms - 4_500
    )  # 1.5 s of margin, 3 s for the bucket


def test_a_one_way_event_that_cannot_be_stored_is_an_error(stage: Stage) -> None:
    """EXC-28, ERR-11: without the bucket's word there is no null, nor a message."""
    context = stage.context(timeout_s=30)
    stage.store.faults.rates[Fault.UNREACHABLE] = 1.0

    reply = stage.one_way_proxy(bucket=BUCKET).invoke(LARGE, context)

    failed_with(reply, "Proxy.StorageError")
    assert stage.requests.bodies() == []
    assert stage.clock.now_ms() < context.deadline_ms


def test_storing_takes_nothing_off_the_start_window(stage: Stage) -> None:
    """EXC-18: the window begins when the request is sent, however long its event took to store."""
    stage.store.faults.force(Fault.UNREACHABLE, 5)
    begun_ms = stage.clock.now_ms()

    stage.proxy(bucket=BUCKET, start_within_s=2).invoke(LARGE, stage.context())

    (request,) = stage.sent_requests()
    assert request.terms is not None
    assert request.sent_at_ms >= begun_ms + sum(stage.paused_s) * 1_000
    assert request.terms.start_by_ms == request.sent_at_ms + 2_000


def test_a_learned_limit_turns_text_into_a_claim_check(stage: Stage) -> None:
    """PAY-7, PAY-8: what a queue refuses for its size goes by the bucket from then on."""
    stage.requests.limit_bytes = 300_000
    proxy = stage.one_way_proxy(bucket=BUCKET)

    for _ in range(2):
        assert proxy.invoke(FULL[:500_000], stage.context()).body == b"null"

    assert [isinstance(r.payload, ClaimCheck) for r in stage.sent_requests()] == [True, True]
    refused = [call for call in stage.requests.calls if call.operation == "send"]
    assert len(refused) == 2


def test_the_body_of_a_message_has_no_payload(stage: Stage) -> None:
    """SEC-5: what travels by the bucket is in no message."""
    stage.one_way_proxy(bucket=BUCKET).invoke(LARGE, stage.context())

    (body,) = stage.requests.bodies()
    assert len(body) < 2_000
    assert isinstance(decode(body), Request)


def test_an_unknown_error_of_the_store_is_told(stage: Stage) -> None:
    """ERR-11: an error without a name of its own is a typed error, too."""
    proxy = stage.one_way_proxy(bucket=BUCKET)
    claims = proxy._channel.claims
    assert claims is not None
    claim = claims.of_event(RequestId("r"), LARGE)

    class Odd(_Denied):
        def put(self, key: str, body: bytes) -> None:
            raise StoreError(f"{key}: {len(body)} is odd.")

    claims._store = Odd()
    failure = claims.put(claim, LARGE, stage.clock.now_ms())

    assert failure is not None
    assert "2000000 is odd. Read what the service answered" in failure.message
