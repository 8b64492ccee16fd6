"""Faults in what each kind of envelope has of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from faulty.client.envelopes import Envelopes
from faulty.client.faults.registry import fault

if TYPE_CHECKING:
    from faulty.client.port import Port
    from faulty.client.requests import Frozen


@fault(
    "has-no-instance-id",
    "ENV-24",
    red={"client.envelope.accepted-client": "the accepted is not valid: /client has no member"},
    green=("client.start.answers",),
)
class HasNoInstanceId(Envelopes):
    """It does not say which client it is."""

    def client(self) -> dict[str, str]:
        return {"name": "faulty"}


@fault(
    "keeps-its-instance-id",
    "ENV-24",
    red={"client.envelope.instance-id": "a client that was started again calls itself the same"},
    green=("client.envelope.accepted-client",),
)
class KeepsItsInstanceId(Envelopes):
    """It has the same instance ID at every start."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        port.instance_id = "the-laptop-of-somebody"


@fault(
    "shouts-its-reasons",
    "ENV-25",
    red={
        "client.envelope.declined": "characters, a lower-case word or several joined by -, such a"
    },
    green=("client.start.answers",),
)
class ShoutsItsReasons(Envelopes):
    """It writes the reason in capitals."""

    def declined(self, frozen: Frozen, reason: str) -> dict[str, Any]:
        return super().declined(frozen, reason.upper())


@fault(
    "answers-twofold",
    "ENV-26",
    red={
        "client.envelope.result-or-error": "the response is not valid: /error is null, not an obj",
        "client.error.after-error": "the response is not valid: /error is null, not an object",
    },
    green=("client.one-way.returned",),
)
class AnswersTwofold(Envelopes):
    """It sends an empty error with every result."""

    def result(self, frozen: Frozen, payload: dict[str, Any]) -> dict[str, Any]:
        return {**super().result(frozen, payload), "error": None}


@fault(
    "tidies-error-bodies",
    "ENV-27",
    red={
        "client.payload.claimed-error": "the response is not valid: /error/payload/data is there,",
        "client.envelope.error-body": "the error body is not the one that the handler's runtime m",
    },
    green=("client.payload.error-too-large",),
)
class TidiesErrorBodies(Envelopes):
    """It builds an error body of its own out of type and message."""

    def failure(
        self, frozen: Frozen, kind: str, message: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        body = json.dumps({"errorType": kind, "errorMessage": message.strip()})
        return super().failure(frozen, kind, message, {**payload, "data": body})


@fault(
    "cuts-nothing",
    "ENV-28",
    red={
        "client.envelope.error-head-cut": "the response is not valid: /error/errorType has",
        "client.vectors.errors": "the response is not valid: /error/errorMessage has",
    },
    green=("client.envelope.error-head-unicode",),
)
class CutsNothing(Envelopes):
    """It sends long messages of errors in full."""

    def for_people(self, text: str) -> str:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@fault(
    "cuts-by-characters",
    "ENV-28",
    red={"client.envelope.error-head-cut": "the response is not valid: /error/errorType has"},
    green=("client.envelope.error-head",),
)
class CutsByCharacters(Envelopes):
    """It counts characters where bytes count."""

    def for_people(self, text: str) -> str:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")[:1024]


@fault(
    "cuts-characters-in-two",
    "ENV-28",
    red={"client.envelope.error-head-cut": "the response is not valid: /error/errorType has"},
    green=("client.envelope.error-head-unicode",),
)
class CutsCharactersInTwo(Envelopes):
    """It cuts in the middle of a character."""

    def for_people(self, text: str) -> str:
        data = text.encode(errors="replace")
        return data[:1024].decode(errors="replace")


@fault(
    "calls-every-error-the-same",
    "ENV-28",
    red={
        "client.envelope.error-head": "the error's head says something else",
        "client.error.handler-s-own": "the handler's error arrives as another",
    },
    green=("client.envelope.error-head-unicode",),
)
class CallsEveryErrorTheSame(Envelopes):
    """It gives all errors of handlers one type."""

    def failure(
        self, frozen: Frozen, kind: str, message: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        kind = kind if kind.startswith("Client.") else "HandlerError"
        return super().failure(frozen, kind, message, payload)


@fault(
    "keeps-lone-surrogates",
    "ENV-28",
    "ENV-5",
    red={
        "client.envelope.error-head-unicode": "the response is not valid: /error/errorMessage hol"
    },
    green=("client.envelope.error-head",),
)
class KeepsLoneSurrogates(Envelopes):
    """It writes halves of characters into the head of an error."""

    def for_people(self, text: str) -> str:
        return text.encode(errors="surrogatepass")[:1024].decode(errors="surrogatepass")

    def write(self, envelope: dict[str, Any]) -> str:
        return json.dumps(envelope)
