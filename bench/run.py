"""Runs every benchmark, prints what came of it beside its target, and keeps it as JSON."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import bridge
import cold_start
import idle
import round_trip
import sizes
import throughput
import validate
from ldp_client.local_lambda import Entry

if TYPE_CHECKING:
    from collections.abc import Callable

_RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class _Benchmark:
    """What is measured, and how much each figure that has a target may be at most, or at least."""

    name: str
    measure: Callable[[], dict[str, float]]
    targets: dict[str, float]
    is_more_better: bool = False


_CROWD = 50
#: A fifth of the bare relay's throughput may go into the exchange's own work.
_CROWDED = {"ratio": 0.8}
_BENCHMARKS = (
    _Benchmark(
        "round trip, own runtime", lambda: round_trip.measure(Entry.RUNTIME), {"ratio": 1.10}
    ),
    _Benchmark(
        "round trip, 20 ms a call",
        lambda: round_trip.measure(Entry.RUNTIME, network_s=0.02),
        {"ratio": 1.10},
    ),
    _Benchmark("round trip, managed entry", lambda: round_trip.measure(Entry.AWSLAMBDARIC), {}),
    _Benchmark("cold start", cold_start.measure, {"cpu_ratio": 1.15, "memory_ratio": 1.15}),
    _Benchmark(
        "1 KB to 6 MiB each way", sizes.measure, {"per_byte_ratio": 1.5, "6_mib_peak_mib": 110}
    ),
    *(
        _Benchmark(
            f"{in_flight} in flight, {'shared' if is_shared else 'dedicated'}",
            partial(throughput.measure, in_flight, is_shared=is_shared),
            _CROWDED if in_flight == _CROWD else {},
            is_more_better=True,
        )
        for in_flight in (1, 10, _CROWD)
        for is_shared in (False, True)
    ),
    _Benchmark("program, any language", bridge.measure, {"added_ms": 5}),
    _Benchmark("idle client", idle.measure, {"receives_per_hour": 180}),
    _Benchmark("validate 10,000 messages", validate.measure, {"seconds": 5}),
)


def main() -> None:
    """Measure everything, or what the arguments name, and say which targets are missed."""
    named = sys.argv[1:]
    chosen = [x for x in _BENCHMARKS if not named or any(part in x.name for part in named)]
    results = json.loads(_RESULTS.read_text(encoding="utf-8")) if named else {}
    results["machine"] = {"python": platform.python_version(), "system": platform.system()}
    for benchmark in chosen:
        figures = benchmark.measure()
        results[benchmark.name] = {name: round(value, 3) for name, value in figures.items()}
        for name, value in figures.items():
            target = benchmark.targets.get(name)
            wanted = "" if target is None else f"  ({_verdict(benchmark, value, target)})"
            print(f"{benchmark.name:26} {name:18} {value:9.3f}{wanted}", flush=True)
    _RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _verdict(benchmark: _Benchmark, value: float, target: float) -> str:
    bound = "at least" if benchmark.is_more_better else "at most"
    is_missed = value < target if benchmark.is_more_better else value > target
    return f"{bound} {target}{': missed' if is_missed else ''}"


if __name__ == "__main__":
    main()
