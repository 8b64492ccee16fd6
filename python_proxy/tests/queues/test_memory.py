from __future__ import annotations

import threading
from random import Random
from typing import TYPE_CHECKING

import pytest

from ldp_queues.errors import (
    MessageTooLarge,
    QueueNotFound,
    QueueThrottled,
    QueueUnreachable,
    ReceiptExpired,
)
from ldp_queues.memory import Call, MemoryQueue
from ldp_queues.memory_clock import RealClock, VirtualClock
from ldp_queues.memory_faults import Fault, Faults

if TYPE_CHECKING:
    from ldp_queues.ports import Message

START_MS = 1_700_000_000_500


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands between two whole seconds."""
    return VirtualClock(START_MS)


@pytest.fixture
def faults() -> Faults:
    """Faults of which none happens unless it is forced."""
    return Faults()


@pytest.fixture
def queue(clock: VirtualClock, faults: Faults) -> MemoryQueue:
    """A queue with both."""
    return MemoryQueue(clock=clock, faults=faults)


def receive(queue: MemoryQueue, *, wait_s: int = 0, visibility_s: int = 30) -> list[Message]:
    """Receive up to ten messages."""
    return queue.receive(wait_s=wait_s, visibility_s=visibility_s, max_messages=10)


def test_a_send_tells_whole_seconds(queue: MemoryQueue) -> None:
    """As in a Date header, the time of a stored message has no milliseconds; its own has."""
    stored = queue.send("x")

    assert stored.stored_at_ms == START_MS - 500
    assert receive(queue)[0].sent_at_ms == START_MS + 1


def test_a_queue_may_take_less(clock: VirtualClock) -> None:
    """The limit is the queue's own."""
    with pytest.raises(MessageTooLarge):
        MemoryQueue(clock=clock, limit_bytes=3).send("four")


def test_every_call_moves_a_virtual_clock(queue: MemoryQueue, clock: VirtualClock) -> None:
    """A loop of receives comes to its deadline even if it never waits."""
    for expected in range(1, 4):
        queue.receive(wait_s=0, visibility_s=0)
        assert clock.now_ms() == START_MS + expected


def test_a_vain_poll_takes_its_wait(queue: MemoryQueue, clock: VirtualClock) -> None:
    """A receive that finds nothing ends when its wait does."""
    receive(queue, wait_s=20)

    assert clock.now_ms() == START_MS + 1 + 20_000


def test_a_poll_ends_when_a_message_appears(queue: MemoryQueue, clock: VirtualClock) -> None:
    """A message whose visibility ends during a wait is brought at that moment."""
    queue.send("x")
    receive(queue, visibility_s=7)
    handed_out_ms = clock.now_ms()

    assert receive(queue, wait_s=20)
    assert clock.now_ms() == handed_out_ms + 7000


def test_a_peer_can_be_planned(queue: MemoryQueue, clock: VirtualClock) -> None:
    """What is planned happens while a receive waits, in order, and it may plan more."""
    replies = MemoryQueue("replies", clock=clock)

    def answer() -> None:
        replies.send(receive(queue)[0].body.upper())

    clock.call_at(START_MS + 9000, lambda: replies.send("late"))
    clock.call_at(START_MS + 3000, answer)
    queue.send("x")

    assert [message.body for message in receive(replies, wait_s=20)] == ["X"]
    assert START_MS + 3000 <= clock.now_ms() < START_MS + 3010
    assert [message.body for message in receive(replies, wait_s=20)] == ["late"]


def test_advancing_runs_what_is_due(clock: VirtualClock) -> None:
    """Advancing stops at each plan on the way, and ends where it was asked to."""
    seen: list[int] = []
    clock.call_at(START_MS + 20, lambda: seen.append(clock.now_ms()))
    clock.call_at(START_MS + 10, lambda: seen.append(clock.now_ms()))
    clock.call_at(START_MS + 10, lambda: clock.advance(5))
    clock.call_at(START_MS + 31, lambda: seen.append(clock.now_ms()))

    clock.advance(30)

    assert seen == [START_MS + 10, START_MS + 20]
    assert clock.now_ms() == START_MS + 30


