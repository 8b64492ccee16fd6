"""Faults in claim checks."""

from __future__ import annotations

from typing import Any

from faulty.client.faults.registry import fault
from faulty.client.payloads import Payloads, TooLargeError
from faulty.client.rules import Wrong
from faulty.client.s3 import Bucket


@fault(
    "writes-capital-digests",
    "PAY-6",
    red={
        "client.payload.claimed-error": "the response is not valid: /error/payload/sha",
        "client.payload.claim-beyond-lambda": "the response is not valid: /payload/sha",
    },
    green=("client.payload.claimed-event",),
)
class WritesCapitalDigests(Payloads):
    """It writes the digest in capitals."""

    def stored(self, data: bytes, request_id: str) -> dict[str, Any]:
        claim = super().stored(data, request_id)
        return {**claim, "sha256": claim["sha256"].upper()}


@fault(
    "stores-compressed",
    "PAY-6",
    "PAY-2",
    red={"client.payload.claimed-error": "the stored body is another"},
    green=("client.payload.claimed-event",),
)
class StoresCompressed(Payloads):
    """It compresses what it stores."""

    def stored(self, data: bytes, request_id: str) -> dict[str, Any]:
        return super().stored(self.gzip(data), request_id)


@fault(
    "stores-under-a-date",
    "PAY-13",
    red={"client.payload.claimed-result": "the key is not <prefix>/response/<requestId>/<uuid>"},
    green=("client.start.answers",),
)
class StoresUnderADate(Payloads):
    """It has an order of its own in the bucket."""

    def folder(self, kind: str, request_id: str) -> str:
        folder = super().folder(kind, request_id)
        return folder if kind == "request" else f"2026/{folder}"


@fault(
    "sends-before-it-stores",
    "PAY-13",
    red={"client.payload.claimed-result": "nothing lies in conformance-payloads-"},
    green=("client.start.answers",),
)
class SendsBeforeItStores(Bucket):
    """It stores in the background while the message is on its way."""

    def put(self, key: str, data: bytes) -> None:
        import threading  # noqa: PLC0415 - nobody else needs it
        import time  # noqa: PLC0415 - nobody else needs it

        def later() -> None:
            time.sleep(0.3)
            super(SendsBeforeItStores, self).put(key, data)

        threading.Thread(target=later).start()


@fault(
    "looks-into-any-bucket",
    "PAY-14",
    red={"client.payload.foreign-claim": "a request with a claim check of another bucket: the"},
    green=("client.payload.no-bucket",),
)
class LooksIntoAnyBucket(Payloads):
    """It does not compare the bucket."""

    def is_own_bucket(self, _name: str) -> bool:
        return True


@fault(
    "follows-any-key",
    "PAY-14",
    red={"client.payload.foreign-claim": "a request with a key with another prefix: the answer is"},
    green=("client.payload.no-bucket",),
)
class FollowsAnyKey(Payloads):
    """It fetches whatever a message names."""

    def is_own_key(self, _key: str, _request_id: str) -> bool:
        return True


@fault(
    "verifies-nothing",
    "PAY-15",
    red={
        "client.payload.wrong-claim": "a request with a size too small: the error is of another t",
        "client.vectors.claim-checks": "the refusal is of another type",
    },
    green=("client.start.answers",),
)
class VerifiesNothing(Payloads):
    """It believes what it fetched."""

    def verify(self, data: bytes, size: int, digest: str) -> None:
        """Nothing is looked at."""


@fault(
    "verifies-the-size-only",
    "PAY-15",
    red={"client.payload.wrong-claim": "a request with another digest: the answer is no error"},
    green=("client.start.answers",),
)
class VerifiesTheSizeOnly(Payloads):
    """It believes what has the right size."""

    def verify(self, data: bytes, size: int, _digest: str) -> None:
        super().verify(data, size, self.sha256(data))


@fault(
    "verifies-the-digest-only",
    "PAY-15",
    red={"client.payload.wrong-claim": "a request with a size too small: the answer is no error"},
    green=("client.start.answers",),
)
class VerifiesTheDigestOnly(Payloads):
    """It does not look at the size."""

    def fetch(self, claim: dict[str, Any]) -> bytes:
        data = self.port.bucket.get(claim["key"], self.limit_bytes)
        self.verify(data, len(data), claim["sha256"])
        return data


@fault(
    "tidies-the-bucket",
    "PAY-16",
    red={"client.payload.claims-stay": "an object is gone"},
    green=("client.start.answers",),
)
class TidiesTheBucket(Bucket):
    """It deletes what it fetched."""

    def get(self, key: str, limit: int) -> bytes:
        data = super().get(key, limit)
        self.call("DELETE", key, b"", 1024)
        return data


@fault(
    "drops-what-it-cannot-store",
    "ERR-11",
    "PAY-9",
    red={"client.payload.refused-object": "the error is of another type"},
    green=("client.payload.missing-object",),
)
class DropsWhatItCannotStore(Payloads):
    """It takes a bucket that fails for a result that is too large."""

    def stored(self, data: bytes, request_id: str) -> dict[str, Any]:
        from faulty.client.s3 import StorageError  # noqa: PLC0415 - nobody else needs it

        try:
            return super().stored(data, request_id)
        except StorageError:
            raise TooLargeError from None


@fault(
    "reads-no-claim-checks",
    "PAY-6",
    "PAY-1",
    red={
        "client.payload.claimed-event": "the answer is the error Client.BadRequest: The request i"
    },
    green=("client.payload.claimed-error",),
)
class ReadsNoClaimChecks(Payloads):
    """It does not know claim checks, although it says so."""

    def check_claim(self, payload: dict[str, Any], request_id: str) -> None:
        super().check_claim(payload, request_id)
        raise Wrong("is no encoding that is known", "/payload/encoding")
