"""`python -m faulty.client [--fault NAME] [--on-error hold] [--v0-errors report]`."""

from __future__ import annotations

import os
import sys
import threading

from faulty.client.port import Port
from faulty.client.settings import SettingError, Settings

_STACK_BYTES = 64 << 20  # a message may be nested deeply
_DEPTH = 20_000


def main() -> int:
    """Serve until a signal ends it; the exit status."""
    try:
        settings = Settings(os.environ, sys.argv[1:])
    except SettingError as error:
        os.write(2, f"{error}\n".encode())
        return 2
    sys.setrecursionlimit(_DEPTH)
    sys.set_int_max_str_digits(0)
    threading.stack_size(_STACK_BYTES)
    os.umask(0o077)
    if settings.fault:
        from faulty.client.faults import parts_of  # noqa: PLC0415 - the correct client has none

        port = Port(settings, parts_of(settings.fault))
    else:
        port = Port(settings)
    port.ending.listen()
    port.hold.listen()
    port.intake.serve()
    return 0


if __name__ == "__main__":
    os._exit(main())  # nothing is waited for: a reader of standard input may still be reading
