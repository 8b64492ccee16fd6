"""The ledger: what became of every invocation, and whether all of it may have happened.

Pure: a history in, a verdict out. Clean is a run in which nothing was lost, no answer was
another's, and whatever is legal only in bad weather has weather that explains it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ldp_testing.chaos.causes import why_again, why_at_once, why_error, why_nothing
from ldp_testing.chaos.evidence import DELETE, Evidence
from ldp_testing.chaos.history import Outcome, Weather

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.chaos.history import History

_UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not be.

    Attributes:
        what: What was found, in a sentence.
        request_id: Of which request; empty if of none.
    """

    what: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The sums of a run.

    Attributes:
        sent: Invocations that were made.
        right: Those whose caller got its own answer, planned failures included.
        errors: Typed errors, each with its explanation.
        at_once: Pairs of runs of one event at the same time, by cause.
        again: Runs after an answer was stored, by cause.
        lost: Callers that heard nothing, and requests that were deleted without a reason.
        crossed: Callers that got another's answer.
        unexplained: What no weather explains.
    """

    sent: int
    right: int
    errors: Counter[tuple[str, str]]
    at_once: Counter[str]
    again: Counter[str]
    lost: tuple[Finding, ...]
    crossed: tuple[Finding, ...]
    unexplained: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing happened that must not."""
        return not (self.lost or self.crossed or self.unexplained)


def judge(history: History) -> Ledger:
    """Draw up the ledger of a run."""
    evidence = Evidence(history)
    unexplained = [*_strays(evidence)]
    errors, unheard = _errors(evidence, unexplained)
    at_once = _count(_at_once(evidence), unexplained)
    again = _count(_again(evidence), unexplained)
    return Ledger(
        sent=len(history.invocations),
        right=sum(each.outcome is Outcome.RIGHT for each in history.invocations),
        errors=errors,
        at_once=at_once,
        again=again,
        lost=(*unheard, *_deleted_without_reason(evidence)),
        crossed=tuple(_crossed(evidence)),
        unexplained=tuple(unexplained),
    )


def _strays(evidence: Evidence) -> Iterator[Finding]:
    """What is wrong with the run itself, so that its sums would mean nothing."""
    history = evidence.history
    missing = history.planned - len(history.invocations)
    if missing:
        yield Finding(f"{missing} invocations were never made")
    for run in history.runs:
        if not evidence.request_id(run):
            yield Finding(f"{run.client} ran an event that no proxy sent: {run.nonce}")
    for event in history.weather:
        if event.kind is Weather.ENDED_BY_ITSELF:
            yield Finding(f"{event.who} ended by itself")


def _errors(
    evidence: Evidence, unexplained: list[Finding]
) -> tuple[Counter[tuple[str, str]], list[Finding]]:
    """Typed errors with their explanations, and the callers that heard nothing at all."""
    errors: Counter[tuple[str, str]] = Counter()
    unheard = []
    for each in evidence.history.invocations:
        request_id = evidence.request_id(each)
        if each.outcome is Outcome.ERROR:
            why = why_error(evidence, each)
            errors[each.error_type, why or _UNEXPLAINED] += 1
            if why is None:
                what = f"{each.function} told {each.error_type}: {each.detail}"
                unexplained.append(Finding(what, request_id))
        elif each.outcome is Outcome.NOTHING:
            why = why_nothing(evidence, each)
            if why is None:
                what = f"a caller of {each.function} heard nothing: {each.detail}"
                unheard.append(Finding(what, request_id))
            else:
                errors["no word in time", why] += 1
    return errors, unheard


def _crossed(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.history.invocations:
        if each.outcome is Outcome.CROSSED:
            what = f"a caller of {each.function} got another's answer: {each.detail}"
            yield Finding(what, evidence.request_id(each))


def _deleted_without_reason(evidence: Evidence) -> Iterator[Finding]:
    """Requests that were deleted before an answer was stored, with no reason in any journal."""
    recorded = {e.request_id for e in evidence.history.entries if e.status == "discarded"}
    for request_id in evidence.requests:
        deletes = [p for p in evidence.passages(request_id, DELETE) if p.done_ms is not None]
        answer = evidence.stored(request_id, "response")
        if not deletes or request_id in recorded:
            continue
        if answer is None or answer.moment_ms > deletes[0].at_ms:
            what = f"{deletes[0].who} deleted a request without an answer or a recorded reason"
            yield Finding(what, request_id)


#: A thing that is legal for a cause: its cause, or what was found if there is none.
_Judged = tuple[str, Finding | None]


def _at_once(evidence: Evidence) -> Iterator[_Judged]:
    for request_id, runs in evidence.runs().items():
        for one, other in combinations(runs, 2):
            if one.begun_ms < evidence.end_ms(other) and other.begun_ms < evidence.end_ms(one):
                cause = why_at_once(evidence, one, other)
                what = f"{one.client} and {other.client} ran an event at once"
                yield (cause.value, None) if cause else (_UNEXPLAINED, Finding(what, request_id))


def _again(evidence: Evidence) -> Iterator[_Judged]:
    for request_id, runs in evidence.runs().items():
        answer = evidence.stored(request_id, "response")
        for run in runs:
            if answer is not None and run.begun_ms > answer.moment_ms:
                cause = why_again(evidence, answer, run)
                what = f"{run.client} ran an event that {answer.who} had answered"
                yield (cause.value, None) if cause else (_UNEXPLAINED, Finding(what, request_id))


def _count(judged: Iterator[_Judged], unexplained: list[Finding]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for cause, finding in judged:
        counted[cause] += 1
        if finding is not None:
            unexplained.append(finding)
    return counted
