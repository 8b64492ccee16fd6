"""Faults in what all envelopes of a client have."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from faulty.client.envelopes import Envelopes
from faulty.client.faults.registry import fault

if TYPE_CHECKING:
    from faulty.client.requests import Frozen


@fault(
    "answers-with-another-id",
    "ENV-14",
    red={
        "client.envelope.declined": "no declined came within",
        "client.envelope.request-id": "no response came",
    },
    green=("client.one-way.returned",),
)
class AnswersWithAnotherId(Envelopes):
    """It answers under an ID of its own."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "requestId": os.urandom(16).hex()}


@fault(
    "recomputes-answer-by",
    "ENV-14",
    red={"client.envelope.answer-by": "answerByMs comes back otherwise"},
    green=("client.context.request-ids",),
)
class RecomputesAnswerBy(Envelopes):
    """It writes the time until which it believes that somebody waits."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "answerByMs": self.port.clock.now_ms() + 30_000}


@fault(
    "writes-seconds",
    "ENV-6",
    "ENV-14",
    red={"client.envelope.answer-by": "answerByMs comes back otherwise"},
    green=("client.envelope.accepted-form",),
)
class WritesSeconds(Envelopes):
    """It writes seconds where milliseconds have to be."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "answerByMs": frozen.answer_by_ms // 1000}


@fault(
    "answers-in-its-own-version",
    "ENV-9",
    red={"client.envelope.minor-versions": "the answer to a request of version"},
    green=("client.start.answers",),
)
class AnswersInItsOwnVersion(Envelopes):
    """It answers in the version that it knows best, which is later than the request's."""

    def version(self, _asked: str) -> str:
        return "1.3"


@fault(
    "writes-no-minor-version",
    "ENV-7",
    red={
        "client.envelope.minor-versions": "not as described: Version of the protocol: the major v",
        "client.envelope.no-version": "not as described: Version of the protocol: the major versi",
        "client.fuzz.envelopes": "not as described: Version of the protocol: the major version",
    },
    green=("client.one-way.returned",),
)
class WritesNoMinorVersion(Envelopes):
    """It writes the major version alone."""

    def version(self, _asked: str) -> str:
        return "1"


@fault(
    "invents-a-kind",
    "ENV-10",
    red={"client.envelope.other-kind": "no response came"},
    green=("client.one-way.returned",),
)
class InventsAKind(Envelopes):
    """It calls its answers by a name of its own."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "kind": kind.replace("response", "reply")}


@fault(
    "braces-the-id",
    "ENV-13",
    "ENV-14",
    red={
        "client.envelope.accepted-client": "no accepted came within",
        "client.context.request-ids": "no response came",
        "client.envelope.request-id": "no response came",
    },
    green=("client.one-way.returned",),
)
class BracesTheId(Envelopes):
    """It writes the ID as some systems write UUIDs, in braces."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "requestId": f"{{{frozen.request_id}}}"}


@fault(
    "writes-a-list",
    "ENV-1",
    red={"client.envelope.accepted-form": "no accepted came within"},
    green=("client.one-way.returned",),
)
class WritesAList(Envelopes):
    """It sends a list of envelopes."""

    def write(self, envelope: dict[str, Any]) -> str:
        return f"[{super().write(envelope)}]"


@fault(
    "writes-a-byte-order-mark",
    "ENV-1",
    red={"client.envelope.accepted-form": "no accepted came within"},
    green=("client.one-way.returned",),
)
class WritesAByteOrderMark(Envelopes):
    """It begins its messages with a byte order mark."""

    def write(self, envelope: dict[str, Any]) -> str:
        return "\ufeff" + super().write(envelope)


@fault(
    "writes-a-member-twice",
    "ENV-3",
    red={"client.envelope.form": "the response is not valid: /version is there"},
    green=("client.one-way.returned",),
)
class WritesAMemberTwice(Envelopes):
    """It writes a member twice."""

    def write(self, envelope: dict[str, Any]) -> str:
        return '{"version":"1.0",' + super().write(envelope)[1:]


@fault(
    "writes-nanoseconds",
    "ENV-4",
    red={"client.envelope.form": "the response is not valid: /answeredNs is"},
    green=("client.one-way.returned",),
)
class WritesNanoseconds(Envelopes):
    """It adds a number that half of the world's parsers cannot hold."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "answeredNs": time.time_ns()}


@fault(
    "writes-nan",
    "ENV-4",
    "ENV-1",
    red={"client.envelope.form": "the response is not valid: /load is NaN, which is no JSON"},
    green=("client.one-way.returned",),
)
class WritesNan(Envelopes):
    """It adds a number that is none."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "load": float("nan")}


@fault(
    "writes-raw-noncharacters",
    "ENV-5",
    red={"client.envelope.refused-characters": "no response came"},
    green=("client.envelope.error-head-unicode",),
)
class WritesRawNoncharacters(Envelopes):
    """It does not escape what SQS refuses."""

    def escape(self, text: str) -> str:
        return text


@fault(
    "signs-its-answers",
    "ENV-12",
    red={
        "client.envelope.unknown-members": "the response is not valid: /signature is there, but r",
        "client.trust.nothing-taken": "the response is not valid: /signature is there, but",
    },
    green=("client.one-way.returned",),
)
class SignsItsAnswers(Envelopes):
    """It uses a name that is reserved."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "signature": "none"}


@fault(
    "puts-its-surroundings-in",
    "SEC-5",
    red={"client.trust.nothing-sent": "the response shows AWS_SECRET_ACCESS_KEY"},
    green=("client.trust.nothing-taken",),
)
class PutsItsSurroundingsIn(Envelopes):
    """It tells its environment variables with every answer."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "debug": dict(os.environ)}


@fault(
    "writes-payloads-as-json",
    "PAY-3",
    red={
        "client.payload.simplest-form": "the answer is no JSON text: Expecting value: line",
        "client.payload.text-event": "the response is not valid: /payload/data is an object, not",
    },
    green=("client.one-way.returned",),
)
class WritesPayloadsAsJson(Envelopes):
    """It puts a result into the envelope as JSON and not as a text."""

    def result(self, frozen: Frozen, payload: dict[str, Any]) -> dict[str, Any]:
        if payload["encoding"] == "text":
            payload = {**payload, "data": json.loads(payload["data"])}
        return super().result(frozen, payload)
