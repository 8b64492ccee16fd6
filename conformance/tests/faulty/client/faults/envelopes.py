"""Faults in what a client writes down."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from faulty.client.envelopes import Envelopes
from faulty.client.faults.registry import fault

if TYPE_CHECKING:
    from faulty.client.port import Port
    from faulty.client.requests import Frozen


@fault("answers-with-another-id", "ENV-14")
class AnswersWithAnotherId(Envelopes):
    """It answers under an ID of its own."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "requestId": os.urandom(16).hex()}


@fault("recomputes-answer-by", "ENV-14")
class RecomputesAnswerBy(Envelopes):
    """It writes the time until which it believes that somebody waits."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "answerByMs": self.port.clock.now_ms() + 30_000}


@fault("writes-seconds", "ENV-6", "ENV-14")
class WritesSeconds(Envelopes):
    """It writes seconds where milliseconds have to be."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "answerByMs": frozen.answer_by_ms // 1000}


@fault("answers-in-its-own-version", "ENV-9")
class AnswersInItsOwnVersion(Envelopes):
    """It answers in the version that it knows best, which is later than the request's."""

    def version(self, _asked: str) -> str:
        return "1.3"


@fault("writes-no-minor-version", "ENV-7")
class WritesNoMinorVersion(Envelopes):
    """It writes the major version alone."""

    def version(self, _asked: str) -> str:
        return "1"


@fault("invents-a-kind", "ENV-10")
class InventsAKind(Envelopes):
    """It calls its answers by a name of its own."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "kind": kind.replace("response", "reply")}


@fault("braces-the-id", "ENV-13", "ENV-14")
class BracesTheId(Envelopes):
    """It writes the ID as some systems write UUIDs, in braces."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "requestId": f"{{{frozen.request_id}}}"}


@fault("writes-a-list", "ENV-1")
class WritesAList(Envelopes):
    """It sends a list of envelopes."""

    def write(self, envelope: dict[str, Any]) -> str:
        return f"[{super().write(envelope)}]"


@fault("writes-a-byte-order-mark", "ENV-1")
class WritesAByteOrderMark(Envelopes):
    """It begins its messages with a byte order mark."""

    def write(self, envelope: dict[str, Any]) -> str:
        return "\ufeff" + super().write(envelope)


@fault("writes-a-member-twice", "ENV-3")
class WritesAMemberTwice(Envelopes):
    """It writes a member twice."""

    def write(self, envelope: dict[str, Any]) -> str:
        return '{"version":"1.0",' + super().write(envelope)[1:]


@fault("writes-nanoseconds", "ENV-4")
class WritesNanoseconds(Envelopes):
    """It adds a number that half of the world's parsers cannot hold."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "answeredNs": time.time_ns()}


@fault("writes-nan", "ENV-4", "ENV-1")
class WritesNan(Envelopes):
    """It adds a number that is none."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "load": float("nan")}


@fault("writes-raw-noncharacters", "ENV-5")
class WritesRawNoncharacters(Envelopes):
    """It does not escape what SQS refuses."""

    def escape(self, text: str) -> str:
        return text


@fault("signs-its-answers", "ENV-12")
class SignsItsAnswers(Envelopes):
    """It uses a name that is reserved."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "signature": "none"}


@fault("has-no-instance-id", "ENV-24")
class HasNoInstanceId(Envelopes):
    """It does not say which client it is."""

    def client(self) -> dict[str, str]:
        return {"name": "faulty"}


@fault("keeps-its-instance-id", "ENV-24")
class KeepsItsInstanceId(Envelopes):
    """It has the same instance ID at every start."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        port.instance_id = "the-laptop-of-somebody"


@fault("shouts-its-reasons", "ENV-25")
class ShoutsItsReasons(Envelopes):
    """It writes the reason in capitals."""

    def declined(self, frozen: Frozen, reason: str) -> dict[str, Any]:
        return super().declined(frozen, reason.upper())


@fault("answers-twofold", "ENV-26")
class AnswersTwofold(Envelopes):
    """It sends an empty error with every result."""

    def result(self, frozen: Frozen, payload: dict[str, Any]) -> dict[str, Any]:
        return {**super().result(frozen, payload), "error": None}


@fault("tidies-error-bodies", "ENV-27")
class TidiesErrorBodies(Envelopes):
    """It builds an error body of its own out of type and message."""

    def failure(
        self, frozen: Frozen, kind: str, message: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        body = json.dumps({"errorType": kind, "errorMessage": message.strip()})
        return super().failure(frozen, kind, message, {**payload, "data": body})


@fault("cuts-nothing", "ENV-28")
class CutsNothing(Envelopes):
    """It sends long messages of errors in full."""

    def for_people(self, text: str) -> str:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@fault("cuts-by-characters", "ENV-28")
class CutsByCharacters(Envelopes):
    """It counts characters where bytes count."""

    def for_people(self, text: str) -> str:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")[:1024]


@fault("cuts-characters-in-two", "ENV-28")
class CutsCharactersInTwo(Envelopes):
    """It cuts in the middle of a character."""

    def for_people(self, text: str) -> str:
        data = text.encode(errors="replace")
        return data[:1024].decode(errors="replace")


@fault("puts-its-surroundings-in", "SEC-5")
class PutsItsSurroundingsIn(Envelopes):
    """It tells its environment variables with every answer."""

    def head(self, kind: str, frozen: Frozen) -> dict[str, Any]:
        return {**super().head(kind, frozen), "debug": dict(os.environ)}


@fault("writes-payloads-as-json", "PAY-3")
class WritesPayloadsAsJson(Envelopes):
    """It puts a result into the envelope as JSON and not as a text."""

    def result(self, frozen: Frozen, payload: dict[str, Any]) -> dict[str, Any]:
        if payload["encoding"] == "text":
            payload = {**payload, "data": json.loads(payload["data"])}
        return super().result(frozen, payload)


@fault("calls-every-error-the-same", "ENV-28")
class CallsEveryErrorTheSame(Envelopes):
    """It gives all errors of handlers one type."""

    def failure(
        self, frozen: Frozen, kind: str, message: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        kind = kind if kind.startswith("Client.") else "HandlerError"
        return super().failure(frozen, kind, message, payload)


@fault("keeps-lone-surrogates", "ENV-28", "ENV-5")
class KeepsLoneSurrogates(Envelopes):
    """It writes halves of characters into the head of an error."""

    def for_people(self, text: str) -> str:
        return text.encode(errors="surrogatepass")[:1024].decode(errors="surrogatepass")

    def write(self, envelope: dict[str, Any]) -> str:
        return json.dumps(envelope)
