"""Checks of proxies; the foundation comes first, for everything else stands on it."""

from __future__ import annotations

from ldp_conformance.checks.proxy import start  # isort: split

from ldp_conformance.checks.proxy import (
    answers,
    bad_answers,
    claim_checks,
    margins,
    requests,
    shared,
    sizes,
    waiting,
)

__all__ = [
    "answers",
    "bad_answers",
    "claim_checks",
    "margins",
    "requests",
    "shared",
    "sizes",
    "start",
    "waiting",
]
