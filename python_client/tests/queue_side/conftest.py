"""What tests of the queue side start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ldp_testing.engine_stage import EngineStage
from ldp_testing.moto_server import moto_server  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[EngineStage]:
    """An engine between queues in memory, for one handler."""
    stage = EngineStage(tmp_path)
    yield stage
    stage.close()
