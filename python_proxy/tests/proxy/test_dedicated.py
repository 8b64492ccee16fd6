"""The life of a reply queue of one's own, in virtual time."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_queues.errors import QueueAccessDenied, QueueError, QueueThrottled, QueueUnreachable
from ldp_queues.memory_admin import MemoryAdmin
from ldp_testing.deliveries import RESPONSE, TRUST
from ldp_testing.proxy_stage import Stage, echo, result
from ldp_wire.codec import encode
from ldp_wire.envelopes import RequestId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_proxy.invoke import Proxy
    from ldp_proxy.reply import Reply
    from ldp_queues.admin import QueueAttributes
    from ldp_wire.envelopes import Envelope, Request

EVENT = b'{"order": 1}'
HOUR_MS = 3_600_000
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def stage() -> Stage:
    """An empty stage without faults."""
    return Stage()


def failed_with(reply: Reply, error_type: str) -> str:
    """The message of a reply that is this failure of the proxy's own."""
    assert reply.error is not None
    assert (reply.error.type, reply.error.is_own) == (error_type, True)
    return reply.error.message


def named_queue(request: Request) -> str:
    """The queue that a request names."""
    assert request.terms is not None
    return request.terms.reply_to


def invoke(stage: Stage, proxy: Proxy) -> str:
    """Invoke, with a client that answers; the queue that the answer came to."""
    named = []

    def answer(request: Request) -> Envelope | str:
        named.append(named_queue(request))
        return result("42")(request)

    stage.script(answer, after_ms=2_000)
    context = stage.context()
    reply = proxy.invoke(EVENT, context)
    proxy.discard(reply, context.deadline_ms)
    assert reply.body == b"42", reply
    return named[0]


def operations(stage: Stage) -> list[str]:
    """What the environments asked of the account's queues."""
    return [call.operation for call in stage.admin.calls]


def test_a_queue_is_made_at_the_first_invocation(stage: Stage) -> None:
    """EXC-29, SQS-4: nothing is made before it; then it is a trusted name, settings and a tag."""
    proxy = stage.dedicated_proxy()
    assert operations(stage) == []
    begun_ms = stage.clock.now_ms()

    url = invoke(stage, proxy)

    assert re.fullmatch(re.escape(stage.base.url) + r"-[0-9a-z]{26}", url)
    assert TRUST.queue_for(url) == url.rpartition("/")[2]
    assert stage.admin.tags(url) == {"createdAtMs": str(begun_ms)}
    assert stage.admin.queue(url).limit_bytes == 1_048_576
    assert operations(stage)[0] == "create"


def test_a_new_queue_rests_for_a_second(stage: Stage) -> None:
    """EXC-34: between the creation of a queue and the first request that names it lies a second."""
    proxy = stage.dedicated_proxy()

    invoke(stage, proxy)

    assert stage.paused_s == [1]
    invoke(stage, proxy)
    assert stage.paused_s == [1]


def test_a_queue_is_used_again(stage: Stage) -> None:
    """EXC-29: later invocations of an environment use its queue, and make no call but their own."""
    proxy = stage.dedicated_proxy()
    first = invoke(stage, proxy)
    made = operations(stage)

    assert [invoke(stage, proxy) for _ in range(3)] == [first] * 3
    assert operations(stage) == made


def test_environments_have_a_queue_each(stage: Stage) -> None:
    """EXC-29: no two environments have one queue."""
    urls = {invoke(stage, stage.dedicated_proxy()) for _ in range(20)}

    assert len(urls) == 20


def test_a_queue_is_replaced_at_twelve_hours(stage: Stage) -> None:
    """EXC-30: an exchange begins with a queue of less than 12 h, and the old one is deleted."""
    proxy, begun_ms = stage.dedicated_proxy(), stage.clock.now_ms()
    first = invoke(stage, proxy)
    stage.clock.advance(begun_ms + 12 * HOUR_MS - 1 - stage.clock.now_ms())

    assert invoke(stage, proxy) == first
    second = invoke(stage, proxy)

    assert second != first
    assert list(stage.admin.find(stage.base.name)) == [second]


@pytest.mark.parametrize(
    ("frozen_h", "is_kept"), [(0.7, True), (11, True), (13, False), (25, False)]
)
def test_a_thawed_environment_is_answered(stage: Stage, frozen_h: float, *, is_kept: bool) -> None:
    """EXC-30: however long it was frozen, while others swept, its queue is there or is replaced."""
    frozen = stage.dedicated_proxy()
    before = invoke(stage, frozen)
    stage.clock.advance(round(frozen_h * HOUR_MS))
    for _ in range(20):
        invoke(stage, stage.dedicated_proxy())
    assert (before in stage.admin.find(stage.base.name)) == (frozen_h < 24)

    after = invoke(stage, frozen)

    assert (after == before) == is_kept


