"""What every handler of these tests does, in Python."""

from __future__ import annotations

import os
from typing import Any


class OutOfStockError(Exception):
    """An error whose type a caller has to see."""


def handler(event: dict[str, Any], context: Any) -> object:
    """Do what the event says."""
    match event["do"]:
        case "echo":
            return event
        case "context":
            return about(context)
        case "fail":
            raise OutOfStockError(event["message"])
        case _:
            os._exit(3)


def about(context: Any) -> dict[str, object]:
    """All that the runtime tells a handler."""
    client = context.client_context
    return {
        "requestId": context.aws_request_id,
        "functionName": context.function_name,
        "functionVersion": context.function_version,
        "invokedFunctionArn": context.invoked_function_arn,
        "memoryLimitInMb": int(context.memory_limit_in_mb),
        "logGroupName": context.log_group_name,
        "logStreamName": context.log_stream_name,
        "remainingMs": context.get_remaining_time_in_millis(),
        "pid": os.getpid(),
        "traceId": os.environ["_X_AMZN_TRACE_ID"],
        "tenantId": context.tenant_id,
        "appTitle": client and client.client.app_title,
        "custom": client and client.custom,
        "identityId": context.identity.cognito_identity_id,
    }
