"""Faults in the start window."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from faulty.client.exchange import OVERDUE, RECEIVED
from faulty.client.faults.registry import fault
from faulty.client.journal import Journal
from faulty.client.running import Running
from faulty.client.window import Window

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.runtime import Outcome


@fault(
    "never-accepts",
    "SES-20",
    red={
        "client.answering.caller-gone-early": "a request is started although nobody knows that it"
    },
    green=("client.window.not-unasked",),
)
class NeverAccepts(Window):
    """It starts without a word."""

    def enter(self, exchange: Exchange) -> bool:
        start_by = exchange.request.start_by_ms
        if start_by is None or not self.is_closed(start_by):
            return True
        return super().enter(exchange)


@fault(
    "accepts-twice",
    "SES-20",
    red={"client.window.accepted-once": "is sent", "client.window.accepted-first": "is sent"},
    green=("client.window.not-unasked",),
)
class AcceptsTwice(Window):
    """It says twice that it starts."""

    def announce(self, exchange: Exchange, start_by: int) -> bool:
        return super().announce(exchange, start_by) and super().announce(exchange, start_by)


@fault(
    "accepts-unasked",
    "SES-20",
    red={"client.window.not-unasked": "more than the response is sent unasked"},
    green=("client.window.stored-or-not",),
)
class AcceptsUnasked(Window):
    """It says that it starts to proxies that did not ask."""

    def enter(self, exchange: Exchange) -> bool:
        frozen = exchange.request.frozen
        if frozen and exchange.request.start_by_ms is None:
            body = self.port.envelopes.write(self.port.envelopes.accepted(frozen))
            self.port.sqs.send(frozen.reply_url, body)
        return super().enter(exchange)


@fault(
    "starts-before-its-word-is-stored",
    "SES-20",
    "SES-21",
    red={
        "client.answering.caller-gone-early": "a request is started although nobody knows that it"
    },
    green=("client.window.not-unasked",),
)
class StartsBeforeItsWordIsStored(Window):
    """It starts while its word is on the way."""

    def announce(self, exchange: Exchange, _start_by: int) -> bool:
        frozen = exchange.request.frozen
        assert frozen is not None
        body = self.port.envelopes.write(self.port.envelopes.accepted(frozen))
        threading.Thread(target=self.port.sqs.send, args=(frozen.reply_url, body)).start()
        return True


class _RunsFirst(Window):
    def enter(self, _exchange: Exchange) -> bool:
        return True


@fault(
    "accepts-when-it-has-ended",
    "SES-20",
    red={"client.window.stored-or-not": "the handler ran although the"},
    green=("client.window.not-unasked",),
    also=(_RunsFirst,),
)
class AcceptsWhenItHasEnded(Running):
    """It says that it starts when the handler has ended."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        start_by = exchange.request.start_by_ms
        if start_by is None or Window(self.port).announce(exchange, start_by):
            super().ended(exchange, outcome)


@fault(
    "starts-although-late",
    "SES-21",
    "SES-22",
    red={"client.window.stored-late-again": "a late request is deleted although somebody else may"},
    green=("client.window.stored-or-not",),
)
class StartsAlthoughLate(Window):
    """It starts, whenever its word was stored."""

    def is_in_time(self, stored: int, _start_by: int) -> bool:
        return bool(stored)


@fault(
    "starts-although-unheard",
    "SES-22",
    red={"client.window.stored-or-not": "the handler ran although the"},
    green=("client.start.answers",),
)
class StartsAlthoughUnheard(Window):
    """It starts although its word could not be sent."""

    def is_in_time(self, stored: int, start_by: int) -> bool:
        return not stored or super().is_in_time(stored, start_by)


@fault(
    "forgets-that-dates-are-whole",
    "SES-21",
    red={"client.window.stored-late": "the handler ran although the"},
    green=("client.window.accepted-first",),
)
class ForgetsThatDatesAreWhole(Window):
    """It takes the second of an answer's date for its moment."""

    def is_in_time(self, stored: int, start_by: int) -> bool:
        return bool(stored) and stored <= start_by


@fault(
    "judges-by-its-own-clock",
    "SES-21",
    red={"client.window.stored-late": "the handler ran although the"},
    green=("client.window.accepted-first",),
)
class JudgesByItsOwnClock(Window):
    """It judges by its own clock whether its word was in time."""

    def is_in_time(self, stored: int, start_by: int) -> bool:
        return bool(stored) and self.port.clock.now_ms() <= start_by


@fault(
    "does-not-decline",
    "SES-22",
    red={"client.window.stored-or-not": "was not stored in time is not declined within"},
    green=("client.start.answers",),
)
class DoesNotDecline(Window):
    """It does not say that it will not start."""

    def decline(self, exchange: Exchange, reason: str) -> None:
        """Nothing is sent."""


