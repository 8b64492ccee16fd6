"""The seam of the Runtime API: what its server hands out, takes in, and from whom.

Values and one narrow interface; nothing here does I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation as a runtime gets it from `/next`.

    Optional texts that are None or empty are left out of the answer, as Lambda does.

    Attributes:
        request_id: Lambda's request ID; opaque, it repeats when an invocation is retried.
        deadline_ms: When the invocation times out, epoch milliseconds.
        invoked_function_arn: The ARN that the caller named, with its qualifier.
        event: The event's bytes, delivered as they are.
        trace_id: The X-Ray trace header.
        tenant_id: The tenant, for functions with tenant isolation.
        invocation_id: The nonce of this attempt, which runtimes echo when they post.
        client_context: The client context as raw JSON text, not base64.
        cognito_identity: The Cognito identity as JSON text.
        extra_headers: More headers of the answer, which Lambda's own service does not send; ASCII
            names. Runtimes ignore what they do not know.
    """

    request_id: str
    deadline_ms: int
    invoked_function_arn: str
    event: bytes
    trace_id: str | None = None
    tenant_id: str | None = None
    invocation_id: str | None = None
    client_context: str | None = None
    cognito_identity: str | None = None
    extra_headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posted:
    """A result or an error as a runtime posted it.

    Attributes:
        body: The posted bytes; only the first 8 MiB of a longer body.
        size_bytes: The true length of what was posted; compare limits with this.
        content_type: As sent, or "" if none was. It proves nothing: Go's runtime calls JSON
            `application/octet-stream`, Rust's sends none.
        error_type: The `Lambda-Runtime-Function-Error-Type` header, or "". Several runtimes do not
            send it, so read `errorType` in the body first.
        invocation_id: The echoed nonce, or "" from runtimes that do not echo it.
    """

    body: bytes
    size_bytes: int
    content_type: str = ""
    error_type: str = ""
    invocation_id: str = ""


@dataclass(eq=False, slots=True)
class Worker:
    """One connection on which a runtime asks for work.

    A runtime may post on another connection than the one that it asked on, so the request ID alone
    tells which invocation a post belongs to.

    Attributes:
        number: Counts the connections of one server from 1; for logs.
        gone: Whether the connection has ended. Once true it stays true.
    """

    number: int
    gone: bool = field(default=False, init=False)


class Invocations(Protocol):
    """Who has the events: the server calls it, from several threads at once."""

    def next(self, worker: Worker) -> Invocation | None:
        """Wait, as long as it takes, for something that this worker can run.

        Returns:
            The invocation, or None to end the connection without an answer: when shutting down, and
            when `worker.gone` has become true.
        """

    def responded(self, worker: Worker, request_id: str, posted: Posted) -> None:
        """Take in a result; the runtime gets its 202 once this returns.

        Called for every post, also late, repeated and unknown ones: the runtime is told that all is
        well in any case (another answer would end the process), so recording them happens here.
        """

    def failed(self, worker: Worker, request_id: str, posted: Posted) -> None:
        """Take in an error under the conditions of `responded`."""

    def init_failed(self, worker: Worker, posted: Posted) -> None:
        """Take in the error that kept a runtime from starting; its process will exit."""

    def lost(self, worker: Worker) -> None:
        """Hear that a worker went away while it waited in `next`.

        `worker.gone` is true by now. Wake that worker's `next`, so that it can return None.
        """

    def undelivered(self, worker: Worker, invocation: Invocation) -> None:
        """Take back an invocation that `next` returned for a worker that had gone."""
