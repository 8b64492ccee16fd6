"""moto's server as the SQS (and S3) of tests: a process of its own, on loopback, over real HTTP.

What was found of moto 5.2.5, so that no test relies on the opposite: it checks no characters, no
signatures and no permissions; it takes an empty body; it counts characters where SQS counts
bytes; a stale receipt handle deletes; a long poll learns of a new message at once, and of one
that became visible again within a second, before which whoever begins a poll gets it; it closes
the connection after each answer. By itself it loses messages where calls meet:
`ldp_client.demo.moto_locks` says how, and prevents it here.
It answers some hundred calls a second at best, whoever asks: no test relies on more.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
import pytest
from botocore.config import Config

from ldp_testing.iam_record import ONLOOKER
from ldp_testing.processes import unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from types_boto3_sqs import SQSClient

REGION: Final = "eu-west-1"

#: The attributes of both queues as the templates carry them (retention in seconds, size in bytes).
RECOMMENDED_ATTRIBUTES = {
    "MaximumMessageSize": "1048576",
    "VisibilityTimeout": "10",
    "MessageRetentionPeriod": "3600",
    "ReceiveMessageWaitTimeSeconds": "20",
    "SqsManagedSseEnabled": "true",
}


@dataclass(frozen=True, slots=True)
class MotoServer:
    """A running server.

    Attributes:
        url: Its endpoint, `http://127.0.0.1:port`.
        sqs: A client of the SDK's own, for what the queues of the product cannot do.
        pid: Its process.
    """

    url: str
    sqs: SQSClient
    pid: int

    def environment(self) -> dict[str, str]:
        """The variables that point a program at this server; see `aws_environment`."""
        return aws_environment(self.url)

    def create_queue(self, name: str | None = None, **attributes: str) -> str:
        """Create a queue with the recommended settings.

        Args:
            name: Its name; None for a fresh one.
            attributes: SQS attributes that differ.

        Returns:
            Its URL, which names this server.
        """
        return _create(self.sqs, name or f"queue-{uuid.uuid4().hex}", attributes)

    def create_queue_with_redrive(self, max_receive_count: int = 3) -> tuple[str, str]:
        """Create a queue whose messages go to another after so many receives; both URLs."""
        dead_letters = self.create_queue()
        policy = {
            "deadLetterTargetArn": self.attribute(dead_letters, "QueueArn"),
            "maxReceiveCount": max_receive_count,
        }
        return self.create_queue(RedrivePolicy=json.dumps(policy)), dead_letters

    def delete_queue(self, url: str) -> None:
        """Delete a queue."""
        self.sqs.delete_queue(QueueUrl=url)

    def attribute(self, url: str, name: str) -> str:
        """An attribute of a queue, under SQS's name for it."""
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return dict(answer["Attributes"])[name]  # type: ignore[index]

    def message_count(self, url: str) -> int:
        """How many messages are in a queue, in flight and delayed ones included."""
        return sum(
            int(self.attribute(url, f"ApproximateNumberOfMessages{state}"))
            for state in ("", "NotVisible", "Delayed")
        )


def aws_environment(endpoint: str) -> dict[str, str]:
    """The variables that make the SDK use an endpoint, and credentials that mean nothing.

    Args:
        endpoint: A server's URL, or that of a tap before it.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_SQS": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def process_environment(endpoint: str) -> dict[str, str]:
    """The whole environment of a child process that knows no AWS but an endpoint."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MOTO_"))}
    return inherited | aws_environment(endpoint)


@contextmanager
def running_moto(glance_s: float = 1.0) -> Iterator[MotoServer]:
    """Start a server, and kill it at the end.

    Args:
        glance_s: How often a long poll looks for messages that became visible again, in seconds.
            A second is moto's own; where many wait on one queue, some then wait for long in vain.

    Raises:
        RuntimeError: It did not come up; the message has what it printed.
    """
    with tempfile.NamedTemporaryFile() as log, _start(log.fileno(), glance_s) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().decode().strip()
            if not url:
                raise RuntimeError(f"moto's server did not start:\n{Path(log.name).read_text()}")
            with closing(_client(url)) as sqs:
                yield MotoServer(url, sqs, process.pid)
        finally:
            process.kill()


@pytest.fixture(scope="session")
def moto_server() -> Iterator[MotoServer]:
    """A server for the whole run; tests keep apart by queues of their own."""
    with running_moto() as server:
        yield server


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


#: The demo's server, whose long polls look for messages as often as its argument says.
_SERVER: Final = """
import sys
from ldp_client.demo.embedded_sqs import main
from moto.sqs.models import Queue

wait = Queue.wait_for_messages
Queue.wait_for_messages = lambda queue, _: wait(queue, float(sys.argv[1]))
sys.exit(main())
"""


def _start(log: int, glance_s: float) -> subprocess.Popen[bytes]:
    """The demo's server, which tells its URL, and ends with the process that started it."""
    command = [sys.executable, "-P", "-c", _SERVER, str(glance_s)]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=unmeasured(process_environment("http://127.0.0.1")),
    )


def _client(url: str) -> SQSClient:
    return boto3.Session().client(
        "sqs",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(user_agent_extra=ONLOOKER),
    )


def _create(client: SQSClient, name: str, attributes: Mapping[str, str]) -> str:
    answer = client.create_queue(
        QueueName=name,
        Attributes={**RECOMMENDED_ATTRIBUTES, **attributes},  # type: ignore[dict-item]
    )
    return answer["QueueUrl"]
