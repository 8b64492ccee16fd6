"""What a stranger needs to mend a failure, as values that are safe to show and not too long.

Every form lays these out in its own way; none of them decides what is told, or in which order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_conformance.outcomes import Blame, Difference, Finding, Line, Outcome
from ldp_conformance.reports.wording import counted, cut, cut_end, short, visible
from ldp_conformance.requirements import requirements as all_requirements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_conformance.reports.summary import Row
    from ldp_conformance.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is told of one check.

    Attributes:
        lines: Of each foreign text.
        characters: Of each foreign text.
        differences: Of each finding.
        vectors: How many of those that failed.
        transcript: Lines of the transcript, from its end.
    """

    lines: int
    characters: int
    differences: int
    vectors: int
    transcript: int


#: For a page that one can search in and fold; and for a terminal, where all scrolls by.
WHOLE: Final = Amount(lines=400, characters=20_000, differences=100, vectors=200, transcript=400)
BRIEF: Final = Amount(lines=12, characters=1_500, differences=6, vectors=1, transcript=40)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause that is broken.

    Attributes:
        id: The requirement's ID.
        level: `MUST` or `SHOULD`; empty if nobody here knows the requirement.
        text: The clause.
        anchor: Where it stands, such as `spec/v1/envelopes.md#env-1`.
    """

    id: str
    level: str
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a check, or one vector of it, did not pass.

    Attributes:
        vector: The vector's ID; empty for the check itself.
        blame: Who has to mend something.
        sentence: What is wrong.
        clauses: What is broken.
        texts: Foreign texts with what they are: what was sent, what came.
        differences: Where the two disagree.
        port_output: What the port wrote meanwhile.
        hint: What to look at first.
        reproduce: One line that shows it again.
    """

    vector: str
    blame: Blame
    sentence: str
    clauses: tuple[Clause, ...]
    texts: tuple[tuple[str, str], ...]
    differences: tuple[Difference, ...]
    port_output: str
    hint: str
    reproduce: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a check did not pass.

    Attributes:
        check: Its ID.
        title: What it states.
        outcome: What became of it.
        remark: Why it was not run, or why its failure is known; empty otherwise.
        reasons: Why it did not pass; its own first, then its vectors'.
        left_out: How many failed vectors are not told of.
        transcript: What happened on the wire, the end of it where it is long.
        left_out_lines: How many lines of it are not there.
    """

    check: str
    title: str
    outcome: Outcome
    remark: str
    reasons: tuple[Reason, ...]
    left_out: int
    transcript: tuple[Line, ...]
    left_out_lines: int

    @property
    def word(self) -> str:
        """The one word that says who has to mend something: `PORT`, `HARNESS`, …."""
        if self.reasons:
            return self.reasons[0].blame.name
        return {Outcome.ABORTED: "SUITE", Outcome.FIXED: "LIST"}.get(self.outcome, "")


def explained(
    row: Row, amount: Amount = WHOLE, requirements: Mapping[str, Requirement] | None = None
) -> Explanation:
    """Why a check did not pass.

    Args:
        row: The check.
        amount: How much is told.
        requirements: The requirements by their ID; the suite's own for None.
    """
    known = all_requirements() if requirements is None else requirements
    result = row.result
    vectors = [(each.id, each.finding) for each in result.vectors if each.finding is not None]
    # A check whose vector failed has the finding of that vector, and it is told once.
    own = [("", result.finding)] if result.finding not in [None, *dict(vectors).values()] else []
    told = own + vectors[: amount.vectors]
    skipped = len(result.transcript) - amount.transcript
    return Explanation(
        check=visible(row.about.id),
        title=visible(row.about.title),
        outcome=result.outcome,
        remark=cut(result.reason, lines=4, characters=600),
        reasons=tuple(
            _reason(vector, finding, row, amount, known) for vector, finding in told if finding
        ),
        left_out=max(0, len(vectors) - amount.vectors),
        transcript=tuple(map(_line, result.transcript[-amount.transcript :])),
        left_out_lines=max(0, skipped),
    )


def _reason(
    vector: str,
    finding: Finding,
    row: Row,
    amount: Amount,
    requirements: Mapping[str, Requirement],
) -> Reason:
    names = finding.requirements or row.about.requirements
    size = {"lines": amount.lines, "characters": amount.characters}
    texts = (("sent", finding.sent), ("came", finding.came))
    return Reason(
        vector=visible(vector),
        blame=finding.blame,
        sentence=cut(finding.sentence, lines=8, characters=1_000),
        clauses=tuple(_clause(name, requirements) for name in names),
        texts=tuple((name, cut(text, **size)) for name, text in texts if text),
        differences=_differences(finding.differences, amount.differences),
        port_output=cut_end(finding.port_output, **size),
        hint=cut(finding.hint, lines=8, characters=1_000),
        reproduce=visible(finding.reproduce),
    )


def _clause(name: str, requirements: Mapping[str, Requirement]) -> Clause:
    if name not in requirements:
        return Clause(visible(name), "", "This suite does not know the requirement.", "")
    each = requirements[name]
    return Clause(each.id, each.level.name, each.text, f"spec/v1/{each.anchor}")


def _differences(all_of_them: tuple[Difference, ...], most: int) -> tuple[Difference, ...]:
    shown = [
        Difference(short(each.pointer), _value(each.expected), _value(each.actual))
        for each in all_of_them[:most]
    ]
    if len(all_of_them) > most:
        more = counted(len(all_of_them) - most, "more difference")
        shown.append(Difference(f"… and {more}", None, None))
    return tuple(shown)


def _value(text: str | None) -> str | None:
    return None if text is None else cut(text, lines=6, characters=600)


def _line(line: Line) -> Line:
    return Line(line.at_ms, visible(line.who), short(line.text, 300), cut(line.detail, lines=12))
