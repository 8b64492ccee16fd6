"""From a command line to the end of its session, on the main thread of the developer's process."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from ldp_client.errors import ProgramNotFound, ProgramsUnsupported
from ldp_client.handlers.stdout import reserved_stdout
from ldp_client.programs.session import Session
from ldp_client.queue_side.launch import start_queue_side

if TYPE_CHECKING:
    from ldp_client.config import ClientConfig


def serve(config: ClientConfig) -> None:
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
    with ExitStack() as stack:
        is_json = config.report_format == "json"
        stdout = stack.enter_context(reserved_stdout()) if is_json else None
        Session(partial(start_queue_side, config, stdout=stdout), config.lease_s).run()
