"""Claim checks as the proxy uses them: events put into the bucket, answers taken out of it.

What fails and may pass is tried again until `answerByMs` (EXC-32); the SDK itself tries once. What
fails for good becomes the caller's typed error. Nothing is deleted here, since a second copy of a
message needs the object, too (PAY-16).
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from ldp_queues.errors import StoreError
from ldp_wire.claims import Direction, check_stored, claim_check
from ldp_wire.errors import RemoteProtocolError
from ldp_wire.exchange import Answer
from ldp_wire.failures import Failure, bad_answer, storage_error_of_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_proxy.loop import Pace
    from ldp_queues.ports import Store
    from ldp_wire.claims import Bucket
    from ldp_wire.envelopes import ClaimCheck, RequestId
    from ldp_wire.exchange import Outcome

_logger = logging.getLogger(__name__)

_MS_PER_S: Final = 1000
#: Pauses between attempts, in seconds: short at first, for a caller waits.
_PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0)

_Done = TypeVar("_Done")


class ClaimChecks:
    """The payloads of one execution environment that fit in no message.

    Args:
        bucket: Where they are kept, as configured.
        store: The same bucket.
        pace: Time and chance.
    """

    def __init__(self, bucket: Bucket, store: Store, pace: Pace) -> None:
        self.bucket = bucket
        self._store = store
        self._pace = pace

    def of_event(self, request_id: RequestId, event: bytes) -> ClaimCheck:
        """The claim check for an event, which is not stored by this."""
        return claim_check(self.bucket, Direction.REQUEST, request_id, event)

    def put(self, claim: ClaimCheck, event: bytes, until_ms: int) -> Failure | None:
        """Store an event, before anybody is told of it (PAY-13).

        Args:
            claim: Its claim check.
            event: The bytes.
            until_ms: After this nothing is tried again, epoch milliseconds.

        Returns:
            What to tell the caller if it cannot be stored (ERR-11).
        """
        return self._insist(lambda: self._store.put(claim.key, event), until_ms)

    def opened(self, outcome: Outcome | None, until_ms: int) -> Outcome | None:
        """An outcome with the bytes that its claim check stands for, if it has one.

        Args:
            outcome: What an exchange ended with; a claim check in it was found to be one of ours.
            until_ms: After this nothing is tried again, epoch milliseconds.

        Returns:
            The answer, or what to tell the caller instead (ERR-6, ERR-11).
        """
        if not isinstance(outcome, Answer) or isinstance(outcome.body, bytes):
            return outcome
        body = self._fetch(outcome.body, until_ms)
        return body if isinstance(body, Failure) else replace(outcome, body=body)

    def _fetch(self, claim: ClaimCheck, until_ms: int) -> bytes | Failure:
        """Fetch an answer, and verify that it is the one that was sent (PAY-15)."""
        body = self._insist(lambda: self._store.get(claim.key, claim.size_bytes), until_ms)
        if isinstance(body, Failure):
            return body
        try:
            check_stored(claim, body)
        except RemoteProtocolError as exc:
            return bad_answer(str(exc))
        return body

    def _insist(self, call: Callable[[], _Done], until_ms: int) -> _Done | Failure:
        """Make a call, again and again while what fails may pass in time."""
        attempts = 0
        while True:
            try:
                return call()
            except StoreError as exc:
                pause_s = _PAUSES_S[min(attempts, len(_PAUSES_S) - 1)]
                in_time = self._pace.clock_ms() + pause_s * _MS_PER_S < until_ms
                if not (exc.transient and in_time):
                    return storage_error_of_proxy(f"{str(exc).rstrip('.')}. {exc.hint}")
                extra = {"error": type(exc).__name__, "reason": str(exc), "pause_s": pause_s}
                _logger.warning("storage.retrying", extra=extra)
            attempts += 1
            self._pace.pause(pause_s)
