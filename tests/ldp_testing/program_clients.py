"""Clients that start programs, for tests with a `ClientStage`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.raw_runtime import RAW

if TYPE_CHECKING:
    from ldp_testing.client_process import ClientProcess
    from ldp_testing.client_stage import ClientStage

#: AWS's own runtime for Python, with a handler in `app.py`.
RUNTIME: Final = (sys.executable, "-m", "awslambdaric", "app.handler")


def serving(clients: ClientStage, code: str, *options: str) -> ClientProcess:
    """A client that runs a program of this code."""
    folder = clients.folder / "program"
    folder.mkdir()
    (folder / "program.py").write_text(RAW + code, encoding="utf-8")
    return started(clients, *options, "--", sys.executable, "program.py", folder=folder)


def started(clients: ClientStage, *options: str, **more: Any) -> ClientProcess:
    """A client that runs a program."""
    client = clients.starting_client(*options, serves=(), **more)
    client.wait_for("listening")
    return client
