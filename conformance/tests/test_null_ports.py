from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports.manifest import bare, load
from ldp_conformance.ports.stage import READY_S
from ldp_conformance.runner import RunOptions, run

if TYPE_CHECKING:
    from ldp_conformance.events import Event, RunEnded
    from ldp_conformance.outcomes import Result

HERE: Final = Path(__file__).parent
COMMANDS: Final = {
    "does nothing": ["true"],
    "says what it hears": ["cat"],
    "sleeps": ["sleep", "60"],
    "prints garbage": ["yes"],
    "lies": [sys.executable, "-m", "faulty.null", "liar"],
    "rejects everything": [sys.executable, "-m", "faulty.null", "rejecter"],
    "hangs": [sys.executable, "-m", "faulty.null", "hanger"],
}
#: How long a run may take that has nothing to judge, in seconds.
LONGEST_S: Final = 20.0


def judged(command: list[str]) -> tuple[RunEnded, list[Result]]:
    """A run of the whole client role: how it ended, and what became of each check."""
    is_ours = command[0] == sys.executable
    manifest = load(HERE / "faulty/client/conformance.toml") if is_ours else bare(HERE)
    results: list[Result] = []

    def take(event: Event) -> None:
        if isinstance(event, CheckEnded):
            results.append(event.result)

    ended = run(RunOptions(manifest.started_by(Role.CLIENT, command)), take)
    return ended, results


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.timeout(120)
def test_ports_that_are_none_do_not_conform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is no client at all fails within 20 s, and is told what to look at first."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    with ThreadPoolExecutor(len(COMMANDS)) as workers:
        found = dict(zip(COMMANDS, workers.map(judged, COMMANDS.values()), strict=True))

    assert READY_S < LONGEST_S
    for name, (ended, results) in found.items():
        failed = [result for result in results if result.outcome is Outcome.FAILED]
        passed = [result for result in results if result.outcome is Outcome.PASSED]
        assert ended.exit_status == 1, name
        assert not passed, name
        assert failed, name
        assert all(each.finding and each.finding.sentence for each in failed), name
        if len(COMMANDS[name]) < 3:
            assert all(each.finding and each.finding.hint for each in failed), name
        assert ended.sentence.startswith("Does not conform"), name
