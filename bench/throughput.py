"""Events in a second with many in flight, against callers and a relay of nothing but boto3."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from crowd import Crowd
from ldp_client.demo.embedded_sqs import REGION, EmbeddedSqs, embedded_sqs
from ldp_client.local_lambda import Entry
from stage import function, program

if TYPE_CHECKING:
    from ldp_client.local_lambda import LocalLambda

_ROUNDS = 3
_EVENT = b'{"order": 7, "items": [' + b", ".join([b'{"sku": "A-7"}'] * 20) + b"]}"
#: As large as the rest of the envelope that carries the event.
_PADDING = " " * 800


def measure(in_flight: int, *, is_shared: bool) -> dict[str, float]:
    """Medians of both ways, taken in turn on one server, and the median of their ratios.

    Args:
        in_flight: How many callers there are, each with an environment of the proxy.
        is_shared: Whether all replies come by one queue, or each environment has its own.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sqs = stack.enter_context(embedded_sqs())
        os.environ.update(sqs.environment(), AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION)
        crowd = _crowd(sqs, in_flight, stack, is_shared=is_shared)
        reply = {"LAMBDA_PROXY_REPLY": "shared" if is_shared else "dedicated"}
        hosted = stack.enter_context(function(sqs, Entry.RUNTIME, folder, reply))
        stack.enter_context(program("-m", "ldp_client", "run", "echo.handler", folder=folder))
        # On a queue that many share most receives bring another's reply: fewer will do.
        events = 50 if is_shared else max(50, 4 * in_flight)
        return _compare(crowd, hosted, in_flight, events)


def _crowd(sqs: EmbeddedSqs, in_flight: int, stack: ExitStack, *, is_shared: bool) -> Crowd:
    there_url = sqs.create_queue("floor-there")
    stack.enter_context(program(str(Path(__file__).with_name("crowd.py")), there_url))
    if is_shared:
        return Crowd(there_url, [sqs.create_queue("floor-back")] * in_flight)
    return Crowd(there_url, [sqs.create_queue(f"floor-back-{n}") for n in range(in_flight)])


def _compare(crowd: Crowd, hosted: LocalLambda, in_flight: int, events: int) -> dict[str, float]:
    event = _EVENT.decode() + _PADDING
    crowd.events_per_s(in_flight, event)
    _events_per_s(hosted, in_flight, in_flight)  # the cold starts
    rounds = [
        (crowd.events_per_s(events, event), _events_per_s(hosted, in_flight, events))
        for _ in range(_ROUNDS)
    ]
    return {
        "floor_per_s": statistics.median(floor for floor, _ in rounds),
        "events_per_s": statistics.median(debugged for _, debugged in rounds),
        "ratio": statistics.median(debugged / floor for floor, debugged in rounds),
    }


def _events_per_s(hosted: LocalLambda, in_flight: int, events: int) -> float:
    with ThreadPoolExecutor(in_flight) as pool:
        begun_s = time.perf_counter()
        list(pool.map(lambda _: _invoke(hosted), range(events)))
        return events / (time.perf_counter() - begun_s)


def _invoke(hosted: LocalLambda) -> None:
    result = hosted.invoke(_EVENT)
    if result.function_error or result.payload != _EVENT:
        raise RuntimeError(f"the function answered {result.payload[:200]!r}")
