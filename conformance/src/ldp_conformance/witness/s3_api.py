"""S3's REST protocol, as far as claim checks need it: buckets, and objects put, got and looked at.

Both ways of naming a bucket are understood: before the host's name, and as the path's beginning.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote
from xml.sax.saxutils import escape

from ldp_conformance.witness import s3_bodies
from ldp_conformance.witness.asks import Answer
from ldp_conformance.witness.buckets import StoredObject
from ldp_conformance.witness.fault_box import FaultBox
from ldp_conformance.witness.names import ACCOUNT, REGION
from ldp_conformance.witness.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_conformance.witness.asks import Ask
    from ldp_conformance.witness.buckets import Buckets, WitnessBucket

_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_RANGE: Final = re.compile(r"bytes=([0-9]+)-([0-9]*)")
_OF_OBJECTS: Final = {
    "PUT": "PutObject",
    "GET": "GetObject",
    "HEAD": "HeadObject",
    "DELETE": "DeleteObject",
}
_OF_BUCKETS: Final = {"PUT": "CreateBucket", "GET": "ListObjectsV2", "HEAD": "HeadBucket"}


class S3Service:
    """S3 in front of buckets."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    def understand(self, ask: Ask) -> S3Errand:
        """What is asked for, of which bucket and key."""
        path = unquote(ask.path).lstrip("/")
        label = ask.headers.get("host", "").partition(".")[0]
        if self._buckets.find(label) is not None:
            return S3Errand(self._buckets, label, path, ask)
        name, _, key = path.partition("/")
        return S3Errand(self._buckets, name, key, ask)


class S3Errand:
    """One call to S3; see `Errand`."""

    def __init__(self, buckets: Buckets, name: str, key: str, ask: Ask) -> None:
        known = _OF_OBJECTS if key else _OF_BUCKETS
        self.operation: str = f"S3.{known.get(ask.method, ask.method)}"
        self.queue: str | None = None
        self.request: Mapping[str, object] = {"Bucket": name, "Key": key, "Size": len(ask.body)}
        self._buckets = buckets
        self._name = name
        self._key = key
        self._ask = ask
        self._bucket = buckets.find(name)
        self.faults = self._bucket.faults if self._bucket else FaultBox()

    async def run(self, _clock_off_ms: int) -> Answer:
        """Do it; see `Errand.run`."""
        if self.operation == "S3.CreateBucket":
            self._buckets.create(self._name)
            return Answer(200, headers={"Location": f"/{self._name}"} | _headers())
        bucket = self._checked_bucket()
        match self.operation:
            case "S3.PutObject":
                return self._put(bucket)
            case "S3.GetObject" | "S3.HeadObject":
                return self._get(bucket)
            case "S3.DeleteObject":
                bucket.remove(self._key)
                return Answer(204, headers=_headers())
            case "S3.HeadBucket":
                return Answer(200, headers=_headers() | {"x-amz-bucket-region": REGION})
            case "S3.ListObjectsV2":
                return self._list(bucket)
            case _:
                text = "The specified method is not allowed against this resource."
                raise Refusal("MethodNotAllowed", text, status=405)

    def refuse(self, refusal: Refusal) -> Answer:
        """Say no in XML; to HEAD without a body, as HTTP has it."""
        code, text = refusal.code, refusal.text
        if refusal.extra:  # both times: what S3 says of a clock that is off
            code = "RequestTimeTooSkewed"
            text = "The difference between the request time and the current time is too large."
        told = {
            "Code": code,
            "Message": text,
            **dict(refusal.extra),
            "BucketName": self._name,
            "Key": self._key,
            "RequestId": uuid.uuid4().hex[:16].upper(),
        }
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
        body = f"{_XML}<Error>{inner}</Error>".encode()
        headers = _headers() | {"Content-Type": "application/xml"}
        is_head = self._ask.method == "HEAD"
        return Answer(refusal.status, b"" if is_head else body, headers, code)

    def denied(self) -> Refusal:
        """The refusal for who may not do it."""
        return Refusal("AccessDenied", "Access Denied", status=403)

    def throttled(self) -> Refusal:
        """The refusal where there are too many."""
        return Refusal("SlowDown", "Please reduce your request rate.", status=503)

    def failed(self, status: int) -> Refusal:
        """The refusal where S3 itself is at fault."""
        code = "ServiceUnavailable" if status == 503 else "InternalError"  # noqa: PLR2004 - HTTP's
        return Refusal(code, "We encountered an internal error. Please try again.", status=status)

    def _checked_bucket(self) -> WitnessBucket:
        if self._bucket is None:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", status=404)
        if self._ask.headers.get("x-amz-expected-bucket-owner", ACCOUNT) != ACCOUNT:
            raise self.denied()
        return self._bucket

    def _put(self, bucket: WitnessBucket) -> Answer:
        headers = self._ask.headers
        body, checksums = s3_bodies.read(headers, self._ask.body)
        if headers.get("if-none-match") == "*" and bucket.find(self._key) is not None:
            raise Refusal(
                "PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold",
                status=412,
            )
        told = {name: value for name, value in headers.items() if name.startswith("x-amz-meta-")}
        told["content-type"] = headers.get("content-type", "binary/octet-stream")
        stored = StoredObject(body, told | checksums)
        bucket.store(self._key, stored)
        return Answer(200, headers=_headers() | {"ETag": stored.etag} | checksums)

    def _get(self, bucket: WitnessBucket) -> Answer:
        stored = bucket.find(self._key)
        if stored is None:
            raise Refusal("NoSuchKey", "The specified key does not exist.", status=404)
        headers = _headers() | {"ETag": stored.etag, "Accept-Ranges": "bytes"}
        is_whole = "range" not in self._ask.headers
        has_checksums = self._ask.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"
        for name, value in stored.headers.items():
            if not name.startswith("x-amz-checksum-") or (has_checksums and is_whole):
                headers[name] = value
        if is_whole:
            return Answer(200, stored.body, headers)
        return _part(stored.body, self._ask.headers["range"], headers)

    def _list(self, bucket: WitnessBucket) -> Answer:
        prefix = self._ask.query.get("prefix", "")
        keys = [key for key in bucket.keys() if key.startswith(prefix)]  # noqa: SIM118 - no mapping
        rows = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in keys)
        inner = f"<Name>{self._name}</Name><KeyCount>{len(keys)}</KeyCount>{rows}"
        body = f"{_XML}<ListBucketResult>{inner}</ListBucketResult>".encode()
        return Answer(200, body, _headers() | {"Content-Type": "application/xml"})


def _part(body: bytes, wanted: str, headers: dict[str, str]) -> Answer:
    match = _RANGE.fullmatch(wanted)
    if match is None:
        return Answer(200, body, headers)
    begin = int(match[1])
    if begin >= len(body):
        text = "The requested range is not satisfiable"
        raise Refusal("InvalidRange", text, status=416)
    end = min(int(match[2] or len(body)), len(body) - 1)
    told = {"Content-Range": f"bytes {begin}-{end}/{len(body)}"}
    return Answer(206, body[begin : end + 1], headers | told)


def _headers() -> dict[str, str]:
    request_id = uuid.uuid4().hex
    return {
        "x-amz-request-id": request_id[:16].upper(),
        "x-amz-id-2": request_id,
        "Server": "AmazonS3",
    }
