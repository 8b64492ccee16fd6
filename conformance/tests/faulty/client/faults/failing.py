"""Faults in what becomes of failures and of one-way requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from faulty.client.exchange import ANSWERING, RUNNING
from faulty.client.faults.registry import fault
from faulty.client.hold import Hold
from faulty.client.lease import Lease
from faulty.client.running import Running
from faulty.client.runtime import Outcome, Runtime

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange


@fault(
    "swallows-errors",
    "SES-18",
    "ENV-27",
    red={
        "client.payload.error-too-large": "the answer is no error",
        "client.answering.failure-reported": "the answer is no error",
        "client.error.unserialisable": "the answer is no error",
    },
    green=("client.start.answers",),
)
class SwallowsErrors(Runtime):
    """It answers null where the handler failed."""

    def failed(self, _kind: str, _message: str) -> Outcome:
        return Outcome(b"null")


@fault(
    "drops-failures",
    "SES-18",
    red={"client.hold.kept": "the lease of a held event is not renewed"},
    green=("client.start.answers",),
)
class DropsFailures(Running):
    """It deletes an event whose handler failed, and says nothing to its caller."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        if outcome.is_error and exchange.claim((RUNNING,), ANSWERING):
            self.port.settling.discard(exchange, "its handler failed")
        else:
            super().ended(exchange, outcome)


@fault(
    "runs-failures-again",
    "SES-19",
    red={"client.one-way.failed": "a one-way request that failed is run again"},
    green=("client.start.answers",),
)
class RunsFailuresAgain(Running):
    """It runs a failing event three times before it answers."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        for _ in range(2):
            if outcome.is_error:
                outcome = self.port.runtime.invoke(exchange)
        super().ended(exchange, outcome)


@fault(
    "gives-failures-back",
    "SES-19",
    "SES-18",
    red={"client.hold.kept": "a held event is run again without being asked"},
    green=("client.start.answers",),
)
class GivesFailuresBack(Running):
    """It releases a failing event, and gets it again at once."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        if outcome.is_error:
            self.port.settling.give_back(exchange, 0)
        else:
            super().ended(exchange, outcome)


@fault(
    "answers-one-way",
    "SES-27",
    red={"client.one-way.failed": "a one-way request is answered"},
    green=("client.one-way.mode",),
)
class AnswersOneWay(Running):
    """It sends the result of a one-way request to the response queue."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        request = exchange.request
        if request.frozen is None and not request.is_v0 and self.port.settings.response_url:
            answer = {"version": "1.0", "kind": "response", "requestId": request.key}
            payload = {"encoding": "text", "data": outcome.data.decode()}
            body = json.dumps({**answer, "answerByMs": 0, "payload": payload})
            self.port.sqs.send(self.port.settings.response_url, body)
        super().ended(exchange, outcome)


@fault(
    "keeps-failed-one-way",
    "SES-27",
    red={"client.one-way.failed": "the request is not deleted within"},
    green=("client.one-way.returned",),
)
class KeepsFailedOneWay(Hold):
    """It holds a one-way request whose handler failed."""

    def applies(self, exchange: Exchange, outcome: Outcome) -> bool:
        one_way = exchange.request.frozen is None and not exchange.request.is_v0
        return (one_way and outcome.is_error) or super().applies(exchange, outcome)


@fault(
    "expires-one-way",
    "SES-28",
    red={"client.one-way.never-expires": "the handler's run number"},
    green=("client.one-way.mode",),
)
class ExpiresOneWay(Running):
    """It does not run a one-way request whose Lambda deadline is over."""

    def is_expired(self, exchange: Exchange) -> bool:
        if exchange.request.answer_by_ms is None:
            return bool(exchange.request.context["deadlineMs"] <= self.port.clock.now_ms())
        return super().is_expired(exchange)


@fault(
    "drops-late-one-way",
    "SES-28",
    "SES-27",
    red={"client.one-way.returned": "a one-way request is deleted before its handler has ended"},
    green=("client.one-way.never-expires",),
)
class DropsLateOneWay(Lease):
    """It takes half a second for the end of a one-way request, and deletes it while it runs."""

    def left_ms(self, exchange: Exchange) -> float | None:
        if exchange.request.answer_by_ms is None:
            return exchange.sent_ms + 500 - self.port.clock.now_ms()
        return super().left_ms(exchange)
