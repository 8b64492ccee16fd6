"""What holds for the queue in memory whatever is done to it and whatever it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ldp_queues.errors import QueueThrottled, QueueUnreachable, ReceiptExpired
from ldp_queues.memory import MemoryQueue
from ldp_queues.memory_clock import VirtualClock
from ldp_queues.memory_faults import Fault, Faults

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = st.integers(0, 20)
_ATTEMPTS = 5000
_T = TypeVar("_T")


@dataclass(slots=True)
class _Known:
    """What a user of a queue without faults can know of a message."""

    body: str
    invisible_until_ms: int
    receipts: list[str] = field(default_factory=list)
    is_deleted: bool = False


class FaultlessQueue(RuleBasedStateMachine):
    """A queue without faults against what its user knows."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = VirtualClock()
        self.queue = MemoryQueue(clock=self.clock)
        self.known: dict[str, _Known] = {}

    @rule(body=st.text(st.sampled_from("abc"), min_size=1))
    def send(self, body: str) -> None:
        """A message is visible as soon as it is sent."""
        stored = self.queue.send(body)
        assert stored.message_id not in self.known
        self.known[stored.message_id] = _Known(body, self.clock.now_ms())

    @rule(wait_s=_SECONDS, visibility_s=_SECONDS, max_messages=st.integers(1, 10))
    def receive(self, wait_s: int, visibility_s: int, max_messages: int) -> None:
        """A receive brings what is visible, and nothing only where nothing is."""
        before_ms = self.clock.now_ms()
        found = self.queue.receive(
            wait_s=wait_s, visibility_s=visibility_s, max_messages=max_messages
        )
        now_ms = self.clock.now_ms()
        assert before_ms < now_ms <= before_ms + 1 + wait_s * 1000
        assert len(found) <= max_messages
        if not found:
            assert now_ms == before_ms + 1 + wait_s * 1000
            assert all(k.is_deleted or k.invisible_until_ms > now_ms for k in self.known.values())
        for message in found:
            known = self.known[message.message_id]
            assert not known.is_deleted
            assert known.invisible_until_ms <= now_ms
            assert known.body == message.body
            assert message.receive_count == len(known.receipts) + 1
            assert message.receipt not in known.receipts
            known.receipts.append(message.receipt)
            known.invisible_until_ms = now_ms + visibility_s * 1000

    @precondition(lambda self: any(known.receipts for known in self.known.values()))
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """The newest receipt deletes, an older one does not, and neither complains."""
        known = data.draw(st.sampled_from([k for k in self.known.values() if k.receipts]))
        receipt = data.draw(st.sampled_from(known.receipts))
        self.queue.delete(receipt)
        known.is_deleted |= receipt == known.receipts[-1]

    @precondition(lambda self: any(known.receipts for known in self.known.values()))
    @rule(data=st.data(), visibility_s=_SECONDS)
    def change_visibility(self, data: st.DataObject, visibility_s: int) -> None:
        """A message that is held can be kept or released, by its newest receipt only."""
        known = data.draw(st.sampled_from([k for k in self.known.values() if k.receipts]))
        receipt = data.draw(st.sampled_from(known.receipts))
        if known.is_deleted or known.invisible_until_ms <= self.clock.now_ms() + 1:
            with pytest.raises(ReceiptExpired):
                self.queue.change_visibility(receipt, visibility_s)
            return
        self.queue.change_visibility(receipt, visibility_s)
        if receipt == known.receipts[-1]:
            known.invisible_until_ms = self.clock.now_ms() + visibility_s * 1000

    @rule(by_ms=st.integers(0, 30_000))
    def wait(self, by_ms: int) -> None:
        """Time passes."""
        self.clock.advance(by_ms)

    @invariant()
    def what_is_not_deleted_is_there(self) -> None:
        """Nothing is lost and nothing invented."""
        alive = [known.body for known in self.known.values() if not known.is_deleted]
        assert self.queue.bodies() == alive


TestFaultlessQueue = FaultlessQueue.TestCase

_RATES = st.dictionaries(st.sampled_from(Fault), st.floats(0.0, 0.5), max_size=len(Fault))


@given(rates=_RATES, seed=st.integers(0, 2**32), count=st.integers(1, 15))
def test_faults_lose_no_text_and_invent_none(
    rates: dict[Fault, float], seed: int, count: int
) -> None:
    """Whatever goes wrong, who repeats what failed receives each text that was sent, no other."""
    queue = MemoryQueue(clock=VirtualClock(), faults=Faults(rates, seed=seed))
    sent = [f"text {number}" for number in range(count)]
    for body in sent:
        _repeat(partial(queue.send, body))

    received: set[str] = set()
    for _ in range(_ATTEMPTS):
        for message in _repeat(partial(queue.receive, wait_s=20, visibility_s=2)):
            received.add(message.body)
            _repeat(partial(queue.delete, message.receipt))
        if received == set(sent) and not queue.bodies():
            break

    assert received == set(sent)
    assert queue.bodies() == []


@given(rates=_RATES, seed=st.integers(0, 2**32))
def test_a_seed_repeats_a_run(rates: dict[Fault, float], seed: int) -> None:
    """The same calls on the same seed meet the same faults and bring the same messages."""
    assert _run(rates, seed) == _run(rates, seed)


@given(rates=_RATES, seed=st.integers(0, 2**32))
def test_every_fault_that_happened_is_written_down(rates: dict[Fault, float], seed: int) -> None:
    """Only faults with a rate happen, in the order of time, and each is in the record."""
    queue = MemoryQueue(clock=VirtualClock(), faults=Faults(rates, seed=seed))
    failures = sum(not _succeeds(partial(queue.send, "x")) for _ in range(20))
    record = queue.faults.injected

    failing = (Fault.THROTTLED, Fault.UNREACHABLE, Fault.LOST_ANSWER)
    assert failures == sum(queue.faults.count(fault) for fault in failing)
    assert {injected.fault for injected in record} <= {f for f, rate in rates.items() if rate > 0}
    assert [injected.at_ms for injected in record] == sorted(i.at_ms for i in record)


def _run(rates: dict[Fault, float], seed: int) -> list[object]:
    queue = MemoryQueue(clock=VirtualClock(), faults=Faults(rates, seed=seed))
    seen: list[object] = []
    for number in range(10):
        _repeat(partial(queue.send, str(number)))
        seen += _repeat(partial(queue.receive, wait_s=1, visibility_s=2, max_messages=3))
    return [*seen, *queue.faults.injected, *queue.calls]


def _repeat(call: Callable[[], _T]) -> _T:
    results: list[_T] = []
    while not _succeeds(lambda: results.append(call())):
        pass
    return results[0]


def _succeeds(call: Callable[[], object]) -> bool:
    try:
        call()
    except (QueueThrottled, QueueUnreachable):
        return False
    return True
