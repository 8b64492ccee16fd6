"""The Lambda Runtime API on loopback: what a runtime asks, and what it posts.

Whoever has events to run implements `Invocations` and hands it to a `RuntimeApi`; any Lambda
runtime, of any language, then works for it. Nothing here knows of queues or of the protocol's
envelopes.
"""

from __future__ import annotations

from ldp_client.runtime_api.environment import RuntimeProcess, lambda_environment
from ldp_client.runtime_api.errors import PortUnavailable, RuntimeApiError
from ldp_client.runtime_api.invocations import Invocation, Invocations, Posted, Worker
from ldp_client.runtime_api.server import RuntimeApi

__all__ = [
    "Invocation",
    "Invocations",
    "PortUnavailable",
    "Posted",
    "RuntimeApi",
    "RuntimeApiError",
    "RuntimeProcess",
    "Worker",
    "lambda_environment",
]
