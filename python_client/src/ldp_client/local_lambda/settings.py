"""What is configured about the function that a local Lambda hosts."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ldp_client.local_lambda.errors import SettingsError
from ldp_client.local_lambda.limits import INIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT_ID = "123456789012"
"""The account in the function's ARN: AWS's own example number."""

MAX_RETRY_ATTEMPTS = 2
"""API reference, PutFunctionEventInvokeConfig."""

_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}")
_RESERVED = re.compile(
    r"_HANDLER|AWS_REGION|AWS_DEFAULT_REGION|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR"
    r"|AWS_LAMBDA_(FUNCTION_.*|LOG_(GROUP|STREAM)_NAME|RUNTIME_API|INITIALIZATION_TYPE)"
)


class Entry(Enum):
    """How the function's code is started.

    Members:
        AWSLAMBDARIC: Under AWS's runtime client for Python, as in the managed runtime.
        RUNTIME: Through the zip's `ldp-runtime`, as with `AWS_LAMBDA_EXEC_WRAPPER`.
    """

    AWSLAMBDARIC = "awslambdaric"
    RUNTIME = "runtime"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """One function, in the terms of Lambda's function configuration.

    A version that is published has a configuration of its own, but for the name, the region and
    the reserved concurrency, which are the function's.

    Attributes:
        name: The function's name, 1 to 64 characters of `[0-9A-Za-z_-]`.
        memory_mb: What the function is told that it has, MiB. Not enforced.
        timeout_s: How long one invocation may take, seconds. Lambda stops at 900.
        environment: Variables for the function, credentials and endpoints included: it inherits
            nothing from this process but `PATH`. Lambda's own names may not be set.
        reserved_concurrency: How many invocations of all versions together may run at once; None
            for no limit, 0 for none.
        retry_attempts: How often a failed asynchronous invocation is run again, 0 to 2.
        entry: How the code is started.
        python: The interpreter for the sandboxes.
        handler: `module.function`, for the entry AWSLAMBDARIC.
        runtime_dir: The folder that stands for `/var/runtime`, where the runtime's boto3 is; None
            if the interpreter has boto3 itself.
        region: The region in the function's ARN and environment.
        init_timeout_s: How long the init phase may take, seconds.
    """

    name: str = "test_function"
    memory_mb: int = 128
    timeout_s: float = 3.0
    environment: Mapping[str, str] = field(default_factory=dict)
    reserved_concurrency: int | None = None
    retry_attempts: int = 0
    entry: Entry = Entry.AWSLAMBDARIC
    python: str = sys.executable
    handler: str = "ldp_proxy.handler.handler"
    runtime_dir: str | None = None
    region: str = "us-east-1"
    init_timeout_s: float = INIT_S

    def __post_init__(self) -> None:
        """Refuse what Lambda would refuse.

        Raises:
            SettingsError: A value is out of its range.
        """
        self._require(bool(_NAME.fullmatch(self.name)), "name", "1 to 64 of [0-9A-Za-z_-]")
        self._require(self.memory_mb > 0, "memory_mb", "a positive number of MiB")
        self._require(self.timeout_s > 0, "timeout_s", "a positive number of seconds")
        self._require(self.init_timeout_s > 0, "init_timeout_s", "a positive number of seconds")
        self._require((self.reserved_concurrency or 0) >= 0, "reserved_concurrency", "0 or more")
        allowed = range(MAX_RETRY_ATTEMPTS + 1)
        self._require(self.retry_attempts in allowed, "retry_attempts", "0, 1 or 2")
        for variable in self.environment:
            self._require(
                not _RESERVED.fullmatch(variable), variable, "no variable that Lambda sets itself"
            )

    @property
    def arn(self) -> str:
        """The function's ARN without a qualifier."""
        return f"arn:aws:lambda:{self.region}:{ACCOUNT_ID}:function:{self.name}"

    @staticmethod
    def _require(holds: bool, what: str, expected: str) -> None:  # noqa: FBT001 - reads as a sentence
        if not holds:
            raise SettingsError(
                f"The setting {what} is invalid: expected {expected}.", hint=f"Correct {what}."
            )
