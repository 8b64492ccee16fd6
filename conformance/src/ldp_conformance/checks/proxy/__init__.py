"""Checks of proxies; the foundation comes first, for everything else stands on it."""

from __future__ import annotations

from ldp_conformance.checks.proxy import start  # isort: split

from ldp_conformance.checks.proxy import (
    answers,
    bad_answers,
    claim_checks,
    configuration,
    dedicated,
    fallback,
    fuzz,
    margins,
    one_way,
    requests,
    secrecy,
    shared,
    sizes,
    sweep,
    troubles,
    waiting,
    window,
)

__all__ = [
    "answers",
    "bad_answers",
    "claim_checks",
    "configuration",
    "dedicated",
    "fallback",
    "fuzz",
    "margins",
    "one_way",
    "requests",
    "secrecy",
    "shared",
    "sizes",
    "start",
    "sweep",
    "troubles",
    "waiting",
    "window",
]
