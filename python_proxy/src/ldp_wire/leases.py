"""The leases that a client holds on the copies of one request (SES-4, SES-7 to SES-11).

A lease is a message's visibility timeout. What is known of it is an underestimate: it counts from
before the call that set it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ldp_wire.envelopes import Delivery

_MS_PER_S: Final = 1000
#: Renew after this part of a lease: three more attempts fit before it ends (SES-7).
_RENEWALS_PER_LEASE: Final = 4


@dataclass(frozen=True, slots=True)
class Lease:
    """One copy's newest receipt handle, and until when it surely holds.

    Attributes:
        message_id: ID of the physical message.
        receipt: Newest receipt handle.
        until_ms: The message is hidden from others until then.
        renew_at_ms: When to extend it.
    """

    message_id: str
    receipt: str
    until_ms: int
    renew_at_ms: int


class Leases:
    """The leases of all copies of one request.

    Args:
        lease_s: Length of a lease in seconds.
        end_ms: The request's `answerByMs`, beyond which nothing is extended; None if one-way.
    """

    def __init__(self, lease_s: int, end_ms: int | None) -> None:
        self._lease_s = lease_s
        self._end_ms = end_ms
        self._leases: dict[str, Lease] = {}

    def hold(self, delivery: Delivery, received_ms: int) -> bool:
        """Take in a copy as it was received; whether its message was unknown until now."""
        is_new = delivery.message_id not in self._leases
        self._set(delivery.message_id, delivery.receipt, received_ms, self._lease_s)
        return is_new

    def _set(self, message_id: str, receipt: str, from_ms: int, visibility_s: int) -> None:
        self._leases[message_id] = Lease(
            message_id,
            receipt,
            until_ms=from_ms + visibility_s * _MS_PER_S,
            renew_at_ms=from_ms + self._lease_s * _MS_PER_S // _RENEWALS_PER_LEASE,
        )

    @property
    def receipts(self) -> tuple[str, ...]:
        """The receipt handles of all leases that have not been found lapsed."""
        return tuple(lease.receipt for lease in self._leases.values())

    def surely_held(self, now_ms: int) -> tuple[str, ...]:
        """Receipt handles whose lease will outlast a call that begins now (SES-11)."""
        spare_ms = self._lease_s * _MS_PER_S // _RENEWALS_PER_LEASE
        leases = self._leases.values()
        return tuple(lease.receipt for lease in leases if now_ms + spare_ms < lease.until_ms)

    def drop_lapsed(self, now_ms: int) -> int:
        """Forget the handles of leases that have ended; how many there were (SES-10)."""
        lapsed = [key for key, lease in self._leases.items() if now_ms > lease.until_ms]
        for key in lapsed:
            del self._leases[key]
        return len(lapsed)

    def renewals(self, now_ms: int) -> list[tuple[Lease, int]]:
        """The leases to extend now, each with its new visibility timeout in seconds (SES-8)."""
        visibility_s = self._visibility_s(now_ms)
        if visibility_s < 1:
            return []
        due = [lease for lease in self._leases.values() if lease.renew_at_ms <= now_ms]
        for lease in due:
            self._retry_later(lease, now_ms)
        return [(lease, visibility_s) for lease in due]

    def _retry_later(self, lease: Lease, now_ms: int) -> None:
        """Until it is confirmed, a renewal changes nothing but when to try again."""
        step_ms = self._lease_s * _MS_PER_S // _RENEWALS_PER_LEASE
        self._leases[lease.message_id] = Lease(
            lease.message_id, lease.receipt, lease.until_ms, now_ms + step_ms
        )

    def _visibility_s(self, now_ms: int) -> int:
        if self._end_ms is None:
            return self._lease_s
        return min(self._lease_s, -((now_ms - self._end_ms) // _MS_PER_S))

    def renewed(self, message_id: str, receipt: str, visibility_s: int, began_ms: int) -> None:
        """SQS took a renewal, by a call that began at `began_ms`.

        Once the lease has ended that says nothing: SQS takes old handles too, without any effect
        on the message, which somebody else may have by now (SES-10).
        """
        lease = self._leases.get(message_id)
        if lease is not None and lease.receipt == receipt and began_ms <= lease.until_ms:
            self._set(message_id, receipt, began_ms, visibility_s)

    def due_ms(self) -> int | None:
        """When something has to be renewed next, or will have lapsed."""
        times = [min(x.renew_at_ms, x.until_ms + 1) for x in self._leases.values()]
        return min(times, default=None)
