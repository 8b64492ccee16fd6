from __future__ import annotations

from pathlib import Path

import pytest

from ldp_conformance.check import check_named
from ldp_conformance.known_failing import KnownFailure
from ldp_conformance.outcomes import Blame, ExitStatus, Finding, Outcome, Result, Role
from ldp_conformance.ports.manifest import bare
from ldp_conformance.requirements import Level
from ldp_conformance.runner import RunOptions
from ldp_conformance.runner.ending import ended_by
from ldp_conformance.runner.judging import verdict

CHECK = check_named("client.start.answers")
SHOULD = next(
    check
    for name in ("client.sqs.waits-long-while-idle",)
    if (check := check_named(name)).level is Level.SHOULD
)


def options(**known: str) -> RunOptions:
    """A run in which the check may be known to fail."""
    entries = {CHECK.id: KnownFailure(CHECK.id, "It is known.", **known)} if known else {}
    port = bare(Path()).started_by(Role.CLIENT, ["port"])
    return RunOptions(port, known=entries)


def finding(blame: Blame = Blame.PORT) -> Finding:
    """Something that is wrong."""
    return Finding(blame, "no response came")


@pytest.mark.parametrize(
    ("found", "run", "outcome"),
    [
        (None, options(), Outcome.PASSED),
        (finding(), options(), Outcome.FAILED),
        (finding(Blame.HARNESS), options(), Outcome.FAILED),
        (finding(Blame.SUITE), options(), Outcome.ABORTED),
        (finding(Blame.ENVIRONMENT), options(), Outcome.ABORTED),
        (finding(), options(fragment="no response"), Outcome.KNOWN),
        (finding(), options(fragment="something else"), Outcome.FAILED),
        (None, options(fragment="no response"), Outcome.FIXED),
        (finding(Blame.SUITE), options(fragment="no response"), Outcome.ABORTED),
    ],
)
def test_a_finding_becomes_an_outcome(
    found: Finding | None, run: RunOptions, outcome: Outcome
) -> None:
    """What is wrong counts by whose fault it is, and by what is known."""
    assert verdict(CHECK, found, run).outcome is outcome


def test_a_should_fails_only_where_it_is_asked_for() -> None:
    """At level MUST it is a warning."""
    port = bare(Path()).started_by(Role.CLIENT, ["port"])

    assert verdict(SHOULD, finding(), RunOptions(port)).outcome is Outcome.WARNED
    strict = RunOptions(port, level=Level.SHOULD)
    assert verdict(SHOULD, finding(), strict).outcome is Outcome.FAILED


def test_a_known_failure_is_told_with_its_issue() -> None:
    """Reports say why it is known to fail, and where to read on."""
    run = options(issue="https://example.com/12")

    assert verdict(CHECK, finding(), run).reason == "It is known. https://example.com/12"


def results(*outcomes: Outcome) -> list[Result]:
    """Results of checks with these outcomes."""
    wrong = {Outcome.FAILED: finding()}
    return [
        Result(f"client.x.{number}", outcome, 1, finding=wrong.get(outcome))
        for number, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize(
    ("outcomes", "status", "said"),
    [
        ([Outcome.PASSED], ExitStatus.CONFORMS, "1 check passed"),
        ([Outcome.PASSED, Outcome.WARNED], ExitStatus.CONFORMS, "1 check passed"),
        ([Outcome.PASSED, Outcome.KNOWN], ExitStatus.CONFORMS, "1 check passed"),
        ([Outcome.PASSED, Outcome.FAILED], ExitStatus.FAILS, "1 failed, 1 passed"),
        ([Outcome.PASSED, Outcome.FIXED], ExitStatus.FAILS, "passed although listed"),
        ([Outcome.BLOCKED, Outcome.FAILED], ExitStatus.FAILS, "1 could not be run"),
        ([Outcome.PASSED, Outcome.ABORTED], ExitStatus.BROKEN, "the port is not at fault"),
        ([Outcome.ABORTED, Outcome.FAILED], ExitStatus.FAILS, "1 failed"),
        ([Outcome.NOT_APPLICABLE], ExitStatus.FAILS, "nothing was shown"),
        ([Outcome.KNOWN], ExitStatus.FAILS, "nothing was shown"),
        ([], ExitStatus.FAILS, "nothing was shown"),
    ],
)
def test_outcomes_become_a_verdict(outcomes: list[Outcome], status: ExitStatus, said: str) -> None:
    """Nothing shown is never conforming, and one failure is enough."""
    ended = ended_by(results(*outcomes))

    assert ended.exit_status == status
    assert said in ended.sentence


def test_a_stale_entry_is_remarked() -> None:
    """A known failure that passes is named, so that it can be removed."""
    ended = ended_by(results(Outcome.PASSED, Outcome.FIXED))

    assert ended.remarks == ("client.x.1 passes now: remove it from the list of known failures.",)
