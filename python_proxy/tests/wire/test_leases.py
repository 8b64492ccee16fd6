from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_testing.deliveries import ANSWER_BY_MS, NOW_MS, Delivered
from ldp_wire.leases import Leases

if TYPE_CHECKING:
    from ldp_wire.leases import Lease


def _held(lease_s: int = 20, end_ms: int | None = ANSWER_BY_MS) -> Leases:
    leases = Leases(lease_s, end_ms)
    assert leases.hold(Delivered(""), NOW_MS)
    return leases


def _confirm(leases: Leases, renewals: list[tuple[Lease, int]], began_ms: int) -> None:
    for lease, visibility_s in renewals:
        leases.renewed(lease.message_id, lease.receipt, visibility_s, began_ms)


@pytest.mark.parametrize("lease_s", [1, 2, 20, 43_200])
def test_a_lease_is_renewed_after_a_quarter(lease_s: int) -> None:
    """A lease is extended by its whole length after each quarter of it (SES-7, SES-12)."""
    leases = _held(lease_s, None)
    quarter_ms = lease_s * 250

    assert leases.due_ms() == NOW_MS + quarter_ms
    assert leases.renewals(NOW_MS + quarter_ms - 1) == []
    [(lease, visibility_s)] = leases.renewals(NOW_MS + quarter_ms)
    assert (lease.message_id, lease.receipt, visibility_s) == ("m-1", "h-1", lease_s)


def test_a_renewal_that_failed_is_tried_again_before_the_lease_ends() -> None:
    """Three attempts fit between the first renewal and the end of the lease (SES-7)."""
    leases = _held()

    tried = [at_s for at_s in range(21) if leases.renewals(NOW_MS + at_s * 1000)]

    assert tried == [5, 10, 15, 20]


def test_a_confirmed_renewal_counts_from_before_its_call() -> None:
    """A lease surely lasts from the beginning of the call that extended it (SES-10)."""
    leases = _held()
    _confirm(leases, leases.renewals(NOW_MS + 5_000), NOW_MS + 5_000)

    assert leases.drop_lapsed(NOW_MS + 25_000) == 0
    assert leases.drop_lapsed(NOW_MS + 25_001) == 1


def test_a_renewal_that_began_after_the_lease_had_ended_extends_nothing() -> None:
    """A client that slept before a renewal's call does not believe its success (SES-10)."""
    leases = _held()
    renewals = leases.renewals(NOW_MS + 5_000)
    _confirm(leases, renewals, NOW_MS + 20_001)

    assert leases.surely_held(NOW_MS + 20_001) == ()
    assert leases.drop_lapsed(NOW_MS + 20_001) == 1


def test_an_unconfirmed_renewal_extends_nothing() -> None:
    """A renewal that nobody confirmed leaves the lease where it was (SES-10)."""
    leases = _held()
    leases.renewals(NOW_MS + 15_000)

    assert leases.drop_lapsed(NOW_MS + 20_001) == 1
    assert leases.receipts == ()


def test_the_last_renewal_ends_at_answer_by() -> None:
    """Close to answerByMs a lease is extended up to it, rounded up to a second (SES-8)."""
    leases = _held(20, NOW_MS + 8_400)

    assert [s for _, s in leases.renewals(NOW_MS + 5_000)] == [4]


def test_at_answer_by_nothing_is_renewed() -> None:
    """From answerByMs on, leases are left to end (SES-8)."""
    leases = _held(2, NOW_MS + 1_000)

    assert leases.renewals(NOW_MS + 1_000) == []


@given(
    lease_s=st.integers(1, 60),
    left_ms=st.integers(0, 120_000),
    steps_ms=st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), max_size=30),
)
def test_no_renewal_reaches_beyond_answer_by(
    lease_s: int, left_ms: int, steps_ms: list[tuple[int, bool]]
) -> None:
    """No renewal, whenever it is made, outlasts answerByMs rounded up to a second (SES-8)."""
    end_ms = NOW_MS + left_ms
    leases = _held(lease_s, end_ms)
    now_ms = NOW_MS
    for step_ms, confirmed in steps_ms:
        now_ms += step_ms
        renewals = leases.renewals(now_ms)
        for _, visibility_s in renewals:
            assert 1 <= visibility_s <= lease_s
            assert now_ms + visibility_s * 1000 < end_ms + 1000
        if confirmed:
            _confirm(leases, renewals, now_ms)


def test_each_copy_has_a_lease_and_its_newest_handle() -> None:
    """A second copy is another lease; a redelivery brings a newer handle (SES-4)."""
    leases = _held()

    assert leases.hold(Delivered("", message_id="m-2", receipt="h-2"), NOW_MS)
    assert not leases.hold(Delivered("", receipt="h-3", receive_count=2), NOW_MS + 1_000)
    assert leases.receipts == ("h-3", "h-2")
    assert len(leases.renewals(NOW_MS + 6_000)) == 2


def test_a_renewal_of_an_older_handle_changes_nothing() -> None:
    """What was renewed by a handle that is no longer the newest is not held by it (SES-10)."""
    leases = _held()
    [(old, visibility_s)] = leases.renewals(NOW_MS + 5_000)
    leases.hold(Delivered("", receipt="h-2", receive_count=2), NOW_MS + 6_000)
    leases.renewed(old.message_id, old.receipt, visibility_s, NOW_MS + 9_000)
    leases.renewed("m-unknown", "h", 20, NOW_MS + 9_000)

    assert leases.drop_lapsed(NOW_MS + 26_001) == 1
    assert leases.due_ms() is None


def test_a_lapsed_handle_is_not_used_again() -> None:
    """A lease that ended is neither renewed nor named, until it is received again (SES-10)."""
    leases = _held()
    leases.drop_lapsed(NOW_MS + 20_001)

    assert leases.renewals(NOW_MS + 20_001) == []
    assert leases.hold(Delivered("", receipt="h-2", receive_count=2), NOW_MS + 30_000)
    assert leases.receipts == ("h-2",)


def test_a_lapse_is_due_when_nothing_else_is() -> None:
    """A lease that nobody renews asks to be looked at when it has ended (SES-10)."""
    leases = _held(1, NOW_MS + 300)
    leases.renewals(NOW_MS + 250)

    assert leases.due_ms() == NOW_MS + 500
    leases.renewals(NOW_MS + 299)
    assert leases.due_ms() == NOW_MS + 500


def test_what_surely_is_held_outlasts_a_call() -> None:
    """A message is released only with a quarter of its lease to spare (SES-11)."""
    leases = _held()

    assert leases.surely_held(NOW_MS + 14_999) == ("h-1",)
    assert leases.surely_held(NOW_MS + 15_000) == ()
