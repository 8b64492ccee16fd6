"""What benchmarks of the whole way set up: a server, a function from the zip, and programs."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_client.demo.embedded_sqs import REGION
from ldp_client.local_lambda import Entry, FunctionSettings, LocalLambda
from ldp_client.packaging import build_proxy_zip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_client.demo.embedded_sqs import EmbeddedSqs


@contextmanager
def function(
    sqs: EmbeddedSqs, entry: Entry, folder: Path, variables: Mapping[str, str] | None = None
) -> Iterator[LocalLambda]:
    """The proxy's zip, hosted here.

    Args:
        sqs: The server.
        entry: How the proxy runs.
        folder: Where the zip is built.
        variables: More for the function's environment.
    """
    archive = folder / "proxy.zip"
    build_proxy_zip(archive)
    environment = {**sqs.environment(), **(variables or {})}
    settings = FunctionSettings(
        timeout_s=900.0, environment=environment, entry=entry, region=REGION
    )
    with LocalLambda(settings, archive) as hosted:
        yield hosted


@contextmanager
def program(*arguments: str, folder: Path | None = None) -> Iterator[None]:
    """A Python program beside this one, which sees the benchmarks' modules.

    Args:
        arguments: Those of the interpreter.
        folder: Where a client keeps its state; None for what is no client.
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    if folder is not None:
        environment["LAMBDA_DEBUG_STATE_DIR"] = str(folder / "state")
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()
