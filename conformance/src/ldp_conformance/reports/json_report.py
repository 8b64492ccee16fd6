"""The report for programs: one JSON document, as `data/report.schema.json` describes it.

It holds the run as the events told it, and beside it what they come to, so that a reader needs
neither this package nor the specification.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.reports.values import to_json

if TYPE_CHECKING:
    from ldp_conformance.reports.summary import RequirementRow, Row, Summary

#: Where the schema of a report is published.
SCHEMA_ID: Final = "https://lambda-debug-proxy.dev/conformance/v1/report.schema.json"
_SCHEMA: Final = Path(__file__).parents[1] / "data" / "report.schema.json"


def report(summary: Summary) -> dict[str, Any]:
    """The report of a run, as `json.dumps` takes it.

    A lone surrogate, which many readers of JSON refuse, is told as its escape.
    """
    portable: dict[str, Any] = _portable(_report(summary))
    return portable


def _report(summary: Summary) -> dict[str, Any]:
    started = summary.started
    return {
        "$schema": SCHEMA_ID,
        "suiteVersion": started.suite_version,
        "protocolVersion": started.protocol_version,
        "role": started.role,
        "level": started.level,
        "seed": started.seed,
        "startedAtMs": started.at_ms,
        "durationMs": summary.duration_ms,
        "port": to_json(started.port),
        "verdict": {
            "conforms": summary.verdict.conforms,
            "exitStatus": summary.verdict.judgement.value,
            "sentence": summary.verdict.sentence,
            "remarks": list(summary.remarks),
            "isComplete": summary.ended is not None,
        },
        "counts": {outcome.value: number for outcome, number in summary.counts.items()},
        "observations": summary.observations,
        "cases": summary.cases,
        "requirements": [_requirement(row, summary) for row in summary.requirements],
        "checks": [_check(row) for row in summary.rows],
    }


def json_text(summary: Summary) -> str:
    """The report of a run as text; ASCII, with a final line feed."""
    return json.dumps(report(summary), indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The published schema of a report."""
    described: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return described


def _portable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list):
        return [_portable(item) for item in value]
    if isinstance(value, dict):
        return {_portable(name): _portable(item) for name, item in value.items()}
    return value


def _requirement(row: RequirementRow, summary: Summary) -> dict[str, Any]:
    each = row.requirement
    return {
        "id": each.id,
        "level": each.level.value,
        "anchor": each.anchor,
        "digest": summary.started.digests.get(each.id, each.digest),
        "standing": row.standing.value,
        "reason": row.reason,
        "checks": [own.about.id for own in row.rows],
    }


def _check(row: Row) -> dict[str, Any]:
    result = to_json(row.result)
    del result["check"]
    return {
        "id": row.about.id,
        "title": row.about.title,
        "requirements": list(row.about.requirements),
        "level": row.about.level,
        **result,
    }
