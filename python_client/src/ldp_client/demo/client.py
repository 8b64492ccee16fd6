"""The demo's client: the real `lambda-debug run`, as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def _command(handler: str) -> list[str]:
    return [sys.executable, "-m", "ldp_client", "run", handler]


@contextmanager
def client(
    handler: str, environment: Mapping[str, str], on_line: Callable[[str], None]
) -> Iterator[None]:
    """Run a client in the background, and end it as Ctrl-C would.

    Args:
        handler: ``module.function``.
        environment: Variables that attach it to the stage.
        on_line: Called with each line that it reports.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module, without a shell
        _command(handler),
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    reader = threading.Thread(target=_pass_on, args=(process.stderr, on_line), daemon=True)
    reader.start()
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        reader.join()


def _pass_on(lines: IO[str] | None, on_line: Callable[[str], None]) -> None:
    for line in lines or ():
        on_line(line.rstrip("\n"))


def run_in_foreground(handler: str, environment: Mapping[str, str]) -> int:
    """Run a client that owns the terminal, for breakpoints; its exit status.

    Ctrl-C reaches it directly: this process waits until it has ended by itself.
    """
    before = signal.signal(signal.SIGINT, _leave_to_child)  # a handler is not inherited by exec
    try:
        with subprocess.Popen(_command(handler), env={**os.environ, **environment}) as process:  # noqa: S603 - our own module, without a shell
            return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _leave_to_child(_signal: int, _frame: object) -> None:
    """Do nothing: the terminal sends its interrupt to the client, too."""
