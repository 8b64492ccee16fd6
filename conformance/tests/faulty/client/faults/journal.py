"""Faults in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faulty.client.answers import Answers
from faulty.client.exchange import RUNNING
from faulty.client.faults.registry import fault
from faulty.client.journal import ACCEPTED, ANSWERED, Journal
from faulty.client.running import Running
from faulty.client.window import Window

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.runtime import Outcome


@fault(
    "keeps-no-journal",
    "SES-24",
    "SES-25",
    red={"client.journal.shared": "a client runs again what another of this user dealt with"},
    green=("client.start.answers",),
)
class KeepsNoJournal(Journal):
    """It remembers for as long as it lives."""

    def add(self, key: str, state: str, _reason: str, _answer_by_ms: int | None) -> None:
        self.states[key] = state

    def refresh(self) -> None:
        """There is no file."""


@fault(
    "keeps-its-journal-to-itself",
    "SES-24",
    red={"client.journal.shared": "a client runs again what another of this user dealt with"},
    green=("client.start.answers",),
)
class KeepsItsJournalToItself(Journal):
    """It has a journal of its own, which no other client of the queue reads."""

    def place(self) -> str:
        return super().place().replace("journal", f"journal-{self.port.instance_id}")


@fault(
    "journals-after-the-delete",
    "SES-25",
    red={"client.journal.answered": "an answered request is run again after a crash"},
    green=("client.start.answers",),
)
class JournalsAfterTheDelete(Answers):
    """It writes down that it answered when the request is deleted."""

    def send_and_settle(self, exchange: Exchange, body: str) -> None:
        if self.deliver(exchange, body):
            self.port.settling.delete_all(exchange)
            self.port.journal.answered(exchange)
        elif not exchange.done.is_set():
            self.port.settling.discard(exchange, "its answer could not be sent in time")


@fault(
    "journals-before-the-answer",
    "SES-25",
    "SES-13",
    red={"client.journal.answer-on-its-way": "no response came"},
    green=("client.answering.same-bytes",),
)
class JournalsBeforeTheAnswer(Answers):
    """It writes down that it answered, and answers then."""

    def send_and_settle(self, exchange: Exchange, body: str) -> None:
        self.port.journal.answered(exchange)
        super().send_and_settle(exchange, body)


@fault(
    "journals-answers-before-the-run",
    "SES-25",
    "SES-13",
    red={"client.journal.accepted": "the handler did not run"},
    green=("client.answering.same-bytes",),
)
class JournalsAnswersBeforeTheRun(Running):
    """It writes down that it answered when it starts the handler."""

    def handle(self, exchange: Exchange) -> None:
        self.port.journal.answered(exchange)
        super().handle(exchange)


@fault(
    "journals-its-word-before-it-is-stored",
    "SES-25",
    "SES-22",
    red={"client.journal.word-on-its-way": "a request is started whose"},
    green=("client.window.stored-or-not",),
)
class JournalsItsWordBeforeItIsStored(Window):
    """It writes down that it accepted before SQS has stored that."""

    def announce(self, exchange: Exchange, start_by: int) -> bool:
        self.port.journal.accepted(exchange)
        return super().announce(exchange, start_by)


class _LaterWord(Journal):
    def accepted(self, exchange: Exchange) -> None:
        """Nothing is written; the handler has not ended."""


@fault(
    "journals-its-word-after-the-run",
    "SES-25",
    red={"client.journal.accepted": "the handler did not run"},
    green=("client.start.answers",),
    also=(_LaterWord,),
)
class JournalsItsWordAfterTheRun(Running):
    """It writes down that it accepted when the handler has ended."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        if exchange.state == RUNNING and exchange.request.start_by_ms:
            self.port.journal.note(exchange, ACCEPTED, "")
        super().ended(exchange, outcome)


@fault(
    "forgets-at-the-end",
    "SES-26",
    red={"client.journal.shared": "a client runs again what another of this user dealt with"},
    green=("client.start.answers",),
)
class ForgetsAtTheEnd(Journal):
    """It forgets a request when nobody waits for it any more."""

    def note(self, exchange: Exchange, state: str, reason: str) -> None:
        super().note(exchange, state, reason)
        self.ends[exchange.request.key] = exchange.request.answer_by_ms or 0

    def is_over(self, key: str) -> bool:
        return self.ends.get(key, 0) > self.port.clock.now_ms() and super().is_over(key)

    ends: dict[str, int] = {}  # noqa: RUF012 - there is one journal in a process


@fault(
    "forgets-the-accepted-when-answered",
    "SES-25",
    red={"client.journal.answered": "an answered request is run again after a crash"},
    green=("client.start.answers",),
)
class WritesNoAnswers(Journal):
    """It writes down what it accepted and not what it answered."""

    def answered(self, exchange: Exchange) -> None:
        self.states[exchange.request.key] = ANSWERED

    def is_over(self, key: str) -> bool:
        return self.states.get(key) == ANSWERED or super().is_over(key)
