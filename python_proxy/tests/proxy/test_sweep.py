"""Which queues a sweep deletes, and which never."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_proxy.sweep import CREATED_AT_TAG, Sweeper, created_at
from ldp_queues.addresses import QueueAddress
from ldp_queues.checks_admin import ATTRIBUTES
from ldp_queues.errors import (
    QueueAccessDenied,
    QueueError,
    QueueThrottled,
    QueueUnreachable,
)
from ldp_queues.memory_admin import MemoryAdmin
from ldp_queues.memory_clock import VirtualClock
from ldp_testing.deliveries import REPLY_QUEUE, REPLY_TO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BASE = QueueAddress.parse(REPLY_TO)
NOW_MS = 1_750_000_000_000
OLD = str(NOW_MS - DAY_MS - HOUR_MS)


def account(kind: type[MemoryAdmin] = MemoryAdmin) -> MemoryAdmin:
    """An account without queues."""
    return kind(VirtualClock(NOW_MS), BASE)


def sweep(admin: MemoryAdmin, times: int = 1, seed: int = 7) -> None:
    """Let so many environments sweep."""
    random = Random(seed)
    for _ in range(times):
        Sweeper(admin, BASE, admin.clock.now_ms, random).sweep()


def dedicated(number: int) -> str:
    """The name of a dedicated queue."""
    return f"{REPLY_QUEUE}-{number:026}"


def left(admin: MemoryAdmin) -> set[str]:
    """The names of the queues that are there."""
    return {url.rpartition("/")[2] for url in admin.find(REPLY_QUEUE[:1])}


NAMES = st.one_of(
    st.from_regex(r"[0-9a-z]{26}", fullmatch=True).map(lambda suffix: f"{REPLY_QUEUE}-{suffix}"),
    st.just(REPLY_QUEUE),
    st.sampled_from(
        [
            f"{REPLY_QUEUE}-OTHERTEAM",
            f"{REPLY_QUEUE}-{'a' * 25}",
            f"{REPLY_QUEUE}-{'a' * 27}",
            f"{REPLY_QUEUE}-{'A' * 26}",
            f"{REPLY_QUEUE}-{'a' * 25}_",
            f"{REPLY_QUEUE}{'a' * 27}",
            f"{REPLY_QUEUE}-X-{'a' * 26}",
            f"{REPLY_QUEUE[:-1]}-{'a' * 26}",
        ]
    ),
)
TAG = st.one_of(
    st.integers(-DAY_MS, 4 * DAY_MS).map(lambda age_ms: str(NOW_MS - age_ms)),
    st.sampled_from([str(NOW_MS - DAY_MS), str(NOW_MS - DAY_MS - 1), str(NOW_MS // 1000), "", "x"]),
    st.sampled_from([f" {OLD}", f"-{OLD}", f"{OLD}.0", f"0{OLD}", OLD[:-1], "1e12", "٢" * 13]),
)
TAGS: st.SearchStrategy[dict[str, str]] = st.one_of(
    TAG.map(lambda text: {CREATED_AT_TAG: text}),
    TAG.map(lambda text: {CREATED_AT_TAG: text, "team": "orders"}),
    st.just({}),
    st.just({"createdatms": OLD}),
)


@given(queues=st.dictionaries(NAMES, TAGS, max_size=30), seed=st.integers(0, 99))
def test_only_what_is_abandoned_is_deleted(queues: dict[str, dict[str, str]], seed: int) -> None:
    """EXC-30, EXC-31, EXC-36, SEC-2: what goes is trusted by name, and by tag older than 24 h."""
    admin = account()
    for name, tags in queues.items():
        admin.create(name, ATTRIBUTES, tags)

    sweep(admin, times=100, seed=seed)

    aged = {name: _age_ms(name, tags) for name, tags in queues.items()}
    must_go = {name for name, age_ms in aged.items() if age_ms > DAY_MS}
    may_go = {name for name, age_ms in aged.items() if age_ms > DAY_MS - 60_000}
    assert set(queues) - may_go <= left(admin) <= set(queues) - must_go


def _age_ms(name: str, tags: dict[str, str]) -> int:
    """How old a queue was at first; 0 for what nobody may delete. Sweeping took its time."""
    is_dedicated = re.fullmatch(re.escape(REPLY_QUEUE) + "-[0-9a-z]{26}", name)
    has_time = re.fullmatch("[1-9][0-9]{12}", tags.get(CREATED_AT_TAG, ""))
    return NOW_MS - int(has_time[0]) if is_dedicated and has_time else 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1700000000000", 1_700_000_000_000), ("1700000000", None), ("0", None), ("1.7e12", None)],
)
def test_a_time_is_thirteen_digits(text: str, expected: int | None) -> None:
    """EXC-36: seconds in place of milliseconds say nothing, and not that a queue is old."""
    assert created_at({CREATED_AT_TAG: text}) == expected
    assert created_at({}) is None


def test_a_sweep_looks_at_few(caplog: pytest.LogCaptureFixture) -> None:
    """EXC-31: of a thousand leftovers one sweep takes five, and says which."""
    caplog.set_level(logging.INFO, logger="ldp_proxy")
    admin = account()
    for number in range(1_000):
        admin.create(dedicated(number), ATTRIBUTES, {CREATED_AT_TAG: OLD})

    sweep(admin)

    swept = {record.__dict__["queue"] for record in caplog.records}
    assert {record.message for record in caplog.records} == {"reply_queue.swept"}
    assert len(swept) == 5
    assert len(left(admin)) == 995
    assert not swept & left(admin)


def test_one_queue_for_each_environment_leaves_few_behind() -> None:
    """EXC-31: where every environment leaves a queue and sweeps once, they do not pile up."""
    admin = account()
    for number in range(500):
        now_ms = admin.clock.now_ms()
        admin.create(dedicated(number), ATTRIBUTES, {CREATED_AT_TAG: str(now_ms)})
        sweep(admin, seed=number)
        assert isinstance(admin.clock, VirtualClock)
        admin.clock.advance(HOUR_MS)

    assert len(left(admin)) < 24 + 24


class _Slow(MemoryAdmin):
    def tags(self, url: str) -> Mapping[str, str]:
        assert isinstance(self.clock, VirtualClock)
        self.clock.advance(400)
        return super().tags(url)


class _SlowToList(MemoryAdmin):
    def find(self, prefix: str) -> Iterator[str]:
        assert isinstance(self.clock, VirtualClock)
        for url in super().find(prefix):
            self.clock.advance(400)
            yield url


@pytest.mark.parametrize(("kind", "looks"), [(_Slow, 3), (_SlowToList, 0)])
def test_a_sweep_takes_a_second(kind: type[MemoryAdmin], looks: int) -> None:
    """EXC-31: nothing is begun after the second for which a new queue rests."""
    admin = account(kind)
    for number in range(5):
        admin.create(dedicated(number), ATTRIBUTES, {CREATED_AT_TAG: OLD})

    sweep(admin)

    assert len(left(admin)) == 5 - looks


@dataclass(slots=True)
class _Failing(MemoryAdmin):
    """An account that fails what it is asked, once, by the operation's name."""

    error: QueueError | None = None
    operation: str = ""

    def _enter(self, operation: str, about: str) -> None:
        MemoryAdmin._enter(self, operation, about)
        error, self.error = self.error, None
        if operation == self.operation and error is not None:
            raise error
        self.error = error


