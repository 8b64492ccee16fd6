"""The command line; what each command needs is imported when it runs.

`lambda-debug --help` is read more often than anything else of it, and imports click alone.
"""

from __future__ import annotations

from ldp_client.cli.main import execute

__all__ = ["execute"]
