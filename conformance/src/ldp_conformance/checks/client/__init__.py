"""Checks of clients; the foundation comes first, for everything else stands on it."""

from __future__ import annotations

from ldp_conformance.checks.client import start, vectors

__all__ = ["start", "vectors"]
