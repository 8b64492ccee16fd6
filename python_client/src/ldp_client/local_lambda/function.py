"""A local Lambda function: what the service does around a function's code, on this machine.

It enforces time, concurrency and sizes as the service does, and freezes the function between
invocations. It does not enforce memory, keep tenants apart, or wait minutes between retries.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from typing import TYPE_CHECKING, Self

from ldp_client.local_lambda import logs
from ldp_client.local_lambda.attempt import Attempt, Times, Work, run_attempt
from ldp_client.local_lambda.errors import FunctionNotFound, LocalLambdaError
from ldp_client.local_lambda.invoke import (
    InvocationType,
    InvokeOptions,
    InvokeResult,
    check_event,
    check_options,
    new_trace_id,
)
from ldp_client.local_lambda.launch import Launcher
from ldp_client.local_lambda.package import TaskRoot
from ldp_client.local_lambda.pool import SandboxPool
from ldp_client.local_lambda.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from ldp_client.local_lambda.logs import LogSink
    from ldp_client.local_lambda.settings import FunctionSettings

_logger = logging.getLogger(__name__)

_JOIN_S = 5.0


class LocalLambda:
    """One function, hosted from its zip. Safe to invoke from many threads at once.

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
        self._times = Times(init_s=settings.init_timeout_s, invoke_s=settings.timeout_s)
        self._queued: list[threading.Thread] = []
        self._task_root = TaskRoot(zip_path)
        try:
            self._launcher = Launcher(settings, self._task_root.path)
        except LocalLambdaError:
            self._task_root.remove()
            raise
        self._pool = SandboxPool(self._start_sandbox, settings.reserved_concurrency)

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
        work = self._accept(payload, options)
        if options.invocation_type is InvocationType.DRY_RUN:
            return InvokeResult(204, work.request_id, self.settings.version)
        if options.invocation_type is InvocationType.EVENT:
            self._queue(work)
            return InvokeResult(202, work.request_id, self.settings.version)
        attempt = self._attempt(work, wait=False)
        error = "Unhandled" if attempt.is_error else None
        return InvokeResult(200, work.request_id, self.settings.version, attempt.payload, error)

    def close(self) -> None:
        """Kill all sandboxes and delete the unzipped code; running invocations fail."""
        self._pool.close()
        for thread in self._queued:
            thread.join(_JOIN_S)
        self._task_root.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _accept(self, payload: bytes, options: InvokeOptions) -> Work:
        arn = self.settings.arn
        if options.qualifier is not None:
            arn = f"{arn}:{options.qualifier}"
            if options.qualifier not in ("$LATEST", self.settings.version):
                raise FunctionNotFound(arn, self.settings.arn)
        check_options(options)
        event = check_event(payload, options.invocation_type)
        is_sync = options.invocation_type is InvocationType.REQUEST_RESPONSE
        return Work(
            request_id=str(uuid.uuid4()),
            event=event,
            invoked_function_arn=arn,
            trace_id=options.trace_id or new_trace_id(),
            client_context=options.client_context if is_sync else None,
            tenant_id=options.tenant_id,
            cognito_identity=options.cognito_identity,
        )

    def _attempt(self, work: Work, *, wait: bool) -> Attempt:
        started_s = time.monotonic()
        attempt = run_attempt(
            self._pool, work, self._times, attempt_id=str(uuid.uuid4()), wait=wait
        )
        extra = {
            "aws_request_id": work.request_id,
            "duration_ms": round((time.monotonic() - started_s) * 1000),
            "event_bytes": len(work.event),
            "result_bytes": len(attempt.payload),
            "is_error": attempt.is_error,
        }
        _logger.info("invocation.completed", extra=extra)
        return attempt

    def _queue(self, work: Work) -> None:
        thread = threading.Thread(target=self._run_queued, args=(work,), daemon=True)
        self._queued = [each for each in self._queued if each.is_alive()]
        self._queued.append(thread)
        thread.start()

    def _run_queued(self, work: Work) -> None:
        for _ in range(1 + self.settings.retry_attempts):
            try:
                attempt = self._attempt(work, wait=True)
            except LocalLambdaError as exc:
                extra = {"aws_request_id": work.request_id, "reason": str(exc)}
                _logger.warning("invocation.dropped", extra=extra)
                return
            if not attempt.is_error:
                return

    def _start_sandbox(self, on_change: Callable[[], None]) -> Sandbox:
        return Sandbox(self._launcher, self._log, on_change)
