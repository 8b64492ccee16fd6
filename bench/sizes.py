"""What a byte costs: round trips of 1 KB to Lambda's limit each way, and the proxy's memory."""

from __future__ import annotations

import base64
import os
import random
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_client.demo.embedded_sqs import REGION, embedded_sqs
from ldp_client.local_lambda import Entry
from stage import function, program

if TYPE_CHECKING:
    from ldp_client.local_lambda import LocalLambda

_TRIPS = 7
#: Lambda's limit for an event and for a result.
_LARGEST_BYTES = 6_291_556
_SIZES_BYTES = {
    "1_kb": 1_000,
    "60_kb": 60_000,
    "600_kb": 600_000,
    "6_mib": _LARGEST_BYTES,
}
_MIB_KIB = 1024


def measure() -> dict[str, float]:
    """Median time of each size, the cost of a byte at both ends, and the proxy's peak memory."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sqs = stack.enter_context(embedded_sqs())
        bucket = {"LAMBDA_PROXY_PAYLOAD_BUCKET": sqs.create_bucket("payloads")}
        os.environ.update(sqs.environment(), AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION, **bucket)
        hosted = stack.enter_context(function(sqs, Entry.AWSLAMBDARIC, folder, bucket))
        stack.enter_context(program("-m", "ldp_client", "run", "echo.handler", folder=folder))
        _trip_ms(hosted, _event(1_000))  # the cold start
        figures: dict[str, float] = {}
        for name, size_bytes in _SIZES_BYTES.items():
            event = _event(size_bytes)
            figures[f"{name}_ms"] = statistics.median(
                _trip_ms(hosted, event) for _ in range(_TRIPS)
            )
            figures[f"{name}_peak_mib"] = _peak_mib("awslambdaric")
    costs = [figures[f"{name}_ms"] / _SIZES_BYTES[name] for name in ("6_mib", "600_kb")]
    return {**figures, "per_byte_ratio": costs[0] / costs[1]}


def _event(size_bytes: int) -> bytes:
    """A JSON string of so many bytes that compresses no better than text does that is random."""
    noise = base64.b64encode(random.Random(size_bytes).randbytes(size_bytes))
    return b'"' + noise[: size_bytes - 2] + b'"'


def _trip_ms(hosted: LocalLambda, event: bytes) -> float:
    begun_s = time.perf_counter()
    result = hosted.invoke(event)
    elapsed_s = time.perf_counter() - begun_s
    if result.function_error or result.payload != event:
        raise RuntimeError(f"the function answered {result.payload[:200]!r}")
    return elapsed_s * 1000


def _peak_mib(name: str) -> float:
    """The largest resident memory that a child whose command line has `name` ever had, in MiB."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            status = (process / "status").read_text(encoding="ascii")
        except OSError:  # it ended meanwhile
            continue
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        if name.encode() in command and int(fields["PPid"]) == os.getpid():
            found.append(int(fields["VmHWM"].split()[0]) / _MIB_KIB)
    return max(found)
