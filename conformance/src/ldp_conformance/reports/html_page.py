"""The report as one HTML file that needs nothing else: no script, no other file, no network.

What a requirement, a check and a vector look like is in `templates/`; here is what they are told.
Each check stands in full below one requirement, and the others that it judges link to it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.explain import Amount, Explanation, explained
from ldp_conformance.reports.standing import Standing
from ldp_conformance.reports.verdict import Judgement
from ldp_conformance.reports.wording import counted, duration, instant, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_conformance.reports.summary import Chapter, RequirementRow, Row, Summary

_TEMPLATES: Final = Path(__file__).with_name("templates")
_CODE: Final = re.compile(r"`([^`]+)`")
_LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)]*)\)")
_ID: Final = re.compile(r"[A-Z][A-Z0-9]*-[0-9]+")
#: How many broken requirements are unfolded from the start; a page of all is nobody's reading.
_UNFOLDED: Final = 5
_AMOUNT: Final = Amount(lines=200, characters=8_000, differences=50, vectors=50, transcript=200)
_IN_PASSING: Final = Amount(lines=1, characters=200, differences=0, vectors=0, transcript=40)


@dataclass(frozen=True, slots=True)
class Sign:
    """How an outcome or a standing looks: never by its colour alone.

    Attributes:
        tone: The class that colours it: `good`, `bad`, `warn`, `odd` or `mute`.
        mark: A character beside the word.
        word: The word.
    """

    tone: str
    mark: str
    word: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check as the page shows it.

    Attributes:
        anchor: The ID of its element.
        row: The check and its result.
        sign: How its outcome looks.
        told: Everything that explains it.
        is_open: Whether it is unfolded from the start.
    """

    anchor: str
    row: Row
    sign: Sign
    told: Explanation
    is_open: bool


@dataclass(frozen=True, slots=True)
class RequirementView:
    """A requirement as the page shows it.

    Attributes:
        row: The requirement and its standing.
        sign: How its standing looks.
        checks: The checks that stand in full below it.
        elsewhere: The checks that judge it as well, and stand below another requirement.
        is_open: Whether it is unfolded from the start.
    """

    row: RequirementRow
    sign: Sign
    checks: tuple[CheckView, ...]
    elsewhere: tuple[CheckView, ...]
    is_open: bool


_OUTCOMES: Final = {
    Outcome.PASSED: Sign("good", "✓", "passed"),
    Outcome.FAILED: Sign("bad", "✗", "failed"),
    Outcome.WARNED: Sign("warn", "!", "warned"),
    Outcome.KNOWN: Sign("warn", "~", "failed as known"),
    Outcome.FIXED: Sign("bad", "↺", "passed, list is stale"),
    Outcome.NOT_APPLICABLE: Sign("mute", "-", "not applicable"),
    Outcome.BLOCKED: Sign("odd", "⊘", "blocked"),
    Outcome.ABORTED: Sign("odd", "?", "aborted"),
}
_STANDINGS: Final = {
    Standing.BROKEN: Sign("bad", "✗", "broken"),
    Standing.KNOWN: Sign("warn", "~", "known to be broken"),
    Standing.UNMET: Sign("warn", "!", "not met"),
    Standing.UNDECIDED: Sign("odd", "?", "undecided"),
    Standing.HELD: Sign("good", "✓", "held"),
    Standing.NOT_APPLICABLE: Sign("mute", "-", "not applicable"),
    Standing.EXCLUDED: Sign("mute", "·", "excluded"),
    Standing.UNJUDGED: Sign("mute", "·", "not judged"),
}
_VERDICTS: Final = {
    Judgement.CONFORMS: Sign("good", "✓", "Conforms"),
    Judgement.DOES_NOT_CONFORM: Sign("bad", "✗", "Does not conform"),
    Judgement.UNDECIDED: Sign("odd", "?", "No verdict"),
}
#: Which choice of the filter shows a standing.
_GROUPS: Final = {
    Standing.BROKEN: "mend",
    Standing.KNOWN: "mend",
    Standing.UNMET: "mend",
    Standing.UNDECIDED: "mend",
    Standing.HELD: "held",
}


