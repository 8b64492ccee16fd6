"""Reads requests, and says of others what is wrong and whether they can be answered."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from faulty.client import rules
from faulty.client.part import Part
from faulty.client.rules import Wrong

if TYPE_CHECKING:
    from faulty.client.sqs import Message

_VERSION = re.compile(r"1\.(0|[1-9][0-9]{0,3})")
_ENCODING = re.compile(r"[a-z0-9+-]{1,32}")
_REPLY_MEMBERS = ("replyTo", "answerByMs", "startByMs", "maxReplyBytes", "acceptEncodings")
_CONTEXT_TEXTS = (
    ("awsRequestId", 1, 256),
    ("functionName", 1, 256),
    ("functionVersion", 1, 256),
    ("invokedFunctionArn", 1, 2048),
    ("logGroupName", 0, 1024),
    ("logStreamName", 0, 1024),
)
_CONTEXT_OPTIONS = (
    ("traceId", 1, 2048),
    ("tenantId", 1, 256),
    ("invocationId", 1, 1024),
    ("clientContext", 1, 16384),
)


class Frozen:
    """What of a request every version has.

    Args:
        request_id: Its ID.
        answer_by_ms: Until when it can be answered.
        reply_url: Where to, as this client would write it.
        version: Its version.
    """

    def __init__(
        self, request_id: str, answer_by_ms: int, reply_url: str, version: str = "1.0"
    ) -> None:
        self.request_id = request_id
        self.answer_by_ms = answer_by_ms
        self.reply_url = reply_url
        self.version = version


class Bad(Exception):  # noqa: N818 - it is a verdict, not an error
    """A message that is no valid request.

    Args:
        wrong: What is wrong, and where.
        frozen: What is needed to refuse it; None if it cannot be answered.
    """

    def __init__(self, wrong: Wrong, frozen: Frozen | None) -> None:
        super().__init__(str(wrong))
        self.wrong = wrong
        self.frozen = frozen


class Request:
    """A valid request."""

    key: str
    frozen: Frozen | None = None  #: None if nobody waits
    answer_by_ms: int | None = None
    start_by_ms: int | None = None
    max_reply_bytes = 1_048_576
    encodings: tuple[str, ...] = ("text",)
    context: dict[str, Any]
    event: bytes | None = None  #: None if it is in the bucket
    claim: dict[str, Any]
    is_v0 = False
    takes_any_json = False  #: the proxy of version 0 reads what is no object, too


class Requests(Part):
    """Reads messages."""

    def read(self, message: Message) -> Request:
        """The request that a message is.

        Raises:
            Bad: It is none.
        """
        value: object = None
        try:
            value = self.parse(message.body)
            if self.port.v0.matches(value):
                return self.port.v0.read(message.body, value)
            return self.request(rules.mapping(value, ""))
        except Wrong as wrong:
            raise Bad(wrong, self.frozen(value)) from None

    def parse(self, body: str) -> object:
        """The JSON value that a body is."""
        try:
            return json.loads(body, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise Wrong(f"is no JSON: {type(error).__name__}", "") from None

    def frozen(self, value: object) -> Frozen | None:
        """What is needed to answer, however bad the rest is; None if it cannot be."""
        if not isinstance(value, dict):
            return None
        identity, answer_by = value.get("requestId"), rules.as_integer(value.get("answerByMs"))
        url = self.port.routes.trusted(value.get("replyTo"))
        if not isinstance(identity, str) or not rules.NAME.fullmatch(identity):
            return None
        if answer_by is None or not 0 <= answer_by <= rules.MAX_INTEGER or not url:
            return None
        return Frozen(identity, answer_by, url)

    def request(self, value: dict[str, Any]) -> Request:
        """A request of version 1."""
        self.check_head(value)
        request = Request()
        request.key = rules.matching(rules.needed(value, "requestId", ""), "/requestId", rules.NAME)
        rules.integer(rules.needed(value, "sentAtMs", ""), "/sentAtMs")
        one_way = rules.needed(value, "oneWay", "")
        if not isinstance(one_way, bool):
            raise Wrong("is no boolean", "/oneWay")
        if one_way:
            self.check_one_way(value)
        else:
            self.read_reply(request, value)
        request.context = self.context(rules.needed(value, "context", ""))
        self.read_payload(request, rules.needed(value, "payload", ""))
        return request

    def check_head(self, value: dict[str, Any]) -> None:
        """Version and kind."""
        rules.matching(rules.needed(value, "version", ""), "/version", _VERSION)
        if rules.needed(value, "kind", "") != "request":
            raise Wrong("is no kind that a client takes", "/kind")

    def check_one_way(self, value: dict[str, Any]) -> None:
        """Nothing in it suggests an answer."""
        for name in _REPLY_MEMBERS:
            if name in value:
                raise Wrong("has to be absent where nobody waits", f"/{name}")

    def read_reply(self, request: Request, value: dict[str, Any]) -> None:
        """Where, until when and how to answer."""
        answer_by = rules.integer(rules.needed(value, "answerByMs", ""), "/answerByMs")
        if "startByMs" in value:
            request.start_by_ms = rules.integer(value["startByMs"], "/startByMs")
        request.max_reply_bytes = rules.integer(
            rules.needed(value, "maxReplyBytes", ""), "/maxReplyBytes", 1024, 1_048_576
        )
        request.encodings = self.encodings(rules.needed(value, "acceptEncodings", ""))
        url = self.port.routes.trusted(rules.needed(value, "replyTo", ""))
        if not url:
            raise Wrong("is no queue that is trusted", "/replyTo")
        request.answer_by_ms = answer_by
        request.frozen = Frozen(request.key, answer_by, url, value["version"])

    def encodings(self, value: object) -> tuple[str, ...]:
        """The encodings that the proxy can decode; unknown names are valid."""
        if not isinstance(value, list) or not 1 <= len(value) <= 16:
            raise Wrong("is no list of 1 to 16 names", "/acceptEncodings")
        for place, name in enumerate(value):
            rules.matching(name, f"/acceptEncodings/{place}", _ENCODING)
        if len(set(value)) != len(value) or "text" not in value:
            raise Wrong("has a name twice, or not text", "/acceptEncodings")
        return tuple(value)

    def context(self, value: object) -> dict[str, Any]:
        """What Lambda told the proxy."""
        context = rules.mapping(value, "/context")
        for name, low, high in _CONTEXT_TEXTS:
            rules.text(rules.needed(context, name, "/context"), f"/context/{name}", low, high)
        for name, low, high in _CONTEXT_OPTIONS:
            if name in context:
                rules.text(context[name], f"/context/{name}", low, high)
        memory = rules.needed(context, "memoryLimitInMb", "/context")
        rules.integer(memory, "/context/memoryLimitInMb", 1, 1_048_576)
        rules.integer(rules.needed(context, "deadlineMs", "/context"), "/context/deadlineMs")
        if "identity" in context:
            identity = rules.mapping(context["identity"], "/context/identity")
            for name in ("cognitoIdentityId", "cognitoIdentityPoolId"):
                if name in identity:
                    rules.text(identity[name], f"/context/identity/{name}", 0, 1024)
        return context

    def read_payload(self, request: Request, value: object) -> None:
        """The event, or where it is."""
        payload = rules.mapping(value, "/payload")
        if payload.get("encoding") == "s3":
            self.port.payloads.check_claim(payload, request.key)
            request.claim = payload
        else:
            request.event = self.port.payloads.decode(payload)


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is no JSON")
