from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_testing.processes import unmeasured

if TYPE_CHECKING:
    from ldp_testing.ministack import Ministack

HERE = Path(__file__).parent


def test_the_same_tests_run_in_whatever_account_the_sdk_finds(ministack: Ministack) -> None:
    """With LDP_TEST_REAL_AWS=1 nothing is started here, and what was deployed is destroyed."""
    chosen = (
        "test_works.py",
        "attachments/test_attach.py::test_what_was_attached_is_detached_without_a_trace",
        "attachments/test_debugged.py::test_the_account_itself_runs_what_was_attached",
    )
    before = _stacks(ministack)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *(str(HERE / each) for each in chosen),
        ],
        env={**unmeasured(ministack.environment()), "LDP_TEST_REAL_AWS": "1"},
        cwd=HERE.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "5 passed, 2 skipped" in done.stdout
    assert _stacks(ministack) == before


def _stacks(ministack: Ministack) -> set[str]:
    listed = ministack.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"] for stack in listed if stack["StackStatus"] != "DELETE_COMPLETE"}
