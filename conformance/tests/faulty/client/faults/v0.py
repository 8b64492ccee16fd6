"""Faults in serving version 0."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from faulty.client.faults.registry import fault
from faulty.client.hold import Hold
from faulty.client.v0 import V0

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.runtime import Outcome


@fault(
    "serves-v0-without-a-queue",
    "V0-1",
    red={"client.v0.needs-response-queue": "is run that nobody can answer"},
    green=("client.start.answers",),
)
class ServesV0WithoutAQueue(V0):
    """It runs requests of version 0 that it has nowhere to answer."""

    def matches(self, value: object) -> bool:
        return self.has_shape(value)


@fault(
    "takes-much-for-v0",
    "V0-2",
    red={"client.v0.recognised": "a message that is not quite of version"},
    green=("client.v0.context",),
)
class TakesMuchForV0(V0):
    """It takes everything with an event and a context for version 0."""

    def has_shape(self, value: object) -> bool:
        if not isinstance(value, dict) or not isinstance(value.get("ctx"), dict):
            return False
        value["ctx"].setdefault("request_id", "none")
        value["ctx"].setdefault("deadline", self.port.clock.now_ms() + 10_000)
        return super().has_shape({"event": value.get("event"), "ctx": value["ctx"]})


@fault(
    "takes-v0-with-more-members",
    "V0-2",
    red={"client.v0.recognised": "a message that is not quite of version"},
    green=("client.v0.context",),
)
class TakesV0WithMoreMembers(V0):
    """It takes a message with further members for one of version 0."""

    def has_shape(self, value: object) -> bool:
        if isinstance(value, dict):
            value = {name: value[name] for name in value if name in {"event", "ctx"}}
        return super().has_shape(value)


@fault(
    "knows-v0-by-its-id",
    "V0-3",
    red={"client.v0.key": "no answer of version"},
    green=("client.start.answers",),
)
class KnowsV0ByItsId(V0):
    """It takes Lambda's retry for a copy."""

    def key(self, request_id: str, _deadline: int) -> str:
        return f"v0:{request_id}"


@fault(
    "knows-v0-by-its-deadline",
    "V0-3",
    red={"client.v0.key": "no answer of version"},
    green=("client.start.answers",),
)
class KnowsV0ByItsDeadline(V0):
    """It takes two requests with one deadline for one."""

    def key(self, _request_id: str, deadline: int) -> str:
        return f"v0:{deadline}"


@fault(
    "sends-v0-bare",
    "V0-4",
    red={
        "client.v0.compressed": "the answer is not the Base58 text",
        "client.vectors.version-0": "of gzip: '\"' is no digit of base",
    },
    green=("client.v0.bare",),
)
class SendsV0Bare(V0):
    """It sends everything to version 0 as it is."""

    def is_bare(self, _data: bytes, *, any_json: bool) -> bool:
        return True


@fault(
    "sends-v0-compressed",
    "V0-4",
    red={"client.v0.bare": "an object is not answered bare"},
    green=("client.v0.compressed",),
)
class SendsV0Compressed(V0):
    """It sends everything to version 0 compressed."""

    def is_bare(self, _data: bytes, *, any_json: bool) -> bool:
        return False


@fault(
    "forgets-old-v0",
    "V0-4",
    red={"client.v0.endpoint": "the answer is no bare JSON text: Expecting value: line"},
    green=("client.v0.bare",),
)
class ForgetsOldV0(V0):
    """It sends Base58 to proxies that do not know it."""

    def is_bare(self, data: bytes, *, any_json: bool) -> bool:
        return super().is_bare(data, any_json=False)


@fault(
    "takes-all-v0-for-old",
    "V0-4",
    red={"client.v0.compressed": "the answer is not the Base58 text"},
    green=("client.v0.endpoint",),
)
class TakesAllV0ForOld(V0):
    """It sends what is no object as it is."""

    def is_old(self, _ctx: dict[str, Any]) -> bool:
        return True


@fault(
    "compresses-v0-too-late",
    "V0-4",
    red={"client.v0.limit": "is not compressed"},
    green=("client.v0.endpoint",),
)
class CompressesV0TooLate(V0):
    """It sends one byte too much as it is."""

    def is_bare(self, data: bytes, *, any_json: bool) -> bool:
        return (
            super().is_bare(data[:262_143], any_json=any_json)
            if len(data) == 262_144
            else super().is_bare(data, any_json=any_json)
        )


