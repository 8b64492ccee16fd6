"""Fixtures for tests of whole clients: a tap before the queues, a caller, and a switchboard."""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import pytest

from ldp_testing.caller import Caller
from ldp_testing.client_process import ClientProcess, Switchboard
from ldp_testing.iam_watch import IamWatch
from ldp_testing.moto_server import MotoServer, process_environment
from ldp_testing.processes import unmeasured
from ldp_testing.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LEASE_S: Final = 2


class ClientStage:
    """Everything around clients; a context manager, which ends those that it started.

    Attributes:
        server: The server behind the tap.
        tap: Between the clients and the server.
        caller: Who invokes; goes past the tap.
        folder: Where clients have their folders.
        switchboard: Where the handlers call in.
    """

    def __init__(self, server: MotoServer, folder: Path, *, ahead_s: int = 0) -> None:
        self.server = server
        self.folder = folder
        self._numbers = itertools.count(1)
        self._stack = ExitStack()
        self._watch = IamWatch(folder)
        self.tap = self._stack.enter_context(Tap(server.url))
        self.caller = Caller(server, ahead_s)
        self._attached = self.caller.request_url, self.caller.response_url
        self.switchboard = self._stack.enter_context(Switchboard())

    def client(self, *options: str, folder: Path | None = None) -> ClientProcess:
        """Start a client and wait until it listens.

        Args:
            options: More of its command line.
            folder: That of a client before, whose journal it then shares; None for a new one.
        """
        client = self.starting_client(*options, folder=folder)
        client.wait_for("listening")
        return client

    def starting_client(
        self,
        *options: str,
        folder: Path | None = None,
        serves: Sequence[str] = ("app.handler",),
    ) -> ClientProcess:
        """Start a client that need not come to listen; `serves` as for `ClientProcess`."""
        if folder is None:
            folder = self.folder / f"client-{next(self._numbers)}"
            folder.mkdir()
        # What such clients run is covered by the command line's own tests, at less expense.
        environment = unmeasured(process_environment(self.tap.url)) | self.caller.environment()
        environment |= {"LAMBDA_PROXY_LEASE_S": str(LEASE_S)}
        environment |= self._watch.developer.environment()
        self._attached = self.caller.request_url, self.caller.response_url
        return self._stack.enter_context(
            ClientProcess(folder, environment, *options, serves=serves)
        )

    def close(self) -> None:
        """End everything; nothing was asked that no developer may.

        Raises:
            AssertionError: Something was.
        """
        self._stack.close()
        self._watch.check(*self._attached)


@pytest.fixture
def clients(
    moto_server: MotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ClientStage]:
    """A stage for clients, with queues of its own."""
    for name, value in moto_server.environment().items():
        monkeypatch.setenv(name, value)
    stage = ClientStage(moto_server, tmp_path)
    yield stage
    stage.close()
