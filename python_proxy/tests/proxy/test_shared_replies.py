"""Fifty environments on one shared reply queue far away, simulated in virtual time."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

import ldp_wire.replies
from ldp_proxy.loop import Pace, collect, store
from ldp_testing.deliveries import REQUEST
from ldp_testing.proxy_stage import echo
from ldp_testing.virtual_tasks import DistantQueue, VirtualTasks
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import Encoding, Inline, Request, RequestId
from ldp_wire.exchange import Answer, ProxyExchange
from ldp_wire.replies import ReplyDesk

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ldp_wire.exchange import Outcome

AT_ONCE: Final = 50
ROUND_TRIP_S: Final = 0.040
TIMEOUT_MS: Final = 300_000


class Simulation:
    """Environments that all wait, and a client that then answers all of them in random order.

    Attributes:
        waits_s: How long each waited for its answer, from when the client began to send it.
    """

    def __init__(
        self,
        seed: int,
        *,
        at_once: int = AT_ONCE,
        round_trip_s: float = ROUND_TRIP_S,
        glance_s: float | None = None,
    ) -> None:
        self.tasks = VirtualTasks(Random(seed))
        self.requests = DistantQueue("requests", self.tasks, round_trip_s=round_trip_s)
        self.replies = DistantQueue(
            "replies", self.tasks, round_trip_s=round_trip_s, glance_s=glance_s
        )
        self.waits_s: list[float] = []
        self._at_once = at_once
        self._sent_ms: dict[str, int] = {}

    def run(self) -> dict[str, Outcome | None]:
        """What became of each."""
        names = [f"r-{number}" for number in range(self._at_once)]
        exchanges = {name: self._start(name) for name in names}
        client = self.tasks.start(self._answer_all)
        self.tasks.run(TIMEOUT_MS)
        client.result(timeout=0)
        return {name: exchange.result(timeout=0) for name, exchange in exchanges.items()}

    def _start(self, name: str) -> Future[Outcome | None]:
        after_ms = self.tasks.random.randrange(1000)
        return self.tasks.start(lambda: self._exchange(name), after_ms=after_ms)

    def _exchange(self, name: str) -> Outcome | None:
        clock_ms = self.tasks.clock.now_ms
        pace = Pace(clock_ms, self.tasks.sleep, self.tasks.random.random)
        assert REQUEST.terms is not None
        request = replace(
            REQUEST,
            request_id=RequestId(name),
            payload=Inline(Encoding.TEXT, name),
            terms=replace(REQUEST.terms, answer_by_ms=clock_ms() + TIMEOUT_MS - 10_000),
        )
        exchange = ProxyExchange(request, ReplyDesk(), begun_ms=clock_ms())
        store(exchange, encode(request), self.requests, pace)
        receipt = collect(exchange, self.replies, pace)
        self.waits_s.append((clock_ms() - self._sent_ms[name]) / 1000)
        assert receipt is not None
        self.replies.delete(receipt)
        return exchange.outcome

    def _answer_all(self) -> None:
        requests: list[Request] = []
        while len(requests) < self._at_once:
            for message in self.requests.receive(wait_s=20, visibility_s=20, max_messages=10):
                request = decode(message.body)
                assert isinstance(request, Request)
                requests.append(request)
                self.requests.delete(message.receipt)
        self.tasks.random.shuffle(requests)
        for request in requests:
            self._sent_ms[request.request_id] = self.tasks.clock.now_ms()
            self.replies.send(encode(echo(request)))


@pytest.mark.parametrize("seed", range(5))
def test_everybody_has_the_own_answer_within_15_s(seed: int) -> None:
    """EXC-2, EXC-11: 50 share a reply queue 40 ms away; none waits 15 s for what is sent."""
    simulation = Simulation(seed)

    outcomes = simulation.run()

    assert outcomes == {name: Answer(name.encode()) for name in outcomes}
    assert len(simulation.waits_s) == AT_ONCE
    assert max(simulation.waits_s) < 15
    assert simulation.replies.queue.bodies() == []


@pytest.mark.parametrize("seed", range(10))
def test_nobody_hides_an_answer_in_step_with_whom_it_is_for(seed: int) -> None:
    """EXC-12: ten whose polls look once a second, as moto's do, get what the other hides."""
    simulation = Simulation(seed, at_once=10, round_trip_s=0.004, glance_s=1.0)

    outcomes = simulation.run()

    assert outcomes == {name: Answer(name.encode()) for name in outcomes}
    assert max(simulation.waits_s) < 30


def test_hiding_others_answers_would_be_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """EXC-11, EXC-12: hidden at every sight, answers take longer: the simulation tells rules."""
    monkeypatch.setattr(ldp_wire.replies, "LONELY_RECEIVES", 1)
    simulation = Simulation(seed=0)

    simulation.run()

    assert max(simulation.waits_s) > 15
