"""Runs every benchmark, prints what came of it beside its target, and keeps it as JSON."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import cold_start
import idle
import round_trip
import validate
from ldp_client.local_lambda import Entry

if TYPE_CHECKING:
    from collections.abc import Callable

_RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class _Benchmark:
    """What is measured, and at most how much each figure that has a target may be."""

    name: str
    measure: Callable[[], dict[str, float]]
    targets: dict[str, float]


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
    _Benchmark("idle client", idle.measure, {"receives_per_hour": 180}),
    _Benchmark("validate 10,000 messages", validate.measure, {"seconds": 5}),
)


def main() -> None:
    """Measure everything, and say which targets are missed."""
    results: dict[str, object] = {
        "machine": {"python": platform.python_version(), "system": platform.system()},
    }
    for benchmark in _BENCHMARKS:
        figures = benchmark.measure()
        results[benchmark.name] = {name: round(value, 3) for name, value in figures.items()}
        for name, value in figures.items():
            target = benchmark.targets.get(name)
            is_missed = target is not None and value > target
            wanted = "" if target is None else f"  (at most {target}{': missed' * is_missed})"
            print(f"{benchmark.name:26} {name:18} {value:9.3f}{wanted}", flush=True)
    _RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
