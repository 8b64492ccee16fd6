"""The environment variables that a handler may read, set before each run; nothing is put back.

The names are fixed here and only values come from an invocation, so that no message can set a
variable of its choice (SEC-5). Credentials are never among them: a handler uses the developer's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from ldp_client.handlers.invocation import Invocation

TRACE_ID: Final = "_X_AMZN_TRACE_ID"
_ARN_REGION: Final = 3  # arn:partition:service:region:account:function:name


def set_region(region: str | None, environment: MutableMapping[str, str] = os.environ) -> None:
    """Tell SDK clients that the user's module makes when it is imported where they are.

    What the user set stays.
    """
    if region:
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            environment.setdefault(name, region)


def prepare(invocation: Invocation, environment: MutableMapping[str, str] = os.environ) -> None:
    """Set the variables for one run; those of which nothing is known stay as they are."""
    environment.update(_variables(invocation))
    set_region(_region(invocation), environment)
    if invocation.trace_id is None:
        environment.pop(TRACE_ID, None)
    else:
        environment[TRACE_ID] = invocation.trace_id


def _variables(invocation: Invocation) -> Mapping[str, str]:
    function = invocation.function
    known = {
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": function.memory_limit_in_mb,
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": function.log_stream_name,
    }
    return {name: value for name, value in known.items() if value is not None}


def _region(invocation: Invocation) -> str | None:
    parts = (invocation.invoked_function_arn or "").split(":")
    return parts[_ARN_REGION] if parts[0] == "arn" and len(parts) > _ARN_REGION else None