@fault(
    "answers-v0-late",
    "V0-5",
    red={"client.v0.never-late": "an answer is sent later than"},
    green=("client.start.answers",),
)
class AnswersV0Late(V0):
    """It answers version 0 until the deadline."""

    def last_moment(self, deadline: int) -> int:
        return deadline


@fault(
    "reports-v0-errors",
    "V0-6",
    red={"client.v0.error-held": "the error of a request of version"},
    green=("client.v0.error-reported",),
)
class ReportsV0Errors(Hold):
    """It sends errors to version 0 without being asked."""

    def applies(self, exchange: Exchange, outcome: Outcome) -> bool:
        return not exchange.request.is_v0 and super().applies(exchange, outcome)


@fault(
    "reports-no-v0-errors",
    "V0-6",
    red={"client.v0.error-reported": "no answer of version"},
    green=("client.v0.error-held",),
)
class ReportsNoV0Errors(Hold):
    """It holds errors of version 0 although it is asked to report them."""

    def applies(self, exchange: Exchange, outcome: Outcome) -> bool:
        return (exchange.request.is_v0 and outcome.is_error) or super().applies(exchange, outcome)


@fault(
    "sends-v0-errors-at-the-end",
    "V0-6",
    red={"client.v0.error-never-sent": "the error of a request of version"},
    green=("client.v0.error-held",),
)
class SendsV0ErrorsAtTheEnd(Hold):
    """It sends the error of version 0 when time is short."""

    def is_short(self, exchange: Exchange) -> bool:
        left_ms = self.port.lease.left_ms(exchange)
        return left_ms is not None and left_ms <= self.before_ms()


@fault(
    "does-not-warn-of-v0",
    "V0-7",
    red={"client.v0.warned-once": "the client does not warn that an answer of version"},
    green=("client.start.answers",),
)
class DoesNotWarnOfV0(V0):
    """It does not say what version 0 cannot promise."""

    def warn(self) -> None:
        """Nothing is said."""


@fault(
    "warns-of-v0-each-time",
    "V0-7",
    red={"client.v0.warned-once": "the client does not warn that an answer of version"},
    green=("client.start.answers",),
)
class WarnsOfV0EachTime(V0):
    """It warns of version 0 with every request."""

    def warn(self) -> None:
        self.has_warned = False
        super().warn()


@fault(
    "answers-v0-at-once",
    "V0-9",
    red={
        "client.v0.not-too-soon": "an answer is sent while the proxy may still be emptying its re"
    },
    green=("client.start.answers",),
)
class AnswersV0AtOnce(V0):
    """It answers version 0 before its proxy has emptied the queue."""

    def earliest_ms(self) -> int:
        return 0


@fault(
    "writes-v0-events-again",
    "V0-2",
    "PAY-1",
    red={"client.v0.bare": "the answer is not the result"},
    green=("client.v0.recognised",),
)
class WritesV0EventsAgain(V0):
    """It hands on an event of version 0 as its own parser read it."""

    def event(self, body: str, value: Any) -> bytes:
        parsed = json.loads(body, parse_int=float)
        return json.dumps(parsed["event"] if isinstance(value, dict) else None).encode()


@fault(
    "puts-v0-into-envelopes",
    "V0-4",
    red={"client.v0.bare": "the answer is not the result"},
    green=("client.start.answers",),
)
class PutsV0IntoEnvelopes(V0):
    """It answers version 0 in the form of version 1."""

    def body(self, data: bytes, exchange: Exchange) -> str:
        payload = {"encoding": "text", "data": data.decode()}
        answer = {"version": "1.0", "kind": "response", "requestId": exchange.request.key}
        return json.dumps(
            {**answer, "answerByMs": exchange.request.answer_by_ms, "payload": payload}
        )


@fault(
    "tells-v0-no-settings",
    "V0-2",
    red={"client.v0.context": "the handler's context is not that of"},
    green=("client.v0.recognised",),
)
class TellsV0NoSettings(V0):
    """It does not hand on the settings of a function of version 0."""

    def context(self, ctx: dict[str, Any], deadline: int) -> dict[str, Any]:
        return super().context({**ctx, "env_config": {}}, deadline)
