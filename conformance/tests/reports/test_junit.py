from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.junit import junit
from ldp_conformance.reports.summary import fold
from reports.sample_runs import (
    about,
    crowded,
    empty,
    failing,
    hostile,
    other,
    passed,
    passing,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.events import Event

FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _parsed(events: list[Event]) -> ET.Element:
    return ET.fromstring(junit(fold(events)))


def _case(root: ET.Element, name: str) -> ET.Element:
    [case] = [each for each in root.iter("testcase") if each.get("name") == f"client.{name}"]
    return case


@pytest.mark.parametrize("make", [passing, failing, empty, hostile, crowded])
def test_the_numbers_of_a_suite_are_those_of_its_cases(make: Callable[[], list[Event]]) -> None:
    """Every count is what the elements add up to, each time is seconds, all XML is legal."""
    root = _parsed(make())

    for suite in root.iter("testsuite"):
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        for count, element in COUNTS.items():
            assert suite.get(count) == str(len(suite.findall(f"testcase/{element}")))
        assert re.fullmatch(r"\d+\.\d{3}", suite.get("time", ""))
    for count in ("tests", *COUNTS):
        assert root.get(count) == str(sum(int(suite.get(count, "")) for suite in root))
    assert not FORBIDDEN.search(junit(fold(make())).decode())


@pytest.mark.parametrize(
    ("name", "element", "kind"),
    [
        ("answer.echo", "failure", "port"),
        ("envelope.unknown-members", "failure", "harness"),
        ("envelope.version", "failure", "fixed"),
        ("session.lease", "error", "environment"),
        ("session.duplicate", "error", "blocked"),
        ("session.drain", "skipped", None),
        ("answer.gzip", "skipped", None),
        ("envelope.duplicate-names", None, None),
        ("queue.long-poll", None, None),
    ],
)
def test_what_is_wrong_decides_the_element(
    name: str, element: str | None, kind: str | None
) -> None:
    """Failure, error, skipped or none, by whose fault it is and whether the check applies."""
    case = _case(_parsed(failing()), name)
    found = [child for child in case if child.tag in COUNTS.values()]

    assert [child.tag for child in found] == ([element] if element else [])
    assert [child.get("type") for child in found] == ([kind] if element else [])
    assert case.get("classname") == f"client.{name.partition('.')[0]}"


def test_a_failure_says_what_and_shows_the_wire() -> None:
    """The message is the sentence, the text the explanation, the output the transcript."""
    case = _case(_parsed(failing()), "answer.echo")
    failure = case.find("failure")

    assert failure is not None
    assert failure.get("message") == "The answer is not what the handler returned."
    assert "/payload/data/n" in (failure.text or "")
    assert "4 ms  port     ReceiveMessage" in (case.findtext("system-out") or "")
    assert _case(_parsed(failing()), "envelope.duplicate-names").find("system-out") is None
    warned = _case(_parsed(failing()), "queue.long-poll")
    assert (warned.findtext("system-err") or "").startswith("warned\n")


def test_a_run_that_shows_nothing_is_not_green() -> None:
    """Where no check failed and yet nothing conforms, the verdict itself is a failed case."""
    nothing = _parsed(empty())
    absent = _parsed(
        run([other("answer.echo", Outcome.NOT_APPLICABLE, "r")], (about("answer.echo"),))
    )
    fine = _parsed(run([passed("answer.echo")], (about("answer.echo"),)))

    for root in (nothing, absent):
        assert root.get("failures") == "1"
        assert root.find("testsuite[@name='verdict']/testcase/failure") is not None
    assert fine.get("failures") == "0"
    assert fine.find("testsuite[@name='verdict']") is None


def test_the_seed_and_the_versions_are_properties() -> None:
    """Each suite says of which port, suite, protocol, level and seed it tells."""
    suite = _parsed(passing()).find("testsuite")

    assert suite is not None
    assert suite.get("name") == "client.answer"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", ""))
    assert {each.get("name"): each.get("value") for each in suite.iter("property")} == {
        "port": "lambda-debug-rs 0.3.1",
        "suite": "0.1.0",
        "protocol": "1.0",
        "level": "must",
        "seed": "20261123",
    }
