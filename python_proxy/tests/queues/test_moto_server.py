"""What the fixture promises, and what was found of moto, which other tests rely on."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ldp_queues.sqs import SqsQueue
from ldp_testing.moto_server import RECOMMENDED_ATTRIBUTES, process_environment, running_moto

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_queues.sqs_connection import SqsConnection
    from ldp_testing.moto_server import MotoServer


def test_a_server_is_gone_afterwards() -> None:
    """The server is a process of its own that ends with its context."""
    with running_moto() as server:
        where = urlsplit(server.url)
        assert server.create_queue("q") == f"{server.url}/123456789012/q"

    assert where.hostname == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((where.hostname, where.port or 0))


def test_a_server_that_cannot_start_shows_its_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the process ends at once, the error has what it printed."""
    (tmp_path / "moto").mkdir()
    (tmp_path / "moto/__init__.py").write_text("raise SystemExit('no server here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(RuntimeError, match="no server here"), running_moto():
        pass


def test_queues_have_the_recommended_settings(moto_server: MotoServer) -> None:
    """A queue of the fixture is set as the templates set it, unless told otherwise."""
    url = moto_server.create_queue(VisibilityTimeout="7")

    told = {name: moto_server.attribute(url, name) for name in RECOMMENDED_ATTRIBUTES}
    assert told == RECOMMENDED_ATTRIBUTES | {"VisibilityTimeout": "7"}


def test_a_child_process_knows_no_other_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment for a child has nothing of the developer's own AWS."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "mine")

    environment = process_environment("http://127.0.0.1:1")

    assert "mine" not in environment.values()
    assert environment["AWS_ENDPOINT_URL_SQS"] == "http://127.0.0.1:1"
    assert environment["PATH"] == os.environ["PATH"]


def test_moto_counts_characters_and_checks_none(sqs: SqsConnection, queue_url: str) -> None:
    """Size and characters are checked on this side only: moto itself takes what SQS refuses."""
    client = sqs.client()

    assert client.send_message(QueueUrl=queue_url, MessageBody="é" * 1_048_576)["MessageId"]
    assert client.send_message(QueueUrl=queue_url, MessageBody="\x00\uffff")["MessageId"]
    assert client.send_message(QueueUrl=queue_url, MessageBody="")["MessageId"]


def test_moto_deletes_by_a_stale_handle(
    sqs: SqsConnection, moto_server: MotoServer, queue_url: str
) -> None:
    """Where SQS may do nothing, moto deletes: only the queue in memory shows the other way."""
    queue = SqsQueue(sqs, queue_url)
    queue.send("x")
    (older,) = queue.receive(wait_s=1, visibility_s=0)
    queue.receive(wait_s=1, visibility_s=30)

    queue.delete(older.receipt)

    assert moto_server.message_count(queue_url) == 0


def test_redrive_moves_a_message(sqs: SqsConnection, moto_server: MotoServer) -> None:
    """A message that was received too often goes to the queue of dead letters."""
    url, dead_letters = moto_server.create_queue_with_redrive(max_receive_count=1)
    queue = SqsQueue(sqs, url)
    queue.send("x")
    queue.receive(wait_s=1, visibility_s=0)
    queue.receive(wait_s=1, visibility_s=0)

    assert moto_server.message_count(dead_letters) == 1
