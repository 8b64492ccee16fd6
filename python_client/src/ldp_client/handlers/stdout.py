"""Standard output as the report's alone: what the handler prints goes to standard error.

On file descriptors, so that it holds for child processes and C libraries of the handler's, too.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_STDOUT: Final = 1
_STDERR: Final = 2


@contextmanager
def reserved_stdout() -> Iterator[int]:
    """Send standard output to standard error until the block is left.

    Yields:
        A descriptor of the true standard output.
    """
    _flush()
    kept = os.dup(_STDOUT)
    try:
        os.dup2(_STDERR, _STDOUT)
        yield kept
    finally:
        _flush()
        os.dup2(kept, _STDOUT)
        os.close(kept)


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()
