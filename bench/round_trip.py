"""A debugged invocation against its floor: the same four SQS calls, made by boto3 alone."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_client.demo.embedded_sqs import REGION, EmbeddedSqs, embedded_sqs
from ldp_client.local_lambda import Entry, FunctionSettings, LocalLambda
from ldp_client.packaging import build_proxy_zip
from relay import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRIPS = 200
_WARM_UP = 20
_EVENT = b'{"order": 7, "items": [' + b", ".join([b'{"sku": "A-7"}'] * 20) + b"]}"
#: As large as the request envelope that carries the event.
_BODY = _EVENT.decode().ljust(1200)


def measure(entry: Entry) -> dict[str, float]:
    """Medians of both ways, taken in turn on one server, and the median of their ratios."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sqs = stack.enter_context(embedded_sqs())
        os.environ.update(sqs.environment(), AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION)
        floor = stack.enter_context(_floor(sqs))
        function = stack.enter_context(_function(sqs, entry, folder))
        stack.enter_context(_program("-m", "ldp_client", "run", "echo.handler", folder=folder))
        return _compare(floor, function)


def _compare(floor: Caller, function: LocalLambda) -> dict[str, float]:
    pairs = [(_floor_s(floor), _debugged_s(function)) for _ in range(_WARM_UP + _TRIPS)]
    pairs = pairs[_WARM_UP:]
    return {
        "floor_ms": statistics.median(floor_s for floor_s, _ in pairs) * 1000,
        "debugged_ms": statistics.median(debugged_s for _, debugged_s in pairs) * 1000,
        "ratio": statistics.median(y for _, y in pairs) / statistics.median(x for x, _ in pairs),
        "paired_ratio": statistics.median(y / x for x, y in pairs),
    }


def _floor_s(floor: Caller) -> float:
    return floor.round_trip_s(_BODY)


def _debugged_s(function: LocalLambda) -> float:
    begun_s = time.perf_counter()
    result = function.invoke(_EVENT)
    elapsed_s = time.perf_counter() - begun_s
    if result.function_error or result.payload != _EVENT:
        raise RuntimeError(f"the function answered {result.payload[:200]!r}")
    return elapsed_s


@contextmanager
def _floor(sqs: EmbeddedSqs) -> Iterator[Caller]:
    there_url, back_url = (sqs.create_queue(name) for name in ("floor-there", "floor-back"))
    relay = str(Path(__file__).with_name("relay.py"))
    with _program(relay, there_url, back_url):
        yield Caller(there_url, back_url)


@contextmanager
def _function(sqs: EmbeddedSqs, entry: Entry, folder: Path) -> Iterator[LocalLambda]:
    archive = folder / "proxy.zip"
    build_proxy_zip(archive)
    settings = FunctionSettings(
        timeout_s=900.0, environment=sqs.environment(), entry=entry, region=REGION
    )
    with LocalLambda(settings, archive) as function:
        yield function


@contextmanager
def _program(*arguments: str, folder: Path | None = None) -> Iterator[None]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    if folder is not None:
        environment["LAMBDA_DEBUG_STATE_DIR"] = str(folder / "state")
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()