def test_a_queue_that_was_deleted_is_told_and_replaced(stage: Stage) -> None:
    """EXC-35: the exchange that meets it fails and says so; the next has a new queue."""
    proxy = stage.dedicated_proxy()
    first = invoke(stage, proxy)
    stage.clock.call_at(stage.clock.now_ms() + 500, lambda: stage.admin.delete(first))

    message = failed_with(proxy.invoke(EVENT, stage.context()), "Proxy.QueueError")

    assert first.rpartition("/")[2] in message
    assert "was deleted while an answer was awaited" in message
    assert "The next invocation makes a new queue" in message
    (request,) = stage.sent_requests()
    assert named_queue(request) == first
    stage.requests.delete(stage.requests.receive(wait_s=0, visibility_s=9)[0].receipt)
    assert invoke(stage, proxy) != first


def test_a_deletion_that_is_met_in_passing_costs_no_exchange(stage: Stage) -> None:
    """EXC-35: whoever cannot delete the answer any more has a new queue next time."""
    proxy, context = stage.dedicated_proxy(), stage.context()
    stage.script(echo, after_ms=2_000)
    reply = proxy.invoke(EVENT, context)
    (first,) = stage.admin.find(stage.base.name)
    stage.admin.delete(first)

    proxy.discard(reply, context.deadline_ms)

    assert invoke(stage, proxy) != first


def test_what_is_not_its_own_is_left_alone(stage: Stage) -> None:
    """EXC-2, EXC-11: a strange answer in an own queue is released, and one's own is found."""
    proxy = stage.dedicated_proxy()
    url = invoke(stage, proxy)
    answer_by_ms = stage.clock.now_ms() + HOUR_MS
    strange = encode(replace(RESPONSE, request_id=RequestId("x"), answer_by_ms=answer_by_ms))
    stage.admin.queue(url).send(strange)

    assert invoke(stage, proxy) == url
    assert stage.admin.queue(url).bodies() == [strange]


def test_a_start_window_begins_with_the_request(stage: Stage) -> None:
    """EXC-18: the time that a queue takes to be made is none of the window's."""
    begun_ms = stage.clock.now_ms()

    reply = stage.dedicated_proxy(start_within_s=2).invoke(EVENT, stage.context())

    (request,) = stage.sent_requests()
    assert request.terms is not None
    assert request.terms.start_by_ms == request.sent_at_ms + 2_000
    assert request.sent_at_ms >= begun_ms + 1_000
    failed_with(reply, "Proxy.Absent")


def test_time_that_a_queue_used_up_is_told(stage: Stage) -> None:
    """EXC-5, ERR-7: where making the queue leaves less than a second, nothing is sent."""
    reply = stage.dedicated_proxy().invoke(EVENT, stage.context(timeout_s=2.5))

    assert "Raise the function's timeout" in failed_with(reply, "Proxy.TimeoutTooShort")
    assert stage.requests.bodies() == []


@dataclass(slots=True)
class _Refusing(MemoryAdmin):
    """An account that refuses to make queues, for each of some reasons once."""

    refusals: list[QueueError] = field(default_factory=list)
    is_done: bool = False  #: whether the queue is made all the same

    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        if not self.refusals or self.is_done:
            url = MemoryAdmin.create(self, name, attributes, tags)
        if self.refusals:
            raise self.refusals.pop(0)
        return url


def refusing(stage: Stage, *refusals: QueueError, is_done: bool = False) -> None:
    """Let the account refuse so from now on."""
    stage.admin = _Refusing(stage.clock, stage.base, refusals=list(refusals), is_done=is_done)


def test_a_missing_permission_is_named(stage: Stage) -> None:
    """ERR-5, ERR-2: who may not make queues hears which permissions, on what, or what instead."""
    refusing(stage, QueueAccessDenied("CreateQueue on q: no (AccessDenied)"))

    message = failed_with(
        stage.dedicated_proxy().invoke(EVENT, stage.context()), "Proxy.QueueError"
    )

    assert message.startswith("CreateQueue on q: no (AccessDenied). ")
    for action in ("CreateQueue", "TagQueue", "ListQueueTags", "DeleteQueue", "ListQueues"):
        assert f"sqs:{action}" in message
    assert "arn:aws:sqs:*:123456789012:LAMBDA_PROXY_RESP-*" in message
    assert "LAMBDA_PROXY_REPLY=shared" in message
    assert stage.requests.bodies() == []


