from __future__ import annotations

import itertools

import pytest

from ldp_testing.deliveries import NOW_MS, ONE_WAY_REQUEST, START_BY_MS, WINDOW_REQUEST, arrival
from ldp_wire.errors import LocalProtocolError
from ldp_wire.invocation import TRANSITIONS, Invocation, State, Trigger


@pytest.mark.parametrize(("state", "trigger"), list(itertools.product(State, Trigger)))
def test_a_request_moves_as_the_table_says_or_not_at_all(state: State, trigger: Trigger) -> None:
    """Each trigger in each state leads where the table says, or is a bug of this side."""
    invocation = Invocation(arrival(), 20, NOW_MS)
    invocation.state = state
    target = TRANSITIONS[state].get(trigger)

    if target is None:
        with pytest.raises(LocalProtocolError, match=f"{trigger.value!r} in state"):
            invocation.move(trigger)
        assert invocation.state is state
    else:
        invocation.move(trigger)
        assert invocation.state is target


def test_the_table_has_a_row_for_each_state_and_a_use_for_each_trigger() -> None:
    """No state is left out of the table, and no trigger is never used."""
    assert set(TRANSITIONS) == set(State)
    assert {trigger for row in TRANSITIONS.values() for trigger in row} == set(Trigger)


def test_every_state_is_reached_and_ends() -> None:
    """From the first state every other is reached, and from each an end."""
    assert _reached(State.RECEIVED) == set(State) - {State.RECEIVED}
    for state in set(State) - {State.SETTLED, State.ABANDONED}:
        assert _reached(state) & {State.SETTLED, State.ABANDONED}


def _reached(state: State) -> set[State]:
    found: set[State] = set()
    new = {state}
    while new:
        new = {target for one in new for target in TRANSITIONS[one].values()} - found
        found |= new
    return found


def test_nothing_leads_out_of_an_end() -> None:
    """A request that is settled or abandoned stays so (SES-14)."""
    assert TRANSITIONS[State.SETTLED] == TRANSITIONS[State.ABANDONED] == {}


def test_a_one_way_request_is_due_only_for_its_lease() -> None:
    """A one-way request never expires, and with its lease gone nothing is due (SES-28)."""
    invocation = Invocation(arrival(ONE_WAY_REQUEST), 20, NOW_MS)
    invocation.move(Trigger.START)

    assert not invocation.is_expired(2**53)
    assert invocation.due_ms() == NOW_MS + 5_000
    invocation.upkeep(NOW_MS + 60_000)
    assert invocation.due_ms() is None


def test_a_date_counts_as_the_end_of_its_second() -> None:
    """An accepted is in time if its Date and 1 s more are not after startByMs (SES-21)."""
    invocation = Invocation(arrival(WINDOW_REQUEST), 20, NOW_MS)

    assert invocation.may_start(START_BY_MS - 1_000)
    assert not invocation.may_start(START_BY_MS - 999)
    assert not Invocation(arrival(), 20, NOW_MS).may_start(0)


def test_what_never_ran_cannot_run_again() -> None:
    """Running again needs a first run, which was held (SES-36)."""
    with pytest.raises(LocalProtocolError, match="never ran"):
        Invocation(arrival(), 20, NOW_MS).rerun()
