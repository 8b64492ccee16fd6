"""A tap in the line to an SQS server: it records every operation and can spoil any of them.

An HTTP reverse proxy on loopback with a thread for each connection. A program goes through it by
AWS_ENDPOINT_URL_SQS; it rewrites nothing, so queue URLs still name the server behind it. What is
to go wrong is an effect (`tap_effects`), applied to an operation always, so many times, or by
predicate; a hold stops an operation at a known point until a test has done what it wants to do
meanwhile. Nothing sleeps: waits are on events and conditions. Requests must have a
Content-Length, as the SDK's have over plain HTTP.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_testing.limits import WAIT_LIMIT_S
from ldp_testing.tap_effects import (
    ACCESS_DENIED,
    CLOCK_BEHIND,
    EXPIRED_TOKEN,
    QUEUE_GONE,
    THROTTLED,
    Answer,
    Call,
    ConnectionCut,
    Cut,
    CutBody,
    Delay,
    DropHeader,
    Effect,
    Hold,
    Point,
    Refuse,
    Reply,
    ShiftDate,
)
from ldp_testing.tap_http import TapServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

__all__ = [
    "ACCESS_DENIED",
    "CLOCK_BEHIND",
    "EXPIRED_TOKEN",
    "QUEUE_GONE",
    "THROTTLED",
    "Answer",
    "Call",
    "ConnectionCut",
    "Cut",
    "CutBody",
    "Delay",
    "DropHeader",
    "Effect",
    "Hold",
    "Point",
    "Refuse",
    "Reply",
    "ShiftDate",
    "Tap",
]


@dataclass(slots=True)
class _Rule:
    effect: Effect
    operation: str | None
    queue: str | None
    when: Callable[[Call], bool]
    left: int | None

    def takes(self, call: Call) -> bool:
        """Whether it applies to this operation, which is then one of its times."""
        fits = self.operation in (None, call.operation) and self.queue in (None, call.queue)
        if not fits or self.left == 0 or not self.when(call):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Tap:
    """A tap before a server; a context manager that runs from its construction to its exit.

    Attributes:
        url: Its endpoint, for AWS_ENDPOINT_URL_SQS.
        upstream: The server's.
    """

    def __init__(self, upstream: str) -> None:
        """Listen on a free port of 127.0.0.1.

        Args:
            upstream: The server behind it, `http://host:port`.
        """
        self.upstream = upstream
        self._passed: dict[Point, list[Call]] = {point: [] for point in Point}
        self._rules: list[_Rule] = []
        self._changed = threading.Condition()
        self._place = _keep_port()
        self._servers = [TapServer(upstream, self._carry, self._port)]
        self.url = f"http://127.0.0.1:{self._port}"

    def apply(
        self,
        effect: Effect,
        operation: str | None = None,
        *,
        queue: str | None = None,
        times: int | None = 1,
        when: Callable[[Call], bool] = lambda _: True,
    ) -> None:
        """Let an effect meet operations from now on; several on one operation add up.

        Args:
            effect: What happens.
            operation: To which, by SQS's name; None for all.
            queue: On which queue, by name; None for all.
            times: How often; None for always.
            when: To which of those.
        """
        with self._changed:
            self._rules.append(_Rule(effect, operation, queue, when, times))

    def hold(self, operation: str, *, at: Point = Point.REQUEST, queue: str | None = None) -> Hold:
        """Stop the next such operation until the returned hold is released."""
        hold = Hold(at)
        self.apply(hold, operation, queue=queue)
        return hold

    def clear(self) -> None:
        """Forget all effects, and let go what they hold."""
        with self._changed:
            rules, self._rules = self._rules, []
        for rule in rules:
            rule.effect.cancel()

    def calls(
        self, operation: str | None = None, *, queue: str | None = None, at: Point = Point.REQUEST
    ) -> list[Call]:
        """The operations that came to a point so far, in order; all, or those that are named."""
        with self._changed:
            return [
                call
                for call in self._passed[at]
                if operation in (None, call.operation) and queue in (None, call.queue)
            ]

    def wait_for(
        self,
        operation: str,
        count: int = 1,
        *,
        queue: str | None = None,
        at: Point = Point.REQUEST,
        timeout_s: float = WAIT_LIMIT_S,
    ) -> None:
        """Return when so many such operations have come to a point.

        Raises:
            TimeoutError: They did not in time.
        """
        with self._changed:
            if not self._changed.wait_for(
                lambda: len(self.calls(operation, queue=queue, at=at)) >= count, timeout_s
            ):
                raise TimeoutError(f"fewer than {count} {operation} within {timeout_s} s")

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse all connections until the block is left, as a server that is started anew.

        Those that are open end at once. What was asked over them goes on: a receive brings a
        message to nobody.
        """
        self._servers[-1].refuse()
        try:
            yield
        finally:
            self._servers.append(TapServer(self.upstream, self._carry, self._port))

    @property
    def _port(self) -> int:
        port: int = self._place.getsockname()[1]
        return port

    def close(self) -> None:
        """End all connections and waits.

        Raises:
            BaseException: What a predicate or an effect raised while it served.
        """
        self.clear()
        self._servers[-1].refuse()
        self._place.close()
        for server in self._servers:
            server.end()
        failures = [failure for server in self._servers for failure in server.failures]
        if failures:
            raise failures[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _carry(self, call: Call, forward: Callable[[], Answer]) -> Answer:
        """Take an operation through all effects that apply to it; a thread for each connection."""
        with self._changed:
            effects = [rule.effect for rule in self._rules if rule.takes(call)]
        self._note(call, Point.REQUEST)
        own = next((own for effect in effects if (own := effect.on_request(call))), None)
        answer = own or forward()
        for effect in effects:
            answer = effect.on_answer(call, answer)
        self._note(call, Point.ANSWER)
        return answer

    def _note(self, call: Call, point: Point) -> None:
        with self._changed:
            self._passed[point].append(call)
            self._changed.notify_all()


def _keep_port() -> socket.socket:
    """A free port of 127.0.0.1 that nobody else is given, also while nobody listens on it."""
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    place.bind(("127.0.0.1", 0))
    return place
