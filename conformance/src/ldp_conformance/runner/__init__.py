"""Runs checks against a port, and tells what becomes of them as a stream of events."""

from __future__ import annotations

from ldp_conformance.runner.options import RunOptions
from ldp_conformance.runner.run import run

__all__ = ["RunOptions", "run"]
