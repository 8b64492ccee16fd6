"""What takes part in a search, and stays the same in it: the scenario, its requests, all machines.

The clients' sessions all have the same instance ID: nothing in either machine depends on it but a
line in the log (EXC-24), and without names two clients in the same state are the same client.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ldp_testing.deliveries import CLIENT, CONTEXT, REQUEST, TERMS
from ldp_testing.explorer.faults import Cause
from ldp_testing.explorer.machines import Machines
from ldp_testing.explorer.scenarios import Journals
from ldp_testing.explorer.ticks import TICK_MS, at_ms
from ldp_testing.explorer.world import NONE, Client, Fate, Proxy, World
from ldp_wire.codec import encode
from ldp_wire.envelopes import Encoding, Inline, Request, RequestId
from ldp_wire.exchange import ProxyExchange
from ldp_wire.limits import MAX_MESSAGE_BYTES
from ldp_wire.replies import ReplyDesk
from ldp_wire.session import ClientSession, SessionSettings

if TYPE_CHECKING:
    from ldp_testing.explorer.faults import Fault
    from ldp_testing.explorer.scenarios import Invocation, Scenario

ALL_CAUSES: Final = frozenset(Cause)


class Model:
    """A scenario, and what is worked out once for it.

    Args:
        scenario: What is explored.
        budget: How many faults a run may have.
        excuses: The causes that are accepted for a second run.
    """

    def __init__(
        self, scenario: Scenario, budget: int, excuses: frozenset[Cause] = ALL_CAUSES
    ) -> None:
        self.scenario = scenario
        self.budget = budget
        self.excuses = excuses
        #: What it excuses that a request comes back after it was answered or discarded.
        is_known = scenario.journals is Journals.SHARED
        self.cause_of_return = None if is_known else Cause.RETURN
        self.sessions: Machines[ClientSession] = Machines()
        self.exchanges: Machines[ProxyExchange] = Machines()
        #: The requests as their exchanges have them, the texts of these, and their events.
        self.requests: list[Request] = []
        self.texts: list[str] = []
        self.events: list[bytes] = []
        for number in range(len(scenario.invocations)):
            request = self._exchange(number, ReplyDesk()).request
            self.requests.append(request)
            self.texts.append(encode(request))
            self.events.append(_event(number).encode())
        settings = SessionSettings(
            CLIENT,
            scenario.lease,
            scenario.handlers,
            MAX_MESSAGE_BYTES,
            on_error=scenario.on_error,
        )
        self.new_session = self.sessions.keep(ClientSession(settings))

    def start(self) -> World:
        """The state before everything."""
        scenario = self.scenario
        journals = {Journals.SHARED: 1, Journals.SEPARATE: scenario.clients, Journals.NONE: 0}
        return World(
            tick=-1,
            faults=self.budget,
            proxies=(Proxy(),) * scenario.environments,
            clients=(Client(),) * scenario.clients,
            journals=((),) * journals[scenario.journals],
            fates=(Fate(),) * len(scenario.invocations),
        )

    def allows(self, world: World, fault: Fault) -> bool:
        """Whether a fault may be injected now."""
        return world.faults > 0 and fault in self.scenario.faults

    def begun(self, number: int, before: int) -> int:
        """A new exchange, whose request is stored, in the environment of an earlier one."""
        desk = ReplyDesk() if before == NONE else self.exchanges.woken(before)._desk
        exchange = self._exchange(number, desk)
        exchange.stored(at_ms(self.scenario.invocations[number].begins))
        return self.exchanges.keep(exchange)

    def _exchange(self, number: int, desk: ReplyDesk) -> ProxyExchange:
        invocation = self.scenario.invocations[number]
        request = _request(number, invocation)
        return ProxyExchange(request, desk, begun_ms=at_ms(invocation.begins))

    def invocation_of(self, text: str) -> int:
        """Whose request a message of the request queue carries."""
        return self.texts.index(text)

    def invocations_with(self, request_id: RequestId) -> list[int]:
        """The invocations with a request ID: one, unless the proxies do not mint their own."""
        return [n for n, request in enumerate(self.requests) if request.request_id == request_id]


def _event(number: int) -> str:
    """What a handler gets, and returns: it says whose it is, whatever else goes wrong."""
    return f"event {number + 1}"


def _request(number: int, invocation: Invocation) -> Request:
    begins_ms, window = at_ms(invocation.begins), invocation.start_within
    answer_by_ms = at_ms(invocation.answer_by)
    return replace(
        REQUEST,
        request_id=RequestId(f"r{number + 1}"),
        sent_at_ms=begins_ms,
        context=replace(
            CONTEXT, aws_request_id=invocation.aws_id, deadline_ms=answer_by_ms + TICK_MS
        ),
        payload=Inline(Encoding.TEXT, _event(number)),
        terms=replace(
            TERMS,
            answer_by_ms=answer_by_ms,
            start_by_ms=None if window is None else begins_ms + window * TICK_MS,
        ),
    )
