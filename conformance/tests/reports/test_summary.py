from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_conformance.errors import RecordError
from ldp_conformance.events import CheckEnded, Event, RunEnded, RunStarted
from ldp_conformance.outcomes import Outcome, Result
from ldp_conformance.reports.exclusions import Exclusion, exclusions
from ldp_conformance.reports.standing import Standing
from ldp_conformance.reports.summary import Summary, fold
from ldp_conformance.reports.verdict import Judgement
from ldp_conformance.requirements import Level, Requirement
from reports.sample_runs import (
    BEGUN_MS,
    about,
    crowded,
    empty,
    failed,
    failing,
    other,
    passed,
    passing,
    run,
    started,
)

if TYPE_CHECKING:
    from pathlib import Path

ECHO = about("answer.echo")
DRAIN = about("session.drain")


def _standing(summary: Summary, name: str) -> Standing:
    [row] = [row for row in summary.requirements if row.requirement.id == name]
    return row.standing


def test_a_passing_run_conforms() -> None:
    """All checks that apply passed, so the port conforms."""
    summary = fold(passing())

    assert summary.verdict.judgement is Judgement.CONFORMS
    assert summary.counts[Outcome.PASSED] == 11
    assert summary.counts[Outcome.NOT_APPLICABLE] == 1
    assert summary.verdict.sentence == "Conforms: 11 checks passed."
    assert summary.failures == ()
    assert summary.cases == 11
    assert summary.observations == 66


def test_every_outcome_is_counted() -> None:
    """A run with every outcome counts each, and tells the port's failures first."""
    summary = fold(failing())

    assert summary.verdict.judgement is Judgement.DOES_NOT_CONFORM
    assert summary.verdict.sentence.startswith("Does not conform: 7 of 12 checks failed.")
    assert {outcome.name: n for outcome, n in summary.counts.items()} == {
        "PASSED": 1, "FAILED": 4, "WARNED": 1, "KNOWN": 1, "FIXED": 1, "NOT_APPLICABLE": 1,
        "BLOCKED": 2, "ABORTED": 1,
    }  # fmt: skip
    assert [row.result.outcome.name for row in summary.failures] == [
        *["FAILED"] * 4, "FIXED", "ABORTED", "BLOCKED", "BLOCKED", "WARNED", "KNOWN",
    ]  # fmt: skip
    assert {row.area for row in summary.rows} == {
        "answer", "envelope", "session", "errors", "queue",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("results", "judgement", "words"),
    [
        ([passed("answer.echo")], Judgement.UNDECIDED, "1 check could not be run to an end"),
        (
            [
                other("answer.echo", Outcome.NOT_APPLICABLE, "r"),
                other("session.drain", Outcome.NOT_APPLICABLE, "r"),
            ],
            Judgement.DOES_NOT_CONFORM,
            "not one check ran",
        ),
        (
            [passed("answer.echo"), other("session.drain", Outcome.BLOCKED, "r")],
            Judgement.DOES_NOT_CONFORM,
            "1 check failed or could not be judged",
        ),
        (
            [
                replace(passed("answer.echo"), observations=0),
                replace(passed("session.drain"), observations=0),
            ],
            Judgement.DOES_NOT_CONFORM,
            "nothing of the port was seen on the wire",
        ),
        (
            [passed("answer.echo"), replace(passed("session.drain"), observations=0)],
            Judgement.UNDECIDED,
            "client.session.drain saw nothing of the port",
        ),
        (
            [passed("answer.echo"), replace(passed("session.drain"), outcome=Outcome.FIXED)],
            Judgement.DOES_NOT_CONFORM,
            "1 check failed",
        ),
        (
            [failed("answer.echo"), other("session.drain", Outcome.ABORTED, "r")],
            Judgement.DOES_NOT_CONFORM,
            "1 check failed",
        ),
        (
            [passed("answer.echo"), replace(failed("session.drain"), outcome=Outcome.WARNED)],
            Judgement.CONFORMS,
            "Everything is fine.",
        ),
    ],
)
def test_the_runner_is_believed_only_as_far_as_was_seen(
    results: list[Result], judgement: Judgement, words: str
) -> None:
    """Nothing that was not run, or not seen, makes a port conform, whatever the runner says."""
    [*events, last] = run(results, (ECHO, DRAIN))
    assert isinstance(last, RunEnded)
    verdict = fold([*events, replace(last, exit_status=0, sentence="Everything is fine.")]).verdict

    assert verdict.judgement is judgement
    assert words in verdict.sentence


def test_a_run_of_no_checks_never_conforms() -> None:
    """No check, no conformance, even if the runner says 0."""
    [*events, last] = empty()
    assert isinstance(last, RunEnded)
    lie = fold([*events, replace(last, exit_status=0, sentence="Everything is fine.")])

    assert fold([*events, last]).verdict.judgement is Judgement.DOES_NOT_CONFORM
    assert lie.verdict.judgement is Judgement.DOES_NOT_CONFORM
    assert "not one check ran" in lie.verdict.sentence


@given(
    outcomes=st.lists(st.sampled_from(Outcome), max_size=5),
    seen=st.lists(st.integers(0, 2), min_size=5, max_size=5),
    told=st.sampled_from([0, 1, 3]),
)
def test_conforming_needs_a_check_that_saw_something(
    outcomes: list[Outcome], seen: list[int], told: int
) -> None:
    """Whatever the runner says, a port conforms only by checks that ran, saw and did not fail."""
    checks = [replace(ECHO, id=f"client.area.c{i}") for i in range(len(outcomes))]
    results = [
        Result(check.id, outcome, 1, observations=count)
        for check, outcome, count in zip(checks, outcomes, seen, strict=False)
    ]
    [*events, last] = run(results, checks)
    assert isinstance(last, RunEnded)
    summary = fold([*events, replace(last, exit_status=told)])

    if summary.verdict.conforms:
        assert told == 0
        assert not {*outcomes} & {
            Outcome.FAILED, Outcome.FIXED, Outcome.BLOCKED, Outcome.ABORTED
        }  # fmt: skip
        assert any(result.observations for result in results)


