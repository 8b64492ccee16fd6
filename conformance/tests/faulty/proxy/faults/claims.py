"""Faults in collecting what waits in a bucket."""

from __future__ import annotations

from typing import Any

from faulty.proxy.errors import BadInputError, CallFailed
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault


@fault("keeps-nothing", "PAY-16", red={"proxy.claim.answer": "was deleted from the bucket"})
class KeepsNothing(Proxy):
    """It deletes a claim check that it collected."""

    def get_object(self, key: str) -> bytes:
        body = super().get_object(key)
        self._object("DELETE", key, b"")
        return body


@fault(
    "no-collecting",
    "PAY-6",
    red={"proxy.claim.answer": "BadAnswer", "proxy.claim.error": "the error is Proxy.BadAnswer"},
    green=("proxy.claim.event", "proxy.claim.elsewhere"),
)
class NoCollecting(Proxy):
    """It does not collect claim checks, although it lists them."""

    def redeem(self, claim: dict[str, Any], request_id: str) -> bytes:
        raise BadInputError(f"a claim check of {request_id}")


@fault(
    "follows-pointers",
    "PAY-14",
    red={"proxy.claim.elsewhere": "got a result", "proxy.claim.unasked": "not Proxy.BadAnswer"},
    green=("proxy.claim.answer", "proxy.claim.verified"),
)
class FollowsPointers(Proxy):
    """It fetches whatever a claim check points to."""

    def redeem(self, claim: dict[str, Any], request_id: str) -> bytes:
        del request_id
        try:
            body = self.get_object(str(claim["key"]))
        except CallFailed as failure:
            raise self._storage(failure) from failure
        self.verify(claim, body)
        return body

    def _storage(self, failure: CallFailed) -> Exception:
        from faulty.proxy.errors import storage_error  # noqa: PLC0415 - for this alone

        return storage_error(failure)


@fault("unverified", "PAY-15", red={"proxy.claim.verified": "got a result"})
class Unverified(Proxy):
    """It does not look whether it fetched what was stored."""

    def verify(self, claim: dict[str, Any], body: bytes) -> None:
        """Nothing is compared."""


@fault("by-size-only", "PAY-15", red={"proxy.claim.verified": "got a result"})
class BySizeOnly(Proxy):
    """It compares the size of what it fetched, not the SHA-256."""

    def verify(self, claim: dict[str, Any], body: bytes) -> None:
        if claim.get("sizeBytes") != len(body):
            raise BadInputError("another size")


@fault("nothing-there", "ERR-11", red={"proxy.claim.not-fetched": "not Proxy.StorageError"})
class NothingThere(Proxy):
    """It takes an answer that it cannot fetch for a bad one."""

    def get_object(self, key: str) -> bytes:
        try:
            return super().get_object(key)
        except CallFailed as failure:
            raise BadInputError("nothing there") from failure
