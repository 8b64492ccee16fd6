"""Dedicated replies the whole way: the proxy's zip, moto's server, and a client of its own.

The response queue that both are configured with is a name only: it does not exist.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import Entry, InvocationType, InvokeOptions
from ldp_testing.admin_stage import new_name
from ldp_testing.client_process import ClientProcess, Switchboard
from ldp_testing.deployed_proxy import Deployments
from ldp_testing.moto_server import process_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_testing.deployed_proxy import Deployed
    from ldp_testing.moto_server import MotoServer


@dataclass(frozen=True, slots=True)
class Whole:
    """A proxy with dedicated replies, and what a client needs to find it.

    Attributes:
        proxy: The deployed proxy.
        base: The URL of the response queue, which does not exist.
        server: Where the queues are.
        switchboard: Where handlers call in.
        folder: For the client.
    """

    proxy: Deployed
    base: str
    server: MotoServer
    switchboard: Switchboard
    folder: Path

    def client(self, **variables: str) -> ClientProcess:
        """Start a client, with more variables."""
        environment = process_environment(self.server.url) | {
            "LAMBDA_PROXY_REQ_QUEUE_URL": self.proxy.requests.url,
            "LAMBDA_PROXY_RESP_QUEUE_URL": self.base,
            "LAMBDA_PROXY_LEASE_S": "2",
        }
        return ClientProcess(self.folder, environment | variables)

    def reply_queues(self) -> list[str]:
        """The URLs of the queues that the proxies made."""
        prefix = f"{self.base.rpartition('/')[2]}-"
        return self.server.sqs.list_queues(QueueNamePrefix=prefix).get("QueueUrls", [])


@pytest.fixture
def whole(
    moto_server: MotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Whole]:
    """A proxy that nobody is attached to yet."""
    for name, value in moto_server.environment().items():
        monkeypatch.setenv(name, value)
    base = f"{moto_server.create_queue().rpartition('/')[0]}/{new_name()}"
    variables = {"LAMBDA_PROXY_RESP_QUEUE_URL": base, "LAMBDA_PROXY_REPLY": "dedicated"}
    (tmp_path / "client").mkdir()
    with Deployments(tmp_path, moto_server) as deployments, Switchboard() as switchboard:
        proxy = deployments.deploy(Entry.RUNTIME, variables=variables)
        yield Whole(proxy, base, moto_server, switchboard, tmp_path / "client")


def test_one_client_answers_many_environments(whole: Whole) -> None:
    """SEC-2, EXC-29: each environment's answer goes to its own queue, which the client trusts."""
    events = [json.dumps({"nonce": number}).encode() for number in range(4)]
    with whole.client() as client, ThreadPoolExecutor(len(events)) as callers:
        problem = client.wait_for("problem")
        client.wait_for("listening")
        results = list(callers.map(whole.proxy.invoke, events))

    assert [json.loads(result.payload) for result in results] == [json.loads(e) for e in events]
    assert len(whole.reply_queues()) == len(events)
    assert "does not exist" in problem["message"]
    assert "LAMBDA_PROXY_REPLY=dedicated" in problem["hint"]


def test_an_answer_to_a_queue_that_is_gone_is_told(whole: Whole) -> None:
    """SES-16: a client whose caller's queue is gone says so, and answers the next."""
    unattended = InvokeOptions(invocation_type=InvocationType.EVENT)
    with whole.client(LAMBDA_PROXY_REPLY="dedicated") as client:
        client.wait_for("listening")
        event = json.dumps(whole.switchboard.event()).encode()
        whole.proxy.function.invoke(event, unattended)
        run = whole.switchboard.next_run()
        (gone,) = whole.reply_queues()
        whole.server.delete_queue(gone)
        run.returns("too late")
        client.wait_for("notice", kind="caller-gone")
        result = whole.proxy.invoke(b'{"order": 2}')

    assert json.loads(result.payload) == {"order": 2}
    assert "problem" not in client.types()
