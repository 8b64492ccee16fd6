"""What a reporter is told about: a client and its request."""

from __future__ import annotations

from pathlib import Path

import pytest

from ldp_client.config import ClientConfig


@pytest.fixture
def config() -> ClientConfig:
    """A client of two queues."""
    base = "https://sqs.eu-west-1.amazonaws.com/123456789012"
    return ClientConfig(
        request_queue_url=f"{base}/LAMBDA_PROXY_REQ",
        response_queue_url=f"{base}/LAMBDA_PROXY_RESP",
        region="eu-west-1",
        state_dir=Path("state"),
    )
