"""Faults of a client that tells too much to those who ask for much."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from faulty.client.faults.registry import fault
from faulty.client.intake import Intake
from faulty.client.running import Running

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange


@fault(
    "traces-credentials",
    "SEC-4",
    red={"client.trust.no-secrets-traced": "the output shows AWS_SECRET_ACCESS_KEY"},
    green=("client.trust.no-secrets-logged",),
)
class TracesCredentials(Intake):
    """It prints its surroundings when it starts, at the level TRACE."""

    def serve(self) -> None:
        if os.environ.get("LAMBDA_PROXY_TRACING_LEVEL") == "TRACE":
            for name, value in os.environ.items():
                self.port.log.say(f"{name}={value}")
        super().serve()


@fault(
    "traces-whole-payloads",
    "SEC-4",
    red={"client.trust.no-secrets-traced": "the output shows the end of a long payload"},
    green=("client.trust.no-secrets-logged",),
)
class TracesWholePayloads(Running):
    """It prints every event to its end, at the level TRACE."""

    def handle(self, exchange: Exchange) -> None:
        if os.environ.get("LAMBDA_PROXY_TRACING_LEVEL") == "TRACE":
            self.port.log.say(exchange.event.decode(errors="replace"))
        super().handle(exchange)
