"""What tests of the queue side start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ldp_client.config import ClientConfig
from ldp_testing.engine_stage import EngineStage
from ldp_testing.moto_server import REGION, MotoServer
from ldp_testing.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[EngineStage]:
    """An engine between queues in memory, for one handler."""
    stage = EngineStage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def tap(moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tap]:
    """A tap between the child and its queues."""
    with Tap(moto_server.url) as tap:
        for name, value in moto_server.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", tap.url)
        yield tap


@pytest.fixture
def config(moto_server: MotoServer, tmp_path: Path) -> ClientConfig:
    """A client of two fresh queues."""
    return ClientConfig(
        request_queue_url=moto_server.create_queue(),
        response_queue_url=moto_server.create_queue(),
        region=REGION,
        state_dir=tmp_path / "state",
    )
