"""Where these tests find SQS: moto's server, with a tap before it where one is asked for."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ldp_queues.sqs_connection import SqsConnection
from ldp_testing.moto_bucket import MotoBucket
from ldp_testing.moto_server import MotoServer, aws_environment
from ldp_testing.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Iterator

# Real SQS costs money and needs credentials, so its tests exist only where they are asked for.
collect_ignore = [] if os.environ.get("LDP_TEST_REAL_SQS") == "1" else ["test_real_sqs.py"]


@pytest.fixture(scope="module")
def sqs(moto_server: MotoServer) -> Iterator[SqsConnection]:
    """A connection to moto's server."""
    with pytest.MonkeyPatch.context() as patch:
        enter_environment(patch, moto_server.url)
        with closing(SqsConnection()) as connection:
            yield connection


@pytest.fixture
def tap(moto_server: MotoServer) -> Iterator[Tap]:
    """A tap before moto's server."""
    with Tap(moto_server.url) as tap:
        yield tap


@pytest.fixture
def tapped(tap: Tap, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqsConnection]:
    """A connection through the tap."""
    enter_environment(monkeypatch, tap.url)
    with closing(SqsConnection()) as connection:
        yield connection


@pytest.fixture
def queue_url(moto_server: MotoServer) -> str:
    """A fresh queue with the recommended settings."""
    return moto_server.create_queue()


def enter_environment(patch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Leave the developer's own AWS behind, for an endpoint."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in aws_environment(endpoint).items():
        patch.setenv(name, value)


@pytest.fixture
def bucket(moto_server: MotoServer) -> MotoBucket:
    """A fresh bucket."""
    return MotoBucket(moto_server)
