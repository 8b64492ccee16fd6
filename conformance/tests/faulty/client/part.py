"""What every part of the client is: something that belongs to one port, and can be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faulty.client.port import Port


class Part:
    """A part of a port; a fault is a subclass of one.

    Args:
        port: What it belongs to; the other parts are reached through it.
    """

    def __init__(self, port: Port) -> None:
        self.port = port