@fault(
    "declines-for-another-reason",
    "SES-22",
    red={"client.window.stored-or-not": "the reason of the"},
    green=("client.start.answers",),
)
class DeclinesForAnotherReason(Window):
    """It has another word for being late."""

    def decline(self, exchange: Exchange, _reason: str) -> None:
        super().decline(exchange, "too-late")


@fault(
    "runs-what-it-declined",
    "SES-22",
    red={"client.window.stored-or-not": "a request that was declined is run when it comes again"},
    green=("client.start.answers",),
)
class RunsWhatItDeclined(Window):
    """It declines, does not write that down, and starts when the request comes again."""

    def enter(self, exchange: Exchange) -> bool:
        return exchange.request.key in self.announced or super().enter(exchange)

    def miss(self, exchange: Exchange) -> None:
        if exchange.claim((RECEIVED,), OVERDUE):
            self.port.settling.delete_all(exchange)


@fault(
    "starts-after-the-window",
    "SES-23",
    red={"client.window.received-late": "a request was started although its window had closed"},
    green=("client.start.answers",),
)
class StartsAfterTheWindow(Window):
    """It starts what it receives too late."""

    def enter(self, exchange: Exchange) -> bool:
        start_by = exchange.request.start_by_ms
        return (start_by is not None and self.is_closed(start_by)) or super().enter(exchange)


@fault(
    "accepts-after-the-window",
    "SES-23",
    "SES-20",
    red={"client.window.received-late": "is sent"},
    green=("client.window.not-unasked",),
)
class AcceptsAfterTheWindow(Window):
    """It does not look at the clock before it says that it starts."""

    def is_closed(self, _start_by: int) -> bool:
        return False


@fault(
    "deletes-what-others-may-run",
    "SES-23",
    red={"client.window.stored-late-again": "a late request is deleted although somebody else may"},
    green=("client.window.received-late",),
)
class DeletesWhatOthersMayRun(Window):
    """It deletes what came too late, however often it was received."""

    def miss(self, exchange: Exchange) -> None:
        exchange.receive_count = 1
        super().miss(exchange)


@fault(
    "keeps-what-nobody-runs",
    "SES-23",
    red={"client.window.received-late": "the request is not deleted within"},
    green=("client.window.received-late-again",),
)
class KeepsWhatNobodyRuns(Window):
    """It leaves what came too late to others, where nobody else has seen it."""

    def miss(self, exchange: Exchange) -> None:
        exchange.receive_count = 2
        super().miss(exchange)


@fault(
    "releases-what-others-may-run",
    "SES-23",
    red={
        "client.window.received-late-again": "a late request that somebody else may be running is"
    },
    green=("client.window.received-late",),
)
class ReleasesWhatOthersMayRun(Window):
    """It gives what came too late back at once, and gets it again."""

    def miss(self, exchange: Exchange) -> None:
        if exchange.receive_count > 1 and exchange.claim((RECEIVED,), OVERDUE):
            self.port.settling.give_back(exchange, 0)
        else:
            super().miss(exchange)


@fault(
    "hides-what-others-may-run",
    "SES-23",
    red={
        "client.window.received-late-again": "a late request that somebody else may be running is"
    },
    green=("client.window.received-late",),
)
class HidesWhatOthersMayRun(Window):
    """It hides what came too late for a minute."""

    def miss(self, exchange: Exchange) -> None:
        if exchange.receive_count > 1 and exchange.claim((RECEIVED,), OVERDUE):
            self.port.settling.give_back(exchange, 60)
        else:
            super().miss(exchange)


@fault(
    "does-not-remember-its-word",
    "SES-23",
    "SES-25",
    red={"client.journal.accepted": "the handler did not run"},
    green=("client.window.received-late",),
)
class DoesNotRememberItsWord(Journal):
    """It does not start again what it had accepted in time before it died."""

    def was_accepted(self, _key: str) -> bool:
        return False


@fault(
    "keeps-waiting-for-a-gone-proxy",
    "SES-16",
    red={"client.answering.caller-gone-early": "the request is not deleted within"},
    green=("client.answering.caller-gone",),
)
class KeepsWaitingForAGoneProxy(Window):
    """It leaves a request whose reply queue is gone in the queue when it cannot accept it."""

    def caller_gone(self, exchange: Exchange) -> None:
        if exchange.claim((RECEIVED,), OVERDUE):
            self.port.settling.give_back(exchange, 1)


@fault(
    "accepts-what-it-declined",
    "SES-22",
    "SES-20",
    "SES-23",
    red={"client.window.declined-for-good": "a late request is deleted although somebody else may"},
    green=("client.window.not-unasked",),
)
class AcceptsWhatItDeclined(Window):
    """It tries again to accept what it declined."""

    def miss(self, exchange: Exchange) -> None:
        self.announced.discard(exchange.request.key)
        super().miss(exchange)
