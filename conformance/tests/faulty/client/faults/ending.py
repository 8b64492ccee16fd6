"""Faults in how a client ends."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

from faulty.client.ending import Ending
from faulty.client.faults.registry import fault
from faulty.client.intake import Intake

if TYPE_CHECKING:
    from faulty.client.sqs import Message


@fault(
    "ends-at-once",
    "SES-32",
    red={
        "client.shutdown.first-signal": "the client ended at the first signal while a handler ran"
    },
    green=("client.start.answers",),
)
class EndsAtOnce(Ending):
    """It ends at the first signal, whatever runs."""

    def drain(self) -> None:
        os._exit(0)


@fault(
    "does-not-end",
    "SES-32",
    red={"client.hold.released": "a held event is not released when the client ends"},
    green=("client.start.answers",),
)
class DoesNotEnd(Ending):
    """It goes on receiving after the first signal."""

    has_been_told = False

    def on_signal(self) -> None:
        if self.has_been_told:
            self.abandon()
        self.has_been_told = True


@fault(
    "runs-what-an-open-receive-brings",
    "SES-32",
    red={"client.shutdown.open-receive": "a request that came after the signal is run"},
    green=("client.start.answers",),
)
class RunsWhatAnOpenReceiveBrings(Intake):
    """It runs what comes after the first signal."""

    def hand_over(self, message: Message) -> None:
        threading.Thread(target=self.deal_with, args=(message,)).start()


@fault(
    "keeps-what-an-open-receive-brings",
    "SES-32",
    "SQS-7",
    red={
        "client.shutdown.open-receive": "a request that came after the signal is not free for oth"
    },
    green=("client.start.answers",),
)
class KeepsWhatAnOpenReceiveBrings(Intake):
    """It does not release what comes after the first signal."""

    def release(self, message: Message) -> None:
        """Nothing is done."""


@fault(
    "deletes-what-an-open-receive-brings",
    "SES-32",
    "SES-5",
    red={
        "client.shutdown.open-receive": "a request that came after the signal is not free for oth"
    },
    green=("client.start.answers",),
)
class DeletesWhatAnOpenReceiveBrings(Intake):
    """It deletes what comes after the first signal."""

    def release(self, message: Message) -> None:
        self.port.settling.delete_one(message.receipt, message.got_s)


@fault(
    "ignores-the-second-signal",
    "SES-33",
    red={
        "client.shutdown.second-signal": "the client did not end within",
        "client.lease.released-only-while-held": "the client did not end at the second signal",
    },
    green=("client.start.answers",),
)
class IgnoresTheSecondSignal(Ending):
    """It waits for its handler, however often it is told to end."""

    def abandon(self) -> None:
        """Nothing is done."""


@fault(
    "answers-when-it-is-abandoned",
    "SES-33",
    red={"client.shutdown.second-signal": "a request that was given up is answered"},
    green=("client.start.answers",),
)
class AnswersWhenItIsAbandoned(Ending):
    """It sends an error for what runs when it is told to end at once."""

    def abandon(self) -> None:
        for exchange in list(self.port.active.values()):
            frozen = exchange.request.frozen
            if frozen:
                body = self.port.answers.own_failure(frozen, "Client.Ended", "The client ended.")
                self.port.sqs.send(frozen.reply_url, body)
        super().abandon()


@fault(
    "deletes-what-it-abandons",
    "SES-33",
    "SES-13",
    red={"client.shutdown.second-signal": "a request is deleted although it was given up"},
    green=("client.answering.same-bytes",),
)
class DeletesWhatItAbandons(Ending):
    """It deletes what runs when it is told to end at once."""

    def abandon(self) -> None:
        for exchange in list(self.port.active.values()):
            for receipt in self.port.settling.of(exchange):
                self.port.sqs.delete(receipt.handle)
        super().abandon()


@fault(
    "knows-one-signal",
    "SES-32",
    red={
        "client.shutdown.first-signal": "the client ended at the first signal while a handler ran"
    },
    green=("client.start.answers",),
)
class KnowsOneSignal(Ending):
    """It ends in order at SIGINT, and dies at SIGTERM."""

    signals = (signal.SIGINT,)


@fault(
    "releases-what-it-had",
    "SES-11",
    red={"client.lease.released-only-while-held": "a message is released through a receipt handle"},
    green=("client.start.answers",),
)
class ReleasesWhatItHad(Ending):
    """It releases what runs when it is told to end at once, whether it still has it or not."""

    def abandon(self) -> None:
        for exchange in list(self.port.active.values()):
            for receipt in self.port.settling.of(exchange):
                self.port.settling.hide_one(receipt.handle, 0)
        super().abandon()
