"""The battery can fail: for each check there is a queue with one fault that it finds."""

from __future__ import annotations

import inspect
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ldp_queues import checks_facts
from ldp_queues.bodies import MAX_BODY_BYTES, check_body
from ldp_queues.checks import CHECKS, ContractBroken, check_queue
from ldp_queues.errors import QueueError, QueueRefusedMessage, ReceiptExpired
from ldp_queues.memory import MemoryQueue
from ldp_queues.memory_clock import RealClock, VirtualClock
from ldp_queues.ports import Message, Stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_queues.checks import TextQueue


# Each is named for its fault, which is all that it has.
class _Virtual(MemoryQueue):
    def __init__(self) -> None:
        super().__init__(clock=VirtualClock())


class _TrimsTexts(_Virtual):
    def send(self, body: str) -> Stored:
        check_body(body)
        return super().send(body.strip() or "-")


class _CutsLongTexts(_Virtual):
    def send(self, body: str) -> Stored:
        check_body(body)
        return super().send(body[:100_000])


class _CountsCharacters(_Virtual):
    def __init__(self) -> None:
        super().__init__()
        self.limit_bytes = 4 * MAX_BODY_BYTES


class _ReplacesCharacters(_Virtual):
    def send(self, body: str) -> Stored:
        try:
            return super().send(body)
        except QueueRefusedMessage:
            return super().send("\ufffd")


class _ClampsArguments(_Virtual):
    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        return super().receive(
            wait_s=min(max(wait_s, 0), 20),
            visibility_s=min(max(visibility_s, 0), 43_200),
            max_messages=min(max(max_messages, 1), 10),
        )


class _InventsMessages(_Virtual):
    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        found = super().receive(wait_s=wait_s, visibility_s=visibility_s, max_messages=max_messages)
        return found or [Message("invented", "invented", "x", 1, 0)]


class _BringsTen(_Virtual):
    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        del max_messages
        return super().receive(wait_s=wait_s, visibility_s=visibility_s, max_messages=10)


class _NeverHides(_Virtual):
    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        del visibility_s
        return super().receive(wait_s=wait_s, visibility_s=0, max_messages=max_messages)


class _TakesZeroForUnset(_Virtual):
    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        return super().receive(
            wait_s=wait_s, visibility_s=visibility_s or 30, max_messages=max_messages
        )


class _DeletesOnReceive(_Virtual):
    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        found = super().receive(wait_s=wait_s, visibility_s=visibility_s, max_messages=max_messages)
        for message in found:
            self.delete(message.receipt)
        return found


class _IgnoresDeletes(_Virtual):
    def delete(self, receipt: str) -> None:
        self._find(receipt)


class _RefusesExpiredReceipts(_Virtual):
    def delete(self, receipt: str) -> None:
        if self._find(receipt).visible_at_ms <= self.clock.now_ms():
            raise ReceiptExpired("expired")
        super().delete(receipt)


class _RefusesOlderReceipts(_Virtual):
    def delete(self, receipt: str) -> None:
        if self._find(receipt).newest_receipt != receipt:
            raise ReceiptExpired("not the newest")
        super().delete(receipt)


class _IgnoresVisibilityChanges(_Virtual):
    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        """Do nothing."""


class _NeverSaysExpired(_Virtual):
    def delete(self, receipt: str) -> None:
        if receipt in self._copy_of_receipt:
            super().delete(receipt)

    def change_visibility(self, receipt: str, visibility_s: int) -> None:
        if receipt in self._copy_of_receipt and not self._find(receipt).is_deleted:
            super().change_visibility(receipt, visibility_s)


class _NeverWaits(MemoryQueue):
    """Answers a long poll at once; a send happens only when the poll was answered."""

    def __init__(self) -> None:
        super().__init__(clock=RealClock())
        self._polled = threading.Event()

    def send(self, body: str) -> Stored:
        self._polled.wait()
        return super().send(body)

    def receive(self, *, wait_s: int, visibility_s: int, max_messages: int = 1) -> list[Message]:
        del wait_s
        found = super().receive(wait_s=0, visibility_s=visibility_s, max_messages=max_messages)
        self._polled.set()
        return found


def _one_store() -> Callable[[], TextQueue]:
    queue = _Virtual()
    return lambda: queue


@dataclass(frozen=True, slots=True)
class Mutant:
    """A maker of faulty queues, and the check that finds the fault."""

    make: Callable[[], TextQueue]
    found_by: str


MUTANTS = [
    Mutant(_TrimsTexts, "what_is_sent_arrives"),
    Mutant(_CutsLongTexts, "a_full_message_arrives"),
    Mutant(_CountsCharacters, "a_message_over_the_limit_is_refused"),
    Mutant(_ReplacesCharacters, "forbidden_characters_are_refused"),
    Mutant(_ClampsArguments, "arguments_out_of_range_are_bugs"),
    Mutant(_InventsMessages, "an_empty_queue_brings_nothing"),
    Mutant(_one_store(), "queues_are_apart"),
    Mutant(_BringsTen, "a_receive_brings_no_more_than_asked"),
    Mutant(_NeverHides, "a_received_message_is_invisible"),
    Mutant(_DeletesOnReceive, "an_expired_message_comes_again"),
    Mutant(_TakesZeroForUnset, "a_message_can_be_looked_at"),
    Mutant(_IgnoresDeletes, "a_deleted_message_stays_away"),
    Mutant(_RefusesExpiredReceipts, "an_expired_receipt_still_deletes"),
    Mutant(_RefusesOlderReceipts, "only_the_newest_receipt_is_sure"),
    Mutant(_IgnoresVisibilityChanges, "a_kept_message_stays_invisible"),
    Mutant(_IgnoresVisibilityChanges, "a_released_message_is_there"),
    Mutant(_NeverSaysExpired, "a_deleted_message_cannot_be_kept"),
    Mutant(_NeverSaysExpired, "a_foreign_receipt_is_refused"),
    Mutant(_NeverWaits, "a_waiting_receive_is_woken"),
]
_BY_NAME = {check.name: check for check in CHECKS}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.found_by)
def test_a_faulty_queue_is_found(mutant: Mutant) -> None:
    """The check that is about a fault fails on a queue that has it."""
    with pytest.raises((ContractBroken, QueueError)):
        _BY_NAME[mutant.found_by].run(mutant.make)


def test_every_check_finds_a_fault() -> None:
    """No check is without a queue that it fails on."""
    assert {mutant.found_by for mutant in MUTANTS} == set(_BY_NAME)


def test_no_fact_is_forgotten() -> None:
    """Each public function of the facts is in the battery."""
    facts = {
        name
        for name, function in vars(checks_facts).items()
        if inspect.isfunction(function)
        and function.__module__ == checks_facts.__name__
        and not name.startswith("_")
    }

    assert facts == set(_BY_NAME)


def test_the_whole_battery_stops_at_a_fault() -> None:
    """Run as one, the battery raises what the failing check raises."""
    with pytest.raises(ContractBroken, match="expected no message"):
        check_queue(_IgnoresDeletes, virtual_time=True)


def test_every_check_says_its_fact() -> None:
    """Each check has a docstring of one line that states a fact."""
    for check in CHECKS:
        fact = check.run.__doc__ or ""
        assert "\n" not in fact
        assert fact.endswith(".")
        assert "should" not in fact
