"""A runtime of the standard library alone: it answers with the event's own bytes, at once."""

from __future__ import annotations

import http.client
import os

_BASE = "/2018-06-01/runtime/invocation"


def main() -> None:
    """Serve for ever."""
    line = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        line.request("GET", f"{_BASE}/next")
        answer = line.getresponse()
        event = answer.read()
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        line.request("POST", f"{_BASE}/{request_id}/response", event)
        line.getresponse().read()


if __name__ == "__main__":
    main()
