"""Where these tests find SQS and Lambda: moto's server, and the proxy's zip in a local Lambda."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest

from ldp_testing.deployed_proxy import Deployments
from ldp_testing.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_testing.moto_server import MotoServer


@pytest.fixture(autouse=True)
def _logging_restored() -> Iterator[None]:
    """Leave the process's logging as it was: starting an entry sets it up."""
    names = (None, "ldp_proxy", "boto3", "botocore", "urllib3")
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture
def _aws(moto_server: MotoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the SDK of this process at moto's server, and leave the developer's AWS behind."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in moto_server.environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def deployments(_aws: None, moto_server: MotoServer, tmp_path: Path) -> Iterator[Deployments]:
    """Deploys the proxy for the time of a test."""
    with Deployments(tmp_path, moto_server) as started:
        yield started


@pytest.fixture
def tap(moto_server: MotoServer) -> Iterator[Tap]:
    """A tap before moto's server."""
    with Tap(moto_server.url) as started:
        yield started
