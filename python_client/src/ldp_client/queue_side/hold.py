"""What the parent hears of held events: that one is, which one, and that none is any more.

The number of a hold keeps a word of the parent's that comes late from running another event than
the developer meant (SES-19).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_client.queue_side.channel import Held, HoldEnded

if TYPE_CHECKING:
    from collections.abc import Callable


class HoldWatch:
    """Says when holding begins and ends.

    Args:
        say: Is told.

    Attributes:
        number: The latest hold's, counted from 1; 0 before the first.
    """

    def __init__(self, say: Callable[[Held | HoldEnded], None]) -> None:
        self.number = 0
        self._say = say
        self._is_holding = False

    def look(self, *, is_holding: bool) -> None:
        """Say what has changed since the last look, if something has."""
        if is_holding is self._is_holding:
            return
        self._is_holding = is_holding
        if is_holding:
            self.number += 1
            self._say(Held(self.number))
        else:
            self._say(HoldEnded())