def test_a_queue_can_vanish_during_a_poll(queue: MemoryQueue, clock: VirtualClock) -> None:
    """A poll in progress and every later call find the queue gone."""
    clock.call_at(START_MS + 5000, queue.vanish)

    with pytest.raises(QueueNotFound):
        receive(queue, wait_s=20)
    assert clock.now_ms() == START_MS + 5000
    with pytest.raises(QueueNotFound):
        queue.send("x")


def test_a_stale_handle_does_nothing(queue: MemoryQueue, clock: VirtualClock) -> None:
    """An older handle neither deletes nor keeps, and says nothing about it."""
    queue.send("x")
    (older,) = receive(queue, visibility_s=1)
    clock.advance(1000)
    receive(queue, visibility_s=10)

    queue.delete(older.receipt)
    queue.change_visibility(older.receipt, 0)

    assert queue.bodies() == ["x"]
    assert receive(queue) == []


def test_a_stale_handle_can_work(queue: MemoryQueue, clock: VirtualClock, faults: Faults) -> None:
    """With the fault an older handle deletes, as it may in SQS and does in emulators."""
    queue.send("x")
    (older,) = receive(queue, visibility_s=1)
    clock.advance(1000)
    receive(queue)
    faults.force(Fault.STALE_HANDLE_WORKS)

    queue.delete(older.receipt)

    assert queue.bodies() == []


def test_a_visible_message_cannot_be_kept(queue: MemoryQueue, clock: VirtualClock) -> None:
    """After its visibility timeout a message is nobody's (MessageNotInflight)."""
    queue.send("x")
    (message,) = receive(queue, visibility_s=1)
    clock.advance(1000)

    with pytest.raises(ReceiptExpired):
        queue.change_visibility(message.receipt, 10)


def test_a_message_can_be_delivered_twice(queue: MemoryQueue, faults: Faults) -> None:
    """A duplicate delivery is the same copy with a new receipt and one more in the count."""
    queue.send("x")
    faults.force(Fault.DUPLICATE_DELIVERY)

    (first,), (second,) = receive(queue), receive(queue)

    assert first.message_id == second.message_id
    assert (first.receive_count, second.receive_count) == (1, 2)
    assert receive(queue) == []


def test_a_message_can_be_stored_twice(queue: MemoryQueue, faults: Faults) -> None:
    """A second copy has an ID of its own, and deleting the one leaves the other."""
    faults.force(Fault.SECOND_COPY)
    stored = queue.send("x")

    first, second = receive(queue)

    assert {stored.message_id} < {first.message_id, second.message_id}
    queue.delete(first.receipt)
    assert queue.bodies() == ["x"]


def test_messages_can_come_in_any_order(queue: MemoryQueue, faults: Faults) -> None:
    """Reordering brings any visible message, each still once."""
    faults.rates[Fault.REORDERING] = 1.0
    for number in range(20):
        queue.send(str(number))

    got = [queue.receive(wait_s=0, visibility_s=30)[0].body for _ in range(20)]

    assert got != [str(number) for number in range(20)]
    assert sorted(got, key=int) == [str(number) for number in range(20)]


def test_a_deleted_message_can_reappear(queue: MemoryQueue, faults: Faults) -> None:
    """A message comes again some seconds after a delete that succeeded."""
    queue.send("x")
    faults.force(Fault.REAPPEARANCE)
    (message,) = receive(queue)
    queue.delete(message.receipt)

    assert receive(queue) == []
    (again,) = receive(queue, wait_s=20)
    assert (again.message_id, again.receive_count) == (message.message_id, 2)


def test_a_held_message_can_be_delivered(queue: MemoryQueue, faults: Faults) -> None:
    """Redelivery brings a message in mid-visibility; one that nobody had is not concerned."""
    queue.send("x")
    faults.force(Fault.REDELIVERY)
    (first,) = receive(queue)

    (second,) = receive(queue)

    assert second.receive_count == 2
    assert second.receipt != first.receipt
    assert [injected.message_id for injected in faults.injected] == [first.message_id]


def test_a_message_can_be_delayed(queue: MemoryQueue, faults: Faults, clock: VirtualClock) -> None:
    """A delayed message is stored at once and visible only whole seconds later."""
    faults.force(Fault.DELAY)
    queue.send("x")

    assert receive(queue) == []
    (message,) = receive(queue, wait_s=20)
    assert (clock.now_ms() - message.sent_at_ms) % 1000 == 0
    assert clock.now_ms() > message.sent_at_ms


