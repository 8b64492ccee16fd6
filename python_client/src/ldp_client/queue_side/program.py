"""A program that the developer wants to be started: with which variables, for which function.

Lambda tells a runtime about its function by variables, which stay the same as long as its process
lives. So a process is made for the function of an event, and serves others of the same function.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from ldp_client.runtime_api import RuntimeProcess, lambda_environment
from ldp_client.sandboxes.process import Command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_wire.envelopes import Context

_ARN_REGION: Final = 3  # arn:partition:service:region:account:function:name
_DEFAULT_REGION: Final = "us-east-1"
_STDERR: Final = 2


@dataclass(frozen=True, slots=True)
class Function:
    """What Lambda tells a runtime about its function.

    Attributes:
        name: Its name.
        version: `$LATEST` or a published version.
        memory_limit_mb: The configured memory, MiB.
        log_group_name: The proxy's log group.
        region: Where it is, or "" if its ARN does not say.
        log_stream_name: The log stream of the proxy's environment. A new one makes no other
            function: the developer's debugger would be cut off whenever the proxy starts anew.
    """

    name: str
    version: str
    memory_limit_mb: int
    log_group_name: str
    region: str
    log_stream_name: str = field(compare=False)

    @classmethod
    def of(cls, context: Context) -> Self:
        """The function of an event."""
        parts = context.invoked_function_arn.split(":")
        return cls(
            name=context.function_name,
            version=context.function_version,
            memory_limit_mb=context.memory_limit_in_mb,
            log_group_name=context.log_group_name,
            region=parts[_ARN_REGION] if parts[0] == "arn" and len(parts) > _ARN_REGION else "",
            log_stream_name=context.log_stream_name,
        )


@dataclass(frozen=True, slots=True)
class Program:
    """A command line, and what it is started with.

    Attributes:
        argv: The program and its arguments.
        environment: The developer's variables, credentials included.
        region: The region of the queues, where nothing else says one; "" if unknown.
        leaves_stdout: Send what it prints to standard error: the report needs standard output.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    region: str = ""
    leaves_stdout: bool = False

    def command(self, function: Function, runtime_api: str) -> Command:
        """A process of it, for a function, that asks for work at an address."""
        return Command(
            self.argv,
            {**self.environment, **self.variables(function, runtime_api)},
            Path.cwd(),
            _STDERR if self.leaves_stdout else None,
        )

    def variables(self, function: Function, runtime_api: str) -> dict[str, str]:
        """Lambda's own variables for such a process.

        The region, the handler's name and the task root are the developer's where they are set. A
        runtime that is told its handler on the command line is told it last, and `_HANDLER` says
        the same.
        """
        own = self.environment
        process = RuntimeProcess(
            function_name=function.name,
            function_version=function.version,
            memory_limit_mb=function.memory_limit_mb,
            log_group_name=function.log_group_name,
            log_stream_name=function.log_stream_name,
            region=own.get("AWS_REGION")
            or own.get("AWS_DEFAULT_REGION")
            or function.region
            or self.region
            or _DEFAULT_REGION,
            handler=own.get("_HANDLER") or self.argv[-1],
            task_root=own.get("LAMBDA_TASK_ROOT") or str(Path.cwd()),
            runtime_api=runtime_api,
        )
        return lambda_environment(process)
