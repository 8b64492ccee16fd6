"""What `lambda-debug local-lambda` does: a local Lambda that is served until a signal ends it."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import click

from ldp_client.errors import ConfigError, LocalLambdaFailed
from ldp_client.local_lambda import (
    Entry,
    FunctionSettings,
    LocalLambdaError,
    Served,
    SettingsError,
    serve,
)
from ldp_client.packaging import PackagingError, build_proxy_zip
from ldp_client.runtime_api import RuntimeApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PASSED_ON: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SQS",
)
"""A function has credentials of its own in Lambda; here it gets the developer's."""

_GLANCE_S: Final = 0.5
_DEFAULT_REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosting:
    """What the command line says.

    Attributes:
        zip_path: The function's code; None for the proxy's zip, built for this run.
        name: The function's name.
        port: Where to serve; 0 for a free port.
        timeout_s: How long an invocation may take, seconds.
        memory_mb: What the function is told that it has, MiB.
        reserved_concurrency: Invocations at a time; None for any number.
        entry: How the code is started; None for awslambdaric where it is installed.
        variables: The function's own variables.
    """

    zip_path: str | None
    name: str
    port: int
    timeout_s: float
    memory_mb: int
    reserved_concurrency: int | None
    entry: str | None
    variables: Mapping[str, str]


def host(hosting: Hosting) -> None:
    """Host the function until SIGINT or SIGTERM.

    Raises:
        ConfigError: Lambda would not take a setting either.
        LocalLambdaFailed: The function cannot be hosted.
    """
    try:
        settings = _settings(hosting, os.environ)
        with TemporaryDirectory(prefix="lambda-debug-") as folder:
            zip_path = Path(hosting.zip_path or _proxy_zip(folder))
            with serve(settings, zip_path, port=hosting.port, log=_log) as served:
                _announce(served)
                _wait_for_signal()
    except SettingsError as exc:
        raise ConfigError(str(exc), hint=exc.hint) from exc
    except (LocalLambdaError, PackagingError, RuntimeApiError) as exc:
        raise LocalLambdaFailed(str(exc), hint=exc.hint) from exc


def _settings(hosting: Hosting, environment: Mapping[str, str]) -> FunctionSettings:
    passed_on = {
        name: value
        for name, value in environment.items()
        if name in _PASSED_ON or name.startswith("LAMBDA_PROXY_")
    }
    return FunctionSettings(
        name=hosting.name,
        memory_mb=hosting.memory_mb,
        timeout_s=hosting.timeout_s,
        environment={**passed_on, **hosting.variables},
        reserved_concurrency=hosting.reserved_concurrency,
        entry=_entry(hosting.entry),
        region=environment.get("AWS_REGION")
        or environment.get("AWS_DEFAULT_REGION")
        or _DEFAULT_REGION,
    )


def _entry(chosen: str | None) -> Entry:
    if chosen is not None:
        return Entry(chosen)
    has_client = importlib.util.find_spec("awslambdaric") is not None
    return Entry.AWSLAMBDARIC if has_client else Entry.RUNTIME


def _proxy_zip(folder: str) -> str:
    path = Path(folder) / "proxy.zip"
    build_proxy_zip(path)
    return str(path)


def _announce(served: Served) -> None:
    name = served.function.settings.name
    click.echo(f"{name} is hosted at {served.endpoint_url}. Send it an event:\n")
    click.echo(f"  curl {served.invoke_url} -d '{{\"order\": 1}}'\n")
    click.echo("Ctrl-C ends it.")


def _log(line: str) -> None:
    click.echo(f"  {line}", file=sys.stderr)


def _wait_for_signal() -> None:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            never = threading.Event()
            while not never.wait(_GLANCE_S):  # a signal that wakes another thread ends no wait
                pass
    finally:
        signal.signal(signal.SIGTERM, before)
