"""What an operating system tells of a client's processes: /proc of Linux, or else `lsof`."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ldp_conformance.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterable

PROC: Final = Path("/proc")
#: The state of a listening socket in /proc/net/tcp.
_LISTENS: Final = "0A"
_LSOF: Final = ("lsof", "-nP", "-a", "-iTCP", "-sTCP:LISTEN", "-Fn", "-p")
_LSOF_S: Final = 20.0


def resident_peak_bytes(pids: Iterable[int], proc: Path = PROC) -> int | None:
    """The most memory that processes ever had, each by itself, added up; None if nobody tells."""
    found = []
    for pid in pids:
        with suppress(OSError):  # it has ended
            match = re.search(r"VmHWM:\s+(\d+) kB", (proc / str(pid) / "status").read_text())
            if match:
                found.append(int(match[1]) * 1024)
    return sum(found) if found else None


def listening_addresses(pids: Iterable[int], proc: Path = PROC) -> list[IPv4Address | IPv6Address]:
    """The addresses on which processes listen for TCP connections.

    Raises:
        EnvironmentFault: The operating system does not tell.
    """
    tables = [table for name in ("tcp", "tcp6") if (table := proc / "self/net" / name).exists()]
    if not tables:
        return told_by_lsof(_asked_lsof(pids))
    sockets = _sockets(pids, proc)
    rows = [row.split() for table in tables for row in table.read_text().splitlines()[1:]]
    return [
        _address(row[1]) for row in rows if row[3] == _LISTENS and f"socket:[{row[9]}]" in sockets
    ]


def _sockets(pids: Iterable[int], proc: Path) -> set[str]:
    found: set[str] = set()
    for pid in pids:
        with suppress(OSError):  # it has ended
            for link in (proc / str(pid) / "fd").iterdir():
                with suppress(OSError):  # it was closed
                    found.add(str(link.readlink()))
    return found


def _address(told: str) -> IPv4Address | IPv6Address:
    """An address as /proc writes it: words of four bytes, each in the machine's own order."""
    raw = bytes.fromhex(told.partition(":")[0])
    if sys.byteorder == "little":
        raw = b"".join(raw[place : place + 4][::-1] for place in range(0, len(raw), 4))
    return _plain(ip_address(raw))


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address of IPv4 that one of IPv6 stands for, if it stands for one."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _asked_lsof(pids: Iterable[int]) -> str:
    try:
        asked = subprocess.run(  # noqa: S603 - a fixed program
            [*_LSOF, ",".join(map(str, pids))],
            capture_output=True,
            text=True,
            timeout=_LSOF_S,
            check=False,  # it has a status of its own for finding nothing
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise EnvironmentFault(
            "it cannot be looked up on which addresses a process listens",
            hint="This check needs Linux, or the program `lsof`.",
        ) from exc
    return asked.stdout


def told_by_lsof(text: str) -> list[IPv4Address | IPv6Address]:
    """The addresses in what `lsof -Fn` printed: `n127.0.0.1:80`, `n[::1]:80`, `n*:80`."""
    hosts = [line[1:].rpartition(":")[0] for line in text.splitlines() if line.startswith("n")]
    return [_plain(ip_address("::" if host == "*" else host.strip("[]"))) for host in hosts]
