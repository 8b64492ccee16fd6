"""Where a stage lets a proxy listen."""

from __future__ import annotations

import socket
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_conformance.ports import stage
from ldp_conformance.ports.manifest import load
from ldp_conformance.ports.setups import ProxySetup
from ldp_conformance.witness import Witness

if TYPE_CHECKING:
    import pytest

PROXY = load(Path(__file__).parent / "faulty/proxy/conformance.toml")


def test_no_process_that_is_forked_meanwhile_is_taken_for_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process keeps of the search for a free port listens to nobody."""
    with Witness() as witness, ExitStack() as kept:

        def forked(probe: socket.socket) -> closing[socket.socket]:
            kept.enter_context(closing(probe.dup()))  # as a process has it until it executes
            return closing(probe)

        monkeypatch.setattr(stage, "closing", forked)
        found = stage.Stage(PROXY, ProxySetup(), witness, tmp_path, visited=True)

        assert not found.is_listening()
        with closing(socket.create_server(("127.0.0.1", found.tcp_port))):
            assert found.is_listening()
