"""The witness on the line to SQS: which message was sent, handed out, kept and deleted by whom.

A tap's effect that changes nothing. It has to be the tap's first, so that it hears what the server
said before the weather takes it away.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.chaos.history import Event, Passage, Request, Weather
from ldp_testing.tap import Effect

if TYPE_CHECKING:
    from ldp_testing.tap import Answer, Call

_NS_PER_MS: Final = 1_000_000
_OK: Final = 200
#: How long a delivery is remembered so that it can be repeated, in ms.
_MEMORY_MS: Final = 10_000
#: Marks an answer that the weather made of a delivery before.
REPEATED: Final = "x-chaos-repeated"


def now_ms() -> int:
    """This machine's clock, epoch milliseconds."""
    return time.time_ns() // _NS_PER_MS


@dataclass(frozen=True, slots=True)
class _Head:
    """What a body says of itself."""

    kind: str
    request_id: str

    @classmethod
    def of(cls, members: dict[str, Any]) -> _Head:
        return cls(members["kind"], members["requestId"])


#: Of a message that nobody has received: its ID and its head.
_UNKNOWN: Final[tuple[str, _Head | None]] = ("", None)


class Wire(Effect):
    """Records what passes; any thread may be in it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begun: dict[int, int] = {}
        self._passages: list[Passage] = []
        self._requests: dict[str, Request] = {}
        self._weather: list[Event] = []
        self._messages: dict[str, tuple[str, _Head | None]] = {}
        self._handed_out: dict[str, dict[str, tuple[int, dict[str, Any]]]] = {}
        self._gone: set[str] = set()
        self._cut_off_ms = 0

    @property
    def passages(self) -> tuple[Passage, ...]:
        """What passed so far."""
        with self._lock:
            return tuple(self._passages)

    @property
    def requests(self) -> tuple[Request, ...]:
        """The envelopes that proxies sent so far."""
        with self._lock:
            return tuple(self._requests.values())

    @property
    def weather(self) -> tuple[Event, ...]:
        """What was noted so far, by `note` and by itself."""
        with self._lock:
            return tuple(self._weather)

    def note(self, event: Event) -> None:
        """Keep what the weather did."""
        with self._lock:
            self._weather.append(event)
            if event.kind in (Weather.BOTH_KILLED, Weather.QUEUE_SIDE_KILLED):
                self._gone.add(event.who)

    def cut_off(self) -> None:
        """Note that nobody who has asked until now will hear an answer."""
        with self._lock:
            self._cut_off_ms = now_ms()

    def recent(self, queue: str) -> list[dict[str, Any]]:
        """The messages that were handed out lately from a queue, as SQS words them."""
        since_ms = now_ms() - _MEMORY_MS
        with self._lock:
            known = self._handed_out.get(queue, {})
            old = [key for key, (at_ms, _) in known.items() if at_ms < since_ms]
            for key in old:
                del known[key]
            return [message for _, message in known.values()]

    def on_request(self, call: Call) -> Answer | None:
        """Note that it was asked."""
        with self._lock:
            asked = self._asked(call)
            if asked is not None:
                self._begun[id(call)] = len(self._passages)
                self._passages.append(asked)
        return None

    def _asked(self, call: Call) -> Passage | None:
        """What is known of an operation on one message before the server has done it."""
        message_id, head = _UNKNOWN
        if call.operation == "SendMessage":
            members = json.loads(call.parameters["MessageBody"])
            head = _Head.of(members)
            if head.kind == "request":
                self._requests[head.request_id] = _request(members)
        elif "ReceiptHandle" in call.parameters:
            message_id, head = self._messages.get(call.parameters["ReceiptHandle"], _UNKNOWN)
        if head is None:
            return None
        visibility_s = call.parameters.get("VisibilityTimeout", 0)
        return _passage(call, head, message_id, visibility_s=visibility_s)

    def on_answer(self, call: Call, answer: Answer) -> Answer:
        """Note what the server did."""
        at_ms = now_ms()
        with self._lock:
            index = self._begun.pop(id(call), None)
            if answer.status != _OK:
                return answer
            if call.operation == "ReceiveMessage":
                self._received(call, answer, at_ms)
            elif index is not None:
                said = json.loads(answer.body or b"{}")
                passage = self._passages[index]
                message_id = said.get("MessageId", passage.message_id)
                self._passages[index] = replace(passage, done_ms=at_ms, message_id=message_id)
        return answer

    def _received(self, call: Call, answer: Answer, at_ms: int) -> None:
        is_repeated = any(name == REPEATED for name, _ in answer.headers)
        messages = json.loads(answer.body).get("Messages", [])
        for message in messages:
            head = _Head.of(json.loads(message["Body"]))
            self._messages[message["ReceiptHandle"]] = message["MessageId"], head
            known = self._handed_out.setdefault(call.queue, {})
            known[message["MessageId"]] = at_ms, message
            visibility_s = call.parameters["VisibilityTimeout"]
            passage = _passage(call, head, message["MessageId"], visibility_s=visibility_s)
            self._passages.append(replace(passage, done_ms=at_ms, is_repeated=is_repeated))
        is_dead = call.access_key in self._gone or call.at_ms <= self._cut_off_ms
        if messages and is_dead:
            self._weather.append(_event(call, Weather.DELIVERED_TO_NOBODY, at_ms))


def _event(call: Call, kind: Weather, at_ms: int) -> Event:
    return Event(kind, at_ms, at_ms, call.access_key, call.operation, call.queue)


def _request(members: dict[str, Any]) -> Request:
    return Request(
        members["requestId"],
        members["context"]["awsRequestId"],
        members["answerByMs"],
        members.get("startByMs"),
    )


def _passage(call: Call, head: _Head, message_id: str, *, visibility_s: int) -> Passage:
    return Passage(
        operation=call.operation,
        at_ms=call.at_ms,
        done_ms=None,
        who=call.access_key,
        queue=call.queue,
        kind=head.kind,
        request_id=head.request_id,
        message_id=message_id,
        visibility_s=visibility_s,
    )
