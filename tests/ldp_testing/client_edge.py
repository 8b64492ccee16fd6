"""A client around `ClientSession`: its journal, its handlers, its crashes; and a watch over both.

It carries actions out as a client's edge has to, in order, against scripted queues, and asserts at
each what the session promised. What becomes of a send, and when the client dies, is scripted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ldp_testing.deliveries import CLIENT, TRUST
from ldp_wire.actions import (
    Action,
    Delete,
    Keep,
    Notice,
    Purpose,
    Raised,
    Record,
    Recorded,
    Release,
    Renew,
    Returned,
    Send,
    SendFailure,
    Start,
    Status,
)
from ldp_wire.arrivals import Arrival, read
from ldp_wire.session import ClientSession, SessionSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import SearchStrategy

    from ldp_testing.scripted_queue import ScriptedQueue, Stored, VirtualClock
    from ldp_wire.envelopes import ReplyTerms, Request, RequestId

LEASE_S = 20


class Fate(Enum):
    """What becomes of a call."""

    WORKS = "works"
    LOST = "lost"  #: it fails, and nothing happened
    UNSURE = "unsure"  #: it fails, but SQS did it
    REFUSED = "refused"  #: SQS will never do it
    GONE = "gone"  #: there is no such queue


@dataclass(slots=True)
class Script:
    """What the next actions meet; when it is read out, all works and nobody dies.

    Attributes:
        fates: What becomes of the next calls.
        took_ms: How long each send takes.
        dies_after: After how many actions the client is killed; None for never.
    """

    fates: list[Fate] = field(default_factory=list)
    took_ms: int = 0
    dies_after: int | None = None

    def fate(self) -> Fate:
        """The fate of the next call."""
        return self.fates.pop(0) if self.fates else Fate.WORKS

    def dies(self) -> bool:
        """Whether the client dies before the next action."""
        if self.dies_after is None:
            return False
        self.dies_after -= 1
        return self.dies_after < 0


def scripts() -> SearchStrategy[Script]:
    """Draw a script: mostly all works and nobody dies."""
    return st.builds(
        Script,
        st.lists(st.sampled_from([Fate.WORKS, Fate.WORKS, *Fate]), max_size=3),
        st.sampled_from([0, 0, 0, 300, 3_000]),
        st.sampled_from([None, None, None, None, None, 0, 1, 2, 3, 4]),
    )


class ClientEdge:
    """One client on one machine, through as many lives as it takes.

    Args:
        name: Prefix of its instance IDs.
        clock: The time.
        requests: Where requests come from.
        replies: Where answers go.
        handlers: How many events it runs at a time.
    """

    def __init__(
        self,
        name: str,
        clock: VirtualClock,
        requests: ScriptedQueue,
        replies: ScriptedQueue,
        handlers: int = 2,
    ) -> None:
        self._name, self._clock, self._handlers = name, clock, handlers
        self._requests, self._replies = requests, replies
        self._lives = 0
        self.journal: dict[RequestId, Recorded] = {}
        self.kept: set[str] = set()
        self.suspended = False
        self.runs: Counter[RequestId] = Counter()
        self.session = self._born()

    def _born(self) -> ClientSession:
        """A new instance, which remembers nothing but the journal."""
        self._lives += 1
        self.running: dict[RequestId, Request] = {}
        self._accepted: set[RequestId] = set()
        self._dated_ms: dict[RequestId, int] = {}
        self._declined: set[RequestId] = set()
        self._seen: dict[RequestId, str] = {}  # answers that somebody may have got
        self._unsure: set[RequestId] = set()
        self._answered: set[RequestId] = set()
        self._terms: dict[RequestId, ReplyTerms | None] = {}
        self._id_of: dict[str, RequestId | None] = {}
        self._held_until_ms: dict[str, int] = {}
        client = replace(CLIENT, instance_id=f"{self._name}-{self._lives}")
        return ClientSession(SessionSettings(client, LEASE_S, self._handlers, 2**20))

    def crash(self) -> None:
        """Die with all handlers, and start again."""
        self.session = self._born()

    def receive(self, message: Stored, script: Script) -> None:
        """Take a message from the request queue."""
        delivery = self._requests.receive(message, LEASE_S)
        self._held_until_ms[delivery.receipt] = self._clock.now_ms + LEASE_S * 1000
        arrival = read(delivery, TRUST)
        request_id = arrival.request_id
        self._id_of[delivery.receipt] = request_id
        recorded = None if request_id is None else self.journal.get(request_id)
        if isinstance(arrival, Arrival):
            self._terms[arrival.request_id] = arrival.request.terms
        actions = self.session.receive(arrival, recorded, self._clock.now_ms)
        self.carry_out(actions, script)

    def end_handler(self, request_id: RequestId, script: Script, *, failed: bool = False) -> None:
        """Let a running handler return, or fail, with bytes that say whose they are."""
        del self.running[request_id]
        body = f"{request_id}|{self._name}-{self._lives}|{self.runs[request_id]}".encode()
        result = Raised("ValueError", "failed", body) if failed else Returned(body)
        self.carry_out(self.session.handler_ended(request_id, result, self._clock.now_ms), script)

    def tick(self, script: Script) -> None:
        """Do what is due, unless the machine is suspended."""
        now_ms = self._clock.now_ms
        actions = self.session.tick(now_ms)
        due_ms = self.session.due_ms()
        assert due_ms is None or due_ms > now_ms, "a tick leaves nothing due, or it spins"
        self.carry_out(actions, script)

    def carry_out(self, actions: Iterable[Action], script: Script) -> None:
        """Carry actions out in order, until the end or the client's."""
        session, decided_ms = self.session, self._clock.now_ms
        for action in actions:
            if session is not self.session:
                return  # it died while one of these was carried out
            if script.dies():
                self.crash()
                return
            if isinstance(action, Delete | Release | Renew):
                held = decided_ms <= self._held_until_ms[action.receipt]
                assert held, "SES-10, SES-11: the handle of a lapsed lease is used"
            self._one(action, script, decided_ms)

    def _one(self, action: Action, script: Script, decided_ms: int) -> None:
        match action:
            case Start():
                self._start(action)
            case Send():
                self._send(action, script)
            case Record():
                self._record(action)
            case Delete():
                self._delete(action, script)
            case Release():
                self._requests.change_visibility(action.receipt, action.visibility_s)
            case Renew():
                self._renew(action, script, decided_ms)
            case Keep():
                self.kept.add(action.body)
            case Notice():
                assert "|" not in action.detail, "a notice holds no content of events"

    def _start(self, start: Start) -> None:
        request, request_id = start.request, start.request.request_id
        terms = request.terms
        assert request_id not in self.running, "SES-3: two runs at once"
        assert request_id not in self._declined, "SES-22: started after declining"
        assert not self._is_done(request_id), "SES-6: run after the journal has its end"
        if terms is not None:
            assert self._clock.now_ms < terms.answer_by_ms, "SES-2: started too late"
            if terms.start_by_ms is not None:
                assert request_id in self.journal, "SES-25: started before it was recorded"
                stored_ms = self._dated_ms.get(request_id, 0)  # 0: by an earlier life, in time
                assert stored_ms + 1000 <= terms.start_by_ms, "SES-21: started out of the window"
        self.running[request_id] = request
        self.runs[request_id] += 1

    def _is_done(self, request_id: RequestId) -> bool:
        recorded = self.journal.get(request_id)
        return recorded is not None and recorded.status is not Status.ACCEPTED

    def _record(self, record: Record) -> None:
        if record.status is Status.ANSWERED:
            assert record.request_id in self._answered, "SES-25: recorded before SQS took it"
        self.journal[record.request_id] = Recorded(record.status, record.reason)

    def _send(self, send: Send, script: Script) -> None:
        if send.purpose is Purpose.REFUSAL:
            self._watch_refusal(send.request_id)
        else:
            self._watch(send)
        fate = script.fate()
        sent_ms = self._clock.now_ms
        if fate in {Fate.WORKS, Fate.UNSURE}:
            self._replies.send(send.text)
        self._clock.now_ms += script.took_ms
        if send.purpose is Purpose.ANSWER:
            self._learn(send, fate)
        now_ms = self._clock.now_ms
        if fate is Fate.WORKS:
            date_ms = sent_ms // 1000 * 1000
            if send.purpose is Purpose.ACCEPT:
                self._dated_ms[send.request_id] = date_ms
            actions = self.session.sent(send, date_ms, now_ms)
        else:
            known = {Fate.GONE: SendFailure.GONE, Fate.REFUSED: SendFailure.REFUSED}
            failure = known.get(fate, SendFailure.OTHER)
            actions = self.session.send_failed(send, failure, fate.value, now_ms)
        self.carry_out(actions, script)

    def _learn(self, send: Send, fate: Fate) -> None:
        """Note what the client knows of an answer now."""
        if fate is Fate.WORKS:
            self._answered.add(send.request_id)
        elif fate is not Fate.REFUSED:
            self._unsure.add(send.request_id)
        elif send.request_id not in self._unsure:
            del self._seen[send.request_id]

    def _watch(self, send: Send) -> None:
        """Assert what may be sent for a request, and when."""
        request_id, terms = send.request_id, self._terms[send.request_id]
        assert terms is not None, "SES-27: something is sent for a one-way request"
        assert len(send.text.encode()) <= terms.max_reply_bytes
        if send.purpose is Purpose.ACCEPT:
            assert terms.start_by_ms is not None, "SES-20: accepted, unasked"
            assert request_id not in self._accepted, "SES-20: accepted twice"
            assert request_id not in self.running, "SES-20: accepted after the start"
            self._accepted.add(request_id)
        elif send.purpose is Purpose.DECLINE:
            assert request_id in self._accepted, "SES-22: declined without having accepted"
            self._declined.add(request_id)
        else:
            assert self._clock.now_ms < terms.answer_by_ms, "SES-17: answered too late"
            assert not self._is_done(request_id), "SES-13: answered after its end"
            seen = self._seen.setdefault(request_id, send.text)
            assert seen == send.text, "SES-14: another answer"

    def _watch_refusal(self, request_id: RequestId) -> None:
        """Assert that what is refused takes no other answer's place."""
        assert request_id not in self.running, "SES-31: a twin of what runs is refused"
        assert request_id not in self._seen, "SES-31: a twin of what is answered is refused"
        assert request_id not in self.journal, "SES-31: a twin of what is recorded is refused"

    def _delete(self, delete: Delete, script: Script) -> None:
        request_id = self._id_of[delete.receipt]
        is_kept = self._requests.body_of(delete.receipt) in self.kept
        is_done = request_id is not None and self._is_done(request_id)
        assert is_kept or is_done, "SES-5: deleted before its end is recorded"
        if script.fate() is Fate.WORKS:
            self._requests.delete(delete.receipt)

    def _renew(self, renew: Renew, script: Script, decided_ms: int) -> None:
        terms = self._terms[renew.request_id]
        lease_ms = renew.visibility_s * 1000
        assert 1 <= renew.visibility_s <= LEASE_S
        in_time = terms is None or decided_ms + lease_ms < terms.answer_by_ms + 1000
        assert in_time, "SES-8: leased for too long"
        if script.fate() is Fate.WORKS:
            now_ms = self._clock.now_ms
            self._requests.change_visibility(renew.receipt, renew.visibility_s)
            self._held_until_ms[renew.receipt] = now_ms + lease_ms
            self.session.renewed(renew, now_ms)
