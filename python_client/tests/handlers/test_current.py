from __future__ import annotations

import pytest

import ldp_client
from ldp_client.handlers.current import running_on


def test_a_handler_can_read_the_event_as_it_was_delivered() -> None:
    """`raw_event` returns the bytes, which parsing would have lost (PAY-1)."""
    with running_on(b'{"a":1.10,"a":2}'):
        assert ldp_client.raw_event() == b'{"a":1.10,"a":2}'


def test_outside_a_handler_there_is_no_event() -> None:
    """Asking for it is an error that says where to ask."""
    with pytest.raises(LookupError, match="inside a handler"):
        ldp_client.raw_event()
