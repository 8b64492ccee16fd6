"""Invocations made together on a live proxy, replies to each, and what each caller got."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ldp_conformance import texts
from ldp_conformance.check import NonConformance
from ldp_conformance.fuzz.endings import End, Ending, Reading, reading
from ldp_conformance.fuzz.reply import Whose
from ldp_conformance.fuzz.search import Lost
from ldp_conformance.outcomes import Role
from ldp_conformance.ports.setups import Feature
from ldp_conformance.vectors.filling import Surroundings

if TYPE_CHECKING:
    from ldp_conformance.cases.invocation import Invocation, InvocationResult
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.cases.replying import Request
    from ldp_conformance.fuzz.reply import Replies, Reply

#: For how long an answer that lies in the queue may take to reach its caller, in seconds: a proxy
#: pauses for each reply to somebody else that comes before it.
PATIENCE_S: Final = 12.0
#: How long a message may lie in the queue after the answer that came behind it, in seconds.
_GONE_S: Final = 3.0
_SHOWN_BYTES: Final = 300


@dataclass(slots=True)
class Call:
    """An invocation of a round.

    Attributes:
        place: Which of the round's cases it is.
        replies: What is put into its reply queue.
        nonce: What its answers hold and no others do.
        invocation: The invocation.
        request: The request that came of it.
        sent: The messages, and what may become of each.
    """

    place: int
    replies: Replies
    nonce: str
    invocation: Invocation
    request: Request
    sent: list[tuple[str, Reading]] = field(default_factory=list)

    def endings(self) -> tuple[list[Ending], list[Reading]]:
        """How it may end, and what asks for that: up to the first message that surely ends it."""
        found: list[Ending] = []
        asking: list[Reading] = []
        for _, each in self.sent:
            found += each.endings
            asking += [each] if each.endings else []
            if not each.goes_on:
                break
        return found, asking


class Switchboard:
    """Where cases are tried: a proxy, and the last request of each of its reply queues.

    Args:
        case: The proxy.
    """

    def __init__(self, case: ProxyCase) -> None:
        self._case = case
        self._is_verbatim = Feature.VERBATIM in case.manifest.side(Role.PROXY).features
        self._last: dict[str, str] = {}

    def connect(self, cases: list[Replies], patience_s: float = PATIENCE_S) -> list[Lost]:
        """Invoke once for each case, reply, and judge each; those that failed, in order.

        Args:
            cases: What is put into the reply queue of each.
            patience_s: How long the callers may wait for their ends.
        """
        calls: list[Call] = []
        try:
            self._invoke(cases, calls)
            for call in calls:
                self._reply(call, calls)
            until = time.monotonic() + patience_s
            return [lost for call in calls for lost in self._lost(call, calls, until)]
        except NonConformance as exc:
            return [Lost(len(calls) if len(calls) < len(cases) else 0, exc)]
        finally:
            self._hang_up(calls)

    def _invoke(self, cases: list[Replies], calls: list[Call]) -> None:
        invocations = [self._case.invoke() for _ in cases]
        for place, (replies, invocation) in enumerate(zip(cases, invocations, strict=True)):
            request = self._case.next_request(invocation)
            nonce = self._case.fresh("nonce")
            calls.append(Call(place, replies, nonce, invocation, request))

    def _reply(self, call: Call, calls: list[Call]) -> None:
        queue = self._case.reply_queue_of(call.request)
        for number, reply in enumerate(call.replies):
            body = reply.body(self._around(call, number, reply, calls))
            self._case.sent_texts[:] = [body]
            due = reading(body, call.request.id)
            for _ in range(reply.copies):
                call.sent.append((queue.send(body), due))

    def _around(self, call: Call, number: int, reply: Reply, calls: list[Call]) -> Surroundings:
        names = {
            "nonce": f"{call.nonce}-{number}",
            "requestId": self._addressee(reply.whose, call, calls),
            "instanceId": self._case.uuid(),
        }
        return Surroundings(call.request.answer_by_ms, names)

    def _addressee(self, whose: Whose, call: Call, calls: list[Call]) -> str:
        """The `requestId` of a reply; where there is none such, that of a stranger's request."""
        own = call.request.id
        neighbour = calls[(call.place + 1) % len(calls)].request.id
        stranger = self._case.uuid()
        aws: str = call.request.envelope["context"]["awsRequestId"]
        named = {
            Whose.OWN: own,
            Whose.NEIGHBOUR: stranger if neighbour == own else neighbour,
            Whose.FINISHED: self._last.get(call.request.envelope["replyTo"], stranger),
            Whose.STRANGER: stranger,
            Whose.AWS: aws,
            Whose.UPPER: own.upper(),
            Whose.LONGER: f"{own}-0",
            Whose.SHORTER: own[:-1],
        }
        return named[whose]

    def _lost(self, call: Call, calls: list[Call], until: float) -> list[Lost]:
        try:
            within_s = max(0.1, until - time.monotonic())
            self._judge(call, calls, self._case.result(call.invocation, within_s))
            self._expect_gone(call)
        except NonConformance as exc:
            _, asking = call.endings()
            needs = dict.fromkeys(name for each in asking for name in each.requirements)
            exc.requirements = exc.requirements or tuple(needs)
            return [Lost(call.place, exc)]
        return []

    def _judge(self, call: Call, calls: list[Call], result: InvocationResult) -> None:
        endings, asking = call.endings()
        self._case.observe()
        if any(self._is_end(each, result) for each in endings):
            return
        came = result.body.decode(errors="backslashreplace")
        if any(word in came for word in _foreign_nonces(call, calls)):
            raise NonConformance(
                "the caller got the answer to another request", came=came, requirements=("EXC-2",)
            )
        why = next((each.why for each in asking if each.why), "")
        due = " or ".join(dict.fromkeys(_told(each) for each in endings))
        got = _told(Ending(End.RESULT if result.function_error is None else End.ERROR, result.body))
        behind = f" (first came what is wrong: {why})" if why else ""
        raise NonConformance(f"the caller got {got}, not {due}{behind}", came=came)

    def _is_end(self, ending: Ending, result: InvocationResult) -> bool:
        if ending.end is End.RESULT:
            return result.function_error is None and result.body == ending.body
        if result.function_error is None:
            return False
        if ending.end is End.BAD_ANSWER:
            return _named(result.body)[:1] == ("Proxy.BadAnswer",)
        if self._is_verbatim and result.body == ending.body:
            return True
        # What is written anew has other white space; a managed runtime leaves members out, too.
        is_free = not self._is_verbatim or len(_members(ending.body)) == len(_NAMES)
        return is_free and _named(result.body) == _named(ending.body)

    def _expect_gone(self, call: Call) -> None:
        """Go on only if what cannot be read was deleted, if it came before any answer."""
        queue = self._case.reply_queue_of(call.request)
        for message_id, due in call.sent:
            if due.endings:
                return
            if due.is_unreadable:
                gone = queue.wait(
                    lambda each, wanted=message_id: each.id == wanted and each.is_deleted,  # type: ignore[misc]
                    within_s=_GONE_S,
                )
                self._case.expect(
                    gone,
                    f"a message that cannot be read ({due.why}) is left in the queue",
                    requirements=("EXC-15",),
                )

    def _hang_up(self, calls: list[Call]) -> None:
        """End what still waits, and leave nothing in the queues."""
        for call in calls:
            queue = self._case.reply_queue_of(call.request)
            queue.forget()
            if not call.invocation.is_done:
                self._case.respond(call.request)
                with suppress(NonConformance):
                    call.invocation.result()
            queue.forget()
            self._last[call.request.envelope["replyTo"]] = call.request.id
        self._case.requests.forget()


def _foreign_nonces(call: Call, calls: list[Call]) -> list[str]:
    """What answers hold that are not for the caller of this invocation."""
    others = [f"{other.nonce}-" for other in calls if other is not call]
    crossed = [
        f'{call.nonce}-{number}"'
        for number, reply in enumerate(call.replies)
        if reply.whose is not Whose.OWN
    ]
    return others + crossed


_NAMES: Final = ("errorType", "errorMessage")


def _members(body: bytes) -> dict[str, object]:
    try:
        found = texts.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _named(body: bytes) -> tuple[object, ...]:
    """Type and message of an error body."""
    return tuple(_members(body).get(name) for name in _NAMES)


def _told(ending: Ending) -> str:
    if ending.end is End.BAD_ANSWER:
        return End.BAD_ANSWER.value
    shown = json.dumps(ending.body[:_SHOWN_BYTES].decode(errors="backslashreplace"))
    return f"{ending.end.value} {shown}"
