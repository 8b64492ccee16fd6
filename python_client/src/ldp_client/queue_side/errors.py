"""What keeps a queue side from working, each with what to do about it.

```
ldp_client.errors.ClientError
└─ QueueSideError      never raised itself
   ├─ NotStarted       the process did not come up, or does not say what it should
   └─ QueueSideFailed  it came up, and said why it cannot work
```
"""

# ruff: noqa: N818 - the tree's names say the state of affairs

from __future__ import annotations

from ldp_client.errors import ClientError


class QueueSideError(ClientError):
    """There is no queue side to work with."""


class NotStarted(QueueSideError):
    """The process of the queue side did not come up."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The process that talks to SQS did not start: {reason}",
            hint="What it printed above says more; `python -P -m ldp_client.queue_side` starts it.",
        )


class QueueSideFailed(QueueSideError):
    """The queue side said why it cannot work, at its start or later."""
