"""The core does what moto's backend does where moto is right, and what SQS documents elsewhere.

Where the two part, a test says on which point, and fails once moto is mended: then the machine can
hold the core to moto there, too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import moto.core.utils
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from moto.sqs.exceptions import ReceiptHandleIsInvalid, SQSException
from moto.sqs.models import SQSBackend

from ldp_conformance.witness import QueueSettings, Refusal
from ldp_conformance.witness.core import QueueCore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_conformance.witness import Message

BEGIN_MS = 1_700_000_000_000
NAME = "q"
SECONDS = st.integers(0, 6)


class Stage:
    """The core and moto's backend, each with a queue, on one clock that stands still."""

    def __init__(self) -> None:
        self.now_ms = BEGIN_MS
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(moto.core.utils, "utcnow", self._utcnow)
        self.changes: list[int] = []
        like = QueueSettings(visibility_s=30, retention_s=3_600, maximum_message_size_bytes=1_024)
        self.core = QueueCore(like, self.changes.append)
        self.moto = SQSBackend("eu-west-1", "123456789012")
        self.queue = self.moto.create_queue(
            NAME, VisibilityTimeout=30, MessageRetentionPeriod=3_600, MaximumMessageSize=1_024
        )

    def _utcnow(self) -> dt.datetime:
        return dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=self.now_ms)  # noqa: DTZ001 - as moto's own

    def close(self) -> None:
        """Give moto its clock back."""
        self._patch.undo()

    def send(self, body: str = "x", delay_s: int = 0) -> None:
        """Send to both."""
        self.core.send(body, self.now_ms, sender="a", delay_s=delay_s)
        self.moto.send_message(NAME, body, delay_seconds=delay_s)

    def receive(self, visibility_s: int) -> tuple[list[Any], list[Any]]:
        """What both bring."""
        ours = self.core.receive(self.now_ms, sender="b", at_most=10, visibility_s=visibility_s)
        theirs = self.moto.receive_message(NAME, 10, 0, visibility_s)
        return ours, theirs

    def receive_one(self, visibility_s: int) -> tuple[str, str]:
        """The receipt handles of the one message that there is."""
        [ours], [theirs] = self.receive(visibility_s)
        return ours.receipt, theirs.receipt_handle


@dataclass
class Twin:
    """A message in both, and the receipt handles that both gave for it."""

    ours: Message
    receipts: list[tuple[str, str]] = field(default_factory=list)
    is_deleted: bool = False


def _held(twins: Mapping[str, Twin]) -> list[Twin]:
    """The messages that were received."""
    return [twin for twin in twins.values() if twin.receipts]


