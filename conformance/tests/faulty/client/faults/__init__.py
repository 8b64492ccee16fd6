"""One fault each, on the correct client; `registry` lists them."""

from __future__ import annotations

from faulty.client.faults.registry import Fault, fault, faults, parts_of

__all__ = ["Fault", "fault", "faults", "parts_of"]
