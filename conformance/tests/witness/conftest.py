"""A witness for the whole run, and the SDK pointed at it; each test has queues of its own."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from ldp_conformance.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

    from ldp_conformance.witness import WitnessQueue


@pytest.fixture(scope="session")
def witness() -> Iterator[Witness]:
    """A running witness."""
    with Witness() as running:
        yield running


@pytest.fixture(scope="session")
def sqs(witness: Witness) -> SQSClient:
    """The SDK's SQS, as the sender `sdk`."""
    return boto3.Session().client("sqs", config=_config(), **_target(witness))


@pytest.fixture(scope="session")
def s3(witness: Witness) -> S3Client:
    """The SDK's S3 with everything that it does unasked, as the sender `sdk`."""
    return boto3.Session().client("s3", config=_config(), **_target(witness))


@pytest.fixture
def queue(witness: Witness) -> WitnessQueue:
    """A queue of the test's own."""
    return witness.create_queue(f"q-{uuid.uuid4().hex}")


@pytest.fixture
def new_name() -> Callable[[], str]:
    """Makes names that nothing has."""
    return lambda: f"n{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def target(witness: Witness) -> dict[str, Any]:
    """What points a client of the SDK's at the witness."""
    return _target(witness)


def _target(witness: Witness) -> dict[str, Any]:
    variables = witness.variables("sdk")
    return {
        "region_name": variables["AWS_REGION"],
        "endpoint_url": variables["AWS_ENDPOINT_URL"],
        "aws_access_key_id": variables["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": variables["AWS_SECRET_ACCESS_KEY"],
    }


def _config() -> Config:
    return Config(
        retries={"total_max_attempts": 1}, parameter_validation=False, max_pool_connections=50
    )