class CoreAndMoto(RuleBasedStateMachine):
    """Whatever is done to both, they show the same; steps of time are odd, so that nothing ties."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage()
        self.twins: dict[str, Twin] = {}
        self.count = 0

    def teardown(self) -> None:
        """Give moto its clock back."""
        self.stage.close()

    def tick(self, ms: int = 7) -> None:
        """Let time pass."""
        self.stage.now_ms += ms

    @precondition(lambda self: sum(not twin.is_deleted for twin in self.twins.values()) < 10)
    @rule(delay_s=SECONDS)
    def send(self, delay_s: int) -> None:
        """Each body is another one, by which the messages of both are known."""
        self.count += 1
        body = f"m{self.count}"
        self.stage.send(body, delay_s)
        self.twins[body] = Twin(self.stage.core.messages()[-1])
        self.tick()

    @rule(visibility_s=SECONDS)
    def receive(self, visibility_s: int) -> None:
        """Both bring the same messages, with the same counts and times."""
        ours, theirs = self.stage.receive(visibility_s)
        assert {
            each.message.body: (
                each.receive_count,
                each.message.sent_at_ms,
                each.first_received_at_ms,
            )
            for each in ours
        } == {
            each.body: (
                each.approximate_receive_count,
                each.sent_timestamp,
                each.approximate_first_receive_timestamp,
            )
            for each in theirs
        }
        handles = {each.body: each.receipt_handle for each in theirs}
        for each in ours:
            pair = (each.receipt, handles[each.message.body])
            self.twins[each.message.body].receipts.append(pair)
        self.tick()

    @precondition(lambda self: bool(_held(self.twins)))
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Through any handle that was ever given, as often as one likes."""
        twin = data.draw(st.sampled_from(_held(self.twins)), label="message")
        ours, theirs = data.draw(st.sampled_from(twin.receipts), label="handle")
        self.stage.core.delete(ours, self.stage.now_ms, sender="b")
        self.stage.moto.delete_message(NAME, theirs)
        twin.is_deleted = True
        self.tick()

    @precondition(lambda self: bool(_held(self.twins)))
    @rule(data=st.data(), visibility_s=SECONDS)
    def change_visibility(self, data: st.DataObject, visibility_s: int) -> None:
        """Through the newest handle of a message that is held; elsewhere the two part."""
        twin = data.draw(st.sampled_from(_held(self.twins)), label="message")
        ours, theirs = twin.receipts[-1]
        seen = self.stage.core.message(twin.ours.id)
        if twin.is_deleted or seen.visible_at_ms <= self.stage.now_ms:
            with pytest.raises(Refusal):
                self.stage.core.change_visibility(ours, visibility_s, self.stage.now_ms)
            return
        self.stage.core.change_visibility(ours, visibility_s, self.stage.now_ms)
        self.stage.moto.change_message_visibility(NAME, theirs, visibility_s)
        self.tick()

    @rule(ms=st.integers(1, 4_000))
    def wait(self, ms: int) -> None:
        """Time passes."""
        self.tick(2 * ms + 1)

    @rule()
    def handles_that_were_never_given(self) -> None:
        """Both refuse them."""
        with pytest.raises(Refusal, match="ReceiptHandleIsInvalid"):
            self.stage.core.delete("none", self.stage.now_ms, sender="b")
        with pytest.raises(ReceiptHandleIsInvalid):
            self.stage.moto.delete_message(NAME, "none")

    @precondition(lambda self: self.count > 5)
    @rule()
    def purge(self) -> None:
        """Both are empty then; of the handles only those of the core do no harm."""
        self.stage.core.purge(self.stage.now_ms, sender="b")
        self.stage.moto.purge_queue(NAME)
        for twin in self.twins.values():
            twin.is_deleted = True
        self.twins.clear()
        self.count = 0
        self.tick(60_001)  # both refuse a second purge before

    @invariant()
    def both_count_the_same(self) -> None:
        """Visible, in flight and delayed messages are as many in both."""
        queue = self.stage.queue
        assert self.stage.core.counts(self.stage.now_ms) == (
            queue.approximate_number_of_messages,
            queue.approximate_number_of_messages_not_visible,
            queue.approximate_number_of_messages_delayed,
        )

    @invariant()
    def the_next_change_is_not_past(self) -> None:
        """Whoever sleeps until the next change sleeps neither too long nor for nothing."""
        hidden = [
            each.visible_at_ms
            for each in self.stage.core.messages()
            if not each.is_deleted and each.visible_at_ms > self.stage.now_ms
        ]
        self.stage.core.counts(self.stage.now_ms)
        assert self.stage.core.next_change_ms() == min(hidden, default=None)


