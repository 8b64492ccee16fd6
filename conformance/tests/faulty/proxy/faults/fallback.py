"""Faults in falling back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.aws import Answer, Ask


class _OtherFallback(Proxy):
    def fall_back_with(self, ask: Ask, left_s: float) -> Answer:
        return super().http("lambda", ask, left_s)

    def http(self, service: str, ask: Ask, timeout_s: float) -> Answer:
        if service == "lambda" and "/invocations" in ask.path:
            return self.fall_back_with(ask, timeout_s)
        return super().http(service, ask, timeout_s)


@fault("latest-fallback", "EXC-27", red={"proxy.fallback.answers": "another version"})
class LatestFallback(_OtherFallback):
    """It forgets which version of the fallback to invoke."""

    def fall_back_with(self, ask: Ask, left_s: float) -> Answer:
        return super().fall_back_with(replace(ask, path=ask.path.partition("?")[0]), left_s)


@fault("tidied-fallback", "EXC-27", red={"proxy.fallback.answers": "the fallback got"})
class TidiedFallback(_OtherFallback):
    """It hands the fallback an event that it wrote itself."""

    def fall_back_with(self, ask: Ask, left_s: float) -> Answer:
        tidy = json.dumps(json.loads(ask.body)).encode()
        return super().fall_back_with(replace(ask, body=tidy), left_s)


@fault("tidied-result", "EXC-27", red={"proxy.fallback.answers": "the caller got"})
class TidiedResult(_OtherFallback):
    """It writes the fallback's result again."""

    def fall_back_with(self, ask: Ask, left_s: float) -> Answer:
        answer = super().fall_back_with(ask, left_s)
        return replace(answer, body=json.dumps(json.loads(answer.body)).encode())


@fault("lost-error", "EXC-27", red={"proxy.fallback.error": "got a result"})
class LostError(_OtherFallback):
    """It takes an error of the fallback for a result."""

    def fall_back_with(self, ask: Ask, left_s: float) -> Answer:
        return replace(super().fall_back_with(ask, left_s), headers={})


@fault("fallback-again", "EXC-27", red={"proxy.fallback.once": "got a result"})
class FallbackAgain(_OtherFallback):
    """It invokes a fallback again that failed."""

    def fall_back_with(self, ask: Ask, left_s: float) -> Answer:
        answer = super().fall_back_with(ask, left_s)
        return answer if answer.status == 200 else super().fall_back_with(ask, left_s)


@fault("endless-fallback", "ERR-10", "EXC-6", red={"proxy.fallback.in-time": "Sandbox.Timedout"})
class EndlessFallback(_OtherFallback):
    """It waits for its fallback as long as it takes."""

    def fall_back_with(self, ask: Ask, left_s: float) -> Answer:
        return super().fall_back_with(ask, left_s + 600)


@fault(
    "unchecked",
    "EXC-25",
    "EXC-26",
    red={
        "proxy.fallback.shared": "the proxy works",
        "proxy.fallback.itself": "the proxy works",
        "proxy.fallback.unpublished": "the proxy works",
    },
)
class Unchecked(Proxy):
    """It looks at its fallback only when it needs it."""

    def start(self) -> None:
        """Nothing is looked at."""


@fault("unreserved", "EXC-26", red={"proxy.fallback.itself": "the proxy works"})
class Unreserved(Proxy):
    """It does not look whether there is room for its fallback."""

    def check_reservation(self, reserved: int | None) -> None:
        """Nothing is looked at."""
