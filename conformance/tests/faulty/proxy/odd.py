"""Proxies that are none: `python -m faulty.proxy.odd PORT refusing|constant|garbage`."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

from faulty.proxy.server import serve


class Odd(BaseHTTPRequestHandler):
    """Answers everything in one way."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[dict[str, tuple[int, bytes]]] = {
        "refusing": (500, b'{"Message": "no"}'),
        "constant": (200, b'"the same for all"'),
    }

    def do_POST(self) -> None:
        """Answer, whatever was asked."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if sys.argv[2] == "garbage":
            self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
            self.close_connection = True
            return
        status, body = self.answers[sys.argv[2]]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing of each call."""


if __name__ == "__main__":
    serve(int(sys.argv[1]), Odd)
