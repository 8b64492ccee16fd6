"""The report for continuous integration: JUnit's XML, one suite for each area.

A failure is the port's or its handler's, an error that of the environment or the suite; what does
not apply is skipped. A run that does not conform never looks green, even if nothing of it ran.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ldp_conformance.outcomes import Blame, Outcome
from ldp_conformance.reports.explain import explained
from ldp_conformance.reports.terminal_text import plain, wire_line
from ldp_conformance.reports.wording import instant, short, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_conformance.reports.summary import Row, Summary

_FAILURE, _ERROR, _SKIPPED = "failure", "error", "skipped"
_ELEMENTS: Final = {
    Outcome.FAILED: _FAILURE,
    Outcome.FIXED: _FAILURE,
    Outcome.ABORTED: _ERROR,
    Outcome.BLOCKED: _ERROR,
    Outcome.KNOWN: _SKIPPED,
    Outcome.NOT_APPLICABLE: _SKIPPED,
}
_COUNTS: Final = {_FAILURE: "failures", _ERROR: "errors", _SKIPPED: "skipped"}
_NOT_THE_PORTS: Final = {Blame.ENVIRONMENT, Blame.SUITE}


def junit(summary: Summary) -> bytes:
    """The report of a run, UTF-8."""
    root = Element("testsuites", name=visible(f"{summary.started.port.name} conformance"))
    for name, rows in _areas(summary).items():
        root.append(_suite(name, rows, summary))
    if not summary.verdict.conforms and not root.findall(f".//{_FAILURE}") + root.findall(
        f".//{_ERROR}"
    ):
        root.append(_verdict(summary))
    for count in ("tests", *_COUNTS.values()):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", _seconds(summary.duration_ms))
    indent(root)
    xml: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"


def _areas(summary: Summary) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in summary.rows:
        found.setdefault(f"{summary.started.role}.{row.area}", []).append(row)
    return found


def _suite(name: str, rows: Sequence[Row], summary: Summary) -> Element:
    suite = Element(
        "testsuite",
        name=visible(name),
        timestamp=instant(summary.started.at_ms).removesuffix("Z"),
        time=_seconds(sum(row.result.duration_ms for row in rows)),
        tests=str(len(rows)),
    )
    properties = SubElement(suite, "properties")
    for key, value in _facts(summary).items():
        SubElement(properties, "property", name=key, value=visible(value))
    for row in rows:
        suite.append(_case(row, name))
    for element, count in _COUNTS.items():
        suite.set(count, str(len(suite.findall(f"testcase/{element}"))))
    return suite


def _facts(summary: Summary) -> dict[str, str]:
    started = summary.started
    return {
        "port": " ".join(word for word in (started.port.name, started.port.version) if word),
        "suite": started.suite_version,
        "protocol": started.protocol_version,
        "level": started.level,
        "seed": str(started.seed),
    }


def _case(row: Row, suite: str) -> Element:
    result = row.result
    case = Element(
        "testcase",
        name=visible(row.about.id),
        classname=visible(suite),
        time=_seconds(result.duration_ms),
    )
    told = plain(row) if row.is_told else ""
    element = _element(row)
    if element is not None:
        finding = result.finding
        said = finding.sentence if finding else result.reason
        child = SubElement(case, element, message=short(said or result.outcome.value, 500))
        if element != _SKIPPED:
            child.set("type", finding.blame.value if finding else result.outcome.value)
            child.text = told
    elif told:
        SubElement(case, "system-err").text = f"{result.outcome.value}\n{told}"
    if row.is_told and result.transcript:
        SubElement(case, "system-out").text = _transcript(row)
    return case


def _element(row: Row) -> str | None:
    """The element that says what became of a check; None for one that is green."""
    finding = row.result.finding
    if row.result.outcome is Outcome.FAILED and finding and finding.blame in _NOT_THE_PORTS:
        return _ERROR
    return _ELEMENTS.get(row.result.outcome)


def _transcript(row: Row) -> str:
    return "\n".join(wire_line(line) for line in explained(row).transcript)


def _verdict(summary: Summary) -> Element:
    suite = Element("testsuite", name="verdict", tests="1", failures="1", errors="0", skipped="0")
    suite.set("time", "0.000")
    case = SubElement(suite, "testcase", name="the port conforms", classname="verdict")
    case.set("time", "0.000")
    failure = SubElement(case, _FAILURE, message=visible(summary.verdict.sentence))
    failure.set("type", summary.verdict.judgement.name.lower())
    return suite


def _seconds(duration_ms: int) -> str:
    return f"{max(0, duration_ms) / 1_000:.3f}"
