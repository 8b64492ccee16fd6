"""Faults in what a client receives, and in what it does about copies."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from faulty.client.faults.registry import fault
from faulty.client.intake import Intake
from faulty.client.journal import Journal
from faulty.client.lease import Lease
from faulty.client.running import Running
from faulty.client.runtime import Runtime
from faulty.client.settling import Settling
from faulty.client.sqs import SqsError

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange, Receipt
    from faulty.client.port import Port
    from faulty.client.runtime import Outcome
    from faulty.client.sqs import Message


class _OneAtATime(Runtime):
    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.only = threading.Lock()

    def invoke(self, exchange: Exchange) -> Outcome:
        with self.only:
            return super().invoke(exchange)


@fault(
    "receives-ten-at-a-time",
    "SES-1",
    red={
        "client.receiving.one-at-a-time": "a message was received although no handler was free: i"
    },
    green=("client.start.answers",),
    also=(_OneAtATime,),
)
class ReceivesTenAtATime(Intake):
    """It receives ten messages, and runs one after the other."""

    def limit(self) -> int:
        return 10


@fault(
    "hoards",
    "SES-1",
    red={
        "client.receiving.one-at-a-time": "a message was received although no handler was free: i"
    },
    green=("client.start.answers",),
    also=(_OneAtATime,),
)
class Hoards(Intake):
    """It receives the next message while its only handler is busy."""

    handlers = 4


@fault(
    "runs-the-expired",
    "SES-2",
    "SES-17",
    red={
        "client.envelope.deadline-ahead": "an event ran that nobody waits for any more",
        "client.receiving.expired": "the handler ran for a request that had expired",
        "client.receiving.expired-in-the-queue": "the handler ran for a request that had expired",
    },
    green=("client.start.answers",),
)
class RunsTheExpired(Running):
    """It runs what nobody waits for any more."""

    def process(self, exchange: Exchange) -> None:
        if self.is_expired(exchange) and exchange.request.event is not None:
            exchange.event = exchange.request.event
            self.port.runtime.invoke(exchange)
        super().process(exchange)


@fault(
    "keeps-the-expired",
    "SES-2",
    red={"client.envelope.deadline-ahead": "the request is not deleted within"},
    green=("client.start.answers",),
)
class KeepsTheExpired(Running):
    """It leaves what nobody waits for in the queue."""

    def process(self, exchange: Exchange) -> None:
        if self.is_expired(exchange):
            self.port.settling.finish(exchange)
            with self.port.lock:
                self.port.active.pop(exchange.request.key, None)
        else:
            super().process(exchange)


class _EachIsNew(Journal):
    def is_over(self, _key: str) -> bool:
        return False


@fault(
    "runs-copies-at-once",
    "SES-3",
    "SES-4",
    red={"client.sqs.redelivery": "the handler ran", "client.sqs.second-copy": "the handler ran"},
    green=("client.start.answers",),
    also=(_EachIsNew,),
)
class RunsCopiesAtOnce(Intake):
    """It runs every message that it gets, at the same time as its copies."""

    handlers = 4

    def admit(self, message: Message) -> None:
        with self.port.lock:
            self.port.active.clear()
        super().admit(message)


@fault(
    "leaves-copies-alone",
    "SES-4",
    red={
        "client.receiving.copies-adopted": "the lease of a copy of a request in work is not renew"
    },
    green=("client.sqs.redelivery",),
)
class LeavesCopiesAlone(Intake):
    """It does nothing about a copy of what it runs or holds."""

    def adopt(self, exchange: Exchange, message: Message) -> None:
        """Nothing is done."""


@fault(
    "deletes-copies-at-once",
    "SES-5",
    red={"client.receiving.copies-adopted": "a copy of a request in work was deleted"},
    green=("client.receiving.running-not-started-again",),
)
class DeletesCopiesAtOnce(Intake):
    """It deletes a copy of what it runs or holds."""

    def adopt(self, _exchange: Exchange, message: Message) -> None:
        self.port.settling.delete_one(message.receipt, message.got_s)


@fault(
    "keeps-old-receipts",
    "SES-4",
    red={
        "client.receiving.copies-adopted": "the lease of a request that came a second time is not"
    },
    green=("client.sqs.second-copy",),
)
class KeepsOldReceipts(Intake):
    """It goes on with the first receipt handle of a message."""

    def adopt(self, exchange: Exchange, message: Message) -> None:
        if message.id not in exchange.receipts:
            super().adopt(exchange, message)


@fault(
    "forgets-copies",
    "SES-4",
    red={"client.receiving.copies-adopted": "a copy of a request is not deleted with it, but left"},
    green=("client.sqs.redelivery",),
)
class ForgetsCopies(Settling):
    """It renews the copies, and deletes the first alone."""

    def delete_all(self, exchange: Exchange) -> None:
        with exchange.mutex:
            first = next(iter(exchange.receipts), None)
            exchange.receipts = {name: r for name, r in exchange.receipts.items() if name == first}
        super().delete_all(exchange)


@fault(
    "renews-the-first-alone",
    "SES-4",
    "SES-7",
    red={
        "client.receiving.copies-adopted": "the lease of a copy of a request in work is not renew"
    },
    green=("client.lease.set-on-receive",),
)
class RenewsTheFirstAlone(Settling):
    """It renews the first copy, and deletes all."""

    def of(self, exchange: Exchange) -> list[Receipt]:
        receipts = super().of(exchange)
        return receipts if exchange.done.is_set() else receipts[:1]


@fault(
    "runs-again-what-is-answered",
    "SES-6",
    "SES-14",
    red={
        "client.sqs.reappearance": "the handler ran",
        "client.fuzz.delivery": "ran 2 times, not 1",
    },
    green=("client.start.answers",),
)
class RunsAgainWhatIsAnswered(_EachIsNew):
    """It runs a copy of what it has answered."""


@fault(
    "leaves-answered-copies",
    "SES-6",
    red={"client.sqs.late-copy": "the request is not deleted within"},
    green=("client.sqs.delete-troubles",),
)
class LeavesAnsweredCopies(Intake):
    """It leaves a copy of what it has answered in the queue."""

    def known(self, message: Message) -> None:
        """Nothing is done."""


@fault(
    "counts-copies-by-message",
    "SES-6",
    "SQS-12",
    "SES-14",
    red={"client.receiving.answered-not-run-again": "an answered request was run again"},
    green=("client.receiving.expired",),
    also=(_EachIsNew,),
)
class CountsCopiesByMessage(Intake):
    """It knows what it has answered by the message's ID, which a copy does not share."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.seen: set[str] = set()

    def admit(self, message: Message) -> None:
        if message.id in self.seen:
            self.known(message)
        else:
            self.seen.add(message.id)
            super().admit(message)


