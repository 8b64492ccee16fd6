"""What tests of the command line start from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ldp_testing.command_stage import CommandStage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_testing.moto_server import MotoServer


@pytest.fixture
def stage(tmp_path: Path, moto_server: MotoServer) -> Iterator[CommandStage]:
    """Queues of the test's own, and an empty folder."""
    stage = CommandStage(tmp_path, moto_server)
    yield stage
    stage.close()


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """A pipe with a name, on which a handler waits until the test says something."""
    path = tmp_path / "go-on"
    os.mkfifo(path)
    return path
