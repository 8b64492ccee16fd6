"""Faults in one-way mode."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from faulty.proxy.errors import ProxyError
from faulty.proxy.exchange import Outcome
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.envelopes import Invocation, Running


@fault("null-at-once", "EXC-28", red={"proxy.one-way.null": "before the request was stored"})
class NullAtOnce(Proxy):
    """In one-way mode, it answers before its request is stored."""

    def send(self, body: str, running: Running) -> None:
        if self.settings.is_one_way:
            threading.Thread(target=super().send, args=(body, running)).start()
            time.sleep(0.2)
        else:
            super().send(body, running)


@fault("two-ways", "ENV-17", red={"proxy.one-way.members": "is not valid"})
class TwoWays(Proxy):
    """In one-way mode, it says until when it waits."""

    def envelope(
        self, invocation: Invocation, running: Running, payload: dict[str, Any], now_ms: int
    ) -> dict[str, Any]:
        envelope = super().envelope(invocation, running, payload, now_ms)
        return envelope | {"answerByMs": running.answer_by_ms}


@fault(
    "one-way-success",
    "EXC-28",
    red={"proxy.one-way.refused": "got a result"},
    green=("proxy.one-way.null",),
)
class OneWaySuccess(Proxy):
    """In one-way mode, all is well whatever happens."""

    def exchange(self, invocation: Invocation) -> Outcome:
        try:
            return super().exchange(invocation)
        except ProxyError:
            if self.settings.is_one_way:
                return Outcome(b"null")
            raise
