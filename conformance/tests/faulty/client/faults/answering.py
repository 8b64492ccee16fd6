"""Faults in answering, and in what comes after it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from faulty.client.answers import Answers
from faulty.client.exchange import ANSWERING, RUNNING
from faulty.client.faults.registry import fault
from faulty.client.hold import Hold
from faulty.client.intake import Intake
from faulty.client.lease import Lease
from faulty.client.running import Running
from faulty.client.runtime import Outcome, Runtime
from faulty.client.settling import Settling
from faulty.client.sqs import SqsError

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.sqs import Message


@fault("deletes-before-it-answers", "SES-13", "SES-15")
class DeletesBeforeItAnswers(Answers):
    """It deletes the request, and then sends the answer."""

    def send_and_settle(self, exchange: Exchange, body: str) -> None:
        for receipt in self.port.settling.of(exchange):
            self.port.settling.delete_one(receipt.handle, receipt.since_s)
        super().send_and_settle(exchange, body)


@fault("deletes-at-once", "SES-13", "SES-5")
class DeletesAtOnce(Intake):
    """It deletes a request as soon as it has it."""

    def admit(self, message: Message) -> None:
        self.port.settling.delete_one(message.receipt, message.got_s)
        super().admit(message)


@fault("never-deletes", "SES-13", "SES-27")
class NeverDeletes(Settling):
    """It leaves every request to the queue's retention."""

    def delete_one(self, handle: str, since_s: float) -> None:
        """Nothing is done."""


@fault("answers-twice", "SES-14")
class AnswersTwice(Answers):
    """It sends a second answer that says that it is the second."""

    def deliver(self, exchange: Exchange, body: str) -> bool:
        delivered = super().deliver(exchange, body)
        if delivered and body.startswith("{") and not exchange.request.is_v0:
            super().deliver(exchange, json.dumps({**json.loads(body), "again": True}))
        return delivered


@fault("writes-each-attempt-anew", "SES-14")
class WritesEachAttemptAnew(Answers):
    """It says in an answer how often it tried to send it."""

    def deliver(self, exchange: Exchange, body: str) -> bool:
        send, attempts = self.port.sqs.send, [0]

        def anew(url: str, body: str) -> int:
            attempts[0] += 1
            return send(url, f'{{"attempt":{attempts[0]},' + body[1:])

        if body.startswith('{"version"'):
            self.port.sqs.send = anew  # type: ignore[method-assign]
        try:
            return super().deliver(exchange, body)
        finally:
            self.port.sqs.send = send  # type: ignore[method-assign]


@fault("gives-up-at-once", "SES-15")
class GivesUpAtOnce(Answers):
    """It sends an answer once, and gives up if that fails."""

    def goes_on(self, _attempt: int) -> bool:
        return False


@fault("gives-up-in-the-end", "SES-15")
class GivesUpInTheEnd(Answers):
    """It sends an answer three times, and gives up then."""

    def goes_on(self, attempt: int) -> bool:
        return attempt < 2


@fault("keeps-what-has-no-caller", "SES-16")
class KeepsWhatHasNoCaller(Answers):
    """It tries again and again to send to a queue that does not exist."""

    def gone(self, exchange: Exchange) -> None:
        super().deliver(exchange, "")

    def deliver(self, exchange: Exchange, body: str) -> bool:
        while not self.is_too_late(exchange):
            try:
                self.port.sqs.send(self.url(exchange), body)
            except SqsError:  # noqa: PERF203 - to take all errors for the same is the fault
                exchange.done.wait(0.5)
            else:
                return True
        return False


@fault("answers-somebody-else", "SES-16")
class AnswersSomebodyElse(Answers):
    """It sends an answer whose queue does not exist to the configured one."""

    def gone(self, exchange: Exchange) -> None:
        body = json.dumps({"requestId": exchange.request.key, "kind": "response"})
        self.port.sqs.send(self.port.settings.response_url, body)
        super().gone(exchange)


@fault("answers-at-any-time", "SES-17")
class AnswersAtAnyTime(Answers):
    """It goes on sending when nobody waits any more."""

    def is_too_late(self, _exchange: Exchange) -> bool:
        return False


@fault("swallows-errors", "SES-18", "ENV-27")
class SwallowsErrors(Runtime):
    """It answers null where the handler failed."""

    def failed(self, _kind: str, _message: str) -> Outcome:
        return Outcome(b"null")


@fault("drops-failures", "SES-18")
class DropsFailures(Running):
    """It deletes an event whose handler failed, and says nothing to its caller."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        if outcome.is_error and exchange.claim((RUNNING,), ANSWERING):
            self.port.settling.discard(exchange, "its handler failed")
        else:
            super().ended(exchange, outcome)


@fault("runs-failures-again", "SES-19")
class RunsFailuresAgain(Running):
    """It runs a failing event three times before it answers."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        for _ in range(2):
            if outcome.is_error:
                outcome = self.port.runtime.invoke(exchange)
        super().ended(exchange, outcome)


@fault("gives-failures-back", "SES-19", "SES-18")
class GivesFailuresBack(Running):
    """It releases a failing event, and gets it again at once."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        if outcome.is_error:
            self.port.settling.give_back(exchange, 0)
        else:
            super().ended(exchange, outcome)


@fault("answers-one-way", "SES-27")
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


@fault("keeps-failed-one-way", "SES-27")
class KeepsFailedOneWay(Hold):
    """It holds a one-way request whose handler failed."""

    def applies(self, exchange: Exchange, outcome: Outcome) -> bool:
        one_way = exchange.request.frozen is None and not exchange.request.is_v0
        return (one_way and outcome.is_error) or super().applies(exchange, outcome)


@fault("expires-one-way", "SES-28")
class ExpiresOneWay(Running):
    """It does not run a one-way request whose Lambda deadline is over."""

    def is_expired(self, exchange: Exchange) -> bool:
        if exchange.request.answer_by_ms is None:
            return bool(exchange.request.context["deadlineMs"] <= self.port.clock.now_ms())
        return super().is_expired(exchange)


@fault("drops-late-one-way", "SES-28", "SES-27")
class DropsLateOneWay(Lease):
    """It takes half a second for the end of a one-way request, and deletes it while it runs."""

    def left_ms(self, exchange: Exchange) -> float | None:
        if exchange.request.answer_by_ms is None:
            return exchange.sent_ms + 500 - self.port.clock.now_ms()
        return super().left_ms(exchange)


@fault("answers-nothing", "SES-13", "PAY-2")
class AnswersNothing(Answers):
    """It runs handlers and deletes requests, and sends nothing."""

    def deliver(self, _exchange: Exchange, _body: str) -> bool:
        return True


@fault("answers-in-its-own-time", "SES-13")
class AnswersInItsOwnTime(Answers):
    """It deletes the request while the answer is on its way."""

    def deliver(self, exchange: Exchange, body: str) -> bool:
        threading.Thread(target=super().deliver, args=(exchange, body)).start()
        return True
