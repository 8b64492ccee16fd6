"""One attempt at an invocation: a sandbox, its start, the event, and what the caller is told."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_client.local_lambda.limits import PAYLOAD_BYTES
from ldp_client.runtime_api import Invocation
from ldp_client.sandboxes import faults
from ldp_client.sandboxes.outcomes import Answered, Exited, InitFailed, Ready

if TYPE_CHECKING:
    from ldp_client.local_lambda.pool import SandboxPool
    from ldp_client.local_lambda.version import Version
    from ldp_client.sandboxes.outcomes import Outcome
    from ldp_client.sandboxes.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Work:
    """An invocation that passed the service's checks; it stays the same from attempt to attempt.

    Attributes:
        request_id: Repeated by retries, as Lambda does.
        event: The event's bytes.
        invoked_function_arn: With the qualifier that the caller named.
        trace_id: The X-Ray trace header.
        client_context: JSON text or None.
        tenant_id: The tenant or None.
        cognito_identity: JSON text or None.
    """

    request_id: str
    event: bytes
    invoked_function_arn: str
    trace_id: str
    client_context: str | None = None
    tenant_id: str | None = None
    cognito_identity: str | None = None

    def invocation(self, *, deadline_ms: int, invocation_id: str) -> Invocation:
        """This work as one attempt hands it out."""
        return Invocation(
            request_id=self.request_id,
            deadline_ms=deadline_ms,
            invoked_function_arn=self.invoked_function_arn,
            event=self.event,
            trace_id=self.trace_id,
            tenant_id=self.tenant_id,
            invocation_id=invocation_id,
            client_context=self.client_context,
            cognito_identity=self.cognito_identity,
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: what the caller gets, and whether the function failed."""

    payload: bytes
    is_error: bool


@dataclass(frozen=True, slots=True)
class Times:
    """How long the phases of an attempt may take, seconds."""

    init_s: float
    invoke_s: float


def run_attempt(
    pool: SandboxPool, version: Version, work: Work, *, attempt_id: str, wait: bool
) -> Attempt:
    """Run an invocation once.

    A sandbox that does not start within the init phase is started once more inside the invocation,
    at the cost of its time; only then does the caller hear of it. Developer guide, "Failures during
    the Init phase".

    Args:
        pool: Where sandboxes come from.
        version: What to run.
        work: What to run it on.
        attempt_id: The nonce of this attempt.
        wait: Wait for a sandbox while all are busy.

    Raises:
        InvokeRefused: There was no sandbox; the function was not run.
        EntryUnavailable: A process cannot be started.
    """
    sandbox, times = pool.acquire(version, wait=wait), version.times
    start = sandbox.await_start(times.init_s)
    until_s = time.monotonic() + times.invoke_s
    if not isinstance(start, Ready):
        sandbox = pool.replace(sandbox)
        start = sandbox.await_start(times.invoke_s)
    if isinstance(start, InitFailed):
        pool.discard(sandbox)
        return Attempt(start.posted.body, is_error=True)
    if not isinstance(start, Ready):
        pool.discard(sandbox)
        return _judge(start, work.request_id, times)
    return _judge(_hand_over(sandbox, work, attempt_id, until_s), work.request_id, times)


def _hand_over(sandbox: Sandbox, work: Work, attempt_id: str, until_s: float) -> Outcome:
    left_s = until_s - time.monotonic()
    deadline_ms = int((time.time() + left_s) * 1000)
    invocation = work.invocation(deadline_ms=deadline_ms, invocation_id=attempt_id)
    return sandbox.handle(invocation, until_s)


def _judge(outcome: Outcome, request_id: str, times: Times) -> Attempt:
    if isinstance(outcome, Exited):
        return Attempt(faults.exited(request_id, outcome.code), is_error=True)
    if not isinstance(outcome, Answered):
        return Attempt(faults.timed_out(request_id, times.invoke_s), is_error=True)
    if outcome.posted.size_bytes > PAYLOAD_BYTES:
        return Attempt(faults.response_too_large(), is_error=True)
    return Attempt(outcome.posted.body, outcome.is_error)
