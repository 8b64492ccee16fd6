"""Faults in answering, and in what comes after it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from faulty.client.answers import Answers
from faulty.client.faults.registry import fault
from faulty.client.intake import Intake
from faulty.client.settling import Settling
from faulty.client.sqs import SqsError

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.sqs import Message


@fault(
    "deletes-before-it-answers",
    "SES-13",
    "SES-15",
    red={
        "client.answering.silent-after-answer-by": "a request is deleted before it is answered",
        "client.answering.stored-before-delete": "a request is deleted before SQS took the answer",
    },
    green=("client.answering.same-bytes",),
)
class DeletesBeforeItAnswers(Answers):
    """It deletes the request, and then sends the answer."""

    def send_and_settle(self, exchange: Exchange, body: str) -> None:
        for receipt in self.port.settling.of(exchange):
            self.port.settling.delete_one(receipt.handle, receipt.since_s)
        super().send_and_settle(exchange, body)


@fault(
    "deletes-at-once",
    "SES-13",
    "SES-5",
    red={
        "client.answering.silent-after-answer-by": "a request is deleted before it is answered",
        "client.receiving.running-not-started-again": "a copy of a running request was deleted",
    },
    green=("client.answering.same-bytes",),
)
class DeletesAtOnce(Intake):
    """It deletes a request as soon as it has it."""

    def admit(self, message: Message) -> None:
        self.port.settling.delete_one(message.receipt, message.got_s)
        super().admit(message)


@fault(
    "never-deletes",
    "SES-13",
    "SES-27",
    red={
        "client.bad-input.one-way": "a request with oneWay, and /payload/encoding wrong: the requ",
        "client.one-way.mode": "the request is not deleted within",
    },
    green=("client.lease.set-on-receive",),
)
class NeverDeletes(Settling):
    """It leaves every request to the queue's retention."""

    def delete_one(self, handle: str, since_s: float) -> None:
        """Nothing is done."""


@fault(
    "answers-twice",
    "SES-14",
    red={"client.answering.same-bytes": "two different answers are sent to one request"},
    green=("client.start.answers",),
)
class AnswersTwice(Answers):
    """It sends a second answer that says that it is the second."""

    def deliver(self, exchange: Exchange, body: str) -> bool:
        delivered = super().deliver(exchange, body)
        if delivered and body.startswith("{") and not exchange.request.is_v0:
            super().deliver(exchange, json.dumps({**json.loads(body), "again": True}))
        return delivered


@fault(
    "writes-each-attempt-anew",
    "SES-14",
    red={"client.answering.same-bytes": "two different answers are sent to one request"},
    green=("client.sqs.late-copy",),
)
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


@fault(
    "gives-up-at-once",
    "SES-15",
    red={"client.sqs.send-troubles": "no response came"},
    green=("client.start.answers",),
)
class GivesUpAtOnce(Answers):
    """It sends an answer once, and gives up if that fails."""

    def goes_on(self, _attempt: int) -> bool:
        return False


@fault(
    "gives-up-in-the-end",
    "SES-15",
    red={"client.answering.repeated": "no response came"},
    green=("client.sqs.send-troubles",),
)
class GivesUpInTheEnd(Answers):
    """It sends an answer three times, and gives up then."""

    def goes_on(self, attempt: int) -> bool:
        return attempt < 2


@fault(
    "keeps-what-has-no-caller",
    "SES-16",
    red={"client.answering.caller-gone": "the request is not deleted within"},
    green=("client.answering.caller-gone-early",),
)
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


@fault(
    "answers-somebody-else",
    "SES-16",
    red={"client.answering.caller-gone": "the answer is sent to a queue that it is not for"},
    green=("client.answering.caller-gone-early",),
)
class AnswersSomebodyElse(Answers):
    """It sends an answer whose queue does not exist to the configured one."""

    def gone(self, exchange: Exchange) -> None:
        body = json.dumps({"requestId": exchange.request.key, "kind": "response"})
        self.port.sqs.send(self.port.settings.response_url, body)
        super().gone(exchange)


@fault(
    "answers-at-any-time",
    "SES-17",
    red={"client.answering.silent-after-answer-by": "an answer is sent after"},
    green=("client.start.answers",),
)
class AnswersAtAnyTime(Answers):
    """It goes on sending when nobody waits any more."""

    def is_too_late(self, _exchange: Exchange) -> bool:
        return False


@fault(
    "answers-nothing",
    "SES-13",
    "PAY-2",
    red={"client.answering.silent-after-answer-by": "a request is deleted before it is answered"},
    green=("client.one-way.returned",),
)
class AnswersNothing(Answers):
    """It runs handlers and deletes requests, and sends nothing."""

    def deliver(self, _exchange: Exchange, _body: str) -> bool:
        return True


@fault(
    "answers-in-its-own-time",
    "SES-13",
    red={"client.answering.silent-after-answer-by": "a request is deleted before it is answered"},
    green=("client.answering.same-bytes",),
)
class AnswersInItsOwnTime(Answers):
    """It deletes the request while the answer is on its way."""

    def deliver(self, exchange: Exchange, body: str) -> bool:
        threading.Thread(target=super().deliver, args=(exchange, body)).start()
        return True


@fault(
    "drops-answers-when-it-ends",
    "SES-32",
    "SES-15",
    red={"client.shutdown.unsent-answer": "no response came"},
    green=("client.sqs.send-troubles",),
)
class DropsAnswersWhenItEnds(Answers):
    """It does not go on to send an answer when it is told to end."""

    def goes_on(self, _attempt: int) -> bool:
        return not self.port.is_draining
