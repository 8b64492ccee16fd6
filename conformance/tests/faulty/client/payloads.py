"""Payloads: how bytes are written down, and read again."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

from faulty.client import rules
from faulty.client.part import Part
from faulty.client.rules import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable

    from faulty.client.exchange import Exchange

LIMIT_BYTES = 6_291_556
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BUCKET = re.compile(r"[0-9a-z.-]{3,63}")
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_GZIP = 31  # zlib's word for gzip's frame


class TooLargeError(Exception):
    """The bytes fit in no form."""


class Payloads(Part):
    """Decodes and encodes."""

    limit_bytes = LIMIT_BYTES

    def decode(self, payload: dict[str, Any]) -> bytes:
        """The bytes that a payload object stands for."""
        encoding = rules.needed(payload, "encoding", "/payload")
        data = rules.needed(payload, "data", "/payload")
        if not isinstance(data, str):
            raise Wrong("is no string", "/payload/data")
        if encoding == "text":
            return self.bounded(self.from_text(data))
        if encoding == "base64":
            return self.bounded(self.from_base64(data))
        if encoding == "gzip+base64":
            return self.from_gzip(self.from_base64(data))
        raise Wrong("is no encoding that is known", "/payload/encoding")

    def bounded(self, data: bytes) -> bytes:
        """Refuse what is larger than Lambda's limit."""
        if len(data) > self.limit_bytes:
            raise Wrong(f"is larger than {self.limit_bytes} bytes", "/payload/data")
        return data

    def from_text(self, data: str) -> bytes:
        """UTF-8."""
        try:
            return data.encode()
        except UnicodeEncodeError:
            raise Wrong("is no well-formed text", "/payload/data") from None

    def from_base64(self, data: str) -> bytes:
        """RFC 4648, section 4, with padding and without line breaks."""
        import binascii  # noqa: PLC0415 - quick to start without

        if not _BASE64.fullmatch(data):
            raise Wrong("is no base64", "/payload/data")
        return binascii.a2b_base64(data)

    def from_gzip(self, data: bytes) -> bytes:
        """RFC 1952, of one or more members, to the limit and no further."""
        out, rest = b"", data
        try:
            while rest or not data:
                member = zlib.decompressobj(_GZIP)
                out += member.decompress(rest, self.limit_bytes + 1 - len(out))
                self.bounded(out)
                if not member.eof:
                    raise Wrong("is gzip that ends too early", "/payload/data")
                rest = member.unused_data
        except zlib.error:
            raise Wrong("is damaged gzip", "/payload/data") from None
        return out

    def check_claim(self, payload: dict[str, Any], request_id: str) -> None:
        """A claim check names what it may name, and nothing else."""
        rules.matching(rules.needed(payload, "bucket", "/payload"), "/payload/bucket", _BUCKET)
        rules.text(rules.needed(payload, "key", "/payload"), "/payload/key", 1, 1024)
        size = rules.needed(payload, "sizeBytes", "/payload")
        rules.integer(size, "/payload/sizeBytes", 0, LIMIT_BYTES)
        rules.matching(rules.needed(payload, "sha256", "/payload"), "/payload/sha256", _SHA256)
        if "data" in payload:
            raise Wrong("has to be absent with s3", "/payload/data")
        if not self.port.settings.bucket or not self.is_own_bucket(payload["bucket"]):
            raise Wrong("is not the bucket that is configured", "/payload/bucket")
        if not self.is_own_key(payload["key"], request_id):
            raise Wrong("is not the key of an event of this request", "/payload/key")

    def is_own_bucket(self, name: str) -> bool:
        """Whether it is the configured one."""
        return name == self.port.settings.bucket

    def is_own_key(self, key: str, request_id: str) -> bool:
        """Whether the key has the only form that is allowed."""
        return bool(re.fullmatch(re.escape(self.folder("request", request_id)) + _UUID, key))

    def folder(self, kind: str, request_id: str) -> str:
        """What a key begins with."""
        prefix = self.port.settings.prefix
        return f"{prefix}/{kind}/{request_id}/" if prefix else f"{kind}/{request_id}/"

    def fetch(self, claim: dict[str, Any]) -> bytes:
        """The event behind a claim check, verified."""
        size = rules.integer(claim["sizeBytes"], "/payload/sizeBytes")
        data = self.port.bucket.get(claim["key"], size)
        self.verify(data, size, claim["sha256"])
        return data

    def verify(self, data: bytes, size: int, digest: str) -> None:
        """What came is what was promised."""
        if len(data) != size:
            raise Wrong("is not the size of the object", "/payload/sizeBytes")
        if self.sha256(data) != digest:
            raise Wrong("is not the digest of the object", "/payload/sha256")

    def sha256(self, data: bytes) -> str:
        """The digest as a claim check writes it."""
        import hashlib  # noqa: PLC0415 - quick to start without

        return hashlib.sha256(data).hexdigest()

    def encode(
        self, data: bytes, exchange: Exchange, body_of: Callable[[dict[str, Any]], str]
    ) -> str:
        """The body of the message that carries the bytes in the first form that fits (PAY-7).

        Raises:
            TooLargeError: None does.
            StorageError: It has to go to the bucket, which did not take it.
        """
        if len(data) > LIMIT_BYTES:
            raise TooLargeError
        for encoding in self.forms(data):
            if not self.may(encoding, exchange):
                continue
            if encoding == "s3":
                return body_of(self.stored(data, exchange.request.key))
            body = body_of(self.written(encoding, data))
            if self.size(body) <= self.allowed(exchange):
                return body
        raise TooLargeError

    def forms(self, data: bytes) -> tuple[str, ...]:
        """The forms to try, in their order."""
        try:
            data.decode()
        except UnicodeDecodeError:
            return ("base64", "s3")
        return ("text", "gzip+base64", "s3")

    def may(self, encoding: str, exchange: Exchange) -> bool:
        """Whether the proxy can decode it, and this client can write it."""
        if encoding == "s3" and not self.port.settings.bucket:
            return False
        return encoding in exchange.request.encodings

    def allowed(self, exchange: Exchange) -> int:
        """How large a message to the reply queue may be."""
        return exchange.request.max_reply_bytes

    def size(self, body: str) -> int:
        """What SQS counts."""
        return len(body.encode())

    def written(self, encoding: str, data: bytes) -> dict[str, Any]:
        """A payload object that holds the bytes."""
        if encoding == "text":
            return {"encoding": "text", "data": data.decode()}
        import binascii  # noqa: PLC0415 - quick to start without

        if encoding == "gzip+base64":
            data = self.gzip(data)
        return {"encoding": encoding, "data": binascii.b2a_base64(data, newline=False).decode()}

    def gzip(self, data: bytes) -> bytes:
        """RFC 1952."""
        packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        return packer.compress(data) + packer.flush()

    def stored(self, data: bytes, request_id: str) -> dict[str, Any]:
        """A claim check of bytes that were put into the bucket."""
        import uuid  # noqa: PLC0415 - quick to start without

        key = self.folder("response", request_id) + str(uuid.uuid4())
        self.port.bucket.put(key, data)
        return {
            "encoding": "s3",
            "bucket": self.port.settings.bucket,
            "key": key,
            "sizeBytes": len(data),
            "sha256": self.sha256(data),
        }
