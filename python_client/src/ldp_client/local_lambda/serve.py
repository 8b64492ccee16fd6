"""A local Lambda with its endpoint, as the command line starts it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_client.local_lambda import logs
from ldp_client.local_lambda.endpoint import InvokeEndpoint
from ldp_client.local_lambda.function import LocalLambda
from ldp_client.runtime_api.listener import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_client.local_lambda.settings import FunctionSettings
    from ldp_client.sandboxes.process import LogSink


@dataclass(frozen=True, slots=True)
class Served:
    """A function that is being served.

    Attributes:
        function: For invoking it in this process.
        endpoint_url: For an SDK's Lambda client.
        invoke_url: For curl.
    """

    function: LocalLambda
    endpoint_url: str
    invoke_url: str


@contextmanager
def serve(
    settings: FunctionSettings,
    zip_path: Path,
    host: str = LOOPBACK,
    port: int = 0,
    log: LogSink = logs.discard,
) -> Iterator[Served]:
    """Host a function and serve its Invoke API until the block is left.

    Args:
        settings: The function's configuration.
        zip_path: Its code.
        host: The address to listen on.
        port: 0 for a free one.
        log: Gets the lines that the function writes.

    Raises:
        PortUnavailable: The address cannot be listened on.
        PackageUnusable: The zip cannot be used.
        EntryUnavailable: The interpreter cannot run the entry.
    """
    with LocalLambda(settings, zip_path, log=log) as function:
        endpoint = InvokeEndpoint(function, host=host, port=port).start()
        try:
            yield Served(function, endpoint.url, endpoint.invoke_url(function))
        finally:
            function.close()  # first, so that callers still get their answers
            endpoint.close()
