"""What an exchange keeps to whatever its queue does, alone and among others."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from ldp_testing.deliveries import (
    ACCEPTED,
    DECLINED,
    NOW_MS,
    REQUEST,
    RESPONSE,
    TERMS,
    Delivered,
)
from ldp_testing.proxy_edge import ProxyEdge
from ldp_testing.scripted_queue import ScriptedQueue, VirtualClock
from ldp_wire.codec import encode
from ldp_wire.envelopes import Encoding, Inline, RequestId
from ldp_wire.exchange import Answer, ProxyExchange
from ldp_wire.failures import Failure, FailureType
from ldp_wire.replies import ReplyDesk

if TYPE_CHECKING:
    from ldp_wire.exchange import Outcome

OWN = encode(replace(RESPONSE, result=Inline(Encoding.TEXT, "r-1|42")))
FOREIGN = encode(replace(RESPONSE, request_id=RequestId("r-2")))
BROKEN = OWN.replace('"payload"', '"pay"')
TEXTS = [
    OWN,
    BROKEN,
    FOREIGN,
    FOREIGN.replace('"1.0"', '"2.0"'),
    FOREIGN.replace('"payload"', '"pay"'),
    encode(ACCEPTED),
    encode(DECLINED),
    encode(ACCEPTED).replace("instanceId", "x"),
    encode(REQUEST),
    "garbage",
]


@dataclass(frozen=True, slots=True)
class Receive:
    """What one receive brings, and after which part of its wait.

    Attributes:
        text: A message; None for none.
        after: Part of the wait that it takes, in percent.
        age_ms: Age of the message.
        error: Whether the receive fails instead; "lasting" fails for good.
    """

    text: str | None
    after: int
    age_ms: int
    error: str | None


RECEIVES = st.builds(
    Receive,
    st.none() | st.sampled_from(TEXTS[2:]) | st.sampled_from(TEXTS),
    st.sampled_from([0, 1, 50, 99, 100]),
    st.sampled_from([0, 100, 4_000, 20_000]),
    st.sampled_from([None, None, None, None, None, "passing", "passing", "lasting"]),
)


def _run(exchange: ProxyExchange, answer_by_ms: int, script: list[Receive]) -> int:
    """Drive an exchange to its end through a queue that advances the clock on every receive."""
    now_ms = NOW_MS
    exchange.stored(now_ms)
    steps = iter(script)
    while wait_s := exchange.wait_s(now_ms):
        assert now_ms + wait_s * 1000 <= answer_by_ms
        step = next(steps, Receive(None, 100, 0, None))
        begun_ms = now_ms
        now_ms += max(1, wait_s * 10 * step.after)
        if step.error is not None:
            passing = step.error == "passing"
            pause_s = exchange.queue_failed("why", transient=passing, now_ms=now_ms)
            now_ms += round(pause_s * 1000)
            continue
        if step.text is not None:
            delivery = Delivered(step.text, sent_at_ms=now_ms - step.age_ms)
            exchange.receive(delivery, now_ms)
        exchange.receive_ended(begun_ms=begun_ms, now_ms=now_ms)
    return now_ms


@settings(max_examples=500)
@given(
    script=st.lists(RECEIVES, max_size=12),
    wait_ms=st.integers(1_000, 60_000),
    window_ms=st.none() | st.integers(0, 20_000),
)
def test_an_exchange_ends_by_its_deadline_whatever_the_queue_does(
    script: list[Receive], wait_ms: int, window_ms: int | None
) -> None:
    """It ends by answerByMs with its answer or a typed failure (EXC-2, EXC-6, EXC-8, EXC-19)."""
    answer_by_ms = NOW_MS + wait_ms
    start_by_ms = None if window_ms is None else NOW_MS + window_ms
    terms = replace(TERMS, answer_by_ms=answer_by_ms, start_by_ms=start_by_ms)
    exchange = ProxyExchange(replace(REQUEST, terms=terms), ReplyDesk(), begun_ms=NOW_MS)

    ended_ms = _run(exchange, answer_by_ms, script)

    outcome = exchange.outcome
    texts = {step.text for step in script if step.error is None}
    assert ended_ms <= answer_by_ms
    assert isinstance(outcome, Answer | Failure)
    if isinstance(outcome, Answer):
        assert outcome.body == b"r-1|42"
        assert OWN in texts
    elif outcome.type is FailureType.ABSENT:
        assert start_by_ms is not None
        assert ended_ms >= start_by_ms + 3_000
        assert exchange.accepted_by == set()
    elif outcome.type is FailureType.NO_RESPONSE:
        assert ended_ms > answer_by_ms - 1_000
    else:
        errors = {step.error for step in script}
        assert BROKEN in texts if outcome.type is FailureType.BAD_ANSWER else errors - {None}


def _answered(number: int) -> str:
    result = Inline(Encoding.TEXT, f"r-{number}|42")
    return encode(replace(RESPONSE, request_id=RequestId(f"r-{number}"), result=result))


@dataclass(frozen=True, slots=True)
class Turn:
    """One proxy's turn: which proxy, which of the visible messages, and whether acting works."""

    proxy: int
    pick: int
    works: bool


TURNS = st.builds(Turn, st.integers(0, 9), st.integers(0, 9), st.sampled_from([True, True, False]))
NOISE = ["garbage", encode(DECLINED), _answered(99), _answered(99).replace('"1.0"', '"2.0"')]


def _share(
    count: int, replies: ScriptedQueue, clock: VirtualClock, turns: list[Turn]
) -> dict[RequestId, Outcome]:
    """Let several proxies share a reply queue, first as the script says and then in turn."""
    requests, awaited = ScriptedQueue("q", clock), set[RequestId]()
    proxies = [ProxyEdge(clock, requests, replies, awaited) for _ in range(count)]
    for number, proxy in enumerate(proxies):
        proxy.invoke(replace(REQUEST, request_id=RequestId(f"r-{number}")))
    fair = (Turn(number, number // count, works=True) for number in itertools.count())
    for turn in itertools.chain(turns, fair):
        waiting = [proxy for proxy in proxies if proxy.exchange is not None]
        if not waiting:
            break
        proxy = waiting[turn.proxy % len(waiting)]
        visible = replies.visible()
        if visible:
            proxy.take(visible[turn.pick % len(visible)], works=turn.works)
        else:
            clock.now_ms = min(other.until_ms for other in waiting)
            next(other for other in waiting if other.until_ms == clock.now_ms).time_out()
    return {key: outcome for proxy in proxies for key, outcome in proxy.outcomes.items()}


@settings(max_examples=200)
@given(
    count=st.integers(1, 6),
    noise=st.lists(st.sampled_from(NOISE), max_size=4),
    twice=st.lists(st.integers(0, 5), max_size=4),
    turns=st.lists(TURNS, max_size=40),
)
def test_exchanges_on_one_queue_never_cross(
    count: int, noise: list[str], twice: list[int], turns: list[Turn]
) -> None:
    """Each proxy gets its own answer, among foreign, broken and double ones (EXC-2, EXC-11)."""
    clock = VirtualClock()
    replies = ScriptedQueue("r", clock)
    for text in [*map(_answered, range(count)), *noise, *map(_answered, twice)]:
        replies.send(text)

    outcomes = _share(count, replies, clock, turns)

    assert len(outcomes) == count
    for request_id, outcome in outcomes.items():
        assert outcome == Answer(f"{request_id}|42".encode())
