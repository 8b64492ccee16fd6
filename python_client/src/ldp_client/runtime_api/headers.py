"""An invocation as the headers of the answer to `/next`; pure.

The set and the spelling are those of AWS's Runtime Interface Emulator, and of the live service for
`Lambda-Runtime-Invocation-Id`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ldp_client.runtime_api.invocations import Invocation

CONTENT_TYPE = "application/json"
"""Exactly this: with a charset behind it Python's runtime client hands the handler bytes, and
without the header it crashes."""

FUNCTION_NAME = "Lambda-Debug-Function-Name"
FUNCTION_VERSION = "Lambda-Debug-Function-Version"
MEMORY_LIMIT_IN_MB = "Lambda-Debug-Memory-Limit-In-Mb"
LOG_GROUP_NAME = "Lambda-Debug-Log-Group-Name"
LOG_STREAM_NAME = "Lambda-Debug-Log-Stream-Name"
"""What Lambda tells a runtime by environment variables, constant for a process; here it can change
with each invocation, so it travels in `Invocation.extra_headers` under these names."""

_NOT_IN_A_HEADER = re.compile(rb"[\x00-\x08\x0a-\x1f]")


def next_headers(invocation: Invocation) -> tuple[tuple[str, bytes], ...]:
    """The headers that tell a runtime about its invocation, `Content-Type` first."""
    required = (
        ("Content-Type", CONTENT_TYPE),
        ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
        ("Lambda-Runtime-Deadline-Ms", str(invocation.deadline_ms)),
        ("Lambda-Runtime-Invoked-Function-Arn", invocation.invoked_function_arn),
    )
    optional = (
        ("Lambda-Runtime-Trace-Id", invocation.trace_id),
        ("Lambda-Runtime-Client-Context", invocation.client_context),
        ("Lambda-Runtime-Cognito-Identity", invocation.cognito_identity),
        ("Lambda-Runtime-Aws-Tenant-Id", invocation.tenant_id),
        ("Lambda-Runtime-Invocation-Id", invocation.invocation_id),
    )
    extra = invocation.extra_headers.items()
    present = [(name, text) for name, text in (*optional, *extra) if text]
    return tuple((name, _header_value(text)) for name, text in (*required, *present))


def _header_value(text: str) -> bytes:
    """The text as one header line.

    A line break cannot stand in a header; in JSON text it can only be white space between tokens,
    so a space keeps the meaning. Go's HTTP server, in AWS's emulator, does the same.
    """
    return _NOT_IN_A_HEADER.sub(b" ", text.encode("utf-8", "replace")).strip()
