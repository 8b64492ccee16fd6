"""What can be wrong with an envelope, and whose fault it is.

    ProtocolError
    ├─ LocalProtocolError    a bug on this side: the machine was driven wrongly
    └─ RemoteProtocolError   the peer's bug: an envelope that breaks a requirement

Nothing here is about queues; those errors live in `ldp_queues.errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ldp_wire.envelopes import Head


class ProtocolError(Exception):
    """The root of this package's errors; never raised itself."""


class LocalProtocolError(ProtocolError):
    """This side asked for something that the protocol's state does not allow."""


class RemoteProtocolError(ProtocolError):
    """An envelope of the peer that breaks a requirement.

    Attributes:
        requirement: ID of the broken requirement, such as ``ENV-13``.
        pointer: JSON pointer (RFC 6901) to the offending place; empty for the whole document.
        reason: What is wrong, in plain words, without any of the content.
        head: The frozen members (ENV-11) as far as they could be read, else None.
    """

    def __init__(
        self, requirement: str, reason: str, *, pointer: str = "", head: Head | None = None
    ) -> None:
        super().__init__(f"{reason} (at {pointer or 'the top'}; {requirement})")
        self.requirement = requirement
        self.reason = reason
        self.pointer = pointer
        self.head = head
