"""Faults in the calls that a client makes of SQS, and in its clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from faulty.client.clock import Clock
from faulty.client.faults.registry import fault
from faulty.client.intake import Intake
from faulty.client.sqs import Sqs, SqsError

if TYPE_CHECKING:
    from faulty.client.sqs import Message


@fault("sends-attributes", "SQS-11")
class SendsAttributes(Sqs):
    """It says with a message attribute what kind its envelopes are of."""

    def send_parameters(self, url: str, body: str) -> dict[str, Any]:
        attribute = {"DataType": "String", "StringValue": "response"}
        return {**super().send_parameters(url, body), "MessageAttributes": {"kind": attribute}}


@fault("asks-no-attributes", "SQS-9")
class AsksNoAttributes(Sqs):
    """It does not ask how often a message was received, nor when it was sent."""

    attributes = ()


@fault("asks-no-time", "SQS-9")
class AsksNoTime(Sqs):
    """It does not ask when a message was sent."""

    attributes = ("ApproximateReceiveCount",)


@fault("polls-short", "SQS-6")
class PollsShort(Sqs):
    """It asks every second."""

    idle_wait_s = 1


@fault("polls-without-wait", "SQS-6")
class PollsWithoutWait(Intake):
    """It asks without waiting, ten times a second."""

    def wait_s(self) -> int:
        time.sleep(0.1)
        return 0


@fault("ends-when-nothing-comes", "SQS-12")
class EndsWhenNothingComes(Intake):
    """It takes an empty receive for the end of its work."""

    def receive(self) -> list[Message]:
        messages = super().receive()
        if not messages and not self.failures:
            self.port.ending.drain()
        return messages


@fault("dies-when-a-call-fails", "SQS-12")
class DiesWhenACallFails(Intake):
    """It ends when a receive fails."""

    def pause(self) -> None:
        self.port.ending.abandon()


@fault("takes-no-message-twice", "SQS-12")
class TakesNoMessageTwice(Intake):
    """It leaves alone what was received before."""

    def admit(self, message: Message) -> None:
        if message.receive_count == 1:
            super().admit(message)


@fault("believes-its-own-clock", "SQS-13")
class BelievesItsOwnClock(Clock):
    """It does not correct its clock."""

    def offset_ms(self) -> float:
        return 0.0


@fault("does-not-mention-the-clock", "SQS-14")
class DoesNotMentionTheClock(Sqs):
    """It does not say that its clock is why its calls are refused."""

    def tell_clock(self, off_s: int) -> None:
        """Nothing is said."""


@fault("does-not-say-how-far-off", "SQS-14")
class DoesNotSayHowFarOff(Sqs):
    """It says that its clock is off, and not by how much."""

    def tell_clock(self, _off_s: int) -> None:
        self.port.log.say("AWS refuses our calls: the clock of this machine is off")


@fault("takes-a-lost-send-for-sent", "SES-13", "SES-15")
class TakesALostSendForSent(Sqs):
    """It takes every answer for sent, whatever SQS says."""

    def send(self, url: str, body: str) -> int:
        try:
            return super().send(url, body)
        except SqsError:
            return self.port.clock.now_ms()


@fault("expects-order", "SQS-12")
class ExpectsOrder(Intake):
    """It leaves alone what was sent before the last message that it has seen."""

    newest_ms = 0

    def admit(self, message: Message) -> None:
        if message.sent_ms >= self.newest_ms:
            self.newest_ms = message.sent_ms
            super().admit(message)
