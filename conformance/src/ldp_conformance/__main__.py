"""The command `lambda-debug-conformance`; `python -m ldp_conformance` is the same."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, and exit with its status."""
    from ldp_conformance.cli.main import commands  # noqa: PLC0415 - nothing else needs click

    sys.exit(commands())


if __name__ == "__main__":
    main()
