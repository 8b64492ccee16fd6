"""Faults in holding."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from faulty.client.exchange import HELD, OVERDUE
from faulty.client.faults.registry import fault
from faulty.client.hold import Hold

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.runtime import Outcome


@fault(
    "holds-nothing",
    "SES-36",
    "SES-18",
    red={"client.hold.last-error": "the last error of a held event is not sent"},
    green=("client.error.unserialisable",),
)
class HoldsNothing(Hold):
    """It sends every error at once, also when it is to hold."""

    def applies(self, _exchange: Exchange, _outcome: Outcome) -> bool:
        return False


@fault(
    "never-gives-up",
    "SES-36",
    "SES-18",
    red={"client.hold.last-error": "no response came"},
    green=("client.hold.runs-again",),
)
class NeverGivesUp(Hold):
    """It holds an event until nobody waits, and sends nothing."""

    def is_short(self, _exchange: Exchange) -> bool:
        return False


@fault(
    "gives-up-too-late",
    "SES-36",
    red={"client.hold.last-error": "the last error of a held event is not sent"},
    green=("client.hold.runs-again",),
)
class GivesUpTooLate(Hold):
    """It sends the last error a tenth of a second before the end."""

    def before_ms(self) -> int:
        return 100


@fault(
    "gives-up-too-early",
    "SES-36",
    red={"client.hold.last-error": "the last error of a held event is not sent"},
    green=("client.hold.runs-again",),
)
class GivesUpTooEarly(Hold):
    """It sends the last error five seconds before the end."""

    def before_ms(self) -> int:
        return 5000


@fault(
    "does-not-listen",
    "SES-36",
    red={
        "client.hold.runs-again": "an event that is held does not run again when Enter is pressed"
    },
    green=("client.start.answers",),
)
class DoesNotListen(Hold):
    """It does not run again what it holds."""

    def run_again(self) -> None:
        """Nothing is done."""


@fault(
    "runs-again-unasked",
    "SES-36",
    "SES-19",
    red={"client.hold.kept": "a held event is run again without being asked"},
    green=("client.hold.runs-again",),
)
class RunsAgainUnasked(Hold):
    """It runs what it holds again every second."""

    def keep(self, exchange: Exchange, outcome: Outcome) -> None:
        super().keep(exchange, outcome)
        time.sleep(1)
        self.run_again()


@fault(
    "answers-what-it-holds-when-it-ends",
    "SES-36",
    red={"client.hold.released": "a held event is not released when the client ends"},
    green=("client.hold.runs-again",),
)
class AnswersWhatItHoldsWhenItEnds(Hold):
    """It sends the error of what it holds when it ends."""

    def release(self, exchange: Exchange) -> None:
        self.give_up(exchange)


@fault(
    "deletes-what-it-holds-when-it-ends",
    "SES-36",
    red={"client.hold.released": "a held event is not released when the client ends"},
    green=("client.hold.runs-again",),
)
class DeletesWhatItHoldsWhenItEnds(Hold):
    """It deletes what it holds when it ends."""

    def release(self, exchange: Exchange) -> None:
        self.port.settling.discard(exchange, "the client ends")


@fault(
    "takes-along-what-it-holds",
    "SES-36",
    red={"client.hold.released": "a held event is not released when the client ends"},
    green=("client.hold.runs-again",),
)
class TakesAlongWhatItHolds(Hold):
    """It ends without releasing what it holds."""

    def watch(self, exchange: Exchange) -> None:
        if not self.port.is_draining:
            super().watch(exchange)
        elif exchange.claim((HELD,), OVERDUE):
            self.port.settling.finish(exchange)
            with self.port.lock:
                self.port.active.pop(exchange.request.key, None)
