"""A bucket in S3: what each verb asks of the API, and what it makes of the answer.

It never retries and never deletes: how long an exchange may take is decided by its caller, and
objects are deleted by a lifecycle rule of the bucket. Every call names the account that the bucket
has to belong to, so that nobody who takes over its name is given payloads. Checksum headers and
chunked uploads are left out: both need newer SDKs than a runtime may ship, and the signature covers
the bytes.
"""

from __future__ import annotations

import io
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, cast

from ldp_queues.s3_errors import S3
from ldp_queues.sdk_errors import About

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_s3 import S3Client

    from ldp_queues.sdk_session import SdkSession

_PIECE_BYTES: Final = 262_144
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


class S3Store:
    """One bucket; safe among threads. It is a `Store`.

    Args:
        session: The process's way to AWS, in the bucket's region.
        bucket: The bucket's name.
        account: The AWS account that it belongs to, 12 digits.
    """

    def __init__(self, session: SdkSession, bucket: str, account: str) -> None:
        self._session = session
        self._of_bucket: dict[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": account}
        self._place = f"s3://{bucket}"

    def warm(self) -> None:
        """Build the client now rather than at the first call; in Lambda, in the init phase.

        Raises:
            StoreError: The SDK cannot be set up.
        """
        self._client()

    def put(self, key: str, body: bytes) -> None:
        """Store bytes; see `Store.put`."""
        about = self._about("PutObject", key)
        client = self._client()
        with self._session.asking(about, S3):
            answer = client.put_object(Key=key, Body=body, **self._of_bucket)
        if "ETag" not in answer:  # the SDK takes any 200 for success: also that of a log-in page
            raise S3.not_ours(about, "an answer without an ETag")

    def get(self, key: str, limit_bytes: int) -> bytes:
        """Fetch bytes; see `Store.get`."""
        client = self._client()
        with self._session.asking(self._about("GetObject", key), S3):
            answer = client.get_object(Key=key, **self._of_bucket)
            with closing(answer["Body"]) as stream:
                return _read(stream.read, limit_bytes + 1)

    def _client(self) -> S3Client:
        return cast("S3Client", self._session.client(S3, settings=_settings()))

    def _about(self, operation: str, key: str) -> About:
        place = f"{self._place}/{key} (region {self._session.region})"
        return About(operation, place, self._session.clock_ms)


def _read(read: Callable[[int], bytes], at_most: int) -> bytes:
    """Read so many bytes, or to the end; only the read that brings nothing finds out a cut.

    Piece by piece, because the SDK holds what one call reads twice.
    """
    whole = io.BytesIO()
    while at_most and (part := read(min(at_most, _PIECE_BYTES))):
        whole.write(part)
        at_most -= len(part)
    return whole.getvalue()


def _settings() -> dict[str, Any]:
    s3: dict[str, object] = {"payload_signing_enabled": True}
    if any(os.environ.get(name) for name in _ENDPOINTS):
        s3["addressing_style"] = "path"  # other servers than AWS's have no host for each bucket
    return {
        "s3": s3,
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
    }