TestCoreAndMoto = CoreAndMoto.TestCase
TestCoreAndMoto.settings = settings(max_examples=40)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Both, side by side."""
    stage = Stage()
    yield stage
    stage.close()


def test_moto_shows_a_message_a_moment_late(stage: Stage) -> None:
    """At the very end of its visibility a message is visible; in moto only after it."""
    stage.send()
    stage.receive_one(1)
    stage.now_ms += 1_000
    ours, theirs = stage.receive(1)
    assert (len(ours), len(theirs)) == (1, 0)


def test_moto_hides_what_nobody_holds(stage: Stage) -> None:
    """A visible message is not in flight, and SQS refuses to hide it; moto hides it."""
    stage.send()
    ours, theirs = stage.receive_one(0)
    stage.now_ms += 1
    with pytest.raises(Refusal, match="MessageNotInflight"):
        stage.core.change_visibility(ours, 9, stage.now_ms)
    stage.moto.change_message_visibility(NAME, theirs, 9)
    assert stage.queue.approximate_number_of_messages == 0


def test_moto_has_old_handles_hide_the_message(stage: Stage) -> None:
    """A handle sets the visibility of its own receive only; in moto that of the message."""
    stage.send()
    ours, theirs = stage.receive_one(0)
    stage.now_ms += 1
    stage.receive_one(9)
    seen = stage.core.change_visibility(ours, 0, stage.now_ms)
    assert [receive.released for receive in seen.receives] == [True, False]
    stage.moto.change_message_visibility(NAME, theirs, 0)
    stage.now_ms += 1
    assert stage.core.counts(stage.now_ms) == (0, 1, 0)
    assert stage.queue.approximate_number_of_messages == 1


def test_moto_takes_a_deleted_message_for_a_wrong_handle(stage: Stage) -> None:
    """A deleted message cannot be hidden, although its handle is one; moto says it is none."""
    stage.send()
    ours, theirs = stage.receive_one(9)
    stage.core.delete(ours, stage.now_ms, sender="b")
    stage.moto.delete_message(NAME, theirs)
    with pytest.raises(Refusal, match="InvalidParameterValue"):
        stage.core.change_visibility(ours, 9, stage.now_ms)
    with pytest.raises(ReceiptHandleIsInvalid):
        stage.moto.change_message_visibility(NAME, theirs, 9)


def test_moto_counts_twelve_hours_from_the_send(stage: Stage) -> None:
    """A message is held for 12 hours since its receive at most; in moto since its send."""
    stage.send()
    stage.now_ms += 600_000
    ours, theirs = stage.receive_one(9)
    stage.core.change_visibility(ours, 43_200, stage.now_ms)
    with pytest.raises(SQSException, match="beyond the limit"):
        stage.moto.change_message_visibility(NAME, theirs, 43_200)


@pytest.mark.parametrize("body", ["", "\x00", "\ud800", "\ufffe", "é" * 1_000])
def test_moto_takes_bodies_that_sqs_refuses(stage: Stage, body: str) -> None:
    """No body, forbidden characters and too many bytes are refused; moto counts characters."""
    with pytest.raises(Refusal):
        stage.core.send(body, stage.now_ms, sender="a")
    stage.moto.send_message(NAME, body)
    assert stage.queue.approximate_number_of_messages == 1


def test_moto_does_not_know_handles_after_a_purge(stage: Stage) -> None:
    """A handle stays one when its message was purged; moto says it is none."""
    stage.send()
    ours, theirs = stage.receive_one(9)
    stage.core.purge(stage.now_ms, sender="b")
    stage.moto.purge_queue(NAME)
    assert stage.core.delete(ours, stage.now_ms, sender="b") is None
    with pytest.raises(ReceiptHandleIsInvalid):
        stage.moto.delete_message(NAME, theirs)


def test_moto_counts_messages_that_are_too_old(stage: Stage) -> None:
    """After its retention a message is gone; moto brings it no more and still counts it."""
    stage.send()
    stage.now_ms += 3_600_001
    assert stage.receive(0) == ([], [])
    assert stage.core.counts(stage.now_ms) == (0, 0, 0)
    assert stage.core.messages()[0].deleted_by == "retention"
    assert stage.queue.approximate_number_of_messages == 1


def test_moto_gives_a_released_message_first(stage: Stage) -> None:
    """A message that is given back waits behind the others; in moto before them, as it was sent."""
    for body in ("first", "second"):
        stage.send(body)
    [ours] = stage.core.receive(stage.now_ms, sender="b", visibility_s=9)
    [theirs] = stage.moto.receive_message(NAME, 1, 0, 9)
    stage.now_ms += 1
    stage.core.change_visibility(ours.receipt, 0, stage.now_ms)
    stage.moto.change_message_visibility(NAME, str(theirs.receipt_handle), 0)
    stage.now_ms += 1
    mine = [each.message.body for each in stage.receive(9)[0]]
    assert mine == ["second", "first"]
    assert [each.body for each in stage.queue._messages] == ["first", "second"]


def test_the_core_may_be_disturbed(stage: Stage) -> None:
    """What SQS may do besides: a held message is shown, copied, hidden, and a deleted one back."""
    core = stage.core
    sent = core.send("x", stage.now_ms, sender="a")
    [held] = core.receive(stage.now_ms, sender="b", visibility_s=9)
    assert core.in_flight(stage.now_ms) == [sent.id]
    core.expose(sent.id)
    [again] = core.receive(stage.now_ms, sender="c", visibility_s=9)
    assert (again.message.id, again.receive_count) == (sent.id, 2)
    assert not core.is_newest(held.receipt)
    copy = core.copy(sent.id, stage.now_ms)
    assert (copy.copy_of, copy.sent_at_ms) == (sent.id, sent.sent_at_ms)
    core.remove(sent.id, stage.now_ms, sender="b")
    core.expose(sent.id)
    assert [each.message.id for each in core.receive(stage.now_ms, sender="b")] == [copy.id]
    core.bring_back(sent.id, stage.now_ms + 5)
    assert core.next_change_ms() == stage.now_ms + 5
    core.hide(sent.id, stage.now_ms)
    assert core.counts(stage.now_ms) == (1, 1, 0)
    core.release(copy.id, stage.now_ms)
    assert core.counts(stage.now_ms) == (2, 0, 0)
    assert set(stage.changes) == {0, 1}
    core.forget()
    assert core.messages() == core.at([0]) == []
