"""Small histories for the ledger, told by hand: one request, in seconds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from ldp_testing.chaos.evidence import DELETE, RECEIVE, RENEW, SEND
from ldp_testing.chaos.history import (
    Entry,
    Event,
    History,
    Invocation,
    Outcome,
    Passage,
    Request,
    Run,
    Weather,
)
from ldp_testing.chaos.ledger import judge
from ldp_testing.chaos.table import members, text

if TYPE_CHECKING:
    from ldp_testing.chaos.ledger import Ledger

_QUEUE: Final = "requests"
REPLIES: Final = "replies"
_JOURNALS: Final = {"a1": "machine-a", "a2": "machine-a", "b1": "machine-b"}
_ANSWER_BY_S: Final = 20.0
_START_BY_S: Final = 4.0


def _ms(at_s: float) -> int:
    return round(at_s * 1000)


@dataclass
class Tale:
    """The history of one request, told in seconds; the clients are a1 and a2, and b1 elsewhere."""

    invocations: list[Invocation] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    weather: list[Event] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    planned: int = 1

    def asked(
        self, at_s: float, operation: str, who: str, *, message: str = "m", done: bool = True
    ) -> Self:
        """An operation on the request's message."""
        visibility_s = 2 if operation in (RECEIVE, RENEW) else 0
        done_ms = _ms(at_s) if done else None
        self.passages.append(
            Passage(
                operation, _ms(at_s), done_ms, who, _QUEUE, "request", "r", message, visibility_s
            )
        )
        return self

    def replied(self, at_s: float, who: str, kind: str = "response", *, done: bool = True) -> Self:
        """A reply was sent."""
        done_ms = _ms(at_s) if done else None
        self.passages.append(Passage(SEND, _ms(at_s), done_ms, who, REPLIES, kind, "r", "reply"))
        return self

    def repeated(self, at_s: float, who: str) -> Self:
        """The weather delivered the message once more."""
        at_ms = _ms(at_s)
        self.passages.append(
            Passage(RECEIVE, at_ms, at_ms, who, _QUEUE, "request", "r", "m", 2, is_repeated=True)
        )
        return self

    def released(self, at_s: float, who: str) -> Self:
        """A client made the message visible."""
        at_ms = _ms(at_s)
        self.passages.append(Passage(RENEW, at_ms, at_ms, who, _QUEUE, "request", "r", "m", 0))
        return self

    def ran(self, who: str, from_s: float, to_s: float | None) -> Self:
        """A handler ran."""
        ended_ms = None if to_s is None else _ms(to_s)
        self.runs.append(Run("n", "aws", who, _ms(from_s), ended_ms))
        return self

    def met(  # noqa: PLR0913 - an event's
        self,
        kind: Weather,
        at_s: float,
        until_s: float | None = None,
        who: str = "",
        *,
        operation: str = "",
        queue: str = "",
        lost_ms: int = 0,
    ) -> Self:
        """The weather did something."""
        until_s = at_s if until_s is None else until_s
        event = Event(kind, _ms(at_s), _ms(until_s), who, operation, queue, lost_ms)
        self.weather.append(event)
        return self

    def recorded(self, journal: str, status: str, reason: str = "reason") -> Self:
        """A journal says something."""
        self.entries.append(Entry(journal, "r", status, reason))
        return self

    def heard(
        self, outcome: Outcome = Outcome.RIGHT, error_type: str = "", at_s: float = 19.0
    ) -> Self:
        """The caller knew."""
        self.invocations.append(
            Invocation("n", "function", "aws", 0, _ms(at_s), outcome, error_type)
        )
        return self

    def judged(self) -> Ledger:
        """The ledger; it and its story can be shown."""
        if not self.invocations:
            self.heard()
        ledger = judge(self.history)
        assert json.loads(json.dumps(members(self.history, ledger)))["clean"] is ledger.is_clean
        assert all(finding.what in text(self.history, ledger) for finding in ledger.unexplained)
        return ledger

    @property
    def history(self) -> History:
        """All of it."""
        request = Request("r", "aws", _ms(_ANSWER_BY_S), _ms(_START_BY_S))
        return History(
            planned=self.planned,
            invocations=tuple(self.invocations),
            runs=tuple(self.runs),
            requests=(request,),
            passages=tuple(self.passages),
            weather=tuple(self.weather),
            entries=tuple(self.entries),
            journals=_JOURNALS,
        )


def sent() -> Tale:
    """A request that its proxy sent."""
    return Tale().asked(0, SEND, "function")


def answered() -> Tale:
    """A request that a1 received, ran, answered and asked to delete."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 1.2).replied(1.3, "a1")
    return tale.asked(1.4, DELETE, "a1")


def held() -> Tale:
    """A request that a1 has been running since second 1, and b1 received at second 4."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 9)
    return tale.asked(4, RECEIVE, "b1").ran("b1", 4.1, 4.2)
