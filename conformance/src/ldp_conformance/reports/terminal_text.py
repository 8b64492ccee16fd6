"""What came of a run, as text: each failure in full, then the summary, then the verdict.

The order is that of reading upwards from the prompt: the last line is the verdict.
"""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING, Final

from rich.console import Console

from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.explain import BRIEF, explained
from ldp_conformance.reports.page import Page
from ldp_conformance.reports.standing import Standing
from ldp_conformance.reports.verdict import Judgement
from ldp_conformance.reports.wording import counted, cut, duration, short, visible

if TYPE_CHECKING:
    from ldp_conformance.outcomes import Difference, Line
    from ldp_conformance.reports.explain import Amount, Explanation, Reason
    from ldp_conformance.reports.summary import Row, Summary

#: How many failures are told in full; a port that fails at everything need not read it 200 times.
IN_FULL: Final = 20
STYLES: Final = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.WARNED: "yellow",
    Outcome.KNOWN: "yellow",
    Outcome.FIXED: "bold red",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.BLOCKED: "magenta",
    Outcome.ABORTED: "bold magenta",
}
_LISTED: Final = {Outcome.BLOCKED, Outcome.KNOWN}
_NAMED: Final = 6
_VERDICT: Final = {
    Judgement.CONFORMS: "bold green",
    Judgement.DOES_NOT_CONFORM: "bold red",
    Judgement.UNDECIDED: "bold magenta",
}


def show(summary: Summary, page: Page) -> None:
    """Print what came of a run."""
    told = [row for row in summary.failures if row.result.outcome not in _LISTED]
    for row in told[:IN_FULL]:
        _failure(explained(row, BRIEF), page)
    if told:
        page.rule()
    _briefly(told[IN_FULL:], page)
    _blocked(summary, page)
    _known(summary, page)
    _chapters(summary, page)
    _counts(summary, page)
    for remark in summary.remarks:
        page.prose(cut(remark, lines=4), "yellow")
    page.prose(visible(summary.verdict.sentence), _VERDICT[summary.verdict.judgement])


def plain(row: Row, amount: Amount = BRIEF) -> str:
    """Why one check did not pass, as text without colours."""
    file = io.StringIO()
    found = explained(row, amount)
    page = Page(Console(file=file, width=100, no_color=True, force_terminal=False))
    page.prose(found.title)
    _body(found, page)
    return file.getvalue()


def _failure(found: Explanation, page: Page) -> None:
    page.rule()
    head = f"{found.word}  {found.check}  {found.outcome.value}"
    page.line(head.strip(), STYLES[found.outcome])
    page.prose(found.title, indent=2)
    _body(found, page)


def _body(found: Explanation, page: Page) -> None:
    if found.remark:
        page.prose(found.remark, indent=2)
    for reason in found.reasons:
        _reason(reason, page)
    if found.left_out:
        page.line(f"... and {counted(found.left_out, 'more vector')} failed", indent=2)
    if found.reasons:
        _transcript(found, page)


def _reason(reason: Reason, page: Page) -> None:
    page.line()
    if reason.vector:
        page.line(f"vector {reason.vector}  {reason.blame.name}", "bold", indent=2)
    page.prose(reason.sentence, "bold", indent=2)
    for clause in reason.clauses:
        page.line(f"{clause.id}  {clause.level}  {clause.anchor}".rstrip(), "cyan", indent=2)
        page.prose(clause.text, indent=4)
    for name, text in reason.texts:
        _block(name, text, page)
    _differences(reason.differences, page)
    _block("the port wrote", reason.port_output, page)
    if reason.hint:
        page.line("hint", "cyan", indent=2)
        page.prose(reason.hint, indent=4)
    _block("to see it again", reason.reproduce, page)


def _block(name: str, text: str, page: Page) -> None:
    if text:
        page.line(name, "cyan", indent=2)
        page.line(text, indent=4)


def _differences(differences: tuple[Difference, ...], page: Page) -> None:
    if differences:
        page.line("difference", "cyan", indent=2)
    for each in differences:
        page.line(each.pointer or "(the whole)", indent=4)
        if each.expected is not None or each.actual is not None:
            page.line(f"expected  {_or_nothing(each.expected)}", "green", indent=6)
            page.line(f"actual    {_or_nothing(each.actual)}", "red", indent=6)


def _or_nothing(text: str | None) -> str:
    return "(nothing)" if text is None else text


def _transcript(found: Explanation, page: Page) -> None:
    if not found.transcript:
        return
    page.line()
    page.line("on the wire", "cyan", indent=2)
    if found.left_out_lines:
        page.line(f"... {counted(found.left_out_lines, 'line')} before", indent=4)
    for each in found.transcript:
        page.line(wire_line(each), indent=4)


def wire_line(line: Line) -> str:
    """A line of a transcript, its detail below it."""
    head = f"{line.at_ms:>7} ms  {line.who:<8} {line.text}"
    return f"{head}\n{textwrap.indent(line.detail, ' ' * 21)}" if line.detail else head


def _briefly(rows: list[Row], page: Page) -> None:
    if not rows:
        return
    page.line(f"{counted(len(rows), 'more check')} did not pass; `--only ID` tells of one:")
    for row in rows:
        page.line(f"{row.result.outcome.value:<8} {visible(row.about.id)}", indent=2)
    page.line()


def _blocked(summary: Summary, page: Page) -> None:
    for reason, rows in summary.by_reason(Outcome.BLOCKED).items():
        page.line(f"BLOCKED  {counted(len(rows), 'check')}: {short(reason)}", "magenta")
        names = [row.about.id for row in rows[:_NAMED]]
        more = f" and {len(rows) - _NAMED:,} more" if len(rows) > _NAMED else ""
        page.prose(visible(", ".join(names)) + more, indent=2)


def _known(summary: Summary, page: Page) -> None:
    known = [row.result for row in summary.rows if row.result.outcome is Outcome.KNOWN]
    if known:
        page.line("Failed as the list of known failures says", "yellow")
    for result in known:
        page.line(f"{visible(result.check)}  {short(result.reason)}", indent=2)


def _chapters(summary: Summary, page: Page) -> None:
    page.line("Requirements", "bold")
    widest = max((len(chapter.name) for chapter in summary.chapters), default=0)
    for chapter in summary.chapters:
        counts = chapter.standings
        said = [f"{counts[each]} {each.value}" for each in Standing if counts[each]]
        style = "red" if counts[Standing.BROKEN] else ""
        page.line(f"{chapter.name:<{widest}}  {', '.join(said)}", style, indent=2)


def _counts(summary: Summary, page: Page) -> None:
    counts = summary.counts
    del counts[Outcome.NOT_APPLICABLE]
    said = [f"{number:,} {outcome.value}" for outcome, number in counts.items() if number]
    page.line("Checks", "bold")
    page.line(", ".join(said) or "none ran", indent=2)
    for reason, rows in summary.by_reason(Outcome.NOT_APPLICABLE).items():
        page.line(f"{len(rows):,} not applicable: {short(reason)}", indent=2)
    seen = counted(summary.observations, "observation")
    page.line(
        f"{counted(summary.cases, 'case')}, {seen}, {duration(summary.duration_ms)}, "
        f"seed {summary.started.seed}",
        indent=2,
    )
    page.line()
