from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Outcome, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.runner import RunOptions, run

if TYPE_CHECKING:
    from ldp_conformance.events import Event, RunEnded
    from ldp_conformance.outcomes import Result

HERE: Final = Path(__file__).parent
_ODD: Final = [sys.executable, "-m", "faulty.proxy.odd", "{port}"]
COMMANDS: Final = {
    "ends at once": ["true"],
    "does nothing": ["sleep", "60"],
    "refuses everything": [*_ODD, "refusing"],
    "answers all the same": [*_ODD, "constant"],
    "speaks no HTTP": [*_ODD, "garbage"],
}


def judged(command: list[str]) -> tuple[RunEnded, list[Result]]:
    """A run of the whole proxy role: how it ended, and what became of each check."""
    manifest = load(HERE / "faulty/proxy/conformance.toml").started_by(Role.PROXY, command)
    results: list[Result] = []

    def take(event: Event) -> None:
        if isinstance(event, CheckEnded):
            results.append(event.result)

    return run(RunOptions(manifest, role=Role.PROXY), take), results


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.timeout(120)
def test_proxies_that_are_none_do_not_conform() -> None:
    """Whatever is no proxy at all fails, nothing of it passes, and it is told what to look at."""
    with ThreadPoolExecutor(len(COMMANDS)) as workers:
        found = dict(zip(COMMANDS, workers.map(judged, COMMANDS.values()), strict=True))

    for name, (ended, results) in found.items():
        failed = [result for result in results if result.outcome is Outcome.FAILED]
        assert ended.exit_status == 1, name
        assert ended.sentence.startswith("Does not conform"), name
        assert not [result for result in results if result.outcome is Outcome.PASSED], name
        assert failed, name
        assert all(each.finding and each.finding.sentence for each in failed), name
