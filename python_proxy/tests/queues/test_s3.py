"""What the S3 adapter asks, and what it makes of all that S3 and the network can answer."""

from __future__ import annotations

import traceback
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from ldp_queues.errors import (
    BucketAccessDenied,
    BucketElsewhere,
    BucketNotFound,
    ObjectNotFound,
    StoreCredentialsError,
    StoreError,
    StoreThrottled,
    StoreUnreachable,
)
from ldp_queues.s3 import S3Store
from ldp_queues.s3_errors import S3
from ldp_queues.sdk_session import CONNECT_TIMEOUT_S, READ_GRACE_S
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_connection import SqsConnection
from ldp_testing import tap_s3
from ldp_testing.moto_bucket import ACCOUNT, MotoBucket
from ldp_testing.moto_server import free_port
from ldp_testing.tap import Cut, CutBody, Point, Reply, ShiftDate, Tap
from ldp_testing.tap_s3 import RefuseS3

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.tap import Effect

KEY = "ldp/request/0b9d3f6e/7d1f"
BODY = b'{"order": 1.10, "bytes": "\xff"}'
LIMIT_BYTES = 6_291_556


@pytest.fixture
def store(tapped: SqsConnection, bucket: MotoBucket) -> S3Store:
    """A store through the tap."""
    return S3Store(tapped.session, bucket.name, ACCOUNT)


def test_calls_say_whose_bucket_it_is(store: S3Store, tap: Tap, bucket: MotoBucket) -> None:
    """One put, one get, each naming bucket, key and the account it has to belong to."""
    store.put(KEY, BODY)
    assert store.get(KEY, LIMIT_BYTES) == BODY

    put, get = tap.calls()
    assert (put.operation, get.operation) == ("PutObject", "GetObject")
    for call in (put, get):
        assert (call.queue, call.parameters["Key"]) == (bucket.name, KEY)
        assert call.parameters["x-amz-expected-bucket-owner"] == ACCOUNT


def test_an_upload_is_plain(store: S3Store, tap: Tap) -> None:
    """No checksum header and no chunked encoding: every SDK can, and the signature covers it."""
    store.put(KEY, BODY)

    (put,) = tap.calls("PutObject")
    names = {name.lower() for name in put.parameters}
    assert put.parameters["Content-Length"] == str(len(BODY))
    assert len(put.parameters["X-Amz-Content-SHA256"]) == 64
    assert not any("checksum" in name or "trailer" in name for name in names)
    assert not names & {"content-encoding", "transfer-encoding"}


def test_the_client_is_built_once(store: S3Store, tapped: SqsConnection) -> None:
    """One client with short limits and one attempt serves all calls; warming asks nobody."""
    store.warm()
    ((service, wait_s),) = tapped.session._clients
    settings: Any = tapped.session._clients[service, wait_s].meta.config
    store.put(KEY, BODY)

    assert (service, wait_s, len(tapped.session._clients)) == ("s3", 0, 1)
    assert (settings.connect_timeout, settings.read_timeout) == (CONNECT_TIMEOUT_S, READ_GRACE_S)
    assert settings.retries == {"total_max_attempts": 1, "mode": "standard"}


@pytest.mark.usefixtures("sqs")
def test_buckets_of_aws_have_hosts_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where another server is configured does the bucket stand in the path."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with closing(SqsConnection()) as connection:
        S3Store(connection.session, "b", ACCOUNT).warm()
        (client,) = connection.session._clients.values()
        settings: Any = client.meta.config

    assert "addressing_style" not in settings.s3
    assert client.meta.endpoint_url == "https://s3.eu-west-1.amazonaws.com"


_ANSWERS: list[tuple[Effect, type[StoreError]]] = [
    (RefuseS3("NoSuchBucket", status=404), BucketNotFound),
    (RefuseS3("InvalidBucketName"), BucketNotFound),
    (RefuseS3("NoSuchKey", status=404), ObjectNotFound),
    (tap_s3.BUCKET_DENIED, BucketAccessDenied),
    (RefuseS3("AllAccessDisabled", status=403), BucketAccessDenied),
    (RefuseS3("", status=403), BucketAccessDenied),
    (RefuseS3("KMS.DisabledException"), BucketAccessDenied),
    (tap_s3.REDIRECTED, BucketElsewhere),
    (RefuseS3("", status=301), BucketElsewhere),
    (RefuseS3("TemporaryRedirect", status=307), BucketElsewhere),
    (
        RefuseS3("AuthorizationHeaderMalformed", "the region 'eu-west-1' is wrong"),
        BucketElsewhere,
    ),
    (RefuseS3("IllegalLocationConstraintException"), BucketElsewhere),
    (tap_s3.S3_TOKEN_EXPIRED, StoreCredentialsError),
    (RefuseS3("InvalidAccessKeyId", status=403), StoreCredentialsError),
    (tap_s3.SLOW_DOWN, StoreThrottled),
    (RefuseS3("TooManyRequests", status=429), StoreThrottled),
    (RefuseS3("InternalError", status=500), StoreUnreachable),
    (RefuseS3("", status=502), StoreUnreachable),
    (RefuseS3("ServiceUnavailable", status=503), StoreUnreachable),
    (RefuseS3("RequestTimeout"), StoreUnreachable),
    (RefuseS3("XAmzContentSHA256Mismatch"), StoreUnreachable),
    (RefuseS3("Unheard", "Of that nobody has heard."), StoreError),
    (Reply(status=503), StoreUnreachable),
    (Cut(), StoreUnreachable),
    (Cut(Point.ANSWER), StoreUnreachable),
]


