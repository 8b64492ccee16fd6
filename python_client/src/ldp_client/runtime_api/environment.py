"""The environment variables with which Lambda starts a runtime; pure.

Runtimes differ in what they insist on: Node's throws when one of five is empty, Rust's when name,
memory or version is missing. So all of them are always there, never empty.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeProcess:
    """What a runtime's process is told about the function that it runs.

    Attributes:
        function_name: The function's name.
        function_version: `$LATEST` or a published version.
        memory_limit_mb: The configured memory, MiB.
        log_group_name: May be empty; then Lambda's default for the function is used.
        log_stream_name: May be empty; then the version stands in for it.
        region: The AWS region, for the function's own SDK clients.
        handler: The handler's name in the runtime's own notation.
        task_root: The folder with the function's code.
        runtime_api: `host:port` of the Runtime API: one colon, no path, no IPv6.
    """

    function_name: str
    function_version: str
    memory_limit_mb: int
    log_group_name: str
    log_stream_name: str
    region: str
    handler: str
    task_root: str
    runtime_api: str


def lambda_environment(process: RuntimeProcess) -> dict[str, str]:
    """The complete set of variables for a runtime's process.

    `AWS_EXECUTION_ENV` is left out on purpose: `AWS_Lambda_python3.12` and later make Python's
    runtime client write results without ASCII escapes, and a lone surrogate in one then kills the
    process. Credentials are not part of it either; they are the caller's to give.
    """
    return {
        "_HANDLER": process.handler,
        "AWS_DEFAULT_REGION": process.region,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(process.memory_limit_mb),
        "AWS_LAMBDA_FUNCTION_NAME": process.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": process.function_version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": process.log_group_name
        or f"/aws/lambda/{process.function_name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": process.log_stream_name or process.function_version,
        "AWS_LAMBDA_RUNTIME_API": process.runtime_api,
        "AWS_REGION": process.region,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "LAMBDA_TASK_ROOT": process.task_root,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
    }
