"""Where the lines that a sandbox writes go."""

from __future__ import annotations

import threading
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


def discard(line: str) -> None:
    """A sink for a function whose logs nobody wants."""


class LogFile:
    """A sink that appends to a file, line by line, so that it can be followed.

    Args:
        path: The file; it is made if missing.

    Raises:
        OSError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def __call__(self, line: str) -> None:
        """Append a line; a line that comes after the end is dropped."""
        with self._lock:
            if not self._file.closed:
                self._file.write(f"{line}\n")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
