"""The ledger for people and for programs."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.chaos.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ldp_testing.chaos.history import History
    from ldp_testing.chaos.ledger import Finding, Ledger

_LEFT: Final = 28
_MS_PER_S: Final = 1000


def text(history: History, ledger: Ledger) -> str:
    """The sums, the weather, and the story of everything that must not be."""
    return "\n".join([*_sums(ledger), "", *_weather(history), *_stories(history, ledger)])


def members(history: History, ledger: Ledger) -> dict[str, Any]:
    """The same as one JSON object."""
    return {
        "clean": ledger.is_clean,
        "sent": ledger.sent,
        "right": ledger.right,
        "errors": [
            {"errorType": error_type, "because": why, "count": count}
            for (error_type, why), count in sorted(ledger.errors.items())
        ],
        "lost": len(ledger.lost),
        "crossed": len(ledger.crossed),
        "runAtOnce": dict(ledger.at_once),
        "runAgain": dict(ledger.again),
        "unexplained": len(ledger.unexplained),
        "weather": dict(_kinds(history)),
        "findings": [
            {"what": finding.what, "requestId": finding.request_id} for finding in _all(ledger)
        ],
    }


def _sums(ledger: Ledger) -> Iterator[str]:
    yield _row("sent", ledger.sent)
    yield _row("answered right", ledger.right)
    by_type: dict[str, Counter[str]] = {}
    for (error_type, why), count in ledger.errors.items():
        by_type.setdefault(error_type, Counter())[why] += count
    yield _row("typed errors", ledger.errors.total())
    for error_type, reasons in sorted(by_type.items()):
        yield _row(f"  {error_type}", reasons.total(), reasons)
    yield _row("lost", len(ledger.lost))
    yield _row("crossed", len(ledger.crossed))
    yield _row("run twice at once", ledger.at_once.total(), ledger.at_once)
    yield _row("run again after an answer", ledger.again.total(), ledger.again)
    yield _row("unexplained", len(ledger.unexplained))


def _row(what: str, count: int, parts: Mapping[str, int] | None = None) -> str:
    told = ", ".join(f"{name} {number}" for name, number in sorted((parts or {}).items()))
    return f"{what:<{_LEFT}}{count:>7,}   {told}".rstrip()


def _kinds(history: History) -> Counter[str]:
    return Counter(event.kind.value for event in history.weather)


def _weather(history: History) -> Iterator[str]:
    yield "the weather"
    for kind, count in sorted(_kinds(history).items()):
        yield _row(f"  {kind}", count)


def _all(ledger: Ledger) -> Iterable[Finding]:
    return [*ledger.lost, *ledger.crossed, *ledger.unexplained]


def _stories(history: History, ledger: Ledger) -> Iterator[str]:
    evidence = Evidence(history)
    for finding in _all(ledger):
        yield ""
        yield f"{finding.what} ({finding.request_id or 'no request'})"
        for at_ms, line in sorted(_story(evidence, finding.request_id)):
            yield f"  {_clock(at_ms)}  {line}"


def _story(evidence: Evidence, request_id: str) -> Iterator[tuple[int, str]]:
    """All that is known of a request, and the weather that its programs met."""
    if not request_id:
        return
    history = evidence.history
    passages = [each for each in history.passages if each.request_id == request_id]
    for each in passages:
        done = "refused or cut" if each.done_ms is None else f"done at {_clock(each.done_ms)}"
        more = " repeated" if each.is_repeated else ""
        line = f"{each.who}: {each.operation} {each.kind} {each.message_id[:8]}{more}, {done}"
        yield each.at_ms, f"{line}, visibility {each.visibility_s} s"
    for run in history.runs:
        if evidence.request_id(run) == request_id:
            ended = "never" if run.ended_ms is None else _clock(run.ended_ms)
            yield run.begun_ms, f"{run.client}: the handler began, ended {ended}"
    for invocation in history.invocations:
        if evidence.request_id(invocation) == request_id:
            yield invocation.begun_ms, f"{invocation.function} was invoked"
            yield invocation.ended_ms, f"its caller got {invocation.outcome.value}"
    yield from _skies(evidence, {each.who for each in passages}, [p.at_ms for p in passages])


def _skies(
    evidence: Evidence, programs: set[str], times_ms: list[int]
) -> Iterator[tuple[int, str]]:
    for event in evidence.history.weather:
        if any(event.meets(who, min(times_ms), max(times_ms)) for who in programs):
            what = f"{event.who or 'all'}: {event.kind.value} {event.operation}"
            until = f" until {_clock(event.until_ms)}" if event.until_ms > event.at_ms else ""
            lost = f", {event.lost_ms} ms lost" if event.lost_ms else ""
            yield event.at_ms, f"~ {what.rstrip()}{until}{lost}"


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / _MS_PER_S, UTC):%H:%M:%S.%f}"[:-3]