@fault(
    "forgets-what-it-discarded",
    "SES-6",
    red={"client.answering.caller-gone": "a request whose caller is gone is run again"},
    green=("client.sqs.reappearance",),
)
class ForgetsWhatItDiscarded(Journal):
    """It runs a copy of what it has discarded."""

    def is_over(self, key: str) -> bool:
        return self.state(key) == "answered"


class _KnowsWhatItDeleted(Journal):
    def is_over(self, key: str) -> bool:
        return key in self.port.settling.deleted and super().is_over(key)  # type: ignore[attr-defined]


@fault(
    "forgets-what-it-could-not-delete",
    "SES-6",
    "SES-13",
    "SQS-12",
    red={"client.sqs.delete-troubles": "the handler ran"},
    green=("client.sqs.late-copy",),
    also=(_KnowsWhatItDeleted,),
)
class ForgetsWhatItCouldNotDelete(Settling):
    """It takes for answered only what it could delete at once."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.deleted: set[str] = set()

    def delete_all(self, exchange: Exchange) -> None:
        self.finish(exchange)
        try:
            for receipt in self.of(exchange):
                self.port.sqs.delete(receipt.handle)
            self.deleted.add(exchange.request.key)
        except SqsError as error:
            self.port.log.say(f"a request could not be deleted ({error.code})")
        with self.port.lock:
            self.port.active.pop(exchange.request.key, None)


@fault(
    "frees-a-busy-handler",
    "SES-1",
    "SES-9",
    red={"client.lease.overdue-keeps-its-handler": "the handler did not run"},
    green=("client.start.answers",),
    also=(_OneAtATime,),
)
class FreesABusyHandler(Lease):
    """It receives for a handler that is still busy with what is overdue."""

    def overdue(self, exchange: Exchange) -> None:
        super().overdue(exchange)
        self.port.intake.free.release()
