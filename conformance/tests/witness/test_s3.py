"""Buckets of the witness as the SDK sees them."""

from __future__ import annotations

import hashlib
import http.client
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from ldp_conformance.witness import ClockOff, Cut, Deny, ServerError, Throttle
from ldp_conformance.witness.refusals import Refusal
from ldp_conformance.witness.s3_bodies import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_s3 import S3Client

    from ldp_conformance.witness import Fault, Witness, WitnessBucket


@pytest.fixture
def bucket(witness: Witness, new_name: Callable[[], str]) -> WitnessBucket:
    """A bucket of the test's own."""
    return witness.create_bucket(new_name())


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_uploads_come_in_with_each_checksum(
    s3: S3Client, bucket: WitnessBucket, algorithm: str
) -> None:
    """What is put is there for the suite, and comes back with its checksum and ETag."""
    body = bytes(range(256)) * 1_000
    s3.put_object(Bucket=bucket.name, Key="a/ü b", Body=body, ChecksumAlgorithm=algorithm)  # type: ignore[arg-type]
    assert (bucket.keys(), bucket.get("a/ü b")) == (["a/ü b"], body)
    got = s3.get_object(Bucket=bucket.name, Key="a/ü b", ChecksumMode="ENABLED")
    assert got["Body"].read() == body
    assert got["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert got[f"Checksum{algorithm}"]  # type: ignore[literal-required]


def test_an_object_can_be_looked_at(s3: S3Client, bucket: WitnessBucket) -> None:
    """HEAD tells the length and no body; a range brings a part."""
    bucket.put("k", b"0123456789")
    assert s3.head_object(Bucket=bucket.name, Key="k")["ContentLength"] == 10
    part = s3.get_object(Bucket=bucket.name, Key="k", Range="bytes=2-4")
    assert (part["Body"].read(), part["ContentRange"]) == (b"234", "bytes 2-4/10")
    rest = s3.get_object(Bucket=bucket.name, Key="k", Range="bytes=8-")
    assert rest["Body"].read() == b"89"
    assert s3.get_object(Bucket=bucket.name, Key="k", Range="lines=1")["ContentLength"] == 10


def test_buckets_are_made_and_listed(s3: S3Client, witness: Witness, bucket: WitnessBucket) -> None:
    """A port may make a bucket, look at it, and list and delete what is in it."""
    name = f"{bucket.name}-2"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.head_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="p/1", Body=b"x")
    found = s3.list_objects_v2(Bucket=name, Prefix="p/")
    assert [each["Key"] for each in found["Contents"]] == ["p/1"]
    s3.delete_object(Bucket=name, Key="p/1")
    assert witness.create_bucket(name).keys() == []


def test_a_bucket_may_be_in_the_host(witness: Witness, bucket: WitnessBucket) -> None:
    """The bucket may stand before the host's name instead of in the path."""
    assert _status(witness, "PUT", "/a/k", body=b"x", host=f"{bucket.name}.localhost") == 200
    assert bucket.get("a/k") == b"x"


@pytest.mark.parametrize(
    ("ask", "code", "status"),
    [
        (lambda s3, name: s3.get_object(Bucket=name, Key="none"), "NoSuchKey", 404),
        (lambda s3, name: s3.head_object(Bucket=name, Key="none"), "404", 404),
        (lambda s3, name: s3.get_object(Bucket=f"{name}x", Key="k"), "NoSuchBucket", 404),
        (
            lambda s3, name: s3.get_object(Bucket=name, Key="k", ExpectedBucketOwner="1" * 12),
            "AccessDenied",
            403,
        ),
        (
            lambda s3, name: s3.put_object(Bucket=name, Key="k", Body=b"y", IfNoneMatch="*"),
            "PreconditionFailed",
            412,
        ),
        (
            lambda s3, name: s3.put_object(Bucket=name, Key="k", Body=b"y", ChecksumSHA256="AAAA"),
            "BadDigest",
            400,
        ),
        (
            lambda s3, name: s3.put_object(Bucket=name, Key="k", Body=b"y", ContentMD5="AAAA"),
            "BadDigest",
            400,
        ),
        (
            lambda s3, name: s3.get_object(Bucket=name, Key="k", Range="bytes=9-"),
            "InvalidRange",
            416,
        ),
    ],
)
def test_refusals_are_those_of_s3(
    s3: S3Client,
    bucket: WitnessBucket,
    ask: Callable[[S3Client, str], object],
    code: str,
    status: int,
) -> None:
    """What cannot be is refused under S3's code."""
    bucket.put("k", b"x")
    with pytest.raises(ClientError) as refused:
        ask(s3, bucket.name)
    answer = refused.value.response
    assert answer["Error"]["Code"] == code
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status


