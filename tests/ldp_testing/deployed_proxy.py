"""The proxy's real zip in a local Lambda, between queues of moto's server."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from ldp_client.local_lambda import FunctionSettings, LocalLambda
from ldp_client.packaging import build_proxy_zip
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_connection import SqsConnection
from ldp_testing.answering import Answering
from ldp_testing.iam_watch import IamWatch
from ldp_testing.local_functions import Lines
from ldp_testing.moto_server import REGION, aws_environment
from ldp_testing.proxy_stage import echo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from ldp_client.local_lambda import Entry, InvokeResult
    from ldp_testing.moto_server import MotoServer
    from ldp_testing.proxy_stage import Script

TIMEOUT_S = 60.0
_REQUESTS = "LAMBDA_PROXY_REQ_QUEUE_URL"
_REPLIES = "LAMBDA_PROXY_RESP_QUEUE_URL"


@cache
def proxy_zip() -> bytes:
    """The proxy's zip; building it takes longer than most tests that deploy it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "proxy.zip"
        build_proxy_zip(path)
        return path.read_bytes()


@dataclass(frozen=True, slots=True)
class Deployed:
    """A proxy that can be invoked.

    Attributes:
        function: The local Lambda.
        lines: What its sandboxes log.
        requests: Its request queue.
        replies: Its reply queue.
    """

    function: LocalLambda
    lines: Lines
    requests: SqsQueue
    replies: SqsQueue

    def answering(self, script: Script = echo) -> Answering:
        """A client for the time of a block."""
        return Answering(self.requests, self.replies, script, beside=self.requests.beside)

    def invoke(self, event: bytes = b"{}") -> InvokeResult:
        """Invoke it."""
        return self.function.invoke(event)

    def fail(self, event: bytes = b"{}") -> dict[str, object]:
        """Invoke it, which fails; the error object."""
        result = self.invoke(event)
        assert result.function_error == "Unhandled", result
        members: dict[str, object] = json.loads(result.payload)
        return members


class Deployments:
    """Deploys proxies, and ends them all.

    Args:
        folder: For the zip.
        moto: Where the queues are; this process's SDK has to be pointed at it.
    """

    def __init__(self, folder: Path, moto: MotoServer) -> None:
        self._moto = moto
        self._folder = folder
        self._zip = folder / "proxy.zip"
        self._stack = ExitStack()
        self._watched: list[tuple[IamWatch, str, str]] = []
        self._zip.write_bytes(proxy_zip())

    def deploy(
        self,
        entry: Entry,
        *,
        endpoint: str | None = None,
        python: str | None = None,
        timeout_s: float = TIMEOUT_S,
        variables: Mapping[str, str | None] | None = None,
    ) -> Deployed:
        """Deploy a proxy with two fresh queues.

        Args:
            entry: How it is started.
            endpoint: Where it finds SQS; None for moto's server itself.
            python: The interpreter; None for this one.
            timeout_s: The function's timeout.
            variables: More variables, or other values; None leaves one out.
        """
        requests, replies = self._moto.create_queue(), self._moto.create_queue()
        wanted = {
            **aws_environment(endpoint or self._moto.url),
            _REQUESTS: requests,
            _REPLIES: replies,
            "AWS_REGION": None,  # Lambda sets it and the next
            "AWS_DEFAULT_REGION": None,
            **(variables or {}),
        }
        environment = {name: value for name, value in wanted.items() if value is not None}
        settings = FunctionSettings(
            environment=environment, region=REGION, timeout_s=timeout_s, entry=entry
        )
        if python is not None:
            settings = replace(settings, python=python)
        folder = self._folder / f"watch-{len(self._watched)}"
        folder.mkdir()
        watch = IamWatch(folder)
        urls = environment.get(_REQUESTS, requests), environment.get(_REPLIES, replies)
        self._watched.append((watch, *urls))
        settings = replace(settings, environment=environment | watch.proxy.environment())
        lines = Lines()
        function = self._stack.enter_context(LocalLambda(settings, self._zip, log=lines))
        connection = SqsConnection(REGION)
        self._stack.callback(connection.close)
        queue = SqsQueue(connection, requests)
        return Deployed(function, lines, queue, queue.beside(replies))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
        if kind is None:
            for watch, requests, replies in self._watched:
                watch.check(requests, replies)
