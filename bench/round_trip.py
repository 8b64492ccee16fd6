"""A debugged invocation against its floor: the same four SQS calls, made by boto3 alone."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_client.demo.embedded_sqs import REGION, EmbeddedSqs, embedded_sqs
from ldp_testing.tap import Tap
from ldp_testing.tap_effects import Delay, Point
from relay import Caller
from stage import function, program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_client.local_lambda import Entry, LocalLambda

_TRIPS = 100
_WARM_UP = 10
_EVENT = b'{"order": 7, "items": [' + b", ".join([b'{"sku": "A-7"}'] * 20) + b"]}"
#: As large as the request envelope that carries the event.
_BODY = _EVENT.decode().ljust(1200)


def measure(entry: Entry, network_s: float = 0.0) -> dict[str, float]:
    """Medians of both ways, taken in turn on one server, and the median of their ratios.

    Args:
        entry: How the proxy runs.
        network_s: How long a call takes on its way there and back, in seconds; 0 for loopback.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sqs = stack.enter_context(embedded_sqs())
        if network_s:
            sqs = stack.enter_context(_far_away(sqs, network_s))
        os.environ.update(sqs.environment(), AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION)
        floor = stack.enter_context(_floor(sqs))
        hosted = stack.enter_context(function(sqs, entry, folder))
        stack.enter_context(program("-m", "ldp_client", "run", "echo.handler", folder=folder))
        return _compare(floor, hosted, sqs)


def _compare(floor: Caller, hosted: LocalLambda, sqs: EmbeddedSqs) -> dict[str, float]:
    pairs = [_pair(floor, hosted, sqs) for _ in range(_WARM_UP + _TRIPS)][_WARM_UP:]
    return {
        "floor_ms": statistics.median(floor_s for floor_s, _ in pairs) * 1000,
        "debugged_ms": statistics.median(debugged_s for _, debugged_s in pairs) * 1000,
        "ratio": statistics.median(y for _, y in pairs) / statistics.median(x for x, _ in pairs),
        "paired_ratio": statistics.median(y / x for x, y in pairs),
    }


def _pair(floor: Caller, hosted: LocalLambda, sqs: EmbeddedSqs) -> tuple[float, float]:
    floor_s = floor.round_trip_s(_BODY)
    debugged_s = _debugged_s(hosted)
    # Both sides delete a message after the answer; the next trip is not to pay for that.
    floor.wait_until_empty(sqs.request_queue_url, sqs.response_queue_url)
    return floor_s, debugged_s


def _debugged_s(hosted: LocalLambda) -> float:
    begun_s = time.perf_counter()
    result = hosted.invoke(_EVENT)
    elapsed_s = time.perf_counter() - begun_s
    if result.function_error or result.payload != _EVENT:
        raise RuntimeError(f"the function answered {result.payload[:200]!r}")
    return elapsed_s


@contextmanager
def _far_away(sqs: EmbeddedSqs, network_s: float) -> Iterator[EmbeddedSqs]:
    with Tap(sqs.endpoint_url) as tap:
        for point in Point:
            tap.apply(Delay(network_s / len(Point), at=point), times=None)
        yield replace(sqs, endpoint_url=tap.url)


@contextmanager
def _floor(sqs: EmbeddedSqs) -> Iterator[Caller]:
    there_url, back_url = (sqs.create_queue(name) for name in ("floor-there", "floor-back"))
    relay = str(Path(__file__).with_name("relay.py"))
    with program(relay, there_url, back_url):
        yield Caller(there_url, back_url)
