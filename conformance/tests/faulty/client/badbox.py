"""Bad messages: kept on disk with the reason, refused where that is possible, then deleted."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from faulty.client.exchange import Exchange
from faulty.client.journal import make_folder
from faulty.client.part import Part
from faulty.client.requests import Request

if TYPE_CHECKING:
    from faulty.client.port import Port
    from faulty.client.requests import Bad, Frozen
    from faulty.client.sqs import Message


class BadBox(Part):
    """Keeps what is no valid request."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.redrives: bool | None = None

    def take(self, message: Message, bad: Bad) -> None:
        """Deal with a bad message."""
        self.port.log.say(f"a message is no valid request and is kept on disk: {bad.wrong}")
        self.keep(message, bad)
        if bad.frozen and self.is_new(bad.frozen):
            self.refuse(bad.frozen, bad)
        if not self.leaves_alone():
            self.delete(message)

    def keep(self, message: Message, bad: Bad) -> None:
        """Write reason, pointer and body to disk (SES-30)."""
        folder = f"{self.port.settings.state_dir}/bad"
        make_folder(folder, self.folder_mode())
        name = re.sub(r"[^0-9A-Za-z_-]", "_", message.id)
        data = json.dumps(
            {"reason": bad.wrong.reason, "pointer": bad.wrong.pointer, "body": message.body}
        ).encode()
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        file = os.open(f"{folder}/{name}.json", flags, self.file_mode())
        try:
            os.write(file, data)
            os.fdatasync(file)
        finally:
            os.close(file)

    def folder_mode(self) -> int:
        """Who may look into the folder."""
        return 0o700

    def file_mode(self) -> int:
        """Who may read a bad message."""
        return 0o600

    def is_new(self, frozen: Frozen) -> bool:
        """Whether no request of this ID is running, or was answered (SES-14)."""
        key = frozen.request_id
        return key not in self.port.active and not self.port.journal.is_over(key)

    def refuse(self, frozen: Frozen, bad: Bad) -> None:
        """Tell the proxy (SES-31)."""
        request = Request()
        request.key, request.frozen = frozen.request_id, frozen
        request.answer_by_ms, request.context = frozen.answer_by_ms, {}
        exchange = Exchange(request)
        body = self.port.answers.own_failure(frozen, "Client.BadRequest", self.sentence(bad))
        if self.port.answers.deliver(exchange, body):
            self.port.journal.answered(exchange)

    def sentence(self, bad: Bad) -> str:
        """What the caller reads."""
        return f"The request is not valid ({bad.wrong}). Update the proxy or the client."[:300]

    def leaves_alone(self) -> bool:
        """Whether the queue itself takes care of what nobody deletes."""
        if self.redrives is None:
            self.redrives = self.port.sqs.has_redrive()
        return self.redrives

    def delete(self, message: Message) -> None:
        """Remove it from the queue."""
        self.port.settling.delete_one(message.receipt, message.got_s)
