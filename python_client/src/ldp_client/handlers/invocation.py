"""One invocation as the Runtime API hands it out: bytes and texts, nothing parsed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FunctionInfo:
    """What Lambda tells a runtime about the function by environment variables.

    None where the Runtime API did not say.

    Attributes:
        name: The function's name.
        version: `$LATEST` or a published version.
        memory_limit_in_mb: The configured memory in MiB, as the text that handlers see.
        log_group_name: The proxy's log group.
        log_stream_name: The log stream of the proxy's environment.
    """

    name: str | None = None
    version: str | None = None
    memory_limit_in_mb: str | None = None
    log_group_name: str | None = None
    log_stream_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One invocation.

    Attributes:
        request_id: Lambda's request ID; it repeats when an invocation is retried.
        event: The event's bytes (PAY-1).
        deadline_ms: When the invocation times out, epoch milliseconds.
        invoked_function_arn: The ARN that the caller named.
        trace_id: The X-Ray trace header.
        tenant_id: The tenant of a tenant-isolated function.
        invocation_id: The nonce of this attempt, to be echoed.
        client_context: JSON text.
        cognito_identity: JSON text.
        content_type: The event's media type.
        function: About the function.
    """

    request_id: str
    event: bytes
    deadline_ms: int
    invoked_function_arn: str | None = None
    trace_id: str | None = None
    tenant_id: str | None = None
    invocation_id: str | None = None
    client_context: str | None = None
    cognito_identity: str | None = None
    content_type: str = "application/json"
    function: FunctionInfo = field(default_factory=FunctionInfo)