def test_the_runner_may_be_stricter() -> None:
    """A runner that says that the environment failed is believed, in its own words."""
    [*events, last] = passing()
    assert isinstance(last, RunEnded)
    for status, judgement in [(1, Judgement.DOES_NOT_CONFORM), (3, Judgement.UNDECIDED)]:
        ended = replace(last, exit_status=status, sentence="The disk is full.")

        verdict = fold([*events, ended]).verdict

        assert (verdict.judgement, verdict.sentence) == (judgement, "The disk is full.")


def test_a_run_that_was_cut_off_is_undecided() -> None:
    """Without its end a run of passes is undecided, and one with a failure does not conform."""
    whole, broken = fold(passing()[:-1]), fold(failing()[:-1])

    assert whole.verdict.judgement is Judgement.UNDECIDED
    assert whole.verdict.sentence == "No verdict: the run was cut off before its end."
    assert whole.ended is None
    assert whole.duration_ms == 0
    assert whole.remarks == ()
    assert broken.verdict.judgement is Judgement.DOES_NOT_CONFORM


def test_events_without_a_beginning_are_no_run() -> None:
    """A stream that begins no run is refused."""
    with pytest.raises(RecordError, match="begin no run"):
        fold(passing()[1:])


def test_requirements_stand_as_their_checks_say() -> None:
    """A requirement is as good as the worst that its checks found out about it."""
    summary = fold(failing())
    named = {row.requirement.id: row for row in summary.requirements}

    assert named["PAY-2"].standing is Standing.BROKEN
    assert named["ENV-14"].standing is Standing.UNDECIDED  # the check failed for another clause
    assert named["ENV-2"].standing is Standing.UNDECIDED  # the handler is wrong, not the port
    assert named["ENV-3"].standing is Standing.HELD
    assert named["PAY-4"].standing is Standing.NOT_APPLICABLE
    assert named["SES-30"].standing is Standing.UNDECIDED
    assert named["SQS-9"].standing is Standing.UNMET
    assert named["ENV-1"].standing is Standing.UNJUDGED


def test_a_failure_without_a_finding_breaks_what_it_judges() -> None:
    """A check that failed without saying why breaks all its requirements."""
    bare = Result(ECHO.id, Outcome.FAILED, 1, observations=1)

    assert _standing(fold(run([bare], (ECHO,))), "ENV-14") is Standing.BROKEN


def test_exclusions_are_told_with_their_reasons() -> None:
    """A requirement without a check shows why; one with a check shows what it found."""
    made = {
        name: Requirement(name, Level.MUST, ("client",), f"{name} MUST hold.", "", "sqs.md#a")
        for name in ("ABC-1", "ABC-2")
    }
    check = replace(ECHO, requirements=("ABC-1",))
    unseen = [Exclusion(name, "not observable", "Nobody can see it.") for name in made]
    summary = fold(run([passed("answer.echo")], (check,)), requirements=made, exclusions=unseen)
    [first, second] = summary.requirements

    assert (first.standing, first.reason) == (Standing.HELD, "")
    assert (second.standing, second.reason) == (
        Standing.EXCLUDED, "not observable: Nobody can see it."
    )  # fmt: skip
    assert summary.chapters[0].name == "SQS"
    assert summary.chapters[0].standings[Standing.HELD] == 1


def test_a_clause_that_was_changed_since_is_marked() -> None:
    """The digest of the run differs from that of today's clause."""
    begin = started((ECHO,))
    old: list[Event] = [replace(begin, digests={**begin.digests, "PAY-2": "0" * 12})]
    changed = [row.requirement.id for row in fold(old).requirements if row.is_changed]

    assert changed == ["PAY-2"]


def test_results_that_nobody_announced_count() -> None:
    """A result of a check that was not announced is a row like any other."""
    events: list[Event] = [started(()), CheckEnded(BEGUN_MS, failed("answer.echo"))]
    summary = fold(events)

    assert [row.about.id for row in summary.rows] == ["client.answer.echo"]
    assert summary.verdict.judgement is Judgement.DOES_NOT_CONFORM
    assert replace(summary.rows[0], about=replace(ECHO, id="x")).area == "other"


def test_chapters_are_those_of_the_specification() -> None:
    """Every requirement is in one chapter, in the order of the specification."""
    summary = fold(crowded(3))
    begin = summary.started

    assert isinstance(begin, RunStarted)
    assert [chapter.name for chapter in summary.chapters] == [
        "Envelopes", "Errors", "Exchange", "Payloads", "Security", "Session", "SQS", "Version 0",
    ]  # fmt: skip
    assert len(summary.requirements) == len(begin.digests)


def test_the_suites_own_exclusions_are_read() -> None:
    """The list of the repository is found without a path."""
    assert all(each.kind and each.reason for each in exclusions())
    assert exclusions()


@pytest.mark.parametrize("text", ["[[exclusion]]\nid = 'A-1'\n", "= 1", "exclusion = 3"])
def test_a_list_of_exclusions_that_is_not_whole_is_refused(text: str, tmp_path: Path) -> None:
    """An entry without kind and reason, and what is no TOML, are errors with a hint."""
    path = tmp_path / "exclusions.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RecordError, match=r"exclusions\.toml") as caught:
        exclusions(path)

    assert caught.value.hint
