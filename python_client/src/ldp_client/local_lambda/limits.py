"""The sizes and times of the Lambda service, each with its source."""

from __future__ import annotations

PAYLOAD_BYTES = 6_291_556
"""Largest event and result of a synchronous invocation: 6 MiB and 100 bytes. Enforced by the
service; `interop.MaxPayloadSize` in AWS's Runtime Interface Emulator."""

ASYNC_PAYLOAD_BYTES = 1_048_576
"""Largest event of an asynchronous invocation. AWS Compute blog, January 2026; 262,144 before."""

CLIENT_CONTEXT_BYTES = 3_583
"""Largest `X-Amz-Client-Context`, as base64. API reference, Invoke."""

INIT_S = 10.0
"""How long the init phase may take; after that it is run again inside the invocation.
Developer guide, "Lambda execution environment"."""

SETTLE_S = 1.0
"""How long an invoke waits for a sandbox that has answered and is about to ask for more. The
service has no such wait; here a caller's next invoke arrives microseconds after the answer."""
