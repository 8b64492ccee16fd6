"""The life of one client instance: it listens, it drains, it closes (SES-32, SES-33)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_wire.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping


class SessionState(Enum):
    """Where a client's life is."""

    LISTENING = "listening"
    DRAINING = "draining"  #: nothing new is started; what runs is answered (SES-32)
    CLOSED = "closed"


class SessionTrigger(Enum):
    """What can happen to a session."""

    DRAIN = "drain"
    LAST_ENDED = "last ended"
    ABANDON = "abandon"


TRANSITIONS: Final[Mapping[SessionState, Mapping[SessionTrigger, SessionState]]] = {
    SessionState.LISTENING: {
        SessionTrigger.DRAIN: SessionState.DRAINING,
        SessionTrigger.ABANDON: SessionState.CLOSED,
    },
    SessionState.DRAINING: {
        SessionTrigger.DRAIN: SessionState.DRAINING,
        SessionTrigger.LAST_ENDED: SessionState.CLOSED,
        SessionTrigger.ABANDON: SessionState.CLOSED,
    },
    SessionState.CLOSED: {
        SessionTrigger.DRAIN: SessionState.CLOSED,
        SessionTrigger.ABANDON: SessionState.CLOSED,
    },
}


def moved(state: SessionState, trigger: SessionTrigger) -> SessionState:
    """The state after a trigger.

    Raises:
        LocalProtocolError: The table has no such transition.
    """
    try:
        return TRANSITIONS[state][trigger]
    except KeyError:
        raise LocalProtocolError(f"{trigger.value!r} in state {state.value!r}") from None
