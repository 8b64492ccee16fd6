"""What became of each request, one JSON line each, shared by all clients of one queue (SES-24)."""

from __future__ import annotations

import json
import os
import zlib
from typing import TYPE_CHECKING

from faulty.client.part import Part

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.port import Port

ACCEPTED = "accepted"
ANSWERED = "answered"
DISCARDED = "discarded"
_FILE_MODE = 0o600
_FOLDER_MODE = 0o700


class Journal(Part):
    """Remembers, also what other clients wrote."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.states: dict[str, str] = {}
        self.read_bytes = 0
        self.path = self.place()

    def place(self) -> str:
        """The file of this queue; no one else can read it (SEC-7)."""
        folder = self.port.settings.state_dir
        make_folder(folder, _FOLDER_MODE)
        queue = zlib.crc32(self.port.settings.request_url.encode())
        return f"{folder}/journal-{queue:08x}.jsonl"

    def add(self, key: str, state: str, reason: str, answer_by_ms: int | None) -> None:
        """Write an entry down, for good."""
        entry = {"key": key, "state": state, "reason": reason, "answerByMs": answer_by_ms}
        self.write(json.dumps(entry))

    def write(self, line: str) -> None:
        """Add a line, and see it on the disk."""
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, self.mode())
        try:
            os.write(file, f"{line}\n".encode())
            os.fdatasync(file)
        finally:
            os.close(file)

    def mode(self) -> int:
        """Who may read the file."""
        return _FILE_MODE

    def state(self, key: str) -> str | None:
        """What became of a request, as the last entry says."""
        with self.port.lock:
            self.refresh()
            return self.states.get(key)

    def refresh(self) -> None:
        """Read what was added since, by whomever."""
        try:
            with open(self.path, "rb") as file:  # noqa: PTH123 - pathlib is slow to start
                file.seek(self.read_bytes)
                for line in file:
                    if line.endswith(b"\n"):
                        self.read_bytes += len(line)
                        entry = json.loads(line)
                        self.states[entry["key"]] = entry["state"]
        except FileNotFoundError:
            return

    def accepted(self, exchange: Exchange) -> None:
        """SQS stored our word in time."""
        self.note(exchange, ACCEPTED, "")

    def answered(self, exchange: Exchange) -> None:
        """SQS took the answer, or there is none to give."""
        self.note(exchange, ANSWERED, "")

    def discarded(self, exchange: Exchange, reason: str) -> None:
        """It was given up."""
        self.note(exchange, DISCARDED, reason)

    def note(self, exchange: Exchange, state: str, reason: str) -> None:
        """Write down what became of a request."""
        self.add(exchange.request.key, state, reason, exchange.request.answer_by_ms)

    def is_over(self, key: str) -> bool:
        """Whether a request is answered or discarded."""
        return self.state(key) in {ANSWERED, DISCARDED}

    def was_accepted(self, key: str) -> bool:
        """Whether a request was accepted in time, by whomever."""
        return self.state(key) == ACCEPTED


def make_folder(path: str, mode: int) -> None:
    """Make a folder, and those above it."""
    if not os.path.isdir(path):  # noqa: PTH112 - pathlib is slow to start
        os.makedirs(path, mode, exist_ok=True)  # noqa: PTH103 - pathlib is slow to start
