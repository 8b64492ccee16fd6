"""Writes envelopes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from faulty.client.part import Part

if TYPE_CHECKING:
    from faulty.client.requests import Frozen

_PEOPLE_BYTES = 1024


class Envelopes(Part):
    """Writes what a client sends."""

    def version(self, _asked: str) -> str:
        """The version to answer in: the lower of ours, which is the lowest, and the request's."""
        return "1.0"

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        """What all kinds have."""
        return {
            "version": self.version(frozen.version),
            "kind": kind,
            "requestId": frozen.request_id,
            "answerByMs": frozen.answer_by_ms,
        }

    def result(self, frozen: Frozen, payload: dict[str, Any]) -> dict[str, Any]:
        """A response with what the handler returned."""
        return {**self.head("response", frozen), "payload": payload}

    def failure(
        self, frozen: Frozen, kind: str, message: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        """A response with an error."""
        error = {
            "errorType": self.for_people(kind),
            "errorMessage": self.for_people(message),
            "payload": payload,
        }
        return {**self.head("response", frozen), "error": error}

    def accepted(self, frozen: Frozen) -> dict[str, Any]:
        """The announcement of a start."""
        return {**self.head("accepted", frozen), "client": self.client()}

    def declined(self, frozen: Frozen, reason: str) -> dict[str, Any]:
        """The announcement that there is no start."""
        return {**self.head("declined", frozen), "reason": reason, "client": self.client()}

    def client(self) -> dict[str, str]:
        """Who speaks."""
        return {"instanceId": self.port.instance_id, "name": "faulty", "language": "python"}

    def for_people(self, text: str) -> str:
        """Well-formed, and at most 1,024 bytes, cut between two characters (ENV-28)."""
        data = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        return data[:_PEOPLE_BYTES].decode(errors="ignore")

    def write(self, envelope: dict[str, Any]) -> str:
        """The body of the message, without what SQS refuses (ENV-5)."""
        return self.escape(json.dumps(envelope, ensure_ascii=False, separators=(",", ":")))

    def escape(self, text: str) -> str:
        """Escape what SQS refuses and JSON does not."""
        return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