@pytest.mark.parametrize("operation", ["find", "tags", "delete"])
@pytest.mark.parametrize(
    ("error", "level"),
    [
        (QueueAccessDenied("not allowed"), "WARNING"),
        (QueueThrottled("too much"), "DEBUG"),
        (QueueUnreachable("cut"), "DEBUG"),
    ],
)
def test_a_sweep_gives_up_at_a_refusal(
    caplog: pytest.LogCaptureFixture, operation: str, error: QueueError, level: str
) -> None:
    """EXC-31: a sweep that fails is a line in the log; the next one goes on."""
    caplog.set_level(logging.DEBUG, logger="ldp_proxy")
    admin = _Failing(VirtualClock(NOW_MS), BASE)
    for number in range(3):
        admin.create(dedicated(number), ATTRIBUTES, {CREATED_AT_TAG: OLD})
    admin.error, admin.operation = error, operation

    sweep(admin)

    (record,) = caplog.records
    assert (record.message, record.levelname) == ("reply_queue.sweep_failed", level)
    assert record.__dict__["reason"] == str(error)
    assert len(left(admin)) == 3
    sweep(admin)
    assert left(admin) == set()


class _Quicker(MemoryAdmin):
    """Somebody else deletes whatever is looked at, a moment before."""

    def tags(self, url: str) -> Mapping[str, str]:
        self.delete(url)
        return super().tags(url)


def test_two_sweeps_do_not_disturb_each_other(caplog: pytest.LogCaptureFixture) -> None:
    """EXC-31: a queue that another sweep was quicker with is no error, and not the end."""
    admin = account(_Quicker)
    for number in range(3):
        admin.create(dedicated(number), ATTRIBUTES, {CREATED_AT_TAG: OLD})

    sweep(admin)

    assert left(admin) == set()
    assert caplog.records == []


def test_deleting_ones_own_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    """EXC-31: an own queue that cannot be deleted is left to others, with a line in the log."""
    admin = _Failing(VirtualClock(NOW_MS), BASE)
    url = admin.create(dedicated(1), ATTRIBUTES, {})
    admin.error, admin.operation = QueueAccessDenied("no"), "delete"

    Sweeper(admin, BASE, admin.clock.now_ms, Random(1)).delete(url)

    assert [record.message for record in caplog.records] == ["reply_queue.sweep_failed"]
