"""Checks of clients; the foundation comes first, for everything else stands on it."""

from __future__ import annotations

from ldp_conformance.checks.client import (
    answers,
    bad_input,
    claims,
    context,
    envelopes,
    errors,
    events,
    results,
    sqs,
    start,
    trust,
    vectors,
)

__all__ = [
    "answers",
    "bad_input",
    "claims",
    "context",
    "envelopes",
    "errors",
    "events",
    "results",
    "sqs",
    "start",
    "trust",
    "vectors",
]
