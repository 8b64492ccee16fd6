from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from ldp_conformance.errors import RecordError
from ldp_conformance.outcomes import Role
from ldp_conformance.reports.acknowledgement import acknowledged, unacknowledged, written
from ldp_conformance.reports.exclusions import Exclusion
from ldp_conformance.reports.trace_pages import as_json, as_markdown
from ldp_conformance.reports.traceability import Trace, gaps, trace
from ldp_conformance.requirements import Level, Requirement

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFORMANCE: Final = Path(__file__).parents[2]
REQUIREMENTS: Final = {
    name: Requirement(name, Level.MUST, ("client",), text, "For a reason.", f"abc.md#{anchor}")
    for name, text, anchor in (
        ("ABC-1", "A client MUST hold ([ABC-2](abc.md#abc-2)).", "abc-1"),
        ("ABC-2", "A client MUST be kind.", "abc-2"),
        ("ABC-3", "A client MUST be brave in secret.", "abc-3"),
    )
}


@dataclass(frozen=True)
class Made:
    """A check or a vector."""

    id: str
    requirements: tuple[str, ...]
    role: Role = Role.CLIENT
    title: str = "It is so."


@dataclass(frozen=True)
class Fault:
    """A faulty port."""

    name: str
    red: Mapping[str, str]
    sentence: str = "It lies."


CHECKS: Final = (Made("client.a.holds", ("ABC-1",)), Made("client.a.kind", ("ABC-2", "ABC-1")))
VECTORS: Final = (
    *(Made(f"V-ABC-000{i}", ("ABC-1",)) for i in (1, 2, 3, 7)),
    Made("V-XYZ-0008", ("ABC-1",)),
    Made("odd", ("ABC-2",)),
)
FAULTS: Final = (Fault("lets-go", {"client.a.holds": "went"}), Fault("rude", {"client.a.kind": ""}))
EXCLUDED: Final = (Exclusion("ABC-3", "not observable", "Nobody sees it."),)


def _trace(
    *,
    checks: tuple[Made, ...] = CHECKS,
    vectors: tuple[Made, ...] = VECTORS,
    faults: tuple[Fault, ...] = FAULTS,
    exclusions: tuple[Exclusion, ...] = EXCLUDED,
) -> Trace:
    return trace(REQUIREMENTS, checks, vectors, {"client": faults}, exclusions)


def test_a_requirement_leads_to_what_judges_and_proves_it() -> None:
    """Checks, vectors, killing faults and exclusions are found from the requirement."""
    found = _trace()
    first, second, third = found.rows

    assert [check.id for check in first.checks] == ["client.a.holds", "client.a.kind"]
    assert first.checks[0].killers == ("client/lets-go",)
    assert len(first.vectors) == 5
    assert second.vectors == ("odd",)
    assert third.exclusion == EXCLUDED[0]
    assert gaps(found) == []


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        (_trace(exclusions=()), "ABC-3 has neither a check nor an exclusion with a reason"),
        (
            _trace(exclusions=(*EXCLUDED, replace(EXCLUDED[0], id="ABC-1"))),
            "ABC-1 is excluded, but client.a.holds judges it",
        ),
        (_trace(exclusions=EXCLUDED * 2), "ABC-3 is excluded 2 times"),
        (
            _trace(exclusions=(*EXCLUDED, replace(EXCLUDED[0], id="ABC-9"))),
            "an exclusion names ABC-9, which is no requirement",
        ),
        (
            _trace(checks=(CHECKS[0], replace(CHECKS[1], requirements=("ABC-2", "ABC-9")))),
            "the check client.a.kind names ABC-9, which is no requirement",
        ),
        (
            _trace(vectors=(Made("v", ("ABC-9",)),)),
            "the vector v names ABC-9, which is no requirement",
        ),
        (
            _trace(faults=(*FAULTS, Fault("odd", {"client.a.gone": ""}))),
            "the fault client/odd names client.a.gone, which is no check",
        ),
        (
            _trace(faults=FAULTS[1:]),
            "the check client.a.holds has no faulty port that proves that it can fail",
        ),
        (_trace(faults=(*FAULTS, Fault("idle", {}))), "the fault client/idle is found by no check"),
    ],
)
def test_a_gap_is_told_in_a_sentence(found: Trace, complaint: str) -> None:
    """Each way in which the trace can be broken is one sentence that names what to mend."""
    assert gaps(found) == [complaint]