@pytest.mark.parametrize(("effect", "kind"), _ANSWERS, ids=str)
def test_an_error_of_s3_is_one_of_ours(
    effect: Effect, kind: type[StoreError], store: S3Store, tap: Tap, bucket: MotoBucket
) -> None:
    """ERR-2: each answer is an error of its own kind that names call, object and region."""
    for operation, call in (
        ("PutObject", lambda: store.put(KEY, BODY)),
        ("GetObject", lambda: store.get(KEY, LIMIT_BYTES)),
    ):
        tap.apply(effect, operation, times=None)

        with pytest.raises(StoreError) as caught:
            call()

        assert type(caught.value) is kind
        told = str(caught.value)
        assert told.startswith(f"{operation} on s3://{bucket.name}/{KEY} (region eu-west-1): ")
        if isinstance(effect, RefuseS3) and effect.code:
            assert effect.message in told


def test_a_missing_bucket_is_found_missing(store: S3Store) -> None:
    """The server's own answers are mapped, too: no bucket, no object."""
    missing = S3Store(store._session, "no-such-bucket", ACCOUNT)

    for call in (lambda: missing.put(KEY, BODY), lambda: missing.get(KEY, 1)):
        with pytest.raises(BucketNotFound, match="no-such-bucket"):
            call()
    with pytest.raises(ObjectNotFound):
        store.get(KEY, 1)


def test_a_login_page_is_no_success(store: S3Store, tap: Tap) -> None:
    """A captive portal's 200 does not count as stored."""
    tap.apply(Reply(status=200, body=b"<html>Log in</html>"), "PutObject")

    with pytest.raises(StoreUnreachable, match="not how S3 answers") as caught:
        store.put(KEY, BODY)

    assert "AWS_ENDPOINT_URL_S3" in caught.value.hint


def test_a_cut_download_is_an_error(store: S3Store, tap: Tap) -> None:
    """An object whose connection ends in its middle is transient trouble, never half an event."""
    store.put(KEY, b"x" * 1_000_000)
    tap.apply(CutBody(after_bytes=400_000), "GetObject")

    with pytest.raises(StoreUnreachable) as caught:
        store.get(KEY, LIMIT_BYTES)

    assert caught.value.transient
    assert len(store.get(KEY, LIMIT_BYTES)) == 1_000_000


def test_a_clock_that_is_off_is_told(store: S3Store, tap: Tap) -> None:
    """A refused signature says by how much the clock is off."""
    refusal = RefuseS3("RequestTimeTooSkewed", "The difference … is too large.", 403)
    tap.apply(refusal, times=None)
    tap.apply(ShiftDate(by_s=20 * 60), times=None)

    with pytest.raises(StoreCredentialsError) as caught:
        store.put(KEY, BODY)

    assert "behind AWS's" in caught.value.hint


def test_a_quoted_request_is_kept_out_of_logs(store: S3Store, tap: Tap) -> None:
    """SEC-4: what S3 quotes of a signed request is in no traceback."""
    quoted = "The signature does not match.\n\nx-amz-security-token:SECRET"
    tap.apply(RefuseS3("SignatureDoesNotMatch", quoted, 403))

    with pytest.raises(StoreCredentialsError) as caught:
        store.put(KEY, BODY)

    assert "SECRET" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.usefixtures("sqs")
def test_nobody_there_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection names the endpoint, and S3's own variable goes before the general."""
    endpoint = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)

    with closing(SqsConnection()) as connection:
        store = S3Store(connection.session, "bucket", ACCOUNT)
        with pytest.raises(StoreUnreachable, match=endpoint):
            store.put(KEY, BODY)


@pytest.mark.usefixtures("sqs")
def test_a_wrong_endpoint_is_told_at_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that is no URL is an error that names the variable."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "localhost:4566")

    with closing(SqsConnection()) as connection, pytest.raises(StoreError) as caught:
        S3Store(connection.session, "bucket", ACCOUNT).warm()

    assert "AWS_ENDPOINT_URL_S3" in caught.value.hint


@pytest.mark.usefixtures("sqs")
def test_logging_in_mends_bucket_and_queue_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket: MotoBucket, queue_url: str
) -> None:
    """Queue and bucket share a session: once it has credentials, both have."""
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with closing(SqsConnection(warm=True)) as connection:
        store = S3Store(connection.session, bucket.name, ACCOUNT)
        with pytest.raises(StoreCredentialsError):
            store.put(KEY, BODY)

        keys = "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n"
        (tmp_path / "credentials").write_text(f"[default]\n{keys}")

        assert SqsQueue(connection, queue_url).send("x").message_id
        store.put(KEY, BODY)


def test_an_older_sdk_is_asked_for_nothing_that_it_does_not_know(tapped: SqsConnection) -> None:
    """A setting that the SDK has not heard of is left out instead of refused."""
    assert tapped.session.client(S3, settings={"unheard_of": True}).meta.region_name == "eu-west-1"
