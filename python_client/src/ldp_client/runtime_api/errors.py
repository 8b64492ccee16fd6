"""What can go wrong when serving the Runtime API.

```
RuntimeApiError        never raised itself; .hint says what to do next
├─ PortUnavailable     the address cannot be listened on
└─ BadRequest          the peer does not speak HTTP/1.1; stays inside the server
```
"""

from __future__ import annotations


class RuntimeApiError(Exception):
    """The Runtime API cannot be served.

    Attributes:
        hint: What to do next, one sentence for a person.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class PortUnavailable(RuntimeApiError):  # noqa: N818 - the tree's names say the state of affairs
    """The address cannot be listened on: it is taken, not this machine's, or not allowed."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Cannot listen on {host}:{port}: {reason}",
            hint="Choose another port, or 0 for a free one.",
        )


class BadRequest(RuntimeApiError):  # noqa: N818 - as above
    """What the peer sent is no HTTP/1.1 request.

    Attributes:
        status: The HTTP status that says why, 4xx or 501.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, hint="Speak HTTP/1.1 to this port.")
        self.status = status
