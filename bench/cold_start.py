"""What the proxy adds to a cold start: CPU time and peak memory against boto3's client alone."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ldp_client.packaging import build_proxy_zip

_RUNS = 15
_FLOOR = "import boto3; boto3.client('sqs')"
_PROXY = "import os; from ldp_proxy.start import start; start(os.environ, is_exact=True)"
#: Each program tells its own cost: what the system says of a child begins with its parent's peak.
_REPORT = (
    "import time; status = open('/proc/self/status').read(); "
    "print(time.process_time(), status.partition('VmHWM:')[2].split()[0])"
)
_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/"
_ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_EC2_METADATA_DISABLED": "true",
    "LAMBDA_PROXY_REQ_QUEUE_URL": f"{_URL}LAMBDA_PROXY_REQ",
    "LAMBDA_PROXY_RESP_QUEUE_URL": f"{_URL}LAMBDA_PROXY_RESP",
}


@dataclass(frozen=True, slots=True)
class _Cost:
    cpu_s: float
    peak_bytes: int


def measure() -> dict[str, float]:
    """Medians of both programs, run in turn, and the medians of their ratios.

    The proxy is compiled each time, as in Lambda: nothing can be kept beside an archive. The SDK,
    and so the floor, was compiled when it was installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "task")
        _unzip(place)
        runs = [(_run(_FLOOR, place), _run(_PROXY, place)) for _ in range(_RUNS)]
    return {
        "floor_cpu_ms": statistics.median(floor.cpu_s for floor, _ in runs) * 1000,
        "proxy_cpu_ms": statistics.median(proxy.cpu_s for _, proxy in runs) * 1000,
        "cpu_ratio": statistics.median(proxy.cpu_s / floor.cpu_s for floor, proxy in runs),
        "memory_ratio": statistics.median(
            proxy.peak_bytes / floor.peak_bytes for floor, proxy in runs
        ),
    }


def _unzip(folder: Path) -> None:
    """The proxy as Lambda has it: from its zip, not from this checkout."""
    folder.mkdir()
    archive = folder.with_suffix(".zip")
    build_proxy_zip(archive)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", archive, folder], check=True)


def _run(code: str, folder: Path) -> _Cost:
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); {code}; {_REPORT}"
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        env={"PATH": os.environ["PATH"], **_ENVIRONMENT},
        check=True,
        capture_output=True,
        text=True,
    )
    cpu_s, peak_kib = done.stdout.split()
    return _Cost(float(cpu_s), int(peak_kib) * 1024)
