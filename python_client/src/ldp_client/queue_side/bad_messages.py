"""Messages that are no valid requests, kept on disk before they are deleted (SES-30)."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from ldp_client.queue_side.private_files import write_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ldp_wire.actions import Keep

_NAME_CHARACTERS: Final = 12


class BadMessages:
    """The folder of one user's bad messages.

    Args:
        folder: Where; made at the first message.
        now_ms: AWS's clock, epoch milliseconds.
    """

    def __init__(self, folder: Path, now_ms: Callable[[], int]) -> None:
        self._folder = folder
        self._now_ms = now_ms

    def keep(self, bad: Keep) -> Path:
        """Write a message down with what is wrong with it; a copy of it replaces it.

        Returns:
            The file: one JSON object.

        Raises:
            OSError: It cannot be written, so the message has to stay where it is.
        """
        # The ID is the server's to choose, so a digest of it makes the name.
        digest = hashlib.sha256(bad.message_id.encode()).hexdigest()[:_NAME_CHARACTERS]
        path = self._folder / f"{digest}.json"
        members = {
            "keptAtMs": self._now_ms(),
            "messageId": bad.message_id,
            "requirement": bad.requirement,
            "pointer": bad.pointer,
            "reason": bad.reason,
            "body": bad.body,
        }
        write_private(path, json.dumps(members, indent=1).encode("ascii"))
        return path
