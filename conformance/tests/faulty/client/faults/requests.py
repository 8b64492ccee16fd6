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


@fault("refuses-unknown-members", "ENV-2")
class RefusesUnknownMembers(Requests):
    """It refuses a request that has a member that it does not know."""

    def request(self, value: dict[str, Any]) -> Request:
        if set(value) - _MEMBERS:
            raise Wrong("has members that are not known", "")
        return super().request(value)


@fault("refuses-unknown-context", "ENV-2")
class RefusesUnknownContext(Requests):
    """It refuses a request whose context has a member that it does not know."""

    def context(self, value: object) -> dict[str, Any]:
        context = super().context(value)
        if set(context) - _CONTEXT_MEMBERS:
            raise Wrong("has members that are not known", "/context")
        return context


@fault("refuses-minor-versions", "ENV-8")
class RefusesMinorVersions(Requests):
    """It takes nothing but version 1.0."""

    def check_head(self, value: dict[str, Any]) -> None:
        super().check_head(value)
        if value["version"] != "1.0":
            raise Wrong("is not 1.0", "/version")


@fault("takes-any-version", "ENV-10", "SES-29", "SES-31")
class TakesAnyVersion(Requests):
    """It does not look at the version."""

    def check_head(self, value: dict[str, Any]) -> None:
        super().check_head({**value, "version": "1.0"})


@fault("takes-any-kind", "ENV-10", "SES-29", "SES-31")
class TakesAnyKind(Requests):
    """It does not look at the kind."""

    def check_head(self, value: dict[str, Any]) -> None:
        super().check_head({**value, "kind": "request"})


@fault("refuses-unknown-encodings", "ENV-19")
class RefusesUnknownEncodings(Requests):
    """It refuses a request that lists an encoding that it does not know."""

    def encodings(self, value: object) -> tuple[str, ...]:
        found = super().encodings(value)
        if set(found) - {"text", "base64", "gzip+base64", "s3"}:
            raise Wrong("has a name that is not known", "/acceptEncodings")
        return found


@fault("expires-by-the-deadline", "ENV-23")
class ExpiresByTheDeadline(Running):
    """It takes Lambda's deadline for the end of the wait."""

    def is_expired(self, exchange: Exchange) -> bool:
        return bool(exchange.request.context["deadlineMs"] <= self.port.clock.now_ms())


@fault("asks-for-no-context", "SES-29", "SES-31")
class AsksForNoContext(Requests):
    """It runs requests whose context is not whole."""

    def context(self, value: object) -> dict[str, Any]:
        told = value if isinstance(value, dict) else {}
        return {"deadlineMs": self.port.clock.now_ms() + 10_000, **told}


@fault("lets-one-way-be-answered", "SES-29", "SES-31")
class LetsOneWayBeAnswered(Requests):
    """It runs one-way requests that say where to answer."""

    def check_one_way(self, value: dict[str, Any]) -> None:
        """Nothing is looked at."""


@fault("takes-nan", "SES-29", "ENV-4")
class TakesNan(Requests):
    """It takes what is no JSON, because its parser does."""

    def parse(self, body: str) -> object:
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Wrong(f"is no JSON: {type(error).__name__}", "") from None


@fault("takes-what-follows", "SES-29", "ENV-1")
class TakesWhatFollows(Requests):
    """It reads the first JSON text of a message, whatever follows."""

    def parse(self, body: str) -> object:
        try:
            return json.JSONDecoder().raw_decode(body.lstrip())[0]
        except (ValueError, RecursionError) as error:
            raise Wrong(f"is no JSON: {type(error).__name__}", "") from None


@fault("answers-the-untrusted", "SEC-3")
class AnswersTheUntrusted(Requests):
    """It tells everybody that their request is bad, through its own reply queue."""

    def frozen(self, value: object) -> Frozen | None:
        if isinstance(value, dict) and self.port.settings.response_url:
            value = {**value, "replyTo": self.port.settings.response_url}
        return super().frozen(value)


@fault("dies-on-garbage", "SES-29")
class DiesOnGarbage(Requests):
    """It ends when a message is no JSON."""

    def parse(self, body: str) -> object:
        try:
            return super().parse(body)
        except Wrong:
            self.port.ending.abandon()
            raise
