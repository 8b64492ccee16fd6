"""What the operating system tells of processes is read as it is."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ldp_conformance.checks.client.memory import listening_addresses, resident_peak_bytes
from ldp_conformance.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

_NOBODY = 2**22 + 1  # above the highest number that Linux gives a process


def test_the_peak_of_a_process_is_told_in_bytes() -> None:
    """A Python process has some megabytes, and never less than before."""
    before = resident_peak_bytes([os.getpid()]) or 0

    assert before > 4 * 1024 * 1024
    assert (resident_peak_bytes([os.getpid(), _NOBODY]) or 0) >= before


def test_memory_that_nobody_tells_of_is_unknown(tmp_path: Path) -> None:
    """A process that has ended, or an operating system without /proc, tells nothing."""
    assert resident_peak_bytes([_NOBODY]) is None
    assert resident_peak_bytes([os.getpid()], tmp_path) is None


@pytest.mark.parametrize(
    ("family", "host", "told"),
    [
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET, "127.9.8.7", "127.9.8.7"),
        (socket.AF_INET, "0.0.0.0", "0.0.0.0"),
        (socket.AF_INET6, "::1", "::1"),
        (socket.AF_INET6, "::", "::"),
        (socket.AF_INET6, "::ffff:127.0.0.1", "127.0.0.1"),
    ],
)
def test_a_listener_is_found_with_its_address(
    family: socket.AddressFamily, host: str, told: str
) -> None:
    """Addresses are told as people write them, of IPv4 also where they are mapped into IPv6."""
    before = listening_addresses([os.getpid()])
    with closing(socket.socket(family)) as listener:
        if family is socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            listener.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        listener.listen()
        found = [str(each) for each in listening_addresses([os.getpid(), _NOBODY])]
        for each in before:
            found.remove(str(each))

        assert found == [told]


def test_a_process_that_does_not_listen_has_no_address() -> None:
    """Listeners of other processes are not laid to it."""
    with closing(socket.create_server(("127.0.0.1", 0))):
        assert listening_addresses([_NOBODY]) == []


def test_lsof_is_asked_where_there_is_no_proc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lines tell the addresses; where it is not installed nobody is at fault."""
    program = tmp_path / "lsof"
    program.write_text("#!/bin/sh\nprintf 'p1\\nf3\\nn127.0.0.1:80\\nn[::1]:81\\nn*:82\\n'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    found = listening_addresses([1], tmp_path)

    assert [str(each) for each in found] == ["127.0.0.1", "::1", "::"]
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EnvironmentFault):
        listening_addresses([1], tmp_path)
