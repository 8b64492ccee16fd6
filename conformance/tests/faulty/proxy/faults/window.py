"""Faults in the start window."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from faulty.proxy.errors import CallFailed, ProxyError
from faulty.proxy.exchange import Outcome
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.envelopes import Invocation, Reply, Running


@fault("no-window", "EXC-18", red={"proxy.window.told": "no startByMs"})
class NoWindow(Proxy):
    """It does not say until when to start."""

    def waiting_members(self, running: Running) -> dict[str, Any]:
        members = super().waiting_members(running)
        members.pop("startByMs", None)
        return members


@fault("wrong-window", "EXC-18", red={"proxy.window.told": "after the sending"})
class WrongWindow(Proxy):
    """It takes the seconds of the window for minutes."""

    def start_by_ms(self) -> int | None:
        start_by_ms = super().start_by_ms()
        return None if start_by_ms is None else start_by_ms + 177_000


@fault("window-unasked", "EXC-18", red={"proxy.window.none": "has startByMs"})
class WindowUnasked(Proxy):
    """It has a start window although none is configured."""

    def start_by_ms(self) -> int | None:
        return super().start_by_ms() or self.now_ms() + 5_000


@fault("no-grace", "EXC-19", red={"proxy.window.absent": "it concluded"})
class NoGrace(Proxy):
    """It concludes as soon as the window is over."""

    def is_absent(self, running: Running, begun_ms: int, *, had_own: bool) -> bool:
        del begun_ms
        is_over = running.start_by_ms is not None and self.now_ms() >= running.start_by_ms
        return is_over and not running.is_accepted and not had_own


@fault(
    "old-silence",
    "EXC-19",
    red={"proxy.window.absent": "no receive that began after startByMs"},
    green=("proxy.window.accepted",),
)
class OldSilence(Proxy):
    """It concludes from a receive that it began within the window."""

    def wait_s(self, running: Running, now_ms: int) -> int:
        wait_s = super().wait_s(running, now_ms)
        is_first = running.start_by_ms is not None and now_ms < running.start_by_ms - 1_000
        return 7 if is_first and not running.is_accepted else wait_s

    def is_absent(self, running: Running, begun_ms: int, *, had_own: bool) -> bool:
        del begun_ms
        return super().is_absent(running, self.now_ms(), had_own=had_own)


@fault("absence-is-success", "EXC-21", red={"proxy.window.absent": "got a result"})
class AbsenceIsSuccess(Proxy):
    """It tells its caller that all is well where nobody is there."""

    def when_absent(self, invocation: Invocation, running: Running) -> Outcome:
        del invocation, running
        return Outcome(b"null")


@fault("never-absent", "ERR-9", red={"proxy.window.absent": "not Proxy.Absent"})
class NeverAbsent(Proxy):
    """It waits to the end although nobody accepted."""

    def is_absent(self, running: Running, begun_ms: int, *, had_own: bool) -> bool:
        del running, begun_ms, had_own
        return False


@fault(
    "late-counts",
    "EXC-18",
    red={"proxy.window.accepted-late": "not Proxy.Absent"},
    green=("proxy.window.accepted",),
)
class LateCounts(Proxy):
    """It counts an `accepted` whenever it was stored."""

    def counts(self, reply: Reply, start_by_ms: int) -> bool:
        del reply, start_by_ms
        return True


@fault(
    "nothing-counts",
    "EXC-18",
    "EXC-22",
    red={
        "proxy.window.accepted": "it did not wait for the answer",
        "proxy.window.silence": "not Proxy.NoResponse",
        "proxy.fallback.forbidden": "not Proxy.NoResponse",
    },
    green=("proxy.window.absent",),
)
class NothingCounts(Proxy):
    """It does not look at what clients accept."""

    def count(self, reply: Reply, running: Running) -> None:
        """Nothing is counted."""


@fault("discouraged", "EXC-19", red={"proxy.window.declined": "it gave up"})
class Discouraged(Proxy):
    """It gives up when one client declines."""

    def count(self, reply: Reply, running: Running) -> None:
        if reply.kind == "declined":
            raise ProxyError("Proxy.Absent", "A client declined the event. Start another.")
        super().count(reply, running)


@fault(
    "hasty",
    "EXC-19",
    red={"proxy.window.own-reply": "from a receive that had brought a reply"},
    green=("proxy.window.absent",),
)
class Hasty(Proxy):
    """It concludes from a receive that brought a reply of its own."""

    def is_absent(self, running: Running, begun_ms: int, *, had_own: bool) -> bool:
        if had_own and running.start_by_ms and not running.is_accepted:
            return self.now_ms() >= running.start_by_ms + 2_000
        return super().is_absent(running, begun_ms, had_own=had_own)


@fault(
    "errors-are-silence",
    "EXC-20",
    red={
        "proxy.window.queue-error": "not Proxy.QueueError",
        "proxy.window.error-between": "it concluded although",
    },
    green=("proxy.window.absent",),
)
class ErrorsAreSilence(Proxy):
    """It takes a failing queue for silence."""

    def receive(self, url: str, wait_s: int) -> list[dict[str, Any]]:
        try:
            return super().receive(url, wait_s)
        except CallFailed:
            time.sleep(0.2)
            return []


@fault("waits-for-accepted", "EXC-23", red={"proxy.window.answer-only": "Nobody accepted"})
class WaitsForAccepted(Proxy):
    """It takes no answer of a client that did not accept."""

    def answer_of(self, reply: Reply) -> Outcome:
        if self.settings.start_within_s and not self.is_accepted:
            raise ProxyError("Proxy.BadAnswer", "Nobody accepted the request that was answered.")
        return super().answer_of(reply)

    is_accepted = False

    def count(self, reply: Reply, running: Running) -> None:
        super().count(reply, running)
        self.is_accepted = running.is_accepted


@fault(
    "unnoticed",
    "EXC-24",
    red={"proxy.window.two-clients": "not in the log", "proxy.fallback.noticed": "not in the log"},
    green=("proxy.window.accepted",),
)
class Unnoticed(Proxy):
    """It does not say that two clients ran an event."""

    def log(self, event: str, **data: Any) -> None:
        if event != "Proxy.DoubleRun":
            super().log(event, **data)
