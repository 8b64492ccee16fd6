"""The conformance handler: the event says what to do."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

from faulty.client.part import Part
from faulty.client.runtime import HandlerError

_LONGEST_WAIT_S = 120


class Handler(Part):
    """Does what events say; each verb is a method."""

    def handle(self, event: Any, context: dict[str, Any]) -> object:
        """Do what an event says, and note when it began and ended."""
        if not isinstance(event, dict) or "do" not in event:
            raise HandlerError("BadEvent", "the event does not say what to do")
        verb = getattr(self, "do_" + str(event["do"]).replace("-", "_"), None)
        if verb is None:
            raise HandlerError("BadEvent", "the event asks for something unknown")
        nonce = event.get("nonce")
        self.note(nonce, "began")
        try:
            return verb(event, context)
        finally:
            self.note(nonce, "ended")

    def note(self, nonce: object, phase: str) -> None:
        """Add a line to the list of runs, by one write."""
        line = {"nonce": nonce, "phase": phase, "pid": os.getpid(), "atMs": _now_ms()}
        path = f"{self.port.settings.conformance_dir}/runs.jsonl"
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, f"{json.dumps(line)}\n".encode())
        finally:
            os.close(file)

    def do_echo(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Return the value."""
        return event.get("value")

    def do_nonce(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Compute on the nonce."""
        return {"nonce": event["nonce"], "sha256": self.port.payloads.sha256(_utf8(event["nonce"]))}

    def do_measure(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Measure a text."""
        text = event["text"]
        return {"codePoints": len(text), "sha256": self.port.payloads.sha256(_utf8(text))}

    def do_throw(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Fail."""
        raise HandlerError(event.get("type", "Error"), event.get("message", ""))

    def do_throw_until(self, event: dict[str, Any], context: dict[str, Any]) -> object:
        """Fail while a flag is not there."""
        if not self.has_flag(event["flag"]):
            return self.do_throw(event, context)
        return event.get("value")

    def do_sleep(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Sleep."""
        time.sleep(event["ms"] / 1000)
        return event.get("value")

    def do_spin(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Compute for so long."""
        until = time.monotonic() + event["ms"] / 1000
        while time.monotonic() < until:
            pass
        return event.get("value")

    def do_wait(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Wait for a flag."""
        until = time.monotonic() + _LONGEST_WAIT_S
        while not self.has_flag(event["flag"]) and time.monotonic() < until:
            time.sleep(0.01)
        return event.get("value")

    def do_exit(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """End the process."""
        os._exit(event.get("status", 1))

    def do_kill(self, _event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Kill the process."""
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    def do_context(self, _event: dict[str, Any], context: dict[str, Any]) -> object:
        """Return the context."""
        return context

    def do_fill(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Return a string whose JSON text has so many bytes."""
        return "x" * max(0, event["bytes"] - 2)

    def do_noise(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Return a string that hardly compresses, whose JSON text has so many bytes."""
        length, sha256 = max(0, event["bytes"] - 2), self.port.payloads.sha256
        numbers = range(length // 64 + 1)
        return "".join(sha256(f"{event['seed']}:{n}".encode()) for n in numbers)[:length]

    def do_unserialisable(self, _event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Return what has no JSON form."""
        return object()

    def do_log(self, event: dict[str, Any], _context: dict[str, Any]) -> object:
        """Write to standard output and standard error."""
        line = f"{event['text']}\n".encode(errors="backslashreplace")
        os.write(1, line)
        os.write(2, line)
        return None

    def has_flag(self, name: str) -> bool:
        """Whether the suite raised a flag."""
        path = f"{self.port.settings.conformance_dir}/flags/{name}"
        return os.path.exists(path)  # noqa: PTH110 - pathlib is slow to start


def _utf8(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _now_ms() -> int:
    return int(time.time() * 1000)
