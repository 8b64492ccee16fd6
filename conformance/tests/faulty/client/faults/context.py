"""Faults in the handler's context, and in what the handler tells of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faulty.client.faults.registry import fault
from faulty.client.handler import Handler
from faulty.client.requests import Requests
from faulty.client.rules import Wrong
from faulty.client.runtime import Runtime

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange


@fault(
    "mixes-up-arns",
    "ENV-21",
    red={
        "client.context.members": "the handler's context shows something else than the request sa"
    },
    green=("client.context.request-ids",),
)
class MixesUpArns(Runtime):
    """It drops the version or alias behind the function's ARN."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        told = super().context(exchange)
        arn = ":".join(str(told["invokedFunctionArn"]).split(":")[:7])
        return {**told, "invokedFunctionArn": arn, "memoryLimitInMb": 128}


@fault(
    "loses-the-trace",
    "ENV-21",
    red={"client.context.trace": "the handler sees another trace header"},
    green=("client.start.answers",),
)
class LosesTheTrace(Runtime):
    """It does not hand the trace header on."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        return {**super().context(exchange), "traceId": None}


@fault(
    "keeps-the-last-trace",
    "ENV-21",
    red={"client.context.trace": "the handler sees another trace header"},
    green=("client.context.request-ids",),
)
class KeepsTheLastTrace(Runtime):
    """It gives an event without a trace header the one of the event before."""

    last: object = None

    def context(self, exchange: Exchange) -> dict[str, Any]:
        told = super().context(exchange)
        self.last = told["traceId"] or self.last
        return {**told, "traceId": self.last}


@fault(
    "loses-the-client-context",
    "ENV-22",
    "ENV-21",
    red={"client.context.client-context": "the handler sees another client context"},
    green=("client.context.request-ids",),
)
class LosesTheClientContext(Runtime):
    """It hands on of the client context what it knows."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        told = super().context(exchange)
        known = told["clientContext"]
        if isinstance(known, dict):
            known = {name: known[name] for name in ("client", "custom") if name in known}
        return {**told, "clientContext": known}


@fault(
    "loses-the-identity",
    "ENV-21",
    red={"client.context.identity": "the handler sees another identity"},
    green=("client.context.request-ids",),
)
class LosesTheIdentity(Runtime):
    """It does not hand on who the caller is."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        return {**super().context(exchange), "identity": None}


@fault(
    "counts-down-to-answer-by",
    "ENV-23",
    red={
        "client.context.remaining-time": "until the deadline the handler sees",
        "client.context.no-time-left": "the handler sees",
    },
    green=("client.start.answers",),
)
class CountsDownToAnswerBy(Runtime):
    """It takes the end of the wait for the end of the handler's time."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        answer_by = exchange.request.answer_by_ms or 0
        remaining = answer_by - self.port.clock.now_ms()
        return {**super().context(exchange), "remainingMs": remaining}


@fault(
    "asks-for-a-trace",
    "ENV-21",
    "ENV-2",
    red={"client.context.client-context": "the answer is the error Client.BadRequest: The request"},
    green=("client.context.request-ids",),
)
class AsksForATrace(Requests):
    """It refuses a request that has a client context and no trace header."""

    def context(self, value: object) -> dict[str, Any]:
        context = super().context(value)
        if "clientContext" in context and "traceId" not in context:
            raise Wrong("is missing", "/context/traceId")
        return context


@fault(
    "does-not-tell-its-runs",
    "PAY-1",
    red={
        "client.start.handler-tells-its-runs": "runs of an event that was answered, not of one wh"
    },
    green=("client.start.answers",),
)
class DoesNotTellItsRuns(Handler):
    """Its handler does not write down that it ran."""

    def note(self, nonce: object, phase: str) -> None:
        """Nothing is written."""


@fault(
    "computes-nothing",
    "PAY-2",
    red={"client.start.answers": "the answer is not what the handler had to compute"},
    green=(),
)
class ComputesNothing(Handler):
    """Its handler returns a digest that is none."""

    def do_nonce(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        return {"nonce": event["nonce"], "sha256": "0" * 64}


@fault(
    "refuses-tenants",
    "ENV-21",
    "ENV-2",
    red={"client.context.optional-members": "the answer is the error Client.BadRequest"},
    green=("client.start.answers",),
)
class RefusesTenants(Requests):
    """It refuses a request that was made for a tenant."""

    def context(self, value: object) -> dict[str, Any]:
        context = super().context(value)
        if "tenantId" in context:
            raise Wrong("is not known", "/context/tenantId")
        return context
