"""The transcript of a check: what its own port did, however busy the others were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_conformance.ports.manifest import bare
from ldp_conformance.ports.setups import ClientSetup
from ldp_conformance.ports.stage import Stage
from ldp_conformance.runner.transcript import MOST_LINES, transcript
from ldp_conformance.witness import Call, Witness

if TYPE_CHECKING:
    from pathlib import Path


def _call(sender: str, at_ms: int) -> Call:
    return Call(
        number=0,
        sender=sender,
        operation="ReceiveMessage",
        queue="Q",
        begun_ms=at_ms,
        request={"WaitTimeSeconds": 20},
        headers={},
    )


def test_the_calls_of_other_ports_crowd_nothing_out(tmp_path: Path) -> None:
    """Thousands of calls of other ports leave this one's as they were, up to the last of them."""
    with Witness() as witness:
        stage = Stage(bare(tmp_path), ClientSetup(), witness, tmp_path, visited=True)
        for number in range(MOST_LINES + 1):
            witness.calls.begin(_call(stage.sender, number))
        for number in range(3_000):
            witness.calls.begin(_call("another port", number))
        lines = transcript(stage, mark=0, begun_ms=0)

    assert [line.at_ms for line in lines] == list(range(1, MOST_LINES + 1))
    assert {line.who for line in lines} == {"port"}
    assert lines[0].text == "ReceiveMessage Q (wait 20) → still open"
