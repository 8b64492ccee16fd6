"""`python -m ldp_client.packaging [FILE]` writes the proxy's zip, by default into `dist/`."""

from __future__ import annotations

import sys
from pathlib import Path

from ldp_client.packaging import build_proxy_zip

DEFAULT = "dist/lambda-debug-proxy.zip"


def main(arguments: list[str]) -> int:
    """Write the zip and say what it is."""
    path = Path(arguments[0] if arguments else DEFAULT)
    path.parent.mkdir(parents=True, exist_ok=True)
    report = build_proxy_zip(path)
    print(f"{path}: {report.size_bytes:,} bytes, SHA-256 {report.sha256}")  # noqa: T201 - output
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
