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
    """Medians of both programs, run in turn, and the medians of their ratios."""
    with tempfile.TemporaryDirectory() as folder:
        _unzip(Path(folder))
        for code in (_FLOOR, _PROXY):
            _run(code, folder)  # compiles what is imported, as a published layer is
        pairs = [(_run(_FLOOR, folder), _run(_PROXY, folder)) for _ in range(_RUNS)]
    return {
        "floor_cpu_ms": statistics.median(floor.cpu_s for floor, _ in pairs) * 1000,
        "proxy_cpu_ms": statistics.median(proxy.cpu_s for _, proxy in pairs) * 1000,
        "cpu_ratio": statistics.median(proxy.cpu_s / floor.cpu_s for floor, proxy in pairs),
        "memory_ratio": statistics.median(
            proxy.peak_bytes / floor.peak_bytes for floor, proxy in pairs
        ),
    }


def _unzip(folder: Path) -> None:
    """The proxy as Lambda has it: from its zip, not from this checkout."""
    archive = folder / "proxy.zip"
    build_proxy_zip(archive)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(archive), folder], check=True)


def _run(code: str, folder: str) -> _Cost:
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {folder!r}); {code}"]
    pid = os.posix_spawn(command[0], command, {"PATH": os.environ["PATH"], **_ENVIRONMENT})
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"{code} ended with status {status}")
    return _Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
