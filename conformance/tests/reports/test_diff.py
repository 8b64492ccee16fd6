from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ldp_conformance.errors import RecordError
from ldp_conformance.events import RunStarted
from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.badge import badge
from ldp_conformance.reports.diff import Cause, Change, compare, load, told
from ldp_conformance.reports.json_report import json_text, report
from ldp_conformance.reports.summary import fold
from reports.sample_runs import about, empty, failed, failing, other, passed, passing, run

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_conformance.events import Event
    from ldp_conformance.outcomes import Result


def _report(*results: Result, **changed: Any) -> dict[str, Any]:
    """The report of a run of these results; `changed` is what differs at its beginning."""
    checks = [about(result.check.removeprefix("client.")) for result in results]
    begin, *rest = run(results, checks)
    assert isinstance(begin, RunStarted)
    events: list[Event] = [replace(begin, **changed), *rest]
    return report(fold(events))


@pytest.mark.parametrize(
    ("before", "after", "change", "cause"),
    [
        ([passed("answer.echo")], [failed("answer.echo")], Change.BROKEN, Cause.PORT),
        ([failed("answer.echo")], [passed("answer.echo")], Change.FIXED, Cause.PORT),
        ([], [failed("answer.echo")], Change.NEW, Cause.SUITE),
        ([passed("answer.echo")], [], Change.RETIRED, Cause.SUITE),
        (
            [failed("answer.echo")],
            [other("answer.echo", Outcome.NOT_APPLICABLE, "r")],
            Change.OTHER,
            Cause.PORT,
        ),
    ],
)
def test_a_change_has_a_kind_and_a_cause(
    before: list[Result], after: list[Result], change: Change, cause: Cause
) -> None:
    """What broke, was fixed, came or went is told with who did it."""
    [found] = compare(_report(*before), _report(*after)).changes

    assert (found.check, found.change, found.cause) == ("client.answer.echo", change, cause)


def test_equal_reports_differ_in_nothing() -> None:
    """The same run twice has no change, and is not worse."""
    same = report(fold(failing()))
    comparison = compare(same, json.loads(json_text(fold(failing()))))

    assert comparison.changes == ()
    assert comparison.clauses == ()
    assert comparison.remarks == ()
    assert not comparison.is_worse
    assert told(comparison).endswith("No check has another outcome.\n")


def test_a_changed_suite_may_be_the_cause() -> None:
    """With another suite, or another wording of its clause, a check may break by either."""
    good = _report(passed("answer.echo"))
    later = _report(failed("answer.echo"), suite_version="0.2.0")
    rewritten = _report(failed("answer.echo"), digests={"PAY-2": "0" * 12})
    [by_version], [by_clause] = compare(good, later).changes, compare(good, rewritten).changes
    narrowed = _report(failed("answer.echo"))
    narrowed["checks"][0]["requirements"] = ["PAY-2"]

    assert by_version.cause is Cause.EITHER
    assert by_clause.cause is Cause.EITHER
    assert compare(good, rewritten).clauses == ("PAY-2",)
    assert compare(good, narrowed).changes[0].cause is Cause.EITHER


def test_worse_is_what_breaks_or_is_born_broken() -> None:
    """A fixed or retired check makes nothing worse; a new one that fails does."""
    good, bad, none = _report(passed("answer.echo")), _report(failed("answer.echo")), _report()

    assert compare(good, bad).is_worse
    assert compare(none, bad).is_worse
    assert not compare(bad, good).is_worse
    assert not compare(none, good).is_worse
    assert not compare(bad, none).is_worse


def test_a_comparison_reads_the_worst_first() -> None:
    """The text names what makes the reports differ, then each change on a line."""
    before = _report(passed("answer.echo"), failed("session.drain"), passed("answer.gzip"))
    after = _report(
        failed("answer.echo"), passed("session.drain"), passed("errors.handler"),
        seed=5, digests={"PAY-4": "0" * 12},
    )  # fmt: skip
    after["port"]["version"] = "0.4.0"

    assert told(compare(before, after)).splitlines() == [
        "before: Does not conform: 1 of 3 checks failed. Look at the port.",
        "after:  Does not conform: 1 of 3 checks failed. Look at the port.",
        "note:   the seed was 20261123 and is 5",
        "note:   the port's version was 0.3.1 and is 0.4.0",
        "broken   client.answer.echo  passed -> failed  by the port",
        "fixed    client.session.drain  failed -> passed  by the port",
        "new      client.errors.handler  passed  by the suite",
        "retired  client.answer.gzip  passed  by the suite",
        "1 clause was written anew: PAY-4",
    ]


def test_a_report_is_loaded_from_a_file(tmp_path: Path) -> None:
    """What was written is read; what is no report is refused with its path."""
    path = tmp_path / "report.json"
    path.write_text(json_text(fold(passing())), encoding="utf-8")

    assert load(path) == report(fold(passing()))
    for text in ("{", "[]", "{}", "3"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(RecordError, match=r"report\.json"):
            load(path)
    with pytest.raises(RecordError, match="No such file"):
        load(tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("events", "message", "colour"),
    [
        (passing(), "conforms, 11 checks", "brightgreen"),
        (failing(), "5 failed", "red"),
        (empty(), "does not conform", "red"),
        (passing()[:-1], "no verdict", "lightgrey"),
        (
            run([passed("answer.echo"), replace(failed("session.drain"), outcome=Outcome.KNOWN)]),
            "conforms, 1 check, 1 known failure",
            "brightgreen",
        ),
    ],
)
def test_the_badge_says_the_verdict(events: list[Event], message: str, colour: str) -> None:
    """The badge has the form that shields.io reads, and is never green without a reason."""
    checks = tuple(e.result.check for e in events if hasattr(e, "result"))
    begin = events[0]
    assert isinstance(begin, RunStarted)
    announced = tuple(each for each in begin.checks if each.id in checks)
    told_of = json.loads(badge(fold([replace(begin, checks=announced), *events[1:]])))

    assert told_of == {
        "schemaVersion": 1,
        "label": "lambda-debug 1.0 client",
        "message": message,
        "color": colour,
        "isError": colour != "brightgreen",
    }
