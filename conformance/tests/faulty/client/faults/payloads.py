"""Faults in payloads: encodings, sizes and claim checks."""

from __future__ import annotations

import base64
import json
import unicodedata
import zlib
from typing import TYPE_CHECKING, Any

from faulty.client.answers import Answers
from faulty.client.faults.registry import fault
from faulty.client.payloads import Payloads, TooLargeError
from faulty.client.rules import Wrong
from faulty.client.runtime import Runtime
from faulty.client.s3 import Bucket

if TYPE_CHECKING:
    from collections.abc import Callable

    from faulty.client.exchange import Exchange
    from faulty.client.runtime import Outcome


@fault("reads-doubles", "PAY-1")
class ReadsDoubles(Runtime):
    """It parses events on the way, with every number a double."""

    def event(self, exchange: Exchange) -> bytes:
        value = json.loads(super().event(exchange), parse_int=float)
        return json.dumps(value).encode()


@fault("composes-events", "PAY-1")
class ComposesEvents(Runtime):
    """It brings the event's text into Unicode's composed form."""

    def event(self, exchange: Exchange) -> bytes:
        return unicodedata.normalize("NFC", super().event(exchange).decode()).encode()


@fault("composes-results", "PAY-2", "PAY-1")
class ComposesResults(Runtime):
    """It brings the result's text into Unicode's composed form."""

    def serialised(self, value: object) -> bytes:
        return unicodedata.normalize("NFC", super().serialised(value).decode()).encode()


@fault("writes-doubles", "PAY-2")
class WritesDoubles(Runtime):
    """It parses results on the way, with every number a double."""

    def serialised(self, value: object) -> bytes:
        parsed = json.loads(super().serialised(value), parse_int=float)
        return super().serialised(parsed)


@fault("breaks-base64-lines", "PAY-4")
class BreaksBase64Lines(Payloads):
    """It writes base64 in lines, as mail does."""

    def written(self, encoding: str, data: bytes) -> dict[str, Any]:
        if encoding == "gzip+base64":
            text = base64.encodebytes(self.gzip(data)).decode()
            return {"encoding": encoding, "data": text}
        return super().written(encoding, data)


@fault("pads-nothing", "PAY-4")
class PadsNothing(Payloads):
    """It writes the base64 of URLs, without padding."""

    def written(self, encoding: str, data: bytes) -> dict[str, Any]:
        if encoding == "gzip+base64":
            text = base64.urlsafe_b64encode(self.gzip(data)).decode().rstrip("=")
            return {"encoding": encoding, "data": text}
        return super().written(encoding, data)


@fault("compresses-with-zlib", "PAY-4")
class CompressesWithZlib(Payloads):
    """It compresses with the frame of zlib and not with that of gzip."""

    def gzip(self, data: bytes) -> bytes:
        return zlib.compress(data)


@fault("reads-no-gzip", "PAY-4", "PAY-1")
class ReadsNoGzip(Payloads):
    """It hands compressed bytes on as they are."""

    def from_gzip(self, data: bytes) -> bytes:
        return data


@fault("reads-no-base64", "PAY-5", "PAY-1")
class ReadsNoBase64(Payloads):
    """It hands base64 on as it is."""

    def decode(self, payload: dict[str, Any]) -> bytes:
        if payload.get("encoding") == "base64":
            payload = {**payload, "encoding": "text"}
        return super().decode(payload)


@fault("writes-capital-digests", "PAY-6")
class WritesCapitalDigests(Payloads):
    """It writes the digest in capitals."""

    def stored(self, data: bytes, request_id: str) -> dict[str, Any]:
        claim = super().stored(data, request_id)
        return {**claim, "sha256": claim["sha256"].upper()}


@fault("stores-compressed", "PAY-6", "PAY-2")
class StoresCompressed(Payloads):
    """It compresses what it stores."""

    def stored(self, data: bytes, request_id: str) -> dict[str, Any]:
        return super().stored(self.gzip(data), request_id)


@fault("always-compresses", "PAY-7")
class AlwaysCompresses(Payloads):
    """It compresses what would fit as text."""

    def forms(self, data: bytes) -> tuple[str, ...]:
        return ("gzip+base64", *super().forms(data))


