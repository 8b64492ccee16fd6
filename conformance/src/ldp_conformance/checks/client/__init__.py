"""Checks of clients; the foundation comes first, for everything else stands on it."""

from __future__ import annotations

from ldp_conformance.checks.client import (
    answering,
    hold,
    journal,
    lapse,
    lease,
    one_way,
    receiving,
    shutdown,
    start,
    vectors,
    window,
)

__all__ = [
    "answering",
    "hold",
    "journal",
    "lapse",
    "lease",
    "one_way",
    "receiving",
    "shutdown",
    "start",
    "vectors",
    "window",
]