@pytest.mark.parametrize("is_done", [True, False])
def test_a_passing_refusal_passes(stage: Stage, *, is_done: bool) -> None:
    """EXC-32: throttled and cut off, an environment tries again, and makes one queue."""
    refusing(stage, QueueThrottled("slow"), QueueUnreachable("cut"), is_done=is_done)

    url = invoke(stage, stage.dedicated_proxy())

    assert list(stage.admin.find(stage.base.name)) == [url]
    assert stage.paused_s == [0.2 * 0.75, 0.4 * 0.75, 1]


def test_a_refusal_that_does_not_pass_ends_in_time(stage: Stage) -> None:
    """EXC-6, EXC-32, ERR-5: who is throttled to the end hears so before the deadline."""
    refusing(stage, *[QueueThrottled("slow")] * 1_000)
    context = stage.context(timeout_s=30)

    reply = stage.dedicated_proxy().invoke(EVENT, context)

    message = failed_with(reply, "Proxy.QueueError")
    assert "SQS limits how many queues an account makes at a time" in message
    assert 1_500 < context.deadline_ms - stage.clock.now_ms() < 8_000
    assert max(stage.paused_s) <= 5


def test_a_name_is_drawn_once(stage: Stage) -> None:
    """EXC-29: an invocation that could not make its queue leaves the name to the next."""
    refusing(stage, QueueAccessDenied("no"), QueueAccessDenied("no"), is_done=True)
    proxy = stage.dedicated_proxy()
    for _ in range(2):
        failed_with(proxy.invoke(EVENT, stage.context()), "Proxy.QueueError")

    url = invoke(stage, proxy)

    assert list(stage.admin.find(stage.base.name)) == [url]


def test_a_queue_in_another_account_is_refused(stage: Stage) -> None:
    """SEC-2: a queue that no client would answer to is no reply queue."""
    stage.admin = _Elsewhere(stage.clock, stage.base)

    reply = stage.dedicated_proxy().invoke(EVENT, stage.context())

    assert "in one account" in failed_with(reply, "Proxy.QueueError")
    assert stage.requests.bodies() == []


class _Elsewhere(MemoryAdmin):
    """The role's account is not that of the queues."""

    def create(self, name: str, attributes: QueueAttributes, tags: Mapping[str, str]) -> str:
        url = super().create(name, attributes, tags)
        return url.replace("123456789012", "999999999999")


@given(
    refusals=st.lists(
        st.sampled_from([QueueThrottled("a"), QueueUnreachable("b"), QueueAccessDenied("c")]),
        max_size=12,
    ),
    is_done=st.booleans(),
    timeout_s=st.integers(3, 60),
)
def test_an_exchange_ends_in_time(
    refusals: list[QueueError], timeout_s: int, *, is_done: bool
) -> None:
    """EXC-6: whatever becomes of its queue, an exchange ends before the deadline, by its kind."""
    stage = Stage()
    refusing(stage, *refusals, is_done=is_done)
    context = stage.context(timeout_s)

    reply = stage.dedicated_proxy().invoke(EVENT, context)

    assert reply.error is not None
    assert reply.error.type in {"Proxy.QueueError", "Proxy.NoResponse", "Proxy.TimeoutTooShort"}
    assert stage.clock.now_ms() < context.deadline_ms


FORK = """
import os, sys
sys.path.insert(0, "tests")
from ldp_testing.proxy_stage import Stage

stage = Stage()
replies = stage.dedicated_replies()
print("parent", replies.current().url, flush=True)
child = os.fork()
if child == 0:
    stage.clock.advance(1000)
    print("child", replies.current().url)
    print("deleted", [call for call in stage.admin.calls if call.operation == "delete"], flush=True)
    os._exit(0)
os.waitpid(child, 0)
print("parent", replies.current().url)
"""


def test_a_fork_has_a_queue_of_its_own() -> None:
    """EXC-29: a process that is forked makes another, and leaves the parent's to it."""
    done = subprocess.run(
        [sys.executable, "-c", FORK], cwd=ROOT, capture_output=True, text=True, check=True
    )

    before, child, deleted, after = (line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert (before[0], child[0]) == ("parent", "child")
    assert child[1] != before[1]
    assert after == before
    assert deleted == ["deleted", "[]"]
