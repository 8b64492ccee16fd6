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


@fault("mixes-up-arns", "ENV-21")
class MixesUpArns(Runtime):
    """It drops the version or alias behind the function's ARN."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        told = super().context(exchange)
        arn = ":".join(str(told["invokedFunctionArn"]).split(":")[:7])
        return {**told, "invokedFunctionArn": arn, "memoryLimitInMb": 128}


@fault("loses-the-trace", "ENV-21")
class LosesTheTrace(Runtime):
    """It does not hand the trace header on."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        return {**super().context(exchange), "traceId": None}


@fault("keeps-the-last-trace", "ENV-21")
class KeepsTheLastTrace(Runtime):
    """It gives an event without a trace header the one of the event before."""

    last: object = None

    def context(self, exchange: Exchange) -> dict[str, Any]:
        told = super().context(exchange)
        self.last = told["traceId"] or self.last
        return {**told, "traceId": self.last}


@fault("loses-the-client-context", "ENV-22", "ENV-21")
class LosesTheClientContext(Runtime):
    """It hands on of the client context what it knows."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        told = super().context(exchange)
        known = told["clientContext"]
        if isinstance(known, dict):
            known = {name: known[name] for name in ("client", "custom") if name in known}
        return {**told, "clientContext": known}


@fault("loses-the-identity", "ENV-21")
class LosesTheIdentity(Runtime):
    """It does not hand on who the caller is."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        return {**super().context(exchange), "identity": None}


@fault("counts-down-to-answer-by", "ENV-23")
class CountsDownToAnswerBy(Runtime):
    """It takes the end of the wait for the end of the handler's time."""

    def context(self, exchange: Exchange) -> dict[str, Any]:
        answer_by = exchange.request.answer_by_ms or 0
        remaining = answer_by - self.port.clock.now_ms()
        return {**super().context(exchange), "remainingMs": remaining}


@fault("asks-for-everything", "ENV-21", "ENV-2")
class AsksForEverything(Requests):
    """It refuses a request that lacks what a proxy may leave out."""

    def context(self, value: object) -> dict[str, Any]:
        context = super().context(value)
        if "traceId" not in context:
            raise Wrong("is missing", "/context/traceId")
        return context


@fault("does-not-tell-its-runs", "PAY-1")
class DoesNotTellItsRuns(Handler):
    """Its handler does not write down that it ran."""

    def note(self, nonce: object, phase: str) -> None:
        """Nothing is written."""