def html(summary: Summary) -> str:
    """The page of a run."""
    views = _checks(summary)
    verdict = _VERDICTS[summary.verdict.judgement]
    homes = _homes(summary)
    unfolded = _unfolded(summary)
    chapters = [
        (chapter, [_requirement(row, views, homes, unfolded) for row in chapter.rows])
        for chapter in summary.chapters
    ]
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            summary=summary,
            started=summary.started,
            verdict=verdict,
            sentence=_after(verdict.word, visible(summary.verdict.sentence)),
            command=visible(shlex.join(summary.started.port.command)),
            issues_url=_web_address(summary.started.port.issues_url),
            chapters=chapters,
            homeless=[views[row.about.id] for row in summary.rows if row.about.id not in homes],
            to_mend=[views[row.about.id] for row in summary.failures if _was_run(row)],
            blocked=[
                (reason, [views[row.about.id] for row in rows])
                for reason, rows in summary.by_reason(Outcome.BLOCKED).items()
            ],
            outcomes=[(sign, summary.counts[each]) for each, sign in _OUTCOMES.items()],
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clause=_clause,
        coded=_coded,
        duration=duration,
        instant=instant,
        visible=visible,
        counted=counted,
        group=lambda standing: _GROUPS.get(standing, "absent"),
        tally=_tally,
    )
    return environment


def _checks(summary: Summary) -> dict[str, CheckView]:
    shown = {row.about.id for row in summary.failures[:_UNFOLDED]}
    return {
        row.about.id: CheckView(
            anchor=f"check-{number}",
            row=row,
            sign=_OUTCOMES[row.result.outcome],
            told=explained(row, _AMOUNT if row.is_told else _IN_PASSING),
            is_open=row.about.id in shown and row.result.finding is not None,
        )
        for number, row in enumerate(summary.rows, start=1)
    }


def _homes(summary: Summary) -> dict[str, str]:
    """Below which requirement each check stands in full: the most telling one that is known."""
    known = {row.requirement.id for row in summary.requirements}
    homes = {}
    for row in summary.rows:
        found = row.result.finding.requirements if row.result.finding else ()
        for name in (*(each for each in found if each in row.about.requirements),
                     *row.about.requirements):  # fmt: skip
            if name in known:
                homes[row.about.id] = name
                break
    return homes


def _unfolded(summary: Summary) -> frozenset[str]:
    broken = [row.requirement.id for row in summary.requirements if _is_broken(row)]
    return frozenset(broken[:_UNFOLDED])


def _was_run(row: Row) -> bool:
    return row.result.outcome is not Outcome.BLOCKED


def _comes_later(view: CheckView) -> bool:
    return not view.row.is_told  # those that have to be mended stand first


def _is_broken(row: RequirementRow) -> bool:
    return row.standing is Standing.BROKEN


def _requirement(
    row: RequirementRow,
    views: Mapping[str, CheckView],
    homes: Mapping[str, str],
    unfolded: frozenset[str],
) -> RequirementView:
    own = sorted((views[each.about.id] for each in row.rows), key=_comes_later)
    name = row.requirement.id
    return RequirementView(
        row=row,
        sign=_STANDINGS[row.standing],
        checks=tuple(view for view in own if homes.get(view.row.about.id) == name),
        elsewhere=tuple(view for view in own if homes.get(view.row.about.id) != name),
        is_open=name in unfolded,
    )


def _tally(chapter: Chapter) -> list[tuple[Sign, int]]:
    counts = chapter.standings
    return [(_STANDINGS[each], counts[each]) for each in Standing if counts[each]]


def _clause(text: str) -> str:
    """A clause's Markdown as HTML that is safe: code, and links to requirements of the page."""
    return _LINK.sub(_linked, _coded(text))


def _coded(text: str) -> str:
    """A text of the suite's as HTML that is safe, with what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _after(word: str, sentence: str) -> str:
    """What a sentence says beyond the word that stands before it already."""
    rest = sentence.removeprefix(f"{word}: ")
    return rest[:1].upper() + rest[1:]


def _linked(match: re.Match[str]) -> str:
    words = match.group(1)
    return f'<a href="#{words}">{words}</a>' if _ID.fullmatch(words) else words


def _web_address(text: str) -> str:
    """An address that may be linked; empty for anything else, such as a script."""
    return text if urlsplit(text).scheme in {"http", "https"} else ""
