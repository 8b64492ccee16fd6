"""Clients that do one thing wrong: what is generated finds them, and ends in the smallest case."""

from __future__ import annotations

import base64
import json
import sys
import zlib
from pathlib import Path

import pytest

from ldp_conformance.check import check_named
from ldp_conformance.events import CheckEnded
from ldp_conformance.outcomes import Outcome, Result, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.runner import RunOptions, run
from ldp_conformance.runner.run import run_again

HERE = Path(__file__).resolve().parents[1]


def _options(fault: str, check: str) -> RunOptions:
    command = [sys.executable, "-m", "faulty.client", "--fault", fault]
    manifest = load(HERE / "faulty/client/conformance.toml").started_by(Role.CLIENT, command)
    return RunOptions(manifest, only=(check,))


def _judged(options: RunOptions, check: str, replayed: bytes | None = None) -> Result:
    results: list[Result] = []

    def take(event: object) -> None:
        if isinstance(event, CheckEnded):
            results.append(event.result)

    if replayed is None:
        run(options, take)
    else:
        run_again(options, check_named(check), replayed, take)
    return results[0]


def _case_of(result: Result) -> bytes:
    assert result.finding is not None
    words = result.finding.reproduce.split()
    packed = words[words.index("repro") + 1].partition(":")[2]
    return zlib.decompress(base64.urlsafe_b64decode(packed))


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("fault", "check", "sentence", "smallest"),
    [
        (
            "runs-again-what-is-answered",
            "client.fuzz.delivery",
            "ran 2 times, not 1",
            # Steps: a request and what SQS does with it. One more stays where, on a machine with
            # more to do than time, the fault did not show without it.
            3,
        ),
        ("refuses-minor-versions", "client.fuzz.envelopes", "Client.BadRequest", "/version"),
        ("guesses-encodings", "client.fuzz.envelopes", "", "/payload"),
        ("dies-on-garbage", "client.fuzz.envelopes", "the port ended with status", ""),
    ],
)
def test_a_fault_is_found_made_small_and_shown_again(
    fault: str, check: str, sentence: str, smallest: str | int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each ends in its smallest case, whose token alone shows the same fault again."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    options = _options(fault, check)

    result = _judged(options, check)

    assert result.outcome is Outcome.FAILED
    assert result.finding is not None
    assert sentence in result.finding.sentence
    case = _case_of(result)
    (only,) = json.loads(case)
    if isinstance(smallest, str):
        assert smallest in case.decode()
    else:
        assert len(only) <= smallest
    again = _judged(options, check, case)
    assert again.outcome is Outcome.FAILED
    assert again.finding is not None
    assert sentence in again.finding.sentence
