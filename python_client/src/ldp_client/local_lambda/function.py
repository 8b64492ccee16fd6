"""A local Lambda function: what the service does around a function's code, on this machine.

It enforces time, concurrency and sizes as the service does, and freezes the function between
invocations. It does not enforce memory, keep tenants apart, or wait minutes between retries.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from random import SystemRandom
from typing import TYPE_CHECKING, Self

from ldp_client.local_lambda import logs
from ldp_client.local_lambda.attempt import Attempt, Work, run_attempt
from ldp_client.local_lambda.errors import (
    AliasNotFound,
    FunctionNotFound,
    LocalLambdaError,
    SettingsError,
)
from ldp_client.local_lambda.invoke import (
    InvocationType,
    InvokeOptions,
    InvokeResult,
    check_event,
    check_options,
    new_trace_id,
)
from ldp_client.local_lambda.pool import SandboxPool
from ldp_client.local_lambda.version import LATEST, Package, Version

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from ldp_client.local_lambda.aliases import Alias
    from ldp_client.local_lambda.settings import FunctionSettings
    from ldp_client.sandboxes.process import LogSink

_logger = logging.getLogger(__name__)

_JOIN_S = 5.0


class LocalLambda:
    """One function, hosted from its zip. Safe to invoke from many threads at once.

    It begins with one version, `$LATEST`; more can be published, and named by aliases.

    Args:
        settings: The function's configuration.
        zip_path: Its code.
        log: Gets the lines that its sandboxes write, from several threads.

    Raises:
        PackageUnusable: The zip cannot be used.
        EntryUnavailable: The interpreter cannot run the entry.
    """

    def __init__(
        self, settings: FunctionSettings, zip_path: Path, *, log: LogSink = logs.discard
    ) -> None:
        self.settings = settings
        self._log = log
        self._chance = SystemRandom().random
        self._queued: list[threading.Thread] = []
        self._latest = Version(LATEST, Package(settings, zip_path), log)
        self._versions = {LATEST: self._latest}
        self._aliases: dict[str, Alias] = {}
        self._pool = SandboxPool(settings.reserved_concurrency)

    def publish(self, package: Package | None = None) -> str:
        """Publish a version.

        Args:
            package: Its code and configuration, of which the reserved concurrency does not count;
                None for those of `$LATEST`.

        Returns:
            Its number.

        Raises:
            SettingsError: The configuration is another function's.
            PackageUnusable: The zip cannot be used.
            EntryUnavailable: The interpreter cannot run the entry.
        """
        package = package or self._latest.package
        if package.settings.arn != self.settings.arn:
            raise SettingsError(
                f"A version of {self.settings.arn} cannot be configured as {package.settings.arn}.",
                hint="Give all versions the name and the region of the function.",
            )
        number = str(len(self._versions))
        self._versions[number] = Version(number, package, self._log)
        return number

    def set_alias(self, alias: Alias) -> None:
        """Create an alias, or point it elsewhere.

        Raises:
            SettingsError: It leads to a version that there is not.
        """
        for version in alias.versions():
            if version not in self._versions:
                raise SettingsError(
                    f"The alias {alias.name} leads to version {version}, which does not exist.",
                    hint="Publish the version first.",
                )
        self._aliases[alias.name] = alias

    def alias(self, name: str) -> Alias:
        """An alias, as the GetAlias API finds it.

        Raises:
            AliasNotFound: There is none of that name.
        """
        if name not in self._aliases:
            raise AliasNotFound(f"{self.settings.arn}:{name}")
        return self._aliases[name]

    def invoke(self, payload: bytes = b"", options: InvokeOptions | None = None) -> InvokeResult:
        """Invoke the function, as the Invoke API does.

        Args:
            payload: The event, any JSON text in UTF-8; none means `{}`.
            options: Everything else.

        Raises:
            InvokeRefused: The service would answer with an error; the function was not run.
            EntryUnavailable: A sandbox cannot be started.
        """
        options = options or InvokeOptions()
        version = self._version(options.qualifier)
        work = self._accept(payload, options)
        if options.invocation_type is InvocationType.DRY_RUN:
            return InvokeResult(204, work.request_id, version.number)
        if options.invocation_type is InvocationType.EVENT:
            self._queue(version, work)
            return InvokeResult(202, work.request_id, version.number)
        attempt = self._attempt(version, work, wait=False)
        error = "Unhandled" if attempt.is_error else None
        return InvokeResult(200, work.request_id, version.number, attempt.payload, error)

    def close(self) -> None:
        """Kill all sandboxes and delete the unzipped code; running invocations fail."""
        self._pool.close()
        for thread in self._queued:
            thread.join(_JOIN_S)
        for version in self._versions.values():
            version.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _version(self, qualifier: str | None) -> Version:
        alias = self._aliases.get(qualifier or LATEST)
        number = alias.resolve(self._chance()) if alias else qualifier or LATEST
        if number not in self._versions:
            raise FunctionNotFound(self._arn(qualifier), self.settings.arn)
        return self._versions[number]

    def _arn(self, qualifier: str | None) -> str:
        """The ARN as the caller named the function."""
        return self.settings.arn if qualifier is None else f"{self.settings.arn}:{qualifier}"

    def _accept(self, payload: bytes, options: InvokeOptions) -> Work:
        check_options(options)
        event = check_event(payload, options.invocation_type)
        is_sync = options.invocation_type is InvocationType.REQUEST_RESPONSE
        return Work(
            request_id=str(uuid.uuid4()),
            event=event,
            invoked_function_arn=self._arn(options.qualifier),
            trace_id=options.trace_id or new_trace_id(),
            client_context=options.client_context if is_sync else None,
            tenant_id=options.tenant_id,
            cognito_identity=options.cognito_identity,
        )

    def _attempt(self, version: Version, work: Work, *, wait: bool) -> Attempt:
        started_s = time.monotonic()
        attempt_id = str(uuid.uuid4())
        attempt = run_attempt(self._pool, version, work, attempt_id=attempt_id, wait=wait)
        extra = {
            "aws_request_id": work.request_id,
            "version": version.number,
            "duration_ms": round((time.monotonic() - started_s) * 1000),
            "event_bytes": len(work.event),
            "result_bytes": len(attempt.payload),
            "is_error": attempt.is_error,
        }
        _logger.info("invocation.completed", extra=extra)
        return attempt

    def _queue(self, version: Version, work: Work) -> None:
        thread = threading.Thread(target=self._run_queued, args=(version, work), daemon=True)
        self._queued = [each for each in self._queued if each.is_alive()]
        self._queued.append(thread)
        thread.start()

    def _run_queued(self, version: Version, work: Work) -> None:
        for _ in range(1 + version.package.settings.retry_attempts):
            try:
                attempt = self._attempt(version, work, wait=True)
            except LocalLambdaError as exc:
                extra = {"aws_request_id": work.request_id, "reason": str(exc)}
                _logger.warning("invocation.dropped", extra=extra)
                return
            if not attempt.is_error:
                return