@fault("never-compresses", "PAY-7")
class NeverCompresses(Payloads):
    """It goes to the bucket, or fails, where gzip would fit."""

    def forms(self, data: bytes) -> tuple[str, ...]:
        return tuple(form for form in super().forms(data) if form != "gzip+base64")


@fault("counts-characters", "PAY-8")
class CountsCharacters(Payloads):
    """It counts characters where SQS counts bytes."""

    def size(self, body: str) -> int:
        return len(body)


@fault("ignores-max-reply-bytes", "PAY-8")
class IgnoresMaxReplyBytes(Payloads):
    """It does not look at the largest message that the reply queue takes."""

    def allowed(self, _exchange: Exchange) -> int:
        return 1_048_576


@fault("forgets-the-envelope", "PAY-8")
class ForgetsTheEnvelope(Payloads):
    """It measures the payload, and not the message around it."""

    def size(self, body: str) -> int:
        envelope = json.loads(body)
        payload = envelope.get("payload") or envelope["error"]["payload"]
        return len(payload["data"].encode())


@fault("counts-too-much", "PAY-7", "PAY-8")
class CountsTooMuch(Payloads):
    """It keeps a kilobyte of the limit for itself."""

    def size(self, body: str) -> int:
        return super().size(body) + 1024


@fault("drops-large-results", "PAY-9", "ERR-12")
class DropsLargeResults(Answers):
    """It deletes a request whose result is too large, and says nothing to its caller."""

    def body(self, exchange: Exchange, outcome: Outcome) -> str:
        body = super().body(exchange, outcome)
        return "" if "Client.ResultTooLarge" in body else body

    def send_and_settle(self, exchange: Exchange, body: str) -> None:
        if body:
            super().send_and_settle(exchange, body)
        else:
            self.port.settling.discard(exchange, "its result is too large")


@fault("names-no-limit", "ERR-12", "ERR-2")
class NamesNoLimit(Answers):
    """It says that a result is too large, and not what the limit is."""

    def own_failure(self, frozen: Any, kind: str, message: str) -> str:
        if kind == "Client.ResultTooLarge":
            message = "The result is too large."
        return super().own_failure(frozen, kind, message)


@fault("calls-failures-its-own-way", "ERR-1", "ERR-11", "ERR-12", "ERR-13")
class CallsFailuresItsOwnWay(Answers):
    """It has names of its own for its failures."""

    def own_failure(self, frozen: Any, kind: str, message: str) -> str:
        return super().own_failure(frozen, kind.replace("Client.", "DebugClient."), message)


@fault("has-no-words", "ERR-2")
class HasNoWords(Answers):
    """Its failures have a type and no message."""

    def own_failure(self, frozen: Any, kind: str, _message: str) -> str:
        return super().own_failure(frozen, kind, "")


@fault("unpacks-without-end", "PAY-10")
class UnpacksWithoutEnd(Payloads):
    """It has no limit for what it decodes."""

    limit_bytes = 1 << 40


@fault("forgives-base64", "PAY-11")
class ForgivesBase64(Payloads):
    """It skips what is no base64."""

    def from_base64(self, data: str) -> bytes:
        try:
            return base64.b64decode(data + "==")
        except ValueError:
            return data.encode()


@fault("forgives-gzip", "PAY-11")
class ForgivesGzip(Payloads):
    """It takes what it could decompress, however the data ends."""

    def from_gzip(self, data: bytes) -> bytes:
        member = zlib.decompressobj(31)
        try:
            return member.decompress(data, self.limit_bytes)
        except zlib.error:
            return zlib.decompressobj(-15).decompress(data[10:], self.limit_bytes)


@fault("guesses-encodings", "PAY-11")
class GuessesEncodings(Payloads):
    """It takes an encoding that it does not know for text."""

    def decode(self, payload: dict[str, Any]) -> bytes:
        if payload.get("encoding") not in {"text", "base64", "gzip+base64"}:
            payload = {**payload, "encoding": "text"}
        return super().decode(payload)


@fault("ignores-accept-encodings", "PAY-12")
class IgnoresAcceptEncodings(Payloads):
    """It answers in forms that the proxy cannot read."""

    def may(self, encoding: str, _exchange: Exchange) -> bool:
        return encoding != "s3" or bool(self.port.settings.bucket)


