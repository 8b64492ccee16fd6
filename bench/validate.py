"""How long `lambda-debug-schemas validate` takes for 10,000 messages of 1 KB."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

_MESSAGES = 10_000
_MESSAGE_BYTES = 1024
_EXAMPLE = Path(__file__).parents[1] / "schemas/v1/examples/request/valid/full.json"


def measure() -> dict[str, float]:
    """Seconds from the start of the process to its end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "messages.jsonl")
        path.write_text("".join(_message() for _ in range(_MESSAGES)), encoding="utf-8")
        begun_s = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "ldp_schemas", "validate", path], check=True, capture_output=True
        )
        return {"seconds": time.perf_counter() - begun_s}


def _message() -> str:
    request = json.loads(_EXAMPLE.read_text(encoding="utf-8"))
    request["requestId"] = str(uuid.uuid4())
    request["payload"] = {"encoding": "text", "data": ""}
    room_bytes = _MESSAGE_BYTES - len(json.dumps(request, separators=(",", ":")))
    request["payload"]["data"] = "x" * max(0, room_bytes - 1)
    return json.dumps(request, separators=(",", ":")) + "\n"
