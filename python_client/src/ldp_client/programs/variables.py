"""The variables of a program that somebody else starts, as shells and IDEs read them; pure."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Final, Literal

from ldp_client.errors import ConfigError
from ldp_client.queue_side.program import Function

if TYPE_CHECKING:
    from collections.abc import Mapping

Format = Literal["shell", "dotenv", "json"]

_PLAIN: Final = re.compile(r"[0-9A-Za-z_./:@,+=-]*")
_MEMORY: Final = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"


def function_of(environment: Mapping[str, str]) -> Function:
    """The function that a program is told of before any event came.

    The developer's variables say it. What they do not say is what AWS's Runtime Interface Emulator
    says.

    Raises:
        ConfigError: A variable is wrong.
    """
    memory = environment.get(_MEMORY) or "3008"
    if not (memory.isascii() and memory.isdigit() and int(memory)):
        raise ConfigError(
            f"Set {_MEMORY} to a number of MiB, or not at all: it is {memory!r}.",
            hint="Programs are told it as the memory of their function.",
        )
    return Function(
        name=environment.get("AWS_LAMBDA_FUNCTION_NAME") or "test_function",
        version=environment.get("AWS_LAMBDA_FUNCTION_VERSION") or "$LATEST",
        memory_limit_mb=int(memory),
        log_group_name=environment.get("AWS_LAMBDA_LOG_GROUP_NAME", ""),
        region="",
        log_stream_name=environment.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
    )


def written(variables: Mapping[str, str], form: Format) -> str:
    """The variables as text: one a line, or one JSON object."""
    if form == "json":
        return f"{json.dumps(variables)}\n"
    if form == "shell":
        return "".join(f"export {name}={shlex.quote(text)}\n" for name, text in variables.items())
    return "".join(f"{name}={_dotenv(text)}\n" for name, text in variables.items())


def _dotenv(text: str) -> str:
    """A value as all readers of such files take it: single quotes let nothing be expanded."""
    if _PLAIN.fullmatch(text):
        return text
    if "'" not in text:
        return f"'{text}'"
    escaped = re.sub(r'(["\\$`])', r"\\\1", text)
    return f'"{escaped}"'
