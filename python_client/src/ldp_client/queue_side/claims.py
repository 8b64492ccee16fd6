"""Claim checks as a client uses them: answers put into the bucket, events taken out of it.

An event is fetched aside, so that others are received and all leases kept meanwhile. What fails
and may pass is tried again: a put when the session sends again, a fetch here, until its caller is
about to stop waiting. Nothing is deleted: a second copy of a message needs the object, too
(PAY-16).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from ldp_queues.errors import StoreCredentialsError, StoreError
from ldp_wire.claims import check_stored
from ldp_wire.errors import RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_queues.ports import Store
    from ldp_wire.actions import Attachment, Fetch

    Found = bytes | RemoteProtocolError | str

_MS_PER_S: Final = 1000
#: Pauses between attempts at a fetch, in seconds.
_PAUSES_S: Final = (0.25, 0.5, 1.0, 2.0, 5.0)
#: How long before its caller stops waiting a fetch is given up, so that the caller hears why.
_FAREWELL_MS: Final = 3_000
#: How many answers are remembered as stored. One is on its way for each handler; a forgotten one is
#: stored again, which does no harm.
_REMEMBERED: Final = 64


class ClaimChecks:
    """The payloads of one client that fit in no message.

    Args:
        store: The bucket; None if none is configured.
        now_ms: AWS's clock.
        problem: Is told a message and a hint for the developer.
        aside: Runs something on a thread of its own.

    Attributes:
        aside: The same.
    """

    def __init__(
        self,
        store: Store | None,
        now_ms: Callable[[], int],
        problem: Callable[[str, str], None],
        aside: Callable[[Callable[[], None]], None],
    ) -> None:
        self.aside = aside
        self._store = store
        self._now_ms = now_ms
        self._problem = problem
        self._stored: deque[str] = deque(maxlen=_REMEMBERED)

    def put(self, attachment: Attachment) -> None:
        """Store an answer before it is told of, once, however often that is sent (PAY-13).

        Raises:
            StoreError: It could not be stored.
        """
        if attachment.key not in self._stored:
            self._bucket().put(attachment.key, attachment.body)
            self._stored.append(attachment.key)

    def fetch(self, fetch: Fetch, pause: Callable[[float], bool]) -> Found | None:
        """Fetch an event, and verify that it is the one that was sent (PAY-15).

        Args:
            fetch: What to fetch.
            pause: Waits so many seconds; whether the client has ended meanwhile.

        Returns:
            The event; or what is wrong with it; or why it cannot be had; or None once nobody wants
            it any more.
        """
        attempts = 0
        while True:
            try:
                return self._fetch(fetch)
            except RemoteProtocolError as exc:
                return exc
            except StoreError as exc:
                attempts += 1
                if not may_pass(exc) or not self._has_time(fetch, attempts):
                    return f"{str(exc).rstrip('.')}. {exc.hint}"
                if attempts == 1:
                    self._problem(str(exc), exc.hint)
            if pause(_PAUSES_S[min(attempts, len(_PAUSES_S)) - 1]):
                return None

    def _fetch(self, fetch: Fetch) -> bytes:
        claim = fetch.claim
        body = self._bucket().get(claim.key, claim.size_bytes)
        check_stored(claim, body)
        return body

    def _has_time(self, fetch: Fetch, attempts: int) -> bool:
        """Whether another attempt is due; a one-way event that is given up comes back."""
        if fetch.until_ms is None:
            return attempts <= len(_PAUSES_S)
        pause_ms = _PAUSES_S[min(attempts, len(_PAUSES_S)) - 1] * _MS_PER_S
        return self._now_ms() + pause_ms < fetch.until_ms - _FAREWELL_MS

    def _bucket(self) -> Store:
        if self._store is None:
            hint = "Set LAMBDA_PROXY_PAYLOAD_BUCKET to the value that the proxy function has."
            raise StoreError("no payload bucket is configured", hint=hint)
        return self._store


def may_pass(exc: StoreError) -> bool:
    """Whether the same call can succeed later, by itself or because the developer logs in again."""
    return exc.transient or isinstance(exc, StoreCredentialsError)
