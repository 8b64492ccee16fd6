"""Version 0: bare JSON without correlation."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from faulty.client import rules
from faulty.client.part import Part
from faulty.client.requests import Request
from faulty.client.rules import Wrong

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.port import Port

_BARE_BYTES = 262_144
_MARGIN_MS = 2000
_EARLIEST_MS = 1000
_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CLIENT_NAMES = {
    "installationId": "installation_id",
    "appTitle": "app_title",
    "appVersionName": "app_version_name",
    "appVersionCode": "app_version_code",
    "appPackageName": "app_package_name",
}


class V0(Part):
    """Serves proxies of version 0."""

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.has_warned = False

    def matches(self, value: object) -> bool:
        """Whether a message is one of version 0, and is served (V0-1, V0-2)."""
        return bool(self.port.settings.response_url) and self.has_shape(value)

    def has_shape(self, value: object) -> bool:
        """Whether it is an object of exactly the event and a context."""
        if not isinstance(value, dict) or set(value) != {"event", "ctx"}:
            return False
        ctx = value["ctx"]
        return (
            isinstance(ctx, dict)
            and isinstance(ctx.get("request_id"), str)
            and rules.as_integer(ctx.get("deadline")) is not None
        )

    def read(self, body: str, value: Any) -> Request:
        """The request."""
        self.warn()
        ctx = value["ctx"]
        deadline = rules.as_integer(ctx["deadline"]) or 0
        request = Request()
        request.is_v0 = True
        request.key = self.key(ctx["request_id"], deadline)
        request.answer_by_ms = self.last_moment(deadline)
        request.context = self.context(ctx, deadline)
        request.takes_any_json = self.is_old(ctx)
        request.event = self.event(body, value)
        return request

    def warn(self) -> None:
        """Say once what cannot be prevented (V0-7)."""
        if not self.has_warned:
            self.has_warned = True
            self.port.log.say(
                "warning: a proxy of version 0 is served; its messages do not correlate, so that"
                " answers can reach the wrong invocation"
            )

    def key(self, request_id: str, deadline: int) -> str:
        """What tells one request from another (V0-3)."""
        return f"v0:{request_id}:{deadline}"

    def last_moment(self, deadline: int) -> int:
        """Until when it may be answered (V0-5)."""
        return deadline - _MARGIN_MS

    def is_old(self, ctx: dict[str, Any]) -> bool:
        """Whether the proxy reads any JSON as it is."""
        settings = ctx.get("env_config")
        return isinstance(settings, dict) and "endpoint" in settings

    def event(self, body: str, _value: Any) -> bytes:
        """The very text of the event."""
        decoder = json.JSONDecoder()
        place = _after_blanks(body, body.index("{") + 1)
        found = ""
        while body[place] != "}":
            name, place = decoder.raw_decode(body, place)
            begin = _after_blanks(body, _after_blanks(body, place) + 1)
            _, end = decoder.raw_decode(body, begin)
            if name == "event":
                found = body[begin:end]
            place = _after_blanks(body, end)
            if body[place] == ",":
                place = _after_blanks(body, place + 1)
        try:
            return found.encode()
        except UnicodeEncodeError:
            raise Wrong("is no well-formed text", "/event") from None

    def context(self, ctx: dict[str, Any], deadline: int) -> dict[str, Any]:
        """The context, with the names that version 1 has for them."""
        settings = ctx.get("env_config")
        settings = settings if isinstance(settings, dict) else {}
        context: dict[str, Any] = {
            "awsRequestId": ctx["request_id"],
            "functionName": settings.get("function_name"),
            "functionVersion": settings.get("version"),
            "invokedFunctionArn": ctx.get("invoked_function_arn"),
            "memoryLimitInMb": settings.get("memory"),
            "logGroupName": settings.get("log_group"),
            "logStreamName": settings.get("log_stream"),
            "deadlineMs": deadline,
        }
        if ctx.get("xray_trace_id"):
            context["traceId"] = ctx["xray_trace_id"]
        if isinstance(ctx.get("client_context"), dict):
            context["clientContext"] = json.dumps(self.client_context(ctx["client_context"]))
        if isinstance(ctx.get("identity"), dict):
            context["identity"] = self.identity(ctx["identity"])
        return context

    def client_context(self, value: dict[str, Any]) -> dict[str, Any]:
        """The client context with the names that the caller wrote."""
        client = value.get("client")
        if not isinstance(client, dict):
            return value
        names = {_CLIENT_NAMES.get(name, name): each for name, each in client.items()}
        return {**value, "client": names}

    def identity(self, value: dict[str, Any]) -> dict[str, Any]:
        """The identity, under either of the names that it had."""
        return {
            "cognitoIdentityId": value.get("identityId", value.get("identity_id")),
            "cognitoIdentityPoolId": value.get("identityPoolId", value.get("identity_pool_id")),
        }

    def body(self, data: bytes, exchange: Exchange) -> str:
        """The answer as the proxy reads it (V0-4)."""
        if self.is_bare(data, any_json=exchange.request.takes_any_json):
            return data.decode()
        return base58(self.port.payloads.gzip(data))

    def is_bare(self, data: bytes, *, any_json: bool) -> bool:
        """Whether the result goes as it is."""
        if len(data) >= _BARE_BYTES or not (any_json or data.lstrip(b" \t\r\n")[:1] == b"{"):
            return False
        return not set(data.decode()) & {"\ufffe", "\uffff"}

    def wait(self, exchange: Exchange) -> None:
        """Let the proxy empty its queue first (V0-9)."""
        earliest = exchange.sent_ms + self.earliest_ms()
        last = exchange.request.answer_by_ms or 0
        clock = self.port.clock
        while clock.now_ms() < min(earliest, last - 100):
            time.sleep(0.02)

    def earliest_ms(self) -> int:
        """How long after the request an answer may be sent."""
        return _EARLIEST_MS


def base58(data: bytes) -> str:
    """The Base58 text of bytes that do not begin with a zero."""
    return _digits(int.from_bytes(data, "big"), [58]).lstrip("1")


def _digits(number: int, powers: list[int]) -> str:
    """The digits of a number by halves; dividing by 58 alone would be quadratic."""
    while powers[-1] <= number:
        powers.append(powers[-1] ** 2)
    return _padded(number, powers, len(powers) - 1)


def _padded(number: int, powers: list[int], level: int) -> str:
    if level < 0:
        return _DIGITS[number]
    high, low = divmod(number, powers[level])
    return _padded(high, powers, level - 1) + _padded(low, powers, level - 1)


def _after_blanks(text: str, place: int) -> int:
    while text[place] in " \t\r\n":
        place += 1
    return place
