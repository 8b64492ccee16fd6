"""How often an idle client asks SQS for messages in an hour, by virtual time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ldp_testing.engine_stage import EngineStage

_HOUR_MS = 3_600_000


def measure() -> dict[str, float]:
    """Receive calls of the real engine between queues in memory."""
    with tempfile.TemporaryDirectory() as folder:
        stage = EngineStage(Path(folder))
        began_ms = stage.clock.now_ms()
        stage.runtime.ask()
        while stage.clock.now_ms() - began_ms < _HOUR_MS:
            stage.receiver.receive_once()
        receives = stage.calls("receive")
        stage.close()
    return {"receives_per_hour": receives}
