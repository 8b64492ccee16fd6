"""Faults in what a client takes for a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from faulty.client.faults.registry import fault
from faulty.client.requests import Requests
from faulty.client.rules import Wrong
from faulty.client.running import Running

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.requests import Frozen, Request

_MEMBERS = {
    *("version", "kind", "requestId", "replyTo", "sentAtMs", "startByMs", "answerByMs", "oneWay"),
    *("maxReplyBytes", "acceptEncodings", "context", "payload", "environment", "signature"),
}
_CONTEXT_MEMBERS = {
    *("awsRequestId", "functionName", "functionVersion", "invokedFunctionArn", "memoryLimitInMb"),
    *("logGroupName", "logStreamName", "deadlineMs", "traceId", "tenantId", "invocationId"),
    *("clientContext", "identity"),
}


@fault(
    "refuses-unknown-members",
    "ENV-2",
    red={
        "client.envelope.unknown-members": "the answer is the error Client.BadRequest: The",
        "client.vectors.envelopes": "the handler ran",
    },
    green=("client.trust.nothing-taken",),
)
class RefusesUnknownMembers(Requests):
    """It refuses a request that has a member that it does not know."""

    def request(self, value: dict[str, Any]) -> Request:
        if set(value) - _MEMBERS:
            raise Wrong("has members that are not known", "")
        return super().request(value)


@fault(
    "refuses-unknown-context",
    "ENV-2",
    red={"client.envelope.unknown-members": "the answer is the error Client.BadRequest: The"},
    green=("client.trust.nothing-taken",),
)
class RefusesUnknownContext(Requests):
    """It refuses a request whose context has a member that it does not know."""

    def context(self, value: object) -> dict[str, Any]:
        context = super().context(value)
        if set(context) - _CONTEXT_MEMBERS:
            raise Wrong("has members that are not known", "/context")
        return context


@fault(
    "refuses-minor-versions",
    "ENV-8",
    red={
        "client.envelope.minor-versions": "the answer is the error Client.BadRequest: The request"
    },
    green=("client.start.answers",),
)
class RefusesMinorVersions(Requests):
    """It takes nothing but version 1.0."""

    def check_head(self, value: dict[str, Any]) -> None:
        super().check_head(value)
        if value["version"] != "1.0":
            raise Wrong("is not 1.0", "/version")


@fault(
    "takes-any-version",
    "ENV-10",
    "SES-29",
    "SES-31",
    red={"client.envelope.other-major": "a request with the version"},
    green=("client.envelope.other-kind",),
)
class TakesAnyVersion(Requests):
    """It does not look at the version."""

    def check_head(self, value: dict[str, Any]) -> None:
        super().check_head({**value, "version": "1.0"})


@fault(
    "takes-any-kind",
    "ENV-10",
    "SES-29",
    "SES-31",
    red={
        "client.envelope.other-kind": "a request with the kind 'notice': the answer is no error",
        "client.envelope.foreign-kind": "a request with the kind",
    },
    green=("client.envelope.other-major",),
)
class TakesAnyKind(Requests):
    """It does not look at the kind."""

    def check_head(self, value: dict[str, Any]) -> None:
        super().check_head({**value, "kind": "request"})


@fault(
    "refuses-unknown-encodings",
    "ENV-19",
    red={
        "client.envelope.unknown-encodings": "the answer is the error Client.BadRequest: The requ"
    },
    green=("client.start.answers",),
)
class RefusesUnknownEncodings(Requests):
    """It refuses a request that lists an encoding that it does not know."""

    def encodings(self, value: object) -> tuple[str, ...]:
        found = super().encodings(value)
        if set(found) - {"text", "base64", "gzip+base64", "s3"}:
            raise Wrong("has a name that is not known", "/acceptEncodings")
        return found


@fault(
    "expires-by-the-deadline",
    "ENV-23",
    red={"client.envelope.deadline-past": "the handler did not run"},
    green=("client.envelope.deadline-ahead",),
)
class ExpiresByTheDeadline(Running):
    """It takes Lambda's deadline for the end of the wait."""

    def is_expired(self, exchange: Exchange) -> bool:
        return bool(exchange.request.context["deadlineMs"] <= self.port.clock.now_ms())


@fault(
    "asks-for-no-context",
    "SES-29",
    "SES-31",
    red={
        "client.bad-input.kept": "a bad message was deleted, and its body is in no file of the cl",
        "client.bad-input.context": "a request with /context being null: the answer is no error",
    },
    green=("client.bad-input.one-way",),
)
class AsksForNoContext(Requests):
    """It runs requests whose context is not whole."""

    def context(self, value: object) -> dict[str, Any]:
        told = value if isinstance(value, dict) else {}
        return {"deadlineMs": self.port.clock.now_ms() + 10_000, **told}


@fault(
    "lets-one-way-be-answered",
    "SES-29",
    "SES-31",
    red={
        "client.envelope.one-way-members": "a request with oneWay true and replyTo reached the ha"
    },
    green=("client.envelope.other-kind",),
)
class LetsOneWayBeAnswered(Requests):
    """It runs one-way requests that say where to answer."""

    def check_one_way(self, value: dict[str, Any]) -> None:
        """Nothing is looked at."""


@fault(
    "takes-nan",
    "SES-29",
    "ENV-4",
    red={"client.bad-input.garbage": "a request with Infinity in it reached the handler"},
    green=("client.bad-input.kept",),
)
class TakesNan(Requests):
    """It takes what is no JSON, because its parser does."""

    def parse(self, body: str) -> object:
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Wrong(f"is no JSON: {type(error).__name__}", "") from None


@fault(
    "takes-what-follows",
    "SES-29",
    "ENV-1",
    red={"client.bad-input.garbage": "a request with something behind it reached the handler"},
    green=("client.bad-input.goes-on",),
)
class TakesWhatFollows(Requests):
    """It reads the first JSON text of a message, whatever follows."""

    def parse(self, body: str) -> object:
        try:
            return json.JSONDecoder().raw_decode(body.lstrip())[0]
        except (ValueError, RecursionError) as error:
            raise Wrong(f"is no JSON: {type(error).__name__}", "") from None


@fault(
    "answers-the-untrusted",
    "SEC-3",
    red={
        "client.trust.foreign-account": "something was sent about a request that must not be answ",
        "client.trust.no-queue-url": "something was sent about a request that must not be",
    },
    green=("client.trust.kept-untrusted",),
)
class AnswersTheUntrusted(Requests):
    """It tells everybody that their request is bad, through its own reply queue."""

    def frozen(self, value: object) -> Frozen | None:
        if isinstance(value, dict) and self.port.settings.response_url:
            value = {**value, "replyTo": self.port.settings.response_url}
        return super().frozen(value)


@fault(
    "dies-on-garbage",
    "SES-29",
    red={
        "client.bad-input.garbage": "a request with nothing but 'x': the request is not deleted w"
    },
    green=("client.bad-input.goes-on",),
)
class DiesOnGarbage(Requests):
    """It ends when a message is no JSON."""

    def parse(self, body: str) -> object:
        try:
            return super().parse(body)
        except Wrong:
            self.port.ending.abandon()
            raise
