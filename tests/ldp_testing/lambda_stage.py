"""Everything of a deployed function at once: versions in a local Lambda, queues, and real clients.

The functions find the Lambda API of the local Lambda where those in AWS find Lambda's, through a
tap that counts and spoils calls.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import pytest

from ldp_client.local_lambda import Entry, FunctionSettings, InvokeEndpoint, LocalLambda, Package
from ldp_client.packaging import build_proxy_zip
from ldp_testing.client_process import ClientProcess, Switchboard
from ldp_testing.function_zips import function_zip
from ldp_testing.iam_watch import IamWatch
from ldp_testing.local_functions import LIMIT_S, Lines
from ldp_testing.moto_server import REGION, MotoServer, aws_environment, process_environment
from ldp_testing.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ldp_client.local_lambda import InvokeResult

NAME: Final = "orders"
LEASE_S: Final = 2

#: The function's own handler, as it is deployed: it says that it runs, and does what it is told.
DEPLOYED: Final = """
    def handler(event, context):
        print("deployed handler runs", event["nonce"])
        if "fail" in event:
            raise LookupError(event["fail"])
        if "gate" in event:
            open(event["gate"]).read()
        return {"by": context.invoked_function_arn, "n": 1.10, "event": event}
"""


class LambdaStage:
    """A stage; a context manager, which ends what it started.

    Attributes:
        tap: Before the Lambda API.
        lines: What the functions log.
        switchboard: Where the clients' handlers call in.
        request_url: The request queue of all proxies and clients.
    """

    def __init__(self, moto: MotoServer, folder: Path) -> None:
        self._moto = moto
        self._folder = folder
        self._numbers = itertools.count(1)
        self._stack = ExitStack()
        self._watch = IamWatch(folder)
        self._endpoint = self._stack.enter_context(InvokeEndpoint())
        self.tap = self._stack.enter_context(Tap(self._endpoint.url))
        self.lines = Lines()
        self.switchboard = self._stack.enter_context(Switchboard())
        self.request_url = moto.create_queue()
        self._queues = {
            "LAMBDA_PROXY_REQ_QUEUE_URL": self.request_url,
            "LAMBDA_PROXY_RESP_QUEUE_URL": moto.create_queue(),
        }
        self._zip = folder / "proxy.zip"
        build_proxy_zip(self._zip)

    def proxy(
        self,
        variables: Mapping[str, str] | None = None,
        *,
        entry: Entry = Entry.RUNTIME,
        timeout_s: float = 60.0,
        reserved: int | None = None,
    ) -> Package:
        """The proxy as a version of the function.

        Args:
            variables: What follows `LAMBDA_PROXY_` in the names of its variables, and their values.
            entry: How it is started.
            timeout_s: Its timeout.
            reserved: The function's reserved concurrency.
        """
        own = {f"LAMBDA_PROXY_{name}": value for name, value in (variables or {}).items()}
        aws = aws_environment(self._moto.url) | {"AWS_ENDPOINT_URL_LAMBDA": self.tap.url}
        given = {k: v for k, v in aws.items() if k not in ("AWS_REGION", "AWS_DEFAULT_REGION")}
        settings = FunctionSettings(
            name=NAME,
            environment=given | self._watch.proxy.environment() | self._queues | own,
            region=REGION,
            timeout_s=timeout_s,
            entry=entry,
            reserved_concurrency=reserved,
        )
        return Package(settings, self._zip)

    def handler(self) -> Package:
        """The function's own code as a version of it."""
        path = function_zip(self._folder / "deployed.zip", DEPLOYED)
        settings = FunctionSettings(name=NAME, handler="app.handler", region=REGION, timeout_s=60.0)
        return Package(settings, path)

    def host(self, latest: Package, *versions: Package) -> LocalLambda:
        """Host the function: its `$LATEST`, and the versions 1, 2 and so on."""
        function = LocalLambda(latest.settings, latest.zip_path, log=self.lines)
        self._stack.enter_context(function)
        for version in versions:
            function.publish(version)
        self._endpoint.add(function)
        return function

    def client(self) -> ClientProcess:
        """Start a client on the queues, and wait until it listens."""
        folder = self._folder / f"client-{next(self._numbers)}"
        folder.mkdir()
        environment = process_environment(self._moto.url) | self._queues
        environment |= self._watch.developer.environment()
        environment["LAMBDA_PROXY_LEASE_S"] = str(LEASE_S)
        client = self._stack.enter_context(ClientProcess(folder, environment))
        client.wait_for("listening")
        return client

    def requests_left(self) -> int:
        """How many messages are in the request queue, hidden ones included."""
        return self._moto.message_count(self.request_url)

    def wait_for_requests(self, count: int) -> None:
        """Return when so many messages are in the request queue, hidden ones included.

        Raises:
            TimeoutError: They did not come in time.
        """
        until_s = time.monotonic() + LIMIT_S
        glance = threading.Event()
        while self.requests_left() != count:
            if time.monotonic() > until_s:
                raise TimeoutError(f"{self.requests_left()} requests are left, not {count}")
            glance.wait(0.05)

    def close(self) -> None:
        """End everything; nothing was asked that neither proxy nor developer may.

        Raises:
            AssertionError: Something was.
        """
        self._stack.close()
        self._watch.check(*self._queues.values())


def failure_of(result: InvokeResult) -> dict[str, Any]:
    """The error object of an invocation that failed."""
    assert result.function_error == "Unhandled", result
    error: dict[str, Any] = json.loads(result.payload)
    return error


@pytest.fixture
def lambda_stage(
    moto_server: MotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LambdaStage]:
    """A stage with queues of its own."""
    for name, value in moto_server.environment().items():
        monkeypatch.setenv(name, value)
    stage = LambdaStage(moto_server, tmp_path)
    yield stage
    stage.close()
