"""How a sandbox's process is started: its arguments, environment and folder."""

from __future__ import annotations

import os
import subprocess
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ldp_client.local_lambda.errors import EntryUnavailable, PackageUnusable
from ldp_client.local_lambda.settings import Entry
from ldp_client.packaging.proxy_zip import WRAPPER
from ldp_client.runtime_api import RuntimeProcess, lambda_environment
from ldp_client.sandboxes.process import Command

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_client.local_lambda.settings import FunctionSettings

MANAGED_RUNTIME_DIR = "/var/runtime"
"""Where Lambda's managed runtimes keep what they ship, boto3 included."""

_PROBE = (
    "import importlib.util as util, sys;"
    "print('%d.%d' % sys.version_info[:2],"
    " all(map(util.find_spec, ('awslambdaric', 'runtime_client'))))"
)
_PROBE_TIMEOUT_S = 30.0


class Launcher:
    """Knows how to start the sandboxes of one version.

    Args:
        settings: Its configuration.
        task_root: The folder with its unzipped code.
        version: What the function is told that it is.

    Raises:
        EntryUnavailable: The interpreter does not run, or cannot run the entry.
        PackageUnusable: The zip lacks the script that the entry needs.
    """

    def __init__(
        self, settings: FunctionSettings, task_root: Path, version: str = "$LATEST"
    ) -> None:
        self._settings = settings
        self._version = version
        self._task_root = task_root
        self._base = _base_environment(settings)
        version = self._probe()
        if settings.entry is Entry.RUNTIME and not (task_root / WRAPPER).is_file():
            raise PackageUnusable(
                f"The zip has no {WRAPPER}, which the entry {Entry.RUNTIME.value!r} starts.",
                hint="Build the zip again, or use the entry 'awslambdaric'.",
            )
        # The managed runtimes set it; from 3.12 on it changes how results are encoded.
        self._base["AWS_EXECUTION_ENV"] = f"AWS_Lambda_python{version}"

    def command(self, runtime_api: str) -> Command:
        """The process for a new sandbox, which gets a log stream of its own."""
        settings = self._settings
        process = RuntimeProcess(
            function_name=settings.name,
            function_version=self._version,
            memory_limit_mb=settings.memory_mb,
            log_group_name=f"/aws/lambda/{settings.name}",
            log_stream_name=_log_stream(self._version),
            region=settings.region,
            handler=settings.handler,
            task_root=str(self._task_root),
            runtime_api=runtime_api,
        )
        environment = {**self._base, **settings.environment, **lambda_environment(process)}
        return Command(self._argv(), environment, self._task_root)

    def _argv(self) -> tuple[str, ...]:
        if self._settings.entry is Entry.RUNTIME:
            original = f"{self._base['LAMBDA_RUNTIME_DIR']}/bootstrap.py"  # as Lambda calls it
            return str(self._task_root / WRAPPER), self._settings.python, original
        return self._settings.python, "-m", "awslambdaric", self._settings.handler

    def _probe(self) -> str:
        """The interpreter's version, after making sure that it can run the entry."""
        python = self._settings.python
        try:
            done = subprocess.run(  # noqa: S603 - the user names the interpreter
                [python, "-c", _PROBE],
                env={**self._base, **self._settings.environment},
                capture_output=True,
                text=True,
                timeout=_PROBE_TIMEOUT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as exc:
            raise EntryUnavailable(
                f"The interpreter {python} does not run: {exc}",
                hint="Give the path of a Python 3.10 or later.",
            ) from exc
        version, has_runtime_client = done.stdout.split()
        if self._settings.entry is Entry.AWSLAMBDARIC and has_runtime_client != "True":
            raise EntryUnavailable(
                f"The interpreter {python} has no awslambdaric.",
                hint="Install awslambdaric for it (Linux only), or use the entry 'runtime'.",
            )
        return version


def _base_environment(settings: FunctionSettings) -> dict[str, str]:
    base = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LAMBDA_RUNTIME_DIR": settings.runtime_dir or MANAGED_RUNTIME_DIR,
    }
    if settings.runtime_dir is not None:
        base["PYTHONPATH"] = settings.runtime_dir  # as the managed runtimes set it
    return base


def _log_stream(version: str) -> str:
    return f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"
