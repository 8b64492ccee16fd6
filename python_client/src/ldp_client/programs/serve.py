"""From a command line to the end of its session, on the main thread of the developer's process."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Final

from ldp_client.errors import ProgramNotFound, ProgramsUnsupported
from ldp_client.handlers.stdout import reserved_stdout
from ldp_client.programs.session import Session
from ldp_client.programs.variables import function_of, written
from ldp_client.queue_side.launch import start_queue_side
from ldp_client.queue_side.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.config import ClientConfig
    from ldp_client.programs.variables import Format

#: What a program that somebody else starts is told as its handler, if nobody says another.
_HANDLER: Final = "app.handler"


def serve_started(config: ClientConfig) -> None:
    """Run the program of the settings on the events of a queue until the session ends.

    Raises:
        ProgramsUnsupported: This is Windows.
        ProgramNotFound: There is no such program.
        ClientError: The session could not start, or ended otherwise than it was asked to.
    """
    if not hasattr(os, "killpg"):
        raise ProgramsUnsupported
    if shutil.which(config.command[0]) is None:
        raise ProgramNotFound(config.command[0])
    _serve(config, _say_nothing)


def serve_others(config: ClientConfig, command: tuple[str, ...], form: Format) -> None:
    """Serve programs that somebody else starts, and print the variables that they need.

    Args:
        config: The settings.
        command: What will be started, as far as the developer says it; its last word is told as the
            name of the handler.
        form: How the variables are written.

    Raises:
        ConfigError: A variable of the developer's is wrong.
        ClientError: The session could not start, or ended otherwise than it was asked to.
    """
    program = Program(command or (_HANDLER,), os.environ, config.region or "")
    function = function_of(os.environ)

    def announce(runtime_api: str) -> None:
        sys.stdout.write(written(program.variables(function, runtime_api), form))
        sys.stdout.flush()

    _serve(config, announce)


def _serve(config: ClientConfig, announce: Callable[[str], None]) -> None:
    with ExitStack() as stack:
        is_json = config.report_format == "json"
        stdout = stack.enter_context(reserved_stdout()) if is_json else None
        start = partial(start_queue_side, config, stdout=stdout)
        Session(start, config.lease_s, announce).run()


def _say_nothing(_runtime_api: str) -> None:
    """Let programs that are started by the queue side be told by it."""
