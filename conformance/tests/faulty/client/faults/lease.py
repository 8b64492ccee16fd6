"""Faults in leases."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

from faulty.client.exchange import HELD
from faulty.client.faults.registry import fault
from faulty.client.intake import Intake
from faulty.client.lease import Lease
from faulty.client.running import Running
from faulty.client.sqs import Sqs

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange, Receipt
    from faulty.client.port import Port
    from faulty.client.runtime import Outcome


@fault(
    "never-renews",
    "SES-7",
    red={
        "client.lease.renewed-while-blocked": "the lease is not renewed every quarter of it while",
        "client.sqs.renewal-troubles": "the lease is not renewed after a failure",
    },
    green=("client.lease.set-on-receive",),
)
class NeverRenews(Lease):
    """It lets its leases run out."""

    def renew_all(self, _exchange: Exchange) -> bool:
        return True


@fault(
    "renews-too-late",
    "SES-7",
    red={
        "client.lease.renewed-while-blocked": "the lease is not renewed every quarter of it while"
    },
    green=("client.lease.set-on-receive",),
)
class RenewsTooLate(Lease):
    """It renews when the lease is nearly over."""

    def every_s(self) -> float:
        return self.port.settings.lease_s * 0.85


@fault(
    "renews-three-times",
    "SES-7",
    red={"client.lease.renewed": "the lease is renewed"},
    green=("client.lease.set-on-receive",),
)
class RenewsThreeTimes(Lease):
    """It renews a lease three times and no more."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.renewals: dict[str, int] = {}

    def renew_all(self, exchange: Exchange) -> bool:
        key = exchange.request.key
        self.renewals[key] = self.renewals.get(key, 0) + 1
        return self.renewals[key] > 3 or super().renew_all(exchange)


@fault(
    "renews-only-while-it-runs",
    "SES-7",
    "SES-36",
    red={"client.hold.kept": "the lease of a held event is not renewed"},
    green=("client.hold.runs-again",),
)
class RenewsOnlyWhileItRuns(Lease):
    """It does not renew what it holds."""

    def renew_all(self, exchange: Exchange) -> bool:
        return exchange.state == HELD or super().renew_all(exchange)


@fault(
    "leaves-the-lease-to-the-queue",
    "SES-7",
    red={
        "client.lease.set-on-receive": "a receive does not set the lease of",
        "client.lease.configured": "a receive does not set the lease of",
    },
    green=("client.envelope.deadline-past",),
)
class LeavesTheLeaseToTheQueue(Sqs):
    """It does not set the lease when it receives."""

    def receive_parameters(self, wait_s: int, limit: int, lease_s: int) -> dict[str, Any]:
        parameters = super().receive_parameters(wait_s, limit, lease_s)
        del parameters["VisibilityTimeout"]
        return parameters


@fault(
    "fixes-its-lease",
    "SES-12",
    red={"client.lease.set-on-receive": "a receive does not set the lease of"},
    green=("client.start.answers",),
)
class FixesItsLease(Intake):
    """Its lease is 20 s, whatever is configured."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        port.settings.lease_s = 20


@fault(
    "renews-beyond-the-end",
    "SES-8",
    red={
        "client.lease.not-beyond-answer-by": "a lease is extended beyond the time for which the c"
    },
    green=("client.start.answers",),
)
class RenewsBeyondTheEnd(Lease):
    """It extends a lease beyond the time for which somebody waits."""

    def seconds(self, _exchange: Exchange) -> int:
        return self.port.settings.lease_s


@fault(
    "lets-the-overdue-run",
    "SES-9",
    red={"client.lease.overdue-is-discarded": "the request is not deleted within"},
    green=("client.start.answers",),
)
class LetsTheOverdueRun(Lease):
    """It leaves an overdue request in the queue."""

    def overdue(self, exchange: Exchange) -> None:
        """Nothing is done."""


@fault(
    "sends-late-results",
    "SES-9",
    "SES-17",
    red={"client.lease.overdue-is-discarded": "a result is sent after"},
    green=("client.start.answers",),
)
class SendsLateResults(Running):
    """It sends a result that comes too late."""

    def ended(self, exchange: Exchange, outcome: Outcome) -> None:
        frozen = exchange.request.frozen
        if frozen and self.port.lease.is_time_over(exchange):
            body = self.port.answers.body(exchange, outcome)
            self.port.sqs.send(frozen.reply_url, body)
        super().ended(exchange, outcome)


@fault(
    "uses-lapsed-leases",
    "SES-10",
    "SES-11",
    red={"client.lease.lapsed": "the port does not say that its lease lapsed: it wrote nothing to"},
    green=("client.start.answers",),
)
class UsesLapsedLeases(Lease):
    """It does not notice that a lease lapsed."""

    def has_lapsed(self, _receipt: Receipt) -> bool:
        return False


@fault(
    "says-nothing-of-lapsed-leases",
    "SES-10",
    red={"client.lease.lapsed": "the port does not say that its lease lapsed: it wrote nothing to"},
    green=("client.start.answers",),
)
class SaysNothingOfLapsedLeases(Lease):
    """It notices that a lease lapsed, and says nothing."""

    def has_lapsed(self, receipt: Receipt) -> bool:
        held_s = receipt.for_s or self.port.settings.lease_s
        receipt.is_lapsed |= self.port.clock.boot_s() - receipt.since_s > held_s
        return receipt.is_lapsed


@fault(
    "keeps-leases-of-the-dead",
    "SES-34",
    red={
        "client.lease.dead-handler": "a lease is renewed although the process that ran the handle"
    },
    green=("client.start.answers",),
)
class KeepsLeasesOfTheDead(Lease):
    """A process beside it renews its leases, and outlives it."""

    def begin(self, exchange: Exchange) -> None:
        super().begin(exchange)
        own = os.getpid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self.outlive(exchange, own)
            os._exit(0)

    def outlive(self, exchange: Exchange, parent: int) -> None:
        """Renew when the parent cannot any more."""
        until_ms = exchange.request.answer_by_ms or 0
        while self.port.clock.now_ms() < until_ms:
            time.sleep(self.every_s())
            if os.getppid() != parent:
                for receipt in list(exchange.receipts.values()):
                    self.renew(exchange, receipt)
                    receipt.is_lapsed = False
