"""Which queue a `replyTo` names (SEC-1, SEC-2)."""

from __future__ import annotations

import re

from faulty.client.part import Part

_REPLY_TO = re.compile(r"https?://[^\s/?#]+(/[^\s/?#]+)*/([0-9]{12})/([0-9A-Za-z_-]{1,80})")
_REPLY_TO_LENGTH = 1024


class Routes(Part):
    """Tells trusted reply queues from others."""

    def parse(self, reply_to: object) -> tuple[str, str] | None:
        """The account and the queue that it names; None if it names none."""
        if not isinstance(reply_to, str) or len(reply_to) > _REPLY_TO_LENGTH:
            return None
        match = _REPLY_TO.fullmatch(reply_to)
        return (match[2], match[3]) if match else None

    def trusted(self, reply_to: object) -> str | None:
        """The URL to answer to; None if it is not to be trusted."""
        parsed = self.parse(reply_to)
        if not parsed or not self.port.settings.response_url:
            return None
        base, account, _ = self.port.settings.request_url.rsplit("/", 2)
        if not self.is_account(parsed[0], account) or not self.is_name(parsed[1]):
            return None
        return self.rebuilt(str(reply_to), base, *parsed)

    def is_account(self, account: str, own: str) -> bool:
        """Whether it is the request queue's account."""
        return account == own

    def is_name(self, name: str) -> bool:
        """Whether it is the configured queue, or one that a proxy made for itself."""
        own = self.port.settings.response_url.rpartition("/")[2]
        return name == own or bool(re.fullmatch(re.escape(own) + "-[0-9a-z]{26}", name))

    def rebuilt(self, _reply_to: str, base: str, account: str, name: str) -> str:
        """The URL, of this client's own configuration."""
        return f"{base}/{account}/{name}"
