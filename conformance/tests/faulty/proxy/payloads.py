"""Payloads written down and read back: text, gzip+base64, base64, s3."""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import re
import uuid
import zlib
from typing import Any, Final

from faulty.proxy.aws import Calls
from faulty.proxy.errors import BadInputError, CallFailed, storage_error

MAX_PAYLOAD_BYTES: Final = 6_291_556
_UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Payloads(Calls):
    """A proxy that can write and read payloads."""

    def forms(self, event: bytes) -> list[str]:
        """The encodings to try, the simplest first (PAY-7)."""
        try:
            event.decode("utf-8")
        except UnicodeDecodeError:
            names = ["base64"]
        else:
            names = ["text", "gzip+base64"]
        return [*names, "s3"] if self.settings.bucket else names

    def write_payload(self, encoding: str, event: bytes, request_id: str) -> dict[str, Any]:
        """The payload object of an event in this encoding; `s3` stores it (PAY-13)."""
        if encoding == "text":
            return {"encoding": "text", "data": event.decode("utf-8")}
        if encoding == "base64":
            return {"encoding": "base64", "data": base64.b64encode(event).decode()}
        if encoding == "gzip+base64":
            packed = gzip.compress(event, mtime=0)
            return {"encoding": "gzip+base64", "data": base64.b64encode(packed).decode()}
        return self.claim_check(event, request_id)

    def claim_check(self, event: bytes, request_id: str) -> dict[str, Any]:
        """Store an event, and the payload object that says where."""
        key = f"{self.key_prefix()}request/{request_id}/{uuid.uuid4()}"
        try:
            self.put_object(key, event)
        except CallFailed as failure:
            raise storage_error(failure) from failure
        return {
            "encoding": "s3",
            "bucket": self.settings.bucket,
            "key": key,
            "sizeBytes": len(event),
            "sha256": hashlib.sha256(event).hexdigest(),
        }

    def key_prefix(self) -> str:
        """What every key begins with."""
        return f"{self.settings.prefix}/" if self.settings.prefix else ""

    def read_payload(self, payload: Any, request_id: str) -> bytes:
        """The bytes of a payload object.

        Raises:
            BadInputError: It does not decode (PAY-10, PAY-11, PAY-14, PAY-15).
            ProxyError: A claim check could not be fetched.
        """
        if not isinstance(payload, dict):
            raise BadInputError("the payload is no object")
        encoding = payload.get("encoding")
        if encoding == "s3":
            return self.redeem(payload, request_id)
        data = payload.get("data")
        if not isinstance(data, str):
            raise BadInputError("the payload has no data")
        body = self._decode(encoding, data)
        if len(body) > MAX_PAYLOAD_BYTES:
            raise BadInputError("the payload is too large")
        return body

    def _decode(self, encoding: Any, data: str) -> bytes:
        if encoding == "text":
            return self.read_text(data)
        if encoding == "base64":
            return self.read_base64(data)
        if encoding == "gzip+base64":
            return self.unzip(self.read_base64(data))
        raise BadInputError("unknown encoding")

    def read_text(self, data: str) -> bytes:
        """The bytes of a text."""
        try:
            return data.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BadInputError("the text is no Unicode") from error

    def read_base64(self, data: str) -> bytes:
        """The bytes behind base64, strictly."""
        try:
            return base64.b64decode(data.encode("ascii"), validate=True)
        except (UnicodeEncodeError, binascii.Error) as error:
            raise BadInputError("wrong base64") from error

    def unzip(self, packed: bytes) -> bytes:
        """The bytes behind gzip, no more than the limit and one."""
        if not packed:
            raise BadInputError("no gzip")
        body = b""
        while packed:
            member = zlib.decompressobj(31)
            try:
                body += member.decompress(packed, MAX_PAYLOAD_BYTES + 1 - len(body))
            except zlib.error as error:
                raise BadInputError("damaged gzip") from error
            if len(body) > MAX_PAYLOAD_BYTES:
                return body
            if not member.eof:
                raise BadInputError("truncated gzip")
            packed = member.unused_data
        return body

    def redeem(self, claim: dict[str, Any], request_id: str) -> bytes:
        """The bytes behind a claim check, which is looked at before it is followed."""
        key, bucket = str(claim.get("key")), claim.get("bucket")
        form = f"{re.escape(self.key_prefix())}response/{re.escape(request_id)}/{_UUID}"
        if not self.settings.bucket or bucket != self.settings.bucket:
            raise BadInputError("a claim check of another bucket")
        if not re.fullmatch(form, key) or "data" in claim:
            raise BadInputError("a claim check of another form")
        try:
            body = self.get_object(key)
        except CallFailed as failure:
            raise storage_error(failure) from failure
        self.verify(claim, body)
        return body

    def verify(self, claim: dict[str, Any], body: bytes) -> None:
        """Hold what was fetched to what the claim check says (PAY-15)."""
        if claim.get("sizeBytes") != len(body):
            raise BadInputError("the stored payload has another size")
        if claim.get("sha256") != hashlib.sha256(body).hexdigest():
            raise BadInputError("the stored payload has another SHA-256")
