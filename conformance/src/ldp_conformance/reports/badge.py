"""The verdict as a badge: the JSON that shields.io reads from an endpoint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.verdict import Judgement
from ldp_conformance.reports.wording import counted

if TYPE_CHECKING:
    from ldp_conformance.reports.summary import Summary

_COLOURS: Final = {
    Judgement.CONFORMS: "brightgreen",
    Judgement.DOES_NOT_CONFORM: "red",
    Judgement.UNDECIDED: "lightgrey",
}


def badge(summary: Summary) -> str:
    """The badge of a run, as JSON with a final line feed."""
    started, judgement = summary.started, summary.verdict.judgement
    told = {
        "schemaVersion": 1,
        "label": f"lambda-debug {started.protocol_version} {started.role}",
        "message": _message(summary),
        "color": _COLOURS[judgement],
        "isError": judgement is not Judgement.CONFORMS,
    }
    return json.dumps(told) + "\n"


def _message(summary: Summary) -> str:
    counts, judgement = summary.counts, summary.verdict.judgement
    if judgement is Judgement.UNDECIDED:
        return "no verdict"
    if judgement is Judgement.DOES_NOT_CONFORM:
        failed = counts[Outcome.FAILED] + counts[Outcome.FIXED]
        return f"{failed:,} failed" if failed else "does not conform"
    known = counts[Outcome.KNOWN]
    more = f", {counted(known, 'known failure')}" if known else ""
    return f"conforms, {counted(counts[Outcome.PASSED], 'check')}{more}"
