"""A deployed proxy and its developer, each of whom writes down what it asks of AWS.

Queues, bucket and variables are those that the template makes of some parameters; the processes
are the real ones. What the function is asked to do is everything that any permission is for.
"""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING, Any, Final, Self

from ldp_client.local_lambda import Alias, FunctionSettings, InvokeEndpoint, LocalLambda, Package
from ldp_queues.sqs_connection import wall_clock_ms
from ldp_testing.client_process import ClientProcess, Switchboard
from ldp_testing.deployed_proxy import proxy_zip
from ldp_testing.function_zips import function_zip
from ldp_testing.iam_record import IamRecord
from ldp_testing.local_functions import Lines
from ldp_testing.moto_bucket import MotoBucket
from ldp_testing.moto_server import REGION, aws_environment, process_environment
from ldp_testing.processes import unmeasured
from ldp_testing.resolved_template import ResolvedTemplate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from ldp_client.local_lambda import InvokeResult
    from ldp_testing.moto_server import MotoServer

#: JSON that no compression makes small enough for a message, and that goes back as it came.
LARGE: Final = json.dumps({"noise": Random(7).randbytes(1_200_000).hex()}).encode()
FALLBACK: Final = "def handler(event, context):\n    return 'by the fallback'\n"
LEASE_S: Final = 2
_SHARED_BY_BOTH: Final = ("REQ_QUEUE_URL", "RESP_QUEUE_URL", "MODE", "REPLY", "PAYLOAD_BUCKET")


class IamStage:
    """A stage; a context manager, which ends what it started.

    Args:
        server: Where the queues are.
        folder: For everything.
        given: The template's parameters, without names.

    Attributes:
        template: The template for these parameters.
        proxy: What the proxy's role asked.
        developer: What the developer asked.
    """

    def __init__(self, server: MotoServer, folder: Path, given: Mapping[str, str]) -> None:
        self._server = server
        self._folder = folder
        self._stack = ExitStack()
        self.prefix = f"replies-{uuid.uuid4().hex[:12]}"
        physical = {
            "RequestQueue": server.create_queue(f"requests-{self.prefix}"),
            "ResponseQueue": server.create_queue(self.prefix),
            "Bucket": MotoBucket(server).name,
        }
        names = {"FunctionName": "orders-proxy", "ResponseQueueName": self.prefix}
        self.template = ResolvedTemplate({**names, **given}, physical)
        self.proxy = IamRecord(folder / "proxy.jsonl")
        self.developer = IamRecord(folder / "developer.jsonl")
        self._requests = physical["RequestQueue"]
        self._pool = self._stack.enter_context(ThreadPoolExecutor())
        self._board = self._stack.enter_context(Switchboard())
        self.lines = Lines()

    def host(self, name: str = "orders-proxy", more: Mapping[str, str] | None = None) -> None:
        """Deploy the proxy, and beside it the function `orders`, whose version 1 answers events.

        Args:
            name: The proxy's name; `orders` if it has taken that function's place.
            more: Variables that the template does not set.
        """
        endpoint = self._stack.enter_context(InvokeEndpoint())
        account = aws_environment(self._server.url) | {"AWS_ENDPOINT_URL_LAMBDA": endpoint.url}
        del account["AWS_REGION"], account["AWS_DEFAULT_REGION"]  # Lambda sets them
        environment = {**account, **self.proxy.environment(), **self.template.variables()}
        code = self._folder / "proxy.zip"
        code.write_bytes(proxy_zip())
        settings = FunctionSettings(
            name=name, timeout_s=60.0, environment={**environment, **(more or {})}, region=REGION
        )
        own = FunctionSettings(name="orders", handler="app.handler", region=REGION)
        package = Package(own, function_zip(self._folder / "orders.zip", FALLBACK))
        self._function = self._add(endpoint, settings, code)
        orders = self._function if name == own.name else self._add(endpoint, own, package.zip_path)
        orders.publish(package)
        orders.set_alias(Alias("live", "1"))

    def _add(self, endpoint: InvokeEndpoint, settings: FunctionSettings, code: Path) -> LocalLambda:
        function = self._stack.enter_context(LocalLambda(settings, code, log=self.lines))
        endpoint.add(function)
        return function

    def attach(self, *options: str) -> ClientProcess:
        """Start the developer's client, and wait until it listens."""
        variables = self.template.variables()
        names = [f"LAMBDA_PROXY_{name}" for name in _SHARED_BY_BOTH]
        environment = {
            **unmeasured(process_environment(self._server.url)),
            **self.developer.environment(),
            **{name: variables[name] for name in names if name in variables},
            "LAMBDA_PROXY_LEASE_S": str(LEASE_S),
        }
        folder = self._folder / f"client-{uuid.uuid4().hex[:6]}"
        folder.mkdir()
        client = self._stack.enter_context(ClientProcess(folder, environment, *options))
        client.wait_for("listening")
        return client

    def invoke(self, event: bytes) -> InvokeResult:
        """Invoke the proxy, and wait for what it answers."""
        return self._function.invoke(event)

    def held(self) -> Future[InvokeResult]:
        """Invoke it with an event that a handler keeps, until the next `next_run` lets it end."""
        return self._pool.submit(self.invoke, json.dumps(self._board.event()).encode())

    def next_run(self) -> Any:
        """The handler that keeps an event."""
        return self._board.next_run()

    def send_nonsense(self) -> None:
        """Put something into the request queue that is no request."""
        self._server.sqs.send_message(QueueUrl=self._requests, MessageBody="nonsense")

    def send_foreign_reply(self) -> None:
        """Put a reply to somebody else's request where the proxy waits for its own."""
        text = {
            "version": "1.0",
            "kind": "accepted",
            "requestId": "of-somebody-else",
            "answerByMs": wall_clock_ms() + 600_000,
            "client": {"instanceId": "somebody"},
        }
        named = [a.named for a in self.proxy.asked() if a.operation == "ReceiveMessage"]
        self._server.sqs.send_message(QueueUrl=named[-1]["QueueUrl"], MessageBody=json.dumps(text))

    def leave_a_reply_queue(self) -> None:
        """Make the reply queue of an environment that has been gone for two days."""
        two_days_ago_ms = round((time.time() - 172_800) * 1000)
        self._server.sqs.create_queue(
            QueueName=f"{self.prefix}-{'a' * 26}", tags={"createdAtMs": str(two_days_ago_ms)}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
