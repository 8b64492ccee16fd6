"""What a program of any language costs more than its own time: to the program and back."""

from __future__ import annotations

import os
import queue
import statistics
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from ldp_client.queue_side.aws_clock import AwsClock
from ldp_client.queue_side.crew import Crew
from ldp_client.queue_side.program import Program
from ldp_client.queue_side.runtimes import Office
from ldp_testing.deliveries import REQUEST, TERMS
from ldp_wire.actions import Start

_TRIPS = 200
_WARM_UP = 20
_LIMIT_S = 60.0
_EVENT = b'{"order": 7, "items": [' + b", ".join([b'{"sku": "A-7"}'] * 20) + b"]}"


def measure() -> dict[str, float]:
    """The median time from an event that is ready to its result, with a program that needs none."""
    results: queue.SimpleQueue[object] = queue.SimpleQueue()
    office = Office(
        threading.Condition(),
        1,
        AwsClock(),
        lambda _id, result, _ms: results.put(result),
        lambda message, _hint: results.put(message),
    )
    echo = str(Path(__file__).with_name("raw_echo.py"))
    crew = Crew(Program((sys.executable, echo), os.environ), office)
    try:
        trips = [_trip_s(crew, results) for _ in range(_WARM_UP + _TRIPS)][_WARM_UP:]
    finally:
        crew.close()
    return {"added_ms": statistics.median(trips) * 1000}


def _trip_s(crew: Crew, results: queue.SimpleQueue[object]) -> float:
    answer_by_ms = int((time.time() + _LIMIT_S) * 1000)
    request = replace(REQUEST, terms=replace(TERMS, answer_by_ms=answer_by_ms))
    begun_s = time.perf_counter()
    crew.offer(Start(request, _EVENT))
    result = results.get(timeout=_LIMIT_S)
    elapsed_s = time.perf_counter() - begun_s
    if getattr(result, "body", None) != _EVENT:
        raise RuntimeError(f"the program answered {result!r}")
    return elapsed_s
