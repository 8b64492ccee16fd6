from __future__ import annotations

import itertools

import pytest

from ldp_wire.errors import LocalProtocolError
from ldp_wire.life import TRANSITIONS, SessionState, SessionTrigger, moved


@pytest.mark.parametrize(
    ("state", "trigger"), list(itertools.product(SessionState, SessionTrigger))
)
def test_a_session_moves_as_the_table_says_or_not_at_all(
    state: SessionState, trigger: SessionTrigger
) -> None:
    """Each trigger in each state leads where the table says, or is a bug of this side."""
    target = TRANSITIONS[state].get(trigger)

    if target is None:
        with pytest.raises(LocalProtocolError, match=f"{trigger.value!r} in state"):
            moved(state, trigger)
    else:
        assert moved(state, trigger) is target


def test_the_table_has_a_row_for_each_state_and_a_use_for_each_trigger() -> None:
    """No state is left out of the table, and no trigger is never used."""
    assert set(TRANSITIONS) == set(SessionState)
    assert {trigger for row in TRANSITIONS.values() for trigger in row} == set(SessionTrigger)
