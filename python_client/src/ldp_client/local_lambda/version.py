"""One version of a function: code and configuration that belong together, ready to be started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_client.local_lambda.attempt import Times
from ldp_client.local_lambda.errors import EntryUnavailable, LocalLambdaError
from ldp_client.local_lambda.launch import Launcher
from ldp_client.local_lambda.package import TaskRoot
from ldp_client.sandboxes.errors import ProgramUnavailable
from ldp_client.sandboxes.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ldp_client.local_lambda.settings import FunctionSettings
    from ldp_client.sandboxes.process import LogSink

LATEST: Final = "$LATEST"
"""The version that an invoke without a qualifier runs."""


@dataclass(frozen=True, slots=True)
class Package:
    """What a version is made of.

    Attributes:
        settings: Its configuration.
        zip_path: Its code.
    """

    settings: FunctionSettings
    zip_path: Path


class Version:
    """A version that is hosted.

    Args:
        number: `$LATEST`, or the number that it was published under.
        package: Its code and configuration.
        log: Gets the lines that its sandboxes write.

    Raises:
        PackageUnusable: The zip cannot be used.
        EntryUnavailable: The interpreter cannot run the entry.
    """

    def __init__(self, number: str, package: Package, log: LogSink) -> None:
        settings = package.settings
        self.number = number
        self.package = package
        self.times = Times(init_s=settings.init_timeout_s, invoke_s=settings.timeout_s)
        self._log = log
        self._task_root = TaskRoot(package.zip_path)
        try:
            self._launcher = Launcher(settings, self._task_root.path, number)
        except LocalLambdaError:
            self._task_root.remove()
            raise

    def start(self, on_change: Callable[[], None]) -> Sandbox:
        """Start a sandbox of this version.

        Args:
            on_change: What the sandbox calls when it changes.

        Raises:
            EntryUnavailable: The process cannot be started.
        """
        try:
            return Sandbox(self._launcher.command, self._log, on_change)
        except ProgramUnavailable as exc:
            raise EntryUnavailable(str(exc), hint=exc.hint) from exc

    def remove(self) -> None:
        """Delete the unzipped code; its sandboxes have to be dead."""
        self._task_root.remove()