@fault("stores-under-a-date", "PAY-13")
class StoresUnderADate(Payloads):
    """It has an order of its own in the bucket."""

    def folder(self, kind: str, request_id: str) -> str:
        folder = super().folder(kind, request_id)
        return folder if kind == "request" else f"2026/{folder}"


@fault("sends-before-it-stores", "PAY-13")
class SendsBeforeItStores(Bucket):
    """It stores in the background while the message is on its way."""

    def put(self, key: str, data: bytes) -> None:
        import threading  # noqa: PLC0415 - nobody else needs it
        import time  # noqa: PLC0415 - nobody else needs it

        def later() -> None:
            time.sleep(0.3)
            super(SendsBeforeItStores, self).put(key, data)

        threading.Thread(target=later).start()


@fault("looks-into-any-bucket", "PAY-14")
class LooksIntoAnyBucket(Payloads):
    """It does not compare the bucket."""

    def is_own_bucket(self, _name: str) -> bool:
        return True


@fault("follows-any-key", "PAY-14")
class FollowsAnyKey(Payloads):
    """It fetches whatever a message names."""

    def is_own_key(self, _key: str, _request_id: str) -> bool:
        return True


@fault("verifies-nothing", "PAY-15")
class VerifiesNothing(Payloads):
    """It believes what it fetched."""

    def verify(self, data: bytes, size: int, digest: str) -> None:
        """Nothing is looked at."""


@fault("verifies-the-size-only", "PAY-15")
class VerifiesTheSizeOnly(Payloads):
    """It believes what has the right size."""

    def verify(self, data: bytes, size: int, _digest: str) -> None:
        super().verify(data, size, self.sha256(data))


@fault("verifies-the-digest-only", "PAY-15")
class VerifiesTheDigestOnly(Payloads):
    """It does not look at the size."""

    def fetch(self, claim: dict[str, Any]) -> bytes:
        data = self.port.bucket.get(claim["key"], self.limit_bytes)
        self.verify(data, len(data), claim["sha256"])
        return data


@fault("tidies-the-bucket", "PAY-16")
class TidiesTheBucket(Bucket):
    """It deletes what it fetched."""

    def get(self, key: str, limit: int) -> bytes:
        data = super().get(key, limit)
        self.call("DELETE", key, b"", 1024)
        return data


@fault("drops-what-it-cannot-store", "ERR-11", "PAY-9")
class DropsWhatItCannotStore(Payloads):
    """It takes a bucket that fails for a result that is too large."""

    def stored(self, data: bytes, request_id: str) -> dict[str, Any]:
        from faulty.client.s3 import StorageError  # noqa: PLC0415 - nobody else needs it

        try:
            return super().stored(data, request_id)
        except StorageError:
            raise TooLargeError from None


@fault("cuts-large-results", "PAY-9", "PAY-2")
class CutsLargeResults(Payloads):
    """It sends as much of a large result as fits."""

    def encode(
        self, data: bytes, exchange: Exchange, body_of: Callable[[dict[str, Any]], str]
    ) -> str:
        try:
            return super().encode(data, exchange, body_of)
        except TooLargeError:
            head = data[: self.allowed(exchange) // 8].decode(errors="ignore")
            return body_of({"encoding": "text", "data": head})


@fault("refuses-large-events", "PAY-10", "PAY-1")
class RefusesLargeEvents(Payloads):
    """It takes no more than six million bytes."""

    limit_bytes = 6_000_000


@fault("reads-no-claim-checks", "PAY-6", "PAY-1")
class ReadsNoClaimChecks(Payloads):
    """It does not know claim checks, although it says so."""

    def check_claim(self, payload: dict[str, Any], request_id: str) -> None:
        super().check_claim(payload, request_id)
        raise Wrong("is no encoding that is known", "/payload/encoding")


@fault("refuses-what-is-no-text", "PAY-1", "PAY-5")
class RefusesWhatIsNoText(Payloads):
    """It refuses events that are no UTF-8."""

    def from_base64(self, data: str) -> bytes:
        decoded = super().from_base64(data)
        if not decoded.startswith(b"\x1f\x8b"):
            self.text_of(decoded)
        return decoded

    def text_of(self, data: bytes) -> str:
        """The text that the bytes are."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise Wrong("is no text", "/payload/data") from None