def test_what_is_no_operation_is_refused(witness: Witness, bucket: WitnessBucket) -> None:
    """A method that S3 does not know for an object is refused."""
    assert _status(witness, "POST", f"/{bucket.name}/k") == 405


def test_faults_meet_a_bucket(s3: S3Client, witness: Witness, bucket: WitnessBucket) -> None:
    """A bucket can be throttled, and an upload can be stored without an answer."""
    bucket.inject(Throttle("S3.PutObject"))
    with pytest.raises(ClientError, match="SlowDown"):
        s3.put_object(Bucket=bucket.name, Key="k", Body=b"x")
    assert bucket.get("k") is None
    bucket.inject(Cut("S3.PutObject", after_effect=True))
    mark = witness.calls.mark()
    with pytest.raises(Exception, match=r"(?i)connection"):
        s3.put_object(Bucket=bucket.name, Key="k", Body=b"x")
    assert bucket.get("k") == b"x"
    [call] = witness.calls.since(mark, operation="S3.PutObject")
    assert (call.was_cut, call.status, call.request["Key"]) == (True, None, "k")
    bucket.clear_faults()


def _status(
    witness: Witness, method: str, path: str, *, body: bytes = b"", host: str = "localhost"
) -> int:
    connection = http.client.HTTPConnection(witness.endpoint.removeprefix("http://"))
    with closing(connection):
        connection.request(method, path, body, {"Host": host})
        return connection.getresponse().status


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (ClockOff(3_600), "RequestTimeTooSkewed"),
        (Deny("S3.GetObject"), "AccessDenied"),
        (ServerError("S3.GetObject"), "InternalError"),
        (ServerError("S3.GetObject", status=503), "ServiceUnavailable"),
    ],
)
def test_faults_are_told_in_s3s_words(
    s3: S3Client, bucket: WitnessBucket, fault: Fault, code: str
) -> None:
    """A clock that is off, a denial and faults of S3's own come under S3's codes."""
    bucket.put("k", b"x")
    bucket.inject(fault)
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket.name, Key="k")
    assert refused.value.response["Error"]["Code"] == code


CHUNKED = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": "3"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (CHUNKED, b"3\r\nab"),
        (CHUNKED, b"zz\r\nabc\r\n0\r\n\r\n"),
        (CHUNKED, b"3"),
        (CHUNKED, b"2\r\nab\r\n0\r\n\r\n"),
        ({"x-amz-content-sha256": "0" * 64}, b"x"),
        (CHUNKED, b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"),
    ],
)
def test_bodies_that_were_cut_are_refused(headers: dict[str, str], body: bytes) -> None:
    """A body that is not what its headers, chunks and trailers say is refused."""
    with pytest.raises(Refusal):
        read(headers, body)


def test_chunks_may_be_signed() -> None:
    """Chunks with signatures and a trailer with another checksum are taken as they are."""
    chunks = b"3;chunk-signature=00\r\nabc\r\n0;chunk-signature=00\r\n"
    body = chunks + b"X-Amz-Checksum-Crc64nvme: q\r\n\r\n"
    assert read(CHUNKED, body) == (b"abc", {"x-amz-checksum-crc64nvme": "q"})
