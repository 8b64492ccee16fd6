"""Faults in the calls that a client makes of SQS, and in its clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from faulty.client.clock import Clock
from faulty.client.faults.registry import fault
from faulty.client.intake import Intake
from faulty.client.sqs import Sqs, SqsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faulty.client.sqs import Message


@fault(
    "sends-attributes",
    "SQS-11",
    red={"client.sqs.no-attributes": "the message has attributes"},
    green=("client.start.answers",),
)
class SendsAttributes(Sqs):
    """It says with a message attribute what kind its envelopes are of."""

    def send_parameters(self, url: str, body: str) -> dict[str, Any]:
        attribute = {"DataType": "String", "StringValue": "response"}
        return {**super().send_parameters(url, body), "MessageAttributes": {"kind": attribute}}


@fault(
    "asks-no-attributes",
    "SQS-9",
    red={"client.sqs.attributes": "a receive does not ask for both"},
    green=("client.start.answers",),
)
class AsksNoAttributes(Sqs):
    """It does not ask how often a message was received, nor when it was sent."""

    attributes = ()


@fault(
    "asks-no-time",
    "SQS-9",
    red={"client.sqs.attributes": "a receive does not ask for both"},
    green=("client.start.answers",),
)
class AsksNoTime(Sqs):
    """It does not ask when a message was sent."""

    attributes = ("ApproximateReceiveCount",)


@fault(
    "polls-short",
    "SQS-6",
    red={"client.sqs.waits-long-while-idle": "an idle client does not wait"},
    green=("client.start.answers",),
)
class PollsShort(Sqs):
    """It asks every second."""

    idle_wait_s = 1


@fault(
    "polls-without-wait",
    "SQS-6",
    red={"client.sqs.waits-long-while-idle": "an idle client does not wait | does not receive"},
    green=("client.start.answers",),
)
class PollsWithoutWait(Intake):
    """It asks without waiting, ten times a second."""

    def wait_s(self) -> int:
        time.sleep(0.1)
        return 0


@fault(
    "ends-when-nothing-comes",
    "SQS-12",
    red={"client.sqs.empty-receives": "the port ended with status"},
    green=("client.sqs.reappearance",),
)
class EndsWhenNothingComes(Intake):
    """It takes an empty receive for the end of its work."""

    def receive(self) -> list[Message]:
        messages = super().receive()
        if not messages and not self.failures:
            self.port.ending.drain()
        return messages


@fault(
    "dies-when-a-call-fails",
    "SQS-12",
    red={
        "client.sqs.dead-receive": "the port ended with status",
        "client.sqs.receive-troubles": "the request is not deleted within | the port ended",
    },
    green=("client.sqs.redelivery",),
)
class DiesWhenACallFails(Intake):
    """It ends when a receive fails."""

    def pause(self) -> None:
        self.port.ending.abandon()


@fault(
    "takes-no-message-twice",
    "SQS-12",
    red={"client.sqs.reappearance": "the request is not deleted within"},
    green=("client.sqs.redelivery",),
)
class TakesNoMessageTwice(Intake):
    """It leaves alone what was received before."""

    def admit(self, message: Message) -> None:
        if message.receive_count == 1:
            super().admit(message)


@fault(
    "believes-its-own-clock",
    "SQS-13",
    red={
        "client.sqs.clock-ahead": "an event ran that nobody waits for, by AWS's clock",
        "client.sqs.clock-behind": "no response came",
    },
    green=("client.start.answers",),
)
class BelievesItsOwnClock(Clock):
    """It does not correct its clock."""

    def offset_ms(self) -> float:
        return 0.0


@fault(
    "does-not-mention-the-clock",
    "SQS-14",
    red={"client.sqs.refused-clock": "the client does not say that its clock is off by"},
    green=("client.start.answers",),
)
class DoesNotMentionTheClock(Sqs):
    """It does not say that its clock is why its calls are refused."""

    def tell_clock(self, off_s: int) -> None:
        """Nothing is said."""


@fault(
    "does-not-say-how-far-off",
    "SQS-14",
    red={"client.sqs.refused-clock": "the client does not say that its clock is off by"},
    green=("client.start.answers",),
)
class DoesNotSayHowFarOff(Sqs):
    """It says that its clock is off, and not by how much."""

    def tell_clock(self, _off_s: int) -> None:
        self.port.log.say("AWS refuses our calls: the clock of this machine is off")


@fault(
    "takes-a-lost-send-for-sent",
    "SES-13",
    "SES-15",
    red={
        "client.answering.silent-after-answer-by": "a request is deleted before it is answered",
        "client.fuzz.outages": "is gone without an answer",
    },
    green=("client.answering.same-bytes",),
)
class TakesALostSendForSent(Sqs):
    """It takes every answer for sent, whatever SQS says."""

    def send(self, url: str, body: str) -> int:
        try:
            return super().send(url, body)
        except SqsError:
            return self.port.clock.now_ms()


@fault(
    "expects-order",
    "SQS-12",
    red={"client.sqs.any-order": "no response came"},
    green=("client.sqs.late-copy",),
)
class ExpectsOrder(Intake):
    """It leaves alone what was sent before the last message that it has seen."""

    newest_ms = 0

    def admit(self, message: Message) -> None:
        if message.sent_ms >= self.newest_ms:
            self.newest_ms = message.sent_ms
            super().admit(message)


@fault(
    "cuts-its-polls",
    "SQS-7",
    red={"client.sqs.waits-long-while-idle": "the receive of an idle client ends long before"},
    green=("client.sqs.dead-receive",),
)
class CutsItsPolls(Sqs):
    """It hangs up on its receives after a second."""

    def call(
        self, operation: str, parameters: Mapping[str, Any], timeout_s: float = 5.0
    ) -> tuple[dict[str, Any], int]:
        limit_s = 1.0 if operation == "ReceiveMessage" else timeout_s
        return super().call(operation, parameters, limit_s)
