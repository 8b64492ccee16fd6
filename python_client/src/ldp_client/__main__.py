"""`lambda-debug`: configures logging, runs a command, and exits."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from ldp_client.cli import execute


def main() -> NoReturn:
    """Run the command that the arguments name, and exit with its status."""
    sys.exit(execute(_configure_logging))


def _configure_logging() -> None:
    from ldp_client.config import read_tracing_level  # noqa: PLC0415 - not for --help
    from ldp_client.report.logs import configure_logging  # noqa: PLC0415 - as above

    configure_logging(read_tracing_level(os.environ))


if __name__ == "__main__":
    main()
