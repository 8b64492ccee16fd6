"""What can keep the demo from running."""

# ruff: noqa: N818 - the name says the state of affairs, as in ldp_client.errors

from __future__ import annotations

from ldp_client.errors import ClientError


class DemoUnavailable(ClientError):
    """A part that the demo needs does not start."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, hint="Install the demo's parts: pip install 'lambda-debug[demo]'.")
