"""The report as Markdown, for the summary page of continuous integration.

Such a page takes a mebibyte and no more, so the failures that do not fit are only counted. Foreign
text is escaped, or fenced by more backticks than it has.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.explain import BRIEF, explained
from ldp_conformance.reports.standing import Standing
from ldp_conformance.reports.terminal_text import wire_line
from ldp_conformance.reports.verdict import Judgement
from ldp_conformance.reports.wording import counted, duration, instant, short, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_conformance.outcomes import Difference
    from ldp_conformance.reports.explain import Explanation, Reason
    from ldp_conformance.reports.summary import Row, Summary

#: What GitHub takes for the summary of a step, in bytes.
MOST_BYTES: Final = 1_048_576
_MARKS: Final = {
    Judgement.CONFORMS: "✅",
    Judgement.DOES_NOT_CONFORM: "❌",
    Judgement.UNDECIDED: "⚠️",
}
_SPECIAL: Final = re.compile(r"([\\`*_\[\]|~#$!@{}()<>:+-])")
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")  # a clause links within its specification
_FENCE: Final = re.compile("`+")
_ROOM_FOR_NOTE: Final = 500


def markdown(summary: Summary, most_bytes: int = MOST_BYTES) -> str:
    """The report of a run, of no more than so many bytes of UTF-8 (at least some thousand)."""
    text = "\n".join([*_head(summary), *_tables(summary)])
    size = len(text.encode())
    sections = [_failure(row) for row in summary.failures if row.result.outcome not in _LISTED]
    left = len(sections)
    for section in sections:
        size += len(section.encode())
        if size > most_bytes - _ROOM_FOR_NOTE:
            break
        text += section
        left -= 1
    if left:
        text += f"\n{counted(left, 'more failure')} did not fit here; the other reports tell them."
    return text.rstrip("\n") + "\n"


_LISTED: Final = {Outcome.BLOCKED, Outcome.KNOWN}


def _head(summary: Summary) -> Iterator[str]:
    started, verdict = summary.started, summary.verdict
    port = " ".join(word for word in (started.port.name, started.port.version) if word)
    yield f"## {_MARKS[verdict.judgement]} {_inline(port)} as a {started.role}"
    yield ""
    yield f"**{_inline(verdict.sentence)}**"
    yield ""
    yield (
        f"Protocol {_inline(started.protocol_version)}, suite {_inline(started.suite_version)}, "
        f"level {started.level}, seed {started.seed}, {instant(started.at_ms)}: "
        f"{counted(summary.cases, 'case')}, {counted(summary.observations, 'observation')}, "
        f"{duration(summary.duration_ms)}."
    )
    yield ""
    for remark in summary.remarks:
        yield f"> {_inline(short(remark, 500))}"
        yield ""


def _tables(summary: Summary) -> Iterator[str]:
    yield "| Checks | |"
    yield "| :--- | ---: |"
    counts = {each.value: number for each, number in summary.counts.items() if number}
    yield from (f"| {word} | {n:,} |" for word, n in (counts or {"none": 0}).items())
    yield ""
    used = [each for each in Standing if any(ch.standings[each] for ch in summary.chapters)]
    yield f"| Requirements | {' | '.join(each.value for each in used)} |"
    yield f"| :--- | {' | '.join('---:' for _ in used)} |"
    for chapter in summary.chapters:
        numbers = " | ".join(str(chapter.standings[each] or "") for each in used)
        yield f"| {_inline(chapter.name)} | {numbers} |"
    yield ""
    for outcome in sorted(_LISTED, key=lambda each: each.value):
        rows = [row for row in summary.rows if row.result.outcome is outcome]
        if rows:
            yield from _list(outcome, rows)


def _list(outcome: Outcome, rows: list[Row]) -> Iterator[str]:
    how = "failed as known" if outcome is Outcome.KNOWN else outcome.value
    yield f"<details><summary>{counted(len(rows), 'check')} {how}</summary>"
    yield ""
    for row in rows[:200]:
        yield f"- {_inline(short(row.about.id))}: {_inline(short(row.result.reason))}"
    yield ""
    yield "</details>"
    yield ""


def _failure(row: Row) -> str:
    found = explained(row, BRIEF)
    said = found.reasons[0].sentence if found.reasons else found.remark
    lines = [
        "",
        f"<details><summary>{found.word} <b>{_html(found.check)}</b>",
        f"{found.outcome.value}: {_html(short(said))}</summary>",
        "",
        *_body(found),
        "</details>",
        "",
    ]
    return "\n".join(lines)


def _body(found: Explanation) -> Iterator[str]:
    yield _inline(found.title)
    yield ""
    if found.remark:
        yield f"{_inline(found.remark)}\n"
    for reason in found.reasons:
        yield from _reason(reason)
    if found.left_out:
        yield f"{counted(found.left_out, 'more vector')} failed.\n"
    if found.transcript:
        yield from _fenced("On the wire", "\n".join(map(wire_line, found.transcript)))


def _reason(reason: Reason) -> Iterator[str]:
    vector = f"{_inline(reason.vector)}: " if reason.vector else ""
    yield f"**{vector}{_inline(reason.sentence)}**\n"
    for clause in reason.clauses:
        text = _LINK.sub(r"\1", clause.text)
        yield f"> **{_inline(clause.id)}** ({clause.anchor}) {text}\n"
    for name, text in reason.texts:
        yield from _fenced(name.capitalize(), text)
    yield from _differences(reason.differences)
    if reason.port_output:
        yield from _fenced("The port wrote", reason.port_output)
    if reason.hint:
        yield f"Hint: {_inline(reason.hint)}\n"
    if reason.reproduce:
        yield from _fenced("To see it again", reason.reproduce)


def _differences(differences: tuple[Difference, ...]) -> Iterator[str]:
    if not differences:
        return
    yield "| Where | Expected | Actual |"
    yield "| :--- | :--- | :--- |"
    for each in differences:
        cells = (each.pointer or "(the whole)", _shown(each.expected), _shown(each.actual))
        yield f"| {' | '.join(_inline(cell) for cell in cells)} |"
    yield ""


def _shown(text: str | None) -> str:
    return "" if text is None else text


def _fenced(title: str, text: str) -> Iterator[str]:
    longest = max((len(run) for run in _FENCE.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{title}:\n\n{fence}text\n{text}\n{fence}\n"


def _inline(text: str) -> str:
    """Foreign text as one line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(visible(text).split())).replace("&", "&amp;")


def _html(text: str) -> str:
    """Foreign text inside an HTML element, which Markdown leaves alone."""
    return escape(" ".join(text.split()))