def test_the_page_tells_each_requirement() -> None:
    """Clause with links that lead somewhere, checks with their proof, vectors as ranges."""
    page = as_markdown(_trace())

    assert "3 requirements, 2 checks, 6 vectors, 2 faulty ports." in page
    assert "| Abc | 3 | 2 | 1 | 0 |" in page
    assert (
        "### [ABC-1](../spec/v1/abc.md#abc-1)\n\n"
        "> A client MUST hold ([ABC-2](../spec/v1/abc.md#abc-2)).\n\n"
        "- `client.a.holds`: It is so.\n  Proved by `client/lets-go`.\n"
        "- `client.a.kind`: It is so.\n  Proved by `client/rude`.\n"
        "- 5 vectors: V-ABC-0001 to V-ABC-0003, V-ABC-0007, V-XYZ-0008\n"
    ) in page
    assert "- Excluded, not observable: Nobody sees it.\n" in page
    assert page.endswith(
        "## Faulty ports\n\n- `client/lets-go`: It lies.\n- `client/rude`: It lies.\n"
    )
    bare = as_markdown(_trace(checks=(), faults=(), vectors=(), exclusions=()))
    assert bare.count("- Neither checked nor excluded.") == 3
    assert "| Abc | 3 | 0 | 0 | 3 |" in bare


def test_the_json_tells_the_same() -> None:
    """Each requirement with its digest, checks, vectors, faults and exclusion."""
    first, _, third = json.loads(as_json(_trace()))["requirements"]

    assert first["checks"] == ["client.a.holds", "client.a.kind"]
    assert first["faults"] == ["client/lets-go", "client/rude"]
    assert first["digest"] == REQUIREMENTS["ABC-1"].digest
    assert first["exclusion"] is None
    assert third["exclusion"] == {"kind": "not observable", "reason": "Nobody sees it."}


def test_a_clause_that_changed_has_to_be_looked_at_again(tmp_path: Path) -> None:
    """New, changed and vanished clauses are told until they are acknowledged."""
    path = tmp_path / "acknowledged.toml"
    found = _trace()
    record = {
        "ABC-1": "0" * 12,
        "ABC-3": REQUIREMENTS["ABC-3"].digest,
        "ABC-9": "1" * 12,
    }

    assert acknowledged(path) == {}
    assert unacknowledged(found, record) == [
        "ABC-1 was written anew: look at client.a.holds, client.a.kind, then acknowledge it",
        "ABC-2 is new: write its checks, then acknowledge it",
        "ABC-9 is acknowledged, but no requirement",
    ]
    path.write_text(written(found, record, ["ABC-2"]), encoding="utf-8")
    assert [told[:5] for told in unacknowledged(found, acknowledged(path))] == ["ABC-1"]
    path.write_text(written(found, acknowledged(path), None), encoding="utf-8")
    assert unacknowledged(found, acknowledged(path)) == []


def test_a_changed_exclusion_is_looked_at_too() -> None:
    """A requirement without checks names its exclusion as what to look at."""
    [told] = unacknowledged(
        _trace(), {**{name: each.digest for name, each in REQUIREMENTS.items()}, "ABC-3": "0"}
    )

    assert told == "ABC-3 was written anew: look at its exclusion, then acknowledge it"


def test_only_what_exists_is_acknowledged(tmp_path: Path) -> None:
    """An unknown ID, and a file that is no record, are errors with a hint."""
    with pytest.raises(RecordError, match="ABC-8 is no requirement"):
        written(_trace(), {}, ["ABC-8"])
    for text in ("[acknowledged]\nABC-1 = 3\n", "x = 1\n", "=", "acknowledged = 3\n"):
        path = tmp_path / "acknowledged.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(RecordError, match=r"acknowledged\.toml") as caught:
            acknowledged(path)
        assert caught.value.hint


def test_the_tool_looks_at_this_repository() -> None:
    """It finds the suite's own checks, vectors and faults, and says what is missing."""
    tool = CONFORMANCE / "tools" / "traceability.py"
    told = subprocess.run(
        [sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False
    )

    assert told.stderr == ""
    assert told.returncode == (0 if told.stdout == "The trace is complete.\n" else 1)
