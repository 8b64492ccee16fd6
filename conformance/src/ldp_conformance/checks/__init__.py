"""Every check, by role and area; importing this package registers them all."""

from __future__ import annotations

from ldp_conformance.checks import client, proxy

__all__ = ["client", "proxy"]
