"""Fetching an event from the bucket, alone and in virtual time."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from ldp_client.queue_side.claims import ClaimChecks
from ldp_queues.errors import StoreError
from ldp_queues.memory_faults import Fault
from ldp_queues.memory_store import MemoryStore
from ldp_testing.deliveries import NOW_MS
from ldp_wire.actions import Attachment, Fetch
from ldp_wire.claims import Bucket, Direction, claim_check
from ldp_wire.envelopes import RequestId

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_wire.errors import RemoteProtocolError

BUCKET = Bucket("payloads", "team/ldp")
#: What fits in no message, and no compression makes fit.
LARGE = Random(7).randbytes(1_000_000).hex().encode()


class Bench:
    """Claim checks in virtual time: a pause is a step of the clock."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS
        self.store = MemoryStore()
        self.problems: list[str] = []
        self.claims = ClaimChecks(self.store, lambda: self.now_ms, self._problem, lambda _: None)

    def _problem(self, message: str, hint: str) -> None:
        assert hint
        self.problems.append(message)

    def pause(self, seconds: float) -> bool:
        """Let time pass."""
        self.now_ms += round(seconds * 1000)
        return False

    def fetch(
        self, until_ms: int | None, pause: Callable[[float], bool] | None = None
    ) -> bytes | RemoteProtocolError | str | None:
        """Fetch the event, which lies there."""
        claim = claim_check(BUCKET, Direction.REQUEST, RequestId("r"), LARGE)
        self.store.objects[claim.key] = LARGE
        return self.claims.fetch(Fetch(RequestId("r"), claim, until_ms), pause or self.pause)


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.THROTTLED])
def test_a_fetch_rides_trouble_out(fault: Fault) -> None:
    """ERR-11: what passes is told once and does not cost the event."""
    bench = Bench()
    bench.store.faults.force(fault, 8)

    assert bench.fetch(NOW_MS + 60_000) == LARGE
    assert len(bench.problems) == 1


@pytest.mark.parametrize(("until_ms", "least"), [(NOW_MS + 60_000, 13), (None, 6)])
def test_a_fetch_is_given_up_while_the_caller_can_hear_why(
    until_ms: int | None, least: int
) -> None:
    """ERR-11: attempts end some seconds before the caller stops waiting, with the reason."""
    bench = Bench()
    bench.store.faults.rates[Fault.UNREACHABLE] = 1.0

    found = bench.fetch(until_ms)

    assert isinstance(found, str)
    assert "no connection. Check the network" in found
    assert len(bench.store.calls) >= least
    assert bench.now_ms <= NOW_MS + 57_000


def test_a_fetch_that_nobody_wants_ends() -> None:
    """SES-33: once the client has ended there is nothing to say of an event."""
    bench = Bench()
    bench.store.faults.rates[Fault.UNREACHABLE] = 1.0

    assert bench.fetch(None, lambda _: True) is None


def test_without_a_bucket_nothing_is_stored() -> None:
    """ERR-2: an answer for a bucket that is not configured says which variable to set."""
    claims = ClaimChecks(None, lambda: NOW_MS, lambda _message, _hint: None, lambda _: None)

    with pytest.raises(StoreError, match="no payload bucket is configured") as caught:
        claims.put(Attachment("k", b""))

    assert "LAMBDA_PROXY_PAYLOAD_BUCKET" in caught.value.hint
