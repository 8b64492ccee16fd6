"""Other processes of this machine: whose children they are, how they are started, what they say.

The first two from /proc where there is one, for containers have no `ps`; from `ps` elsewhere.
"""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: With this in its environment, each Python of `.venv` measures its coverage.
MEASURING: Final = "COVERAGE_PROCESS_CONFIG"
_PROC = Path("/proc")
_BYTES_PER_KIB = 1024


def unmeasured(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that does not measure its coverage.

    Measuring costs each process a quarter of a second, so it is for those that no other test
    covers as well.
    """
    return {name: value for name, value in environment.items() if name != MEASURING}


def children(pid: int) -> list[int]:
    """The processes whose parent a process is."""
    if not _PROC.is_dir():
        rows = [row.split() for row in _ps("-A", "-o", "pid=,ppid=").splitlines()]
        return [int(child) for child, parent in rows if int(parent) == pid]
    found = []
    for status in _PROC.glob("[0-9]*/status"):
        with suppress(OSError):  # it has ended meanwhile
            if f"\nPPid:\t{pid}\n" in status.read_text():
                found.append(int(status.parent.name))
    return found


def command_line(pid: int) -> str:
    """The arguments that a process was started with, its own name included."""
    if not _PROC.is_dir():
        return _ps("-ww", "-o", "args=", "-p", str(pid)).strip()
    return (_PROC / str(pid) / "cmdline").read_text().replace("\0", " ").strip()


def peak_resident_bytes(pid: int) -> int:
    """The most memory that a process has held so far; where there is no /proc, what it holds now.

    It is what the system calls the high water mark: shared libraries count, as they do in Lambda.
    """
    if not _PROC.is_dir():
        return int(_ps("-o", "rss=", "-p", str(pid))) * _BYTES_PER_KIB
    status = (_PROC / str(pid) / "status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * _BYTES_PER_KIB


def _ps(*options: str) -> str:
    return subprocess.run(["ps", *options], check=True, capture_output=True, text=True).stdout


def read_until(stream: IO[str] | None, words: str) -> str:
    """The lines of a stream up to the one with these words."""
    assert stream is not None
    read = ""
    while words not in read:
        line = stream.readline()
        assert line, read
        read += line
    return read
