"""The third act: many events at once, each in an execution environment with its own reply queue.

A function of its own beside the other, with dedicated replies, and the same client. A new reply
queue rests for a second, so that no answer can come before all callers have called.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ldp_client.demo.caller import invoke
from ldp_client.demo.samples import Sample, samples_of
from ldp_client.demo.show import Row
from ldp_client.demo.verdict import Reply, judge
from ldp_client.local_lambda import serve

if TYPE_CHECKING:
    from ldp_client.demo.show import Show
    from ldp_client.demo.stage import Stage
    from ldp_client.local_lambda import FunctionSettings

CALLERS: Final = 20
_FUNCTION: Final = "orders-at-once"
_SOURCE: Final = "EventBridge"
#: On a slow machine many environments that start at once take longer than Lambda allows for one.
_INIT_S: Final = 120.0
_MS_PER_S: Final = 1000


@dataclass(frozen=True, slots=True)
class Journey:
    """One event's way there and back.

    Attributes:
        sample: The event.
        reply: What came back.
        begun_s: When its caller called, on the monotonic clock.
        ended_s: When it had its answer.
    """

    sample: Sample
    reply: Reply
    begun_s: float
    ended_s: float


def many_at_once(stage: Stage, show: Show) -> list[Row]:
    """As many events as there are callers, sent at the same moment; one row for all of them."""
    events = samples_of(_SOURCE, CALLERS)
    show.leave_out(_FUNCTION)
    show.sending(_name(events), sum(len(event.body) for event in events))
    row = judge_all(_send_at_once(stage, events))
    show.answered(row)
    return [row]


def _send_at_once(stage: Stage, events: list[Sample]) -> list[Journey]:
    gate = threading.Barrier(len(events))

    def send(event: Sample) -> Journey:
        gate.wait()
        begun_s = time.monotonic()
        return Journey(event, invoke(served.invoke_url, event.body), begun_s, time.monotonic())

    settings = _with_dedicated_replies(stage, len(events))
    with serve(settings, stage.zip_path) as served, ThreadPoolExecutor(len(events)) as callers:
        return list(callers.map(send, events))


def _with_dedicated_replies(stage: Stage, concurrency: int) -> FunctionSettings:
    """A function for the same client, which runs many events at once.

    It has no bucket, which would cost each environment the start of another SDK client.
    """
    return replace(
        stage.settings,
        name=_FUNCTION,
        environment={**stage.sqs.environment(), "LAMBDA_PROXY_REPLY": "dedicated"},
        reserved_concurrency=concurrency,
        init_timeout_s=_INIT_S,
    )


def judge_all(journeys: list[Journey]) -> Row:
    """The row of many events: each answer has to be right, and all were under way together."""
    begun_s = [journey.begun_s for journey in journeys]
    ended_s = [journey.ended_s for journey in journeys]
    faults = [judge(journey.sample, journey.reply) for journey in journeys]
    if max(begun_s) > min(ended_s):
        faults.append("an answer came before all had called")
    received = b"".join(journey.reply.body for journey in journeys)
    elapsed_ms = (max(ended_s) - min(begun_s)) * _MS_PER_S
    return Row(
        name=_name(journeys),
        sent_bytes=sum(len(journey.sample.body) for journey in journeys),
        reply=Reply(received, is_error=False, elapsed_ms=elapsed_ms),
        fault=next((fault for fault in faults if fault is not None), None),
        answers=len(journeys),
    )


def _name(events: list[Sample] | list[Journey]) -> str:
    return f"{len(events)} at once"
