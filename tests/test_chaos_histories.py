"""What the histories of chaos are made of: plans, events, what callers heard, what runs left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ldp_testing.chaos.callers import event_of, hear
from ldp_testing.chaos.history import (
    Outcome,
    Run,
    Weather,
)
from ldp_testing.chaos.plan import Planned, draw_plan
from ldp_testing.chaos.witness import proof_of, read_runs

if TYPE_CHECKING:
    from pathlib import Path


def _result(nonce: str, reply_bytes: int = 0) -> bytes:
    answer = {"nonce": nonce, "proof": proof_of(nonce), "pad": "p" * reply_bytes}
    return json.dumps(answer).encode()


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def test_a_caller_knows_its_own_answer() -> None:
    """A strange nonce, a wrong proof, a missing byte and an unplanned outcome are another's."""
    mine, failing = Planned("mine", reply_bytes=3), Planned("mine", fails=True)
    failure = f"mine {proof_of('mine')}"

    assert hear(mine, _result("mine", 3), is_error=False).outcome is Outcome.RIGHT
    for payload in (_result("yours", 3), _result("mine", 2), b'{"nonce": "mine"}', b"null"):
        assert hear(mine, payload, is_error=False).outcome is Outcome.CROSSED
    assert hear(failing, _result("mine"), is_error=False).outcome is Outcome.CROSSED

    told = _error("PlannedFailure", failure)
    assert hear(failing, told, is_error=True).outcome is Outcome.RIGHT
    assert hear(mine, told, is_error=True).outcome is Outcome.CROSSED
    other = _error("PlannedFailure", "yours")
    assert hear(failing, other, is_error=True).outcome is Outcome.CROSSED


def test_a_caller_tells_an_error_from_silence() -> None:
    """What the service says of a function that did not speak is not the function's word."""
    mine = Planned("mine")
    for error_type in ("Sandbox.Timedout", "Runtime.ExitError"):
        assert hear(mine, _error(error_type, ""), is_error=True).outcome is Outcome.NOTHING
    heard = hear(mine, _error("Proxy.Absent", "nobody"), is_error=True)

    assert (heard.outcome, heard.error_type) == (Outcome.ERROR, "Proxy.Absent")
    assert heard.detail == "nobody"


def test_an_event_says_what_to_do() -> None:
    """The handler is told all that was planned."""
    event = json.loads(event_of(Planned("n", 3, 4, 5, fails=True, until_runs=2)))

    assert event == {
        "nonce": "n",
        "workMs": 5,
        "untilRuns": 2,
        "fails": True,
        "replyBytes": 4,
        "pad": "eee",
    }


def test_a_witness_file_becomes_runs(tmp_path: Path) -> None:
    """A run without an end is one whose process did not live to see it."""
    line = {"client": "a1", "nonce": "n", "awsRequestId": "aws"}
    told = [
        {**line, "what": "begin", "atMs": 1},
        {**line, "what": "begin", "atMs": 2, "client": "b1"},
        {**line, "what": "end", "atMs": 3},
        {**line, "what": "begin", "atMs": 4},
    ]
    path = tmp_path / "witness.jsonl"
    assert read_runs(path) == ()
    path.write_text("\n".join(map(json.dumps, told)))

    assert read_runs(path) == (
        Run("n", "aws", "a1", 1, 3),
        Run("n", "aws", "b1", 2, None),
        Run("n", "aws", "a1", 4, None),
    )


def test_a_seed_is_a_plan() -> None:
    """The same seed gives the same plan, another another; a short run sees every kind of front."""
    plan = draw_plan(7, 150, 3)
    kinds = {front.kind for fronts in plan.fronts.values() for front in fronts}

    assert draw_plan(7, 150, 3) == plan != draw_plan(8, 150, 3)
    assert len({each.nonce for each in plan.invocations}) == 150
    assert kinds == {
        Weather.PAUSED,
        Weather.BREAKPOINT,
        Weather.HANDLER_KILLED,
        Weather.QUEUE_SIDE_KILLED,
        Weather.BOTH_KILLED,
        Weather.INTERRUPTED,
    }
    assert len(plan.outages) == 3