def test_a_poll_can_be_lost(queue: MemoryQueue, faults: Faults, clock: VirtualClock) -> None:
    """A message that was given to a dead connection is away for the poll's visibility."""
    queue.send("x")
    faults.force(Fault.LOST_POLL)
    with pytest.raises(QueueUnreachable):
        receive(queue, visibility_s=5)
    lost_at_ms = clock.now_ms()

    assert receive(queue) == []
    (message,) = receive(queue, wait_s=20)
    assert clock.now_ms() == lost_at_ms + 5000
    assert message.receive_count == 2


def test_a_poll_can_be_empty(queue: MemoryQueue, faults: Faults, clock: VirtualClock) -> None:
    """An empty poll waits to its end although there is a message, visible or about to be."""
    queue.send("x")
    queue.send("y")
    queue.receive(wait_s=0, visibility_s=2)
    faults.force(Fault.EMPTY_POLL)
    before_ms = clock.now_ms()

    assert receive(queue, wait_s=5) == []
    assert clock.now_ms() == before_ms + 1 + 5000
    assert len(receive(queue)) == 2


def test_an_answer_can_be_lost(queue: MemoryQueue, faults: Faults) -> None:
    """A call whose answer is lost was done."""
    faults.force(Fault.LOST_ANSWER)
    with pytest.raises(QueueUnreachable):
        queue.send("x")
    (message,) = receive(queue)
    faults.force(Fault.LOST_ANSWER)
    with pytest.raises(QueueUnreachable):
        queue.delete(message.receipt)

    assert queue.bodies() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.THROTTLED, QueueThrottled), (Fault.UNREACHABLE, QueueUnreachable)],
)
def test_any_call_can_fail(
    fault: Fault, error: type[Exception], queue: MemoryQueue, faults: Faults
) -> None:
    """A call that is refused or does not get through has done nothing."""
    faults.force(fault)
    with pytest.raises(error):
        queue.send("x")
    faults.force(fault)
    with pytest.raises(error):
        receive(queue)

    assert queue.bodies() == []
    assert faults.count(fault) == 2


def test_calls_are_written_down(queue: MemoryQueue, faults: Faults) -> None:
    """Each call is kept with its time and wait, those that fail too."""
    queue.send("x")
    (message,) = receive(queue, wait_s=3)
    queue.change_visibility(message.receipt, 5)
    faults.force(Fault.UNREACHABLE)
    with pytest.raises(QueueUnreachable):
        queue.delete(message.receipt)

    assert queue.calls == [
        Call("send", START_MS + 1),
        Call("receive", START_MS + 2, 3),
        Call("change_visibility", START_MS + 3),
        Call("delete", START_MS + 4),
    ]


def test_a_random_source_can_be_shared() -> None:
    """Hypothesis can draw the faults, by handing in its own random source."""
    faults = Faults({Fault.THROTTLED: 0.5}, random=Random(3))
    same = Faults({Fault.THROTTLED: 0.5}, seed=3)

    drawn = [faults.happens(Fault.THROTTLED, 0) for _ in range(50)]

    assert drawn == [same.happens(Fault.THROTTLED, 0) for _ in range(50)]
    assert len(set(drawn)) == 2


def test_threads_lose_and_share_nothing() -> None:
    """Among threads that send and receive at once each message is received exactly once."""
    queue = MemoryQueue(clock=RealClock())
    got: list[str] = []

    def take() -> None:
        for _ in range(100):
            (message,) = queue.receive(wait_s=20, visibility_s=3600)
            queue.delete(message.receipt)
            got.append(message.body)

    def give(sender: int) -> None:
        for number in range(100):
            queue.send(f"{sender}-{number}")

    threads = [threading.Thread(target=take) for _ in range(4)]
    threads += [threading.Thread(target=give, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == sorted(f"{s}-{n}" for s in range(4) for n in range(100))
    assert queue.bodies() == []


def test_a_real_poll_sees_the_queue_vanish() -> None:
    """A poll that waits in real time is woken when the queue is deleted."""
    queue = MemoryQueue()
    found: list[type[BaseException]] = []

    def poll() -> None:
        try:
            receive(queue, wait_s=20)
        except QueueNotFound as error:
            found.append(type(error))

    thread = threading.Thread(target=poll)
    thread.start()
    queue.vanish()
    thread.join()

    assert found == [QueueNotFound]
