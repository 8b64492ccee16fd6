"""The weather on the line to SQS: what can happen to any call, drawn as they come.

A tap's effect, to be applied after the wire's.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event as Flag
from threading import Lock
from typing import TYPE_CHECKING, Final

from ldp_testing.chaos.history import Event, Weather
from ldp_testing.chaos.wire import REPEATED, now_ms
from ldp_testing.tap import THROTTLED, Answer, ConnectionCut, Effect, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from ldp_testing.chaos.wire import Wire
    from ldp_testing.tap import Call, Tap

_JSON: Final = "application/x-amz-json-1.0"
_UNAVAILABLE: Final = Reply(503, _JSON, b'{"__type": "ServiceUnavailable"}')


@dataclass(frozen=True, slots=True)
class Odds:
    """How likely each fault is for a call, from 0 to 1.

    Attributes:
        throttled: SQS answers that there are too many.
        server_error: SQS answers 503.
        cut_before: The connection ends before SQS has the call.
        cut_after: The connection ends when SQS has done it.
        slow: The answer takes longer.
        repeated: A receive brings a message that was handed out before, deleted or not.
        slow_s: How much longer, at the most; a caller's last second is not to be used up.
    """

    throttled: float = 0.01
    server_error: float = 0.01
    cut_before: float = 0.01
    cut_after: float = 0.015
    slow: float = 0.02
    repeated: float = 0.03
    slow_s: float = 0.5


CALM: Final = Odds(0, 0, 0, 0, 0, 0)
"""No faults: whatever happens is somebody's doing."""


class Faults(Effect):
    """Draws a fate for each call; any thread may be in it.

    Args:
        odds: How likely which fate is.
        chance: What is drawn from.
        wire: Where fates are noted, and repeated messages known.
    """

    def __init__(self, odds: Odds, chance: Random, wire: Wire) -> None:
        self._wire = wire
        self._odds = odds
        self._chance = chance
        self._lock = Lock()
        self._fates: dict[int, Weather | None] = {}
        self._over = Flag()
        self._kinds: Final = (
            (Weather.THROTTLED, odds.throttled),
            (Weather.SERVER_ERROR, odds.server_error),
            (Weather.CUT_BEFORE, odds.cut_before),
            (Weather.CUT_AFTER, odds.cut_after),
            (Weather.SLOW, odds.slow),
            (Weather.REPEATED, odds.repeated),
        )

    def cancel(self) -> None:
        """Let everything pass from now on."""
        self._over.set()

    def on_request(self, call: Call) -> Answer | None:
        """Draw its fate, which may be to go no further."""
        fate = self._draw(call)
        own: Answer | None = None
        if fate is Weather.REPEATED:
            own = self._repeat(call)
            fate = fate if own else None
        with self._lock:
            self._fates[id(call)] = fate
        if fate is None:
            return None
        if fate not in (Weather.CUT_AFTER, Weather.SLOW):
            self._note(fate, call)
        if fate is Weather.CUT_BEFORE:
            raise ConnectionCut
        if fate is Weather.THROTTLED:
            return THROTTLED.on_request(call)
        return _UNAVAILABLE.on_request(call) if fate is Weather.SERVER_ERROR else own

    def on_answer(self, call: Call, answer: Answer) -> Answer:
        """Keep its answer from it, or for a while."""
        with self._lock:
            fate = self._fates.pop(id(call), None)
        if fate is Weather.SLOW:
            self._slow_down(call)
        if fate is Weather.CUT_AFTER:
            self._note(fate, call)
            raise ConnectionCut
        return answer

    def _draw(self, call: Call) -> Weather | None:
        if self._over.is_set() or not call.queue:
            return None
        with self._lock:
            lot = self._chance.random()
        for kind, share in self._kinds:
            if lot < share:
                return kind
            lot -= share
        return None

    def _repeat(self, call: Call) -> Answer | None:
        known = self._wire.recent(call.queue) if call.operation == "ReceiveMessage" else []
        if not known:
            return None
        with self._lock:
            message = self._chance.choice(known)
        attributes = dict(message["Attributes"])
        count = int(attributes["ApproximateReceiveCount"]) + 1
        attributes["ApproximateReceiveCount"] = str(count)
        body = json.dumps({"Messages": [{**message, "Attributes": attributes}]})
        answer = Answer.of_tap(200, _JSON, body.encode())
        return Answer(200, (*answer.headers, (REPEATED, "1")), answer.body)

    def _slow_down(self, call: Call) -> None:
        begun_ms = now_ms()
        with self._lock:
            by_s = self._chance.uniform(0, self._odds.slow_s)
        self._over.wait(by_s)
        self._note(Weather.SLOW, call, begun_ms)

    def _note(self, kind: Weather, call: Call, since_ms: int | None = None) -> None:
        at_ms = now_ms()
        since_ms = at_ms if since_ms is None else since_ms
        who, operation = call.access_key, call.operation
        self._wire.note(Event(kind, since_ms, at_ms, who, operation, call.queue))


@contextmanager
def outage(tap: Tap, wire: Wire) -> Iterator[None]:
    """Refuse all connections until the block is left, as an endpoint that is started anew."""
    begun_ms = now_ms()
    with tap.refusing():
        wire.cut_off()
        yield
    wire.note(Event(Weather.OUTAGE, begun_ms, now_ms()))
