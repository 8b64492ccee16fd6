"""What an operating system tells of a client's processes; only Linux is asked."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ldp_conformance.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The state of a listening socket in /proc/net/tcp.
_LISTENS: Final = "0A"


def resident_peak_bytes(pids: Iterable[int]) -> int:
    """The most memory that processes ever had, each by itself, added up.

    Raises:
        EnvironmentFault: The operating system does not tell.
    """
    found = []
    for pid in pids:
        with suppress(OSError):  # it has ended
            match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
            if match:
                found.append(int(match[1]) * 1024)
    if not found:
        raise EnvironmentFault(
            "the memory of a process cannot be looked up",
            hint="This check needs Linux, or a container with it.",
        )
    return sum(found)


def listening_addresses(pids: Iterable[int]) -> list[IPv4Address | IPv6Address]:
    """The addresses on which processes listen for TCP connections.

    Raises:
        EnvironmentFault: The operating system does not tell.
    """
    sockets: set[str] = set()
    for pid in pids:
        with suppress(OSError):  # it has ended
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):  # it was closed
                    sockets.add(str(link.readlink()))
    tables = [Path(f"/proc/self/net/{name}") for name in ("tcp", "tcp6")]
    if not any(table.exists() for table in tables):
        raise EnvironmentFault(
            "it cannot be looked up on which addresses a process listens",
            hint="This check needs Linux, or a container with it.",
        )
    rows = [row.split() for table in tables if table.exists() for row in _rows(table)]
    return [
        _address(row[1]) for row in rows if row[3] == _LISTENS and f"socket:[{row[9]}]" in sockets
    ]


def _rows(table: Path) -> list[str]:
    return table.read_text().splitlines()[1:]


def _address(told: str) -> IPv4Address | IPv6Address:
    """An address as /proc writes it: words of four bytes, each in the machine's own order."""
    raw = bytes.fromhex(told.partition(":")[0])
    if sys.byteorder == "little":
        raw = b"".join(raw[place : place + 4][::-1] for place in range(0, len(raw), 4))
    address = ip_address(raw)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
