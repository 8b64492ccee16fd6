"""Faults in how the proxy waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from faulty.proxy.errors import ProxyError
from faulty.proxy.exchange import Outcome
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.envelopes import Invocation, Running


@fault(
    "no-margin",
    "EXC-4",
    red={"proxy.margin.least": "answerByMs is"},
    green=("proxy.start.exchange",),
)
class NoMargin(Proxy):
    """It waits until Lambda ends it."""

    def margin_ms(self) -> float:
        return 0


@fault(
    "one-second-margin",
    "EXC-4",
    red={"proxy.margin.share": "answerByMs is", "proxy.margin.most": "answerByMs is"},
    green=("proxy.margin.least",),
)
class OneSecondMargin(Proxy):
    """It keeps back 1 s of any timeout."""

    def margin_ms(self) -> float:
        return 1_000


@fault(
    "unbounded-margin",
    "EXC-4",
    red={"proxy.margin.least": "answerByMs is", "proxy.margin.most": "answerByMs is"},
    green=("proxy.margin.share",),
)
class UnboundedMargin(Proxy):
    """It keeps back 5 % of any timeout."""

    def margin_ms(self) -> float:
        return self.settings.timeout_s * 50


@fault(
    "no-margin-for-buckets",
    "EXC-4",
    red={"proxy.margin.bucket": "answerByMs is"},
    green=("proxy.margin.least",),
)
class NoMarginForBuckets(Proxy):
    """It keeps nothing back for its bucket."""

    def margin_ms(self) -> float:
        return super().margin_ms() - (3_000 if self.settings.bucket else 0)


@fault("gives-up-early", "EXC-7", red={"proxy.wait.no-response": "ms early"})
class GivesUpEarly(Proxy):
    """It gives up 2.5 s before the time is over."""

    def wait_s(self, running: Running, now_ms: int) -> int:
        wait_s = super().wait_s(running, now_ms)
        is_over = running.answer_by_ms - now_ms < 2_500
        return 0 if is_over else min(wait_s, 1)


@fault("null-on-silence", "EXC-7", red={"proxy.wait.no-response": "got a result"})
class NullOnSilence(Proxy):
    """It takes silence for success."""

    def await_answer(self, invocation: Invocation, running: Running) -> Outcome:
        try:
            return super().await_answer(invocation, running)
        except ProxyError:
            return Outcome(b"null")


@fault("type-of-its-own", "ERR-1", "ERR-3", red={"proxy.wait.no-response": "Proxy.TimedOut"})
class TypeOfItsOwn(Proxy):
    """It has a type of its own for silence."""

    def no_response(self) -> ProxyError:
        return ProxyError("Proxy.TimedOut", super().no_response().message)


@fault("wordless", "ERR-2", red={"proxy.wait.no-response": "does not say what was wrong"})
class Wordless(Proxy):
    """It does not say what was wrong."""

    def no_response(self) -> ProxyError:
        return ProxyError("Proxy.NoResponse", "")


@fault(
    "patient",
    "EXC-6",
    "EXC-8",
    red={"proxy.wait.receives": "after answerByMs", "proxy.wait.no-response": "Sandbox.Timedout"},
    green=("proxy.start.exchange",),
)
class Patient(Proxy):
    """It always polls for 20 s."""

    def wait_s(self, running: Running, now_ms: int) -> int:
        del running, now_ms
        return 20


@fault("short-polls", "EXC-8", red={"proxy.wait.receives": "waits for 0 s"})
class ShortPolls(Proxy):
    """It asks without waiting, again and again."""

    def receive(self, url: str, wait_s: int) -> list[dict[str, Any]]:
        del wait_s
        time.sleep(0.2)
        return super().receive(url, 0)


@fault("cuts-polls", "SQS-7", "SQS-10", red={"proxy.wait.receives": "was cut off"})
class CutsPolls(Proxy):
    """It does not let a receive end by itself."""

    def receive(self, url: str, wait_s: int) -> list[dict[str, Any]]:
        slack_s, self.slack_s = self.slack_s, -0.5
        try:
            return super().receive(url, wait_s)
        finally:
            self.slack_s = slack_s


@fault("hides-for-long", "SQS-8", red={"proxy.wait.how": "the visibility is another"})
class HidesForLong(Proxy):
    """It hides what it receives for 30 s."""

    visibility_s = 30


@fault("asks-for-nothing", "SQS-9", red={"proxy.wait.how": "is not asked for"})
class AsksForNothing(Proxy):
    """It does not ask for the receive count."""

    def system_attributes(self) -> list[str]:
        return ["SentTimestamp"]


@fault("tries-anyway", "EXC-5", red={"proxy.wait.too-short": "not Proxy.TimeoutTooShort"})
class TriesAnyway(Proxy):
    """It sends a request for whose answer nobody can wait."""

    least_ms = -10_000


@fault("sleepy", "EXC-6", red={"proxy.wait.long-answer": "from the answer to the caller"})
class Sleepy(Proxy):
    """It sleeps between its receives."""

    def receive(self, url: str, wait_s: int) -> list[dict[str, Any]]:
        time.sleep(min(6, wait_s))
        return super().receive(url, 1)
