"""One fault each, on the correct proxy; `registry` lists them."""

from __future__ import annotations

from faulty.proxy.faults.registry import Fault, fault, faults

__all__ = ["Fault", "fault", "faults"]
