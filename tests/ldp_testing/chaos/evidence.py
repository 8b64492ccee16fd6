"""A history that can be asked: whose message was where at which time, and what weather met it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from ldp_testing.chaos.history import FAULTS, HANDLER_ENDS, KILLS, Weather

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ldp_testing.chaos.history import Event, History, Invocation, Passage, Run

RECEIVE: Final = "ReceiveMessage"
RENEW: Final = "ChangeMessageVisibility"
SEND: Final = "SendMessage"
DELETE: Final = "DeleteMessage"


class Evidence:
    """An index of a history.

    Args:
        history: What happened.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.requests = {request.request_id: request for request in history.requests}
        self._request_ids = {r.aws_request_id: r.request_id for r in history.requests}
        self._passages: dict[str, list[Passage]] = defaultdict(list)
        for passage in sorted(history.passages, key=lambda each: each.at_ms):
            self._passages[passage.request_id].append(passage)
        self._ends = {
            event.who: event.at_ms for event in history.weather if event.kind in HANDLER_ENDS
        }

    def request_id(self, thing: Invocation | Run) -> str:
        """The request of an invocation or a run; empty if no proxy sent one."""
        return self._request_ids.get(thing.aws_request_id, "")

    def runs(self) -> dict[str, list[Run]]:
        """The runs of each request, in the order in which they were delivered."""
        found: dict[str, list[Run]] = defaultdict(list)
        for run in sorted(self.history.runs, key=self._delivered_ms):
            found[self.request_id(run)].append(run)
        return found

    def _delivered_ms(self, run: Run) -> int:
        delivery = self.delivery(run)
        return run.begun_ms if delivery is None else delivery.moment_ms

    def end_ms(self, run: Run) -> float:
        """When a run ended: by itself, with its process, or not at all."""
        if run.ended_ms is not None:
            return run.ended_ms
        return self._ends.get(run.client, float("inf"))

    def passages(
        self,
        request_id: str,
        operation: str,
        *,
        kind: str = "request",
        who: str | None = None,
    ) -> list[Passage]:
        """What passed of one kind, in order; also what the server did not do."""
        return [
            passage
            for passage in self._passages[request_id]
            if (passage.operation, passage.kind) == (operation, kind) and who in (None, passage.who)
        ]

    def delivery(self, run: Run) -> Passage | None:
        """The receive that brought a run its event: the last of its client's before it began."""
        request_id = self.request_id(run)
        received = [
            passage
            for passage in self.passages(request_id, RECEIVE, who=run.client)
            if passage.moment_ms <= run.begun_ms
        ]
        return max(received, key=_moment, default=None)

    def run_of(self, client: str, request_id: str) -> Run | None:
        """A client's last run of a request."""
        mine = (run for run in self.history.runs if run.client == client)
        return max(
            (run for run in mine if self.request_id(run) == request_id),
            key=lambda run: run.begun_ms,
            default=None,
        )

    def stored(self, request_id: str, kind: str) -> Passage | None:
        """The first reply of a kind that the server stored."""
        replies = self.passages(request_id, SEND, kind=kind)
        stored = (passage for passage in replies if passage.done_ms is not None)
        return min(stored, key=_moment, default=None)

    def copies(self, request_id: str) -> int:
        """How many messages there were with this request."""
        stored = (p for p in self.passages(request_id, SEND) if p.done_ms is not None)
        return len({passage.message_id for passage in stored})

    def last_hold(self, client: str, message: Passage, by_ms: int) -> Passage | None:
        """A client's last word on a message before a time: a delivery to it, or a renewal.

        Neither a delivery that the weather added nor a call that failed is one.
        """
        words = [
            passage
            for operation in (RECEIVE, RENEW)
            for passage in self.passages(message.request_id, operation, who=client)
            if passage.message_id == message.message_id
            and passage.done_ms is not None
            and passage.done_ms <= by_ms
            and not passage.is_repeated
        ]
        return max(words, key=_moment, default=None)

    def was_killed(self, who: str, by_ms: int) -> bool:
        """Whether a client was killed before a time."""
        return any(
            event.kind in KILLS and event.who == who and event.at_ms <= by_ms
            for event in self.history.weather
        )

    def met(self, kinds: Collection[Weather], who: str, from_ms: int, to_ms: int) -> list[Event]:
        """The weather of some kinds that a program met within a time."""
        return [
            event
            for event in self.history.weather
            if event.kind in kinds and event.meets(who, from_ms, to_ms)
        ]

    def faults(self, who: str, from_ms: int, to_ms: int, operations: Sequence[str]) -> list[Event]:
        """The faults that some of a program's operations met within a time."""
        return [
            event
            for event in self.met(FAULTS, who, from_ms, to_ms)
            if event.operation in ("", *operations)
        ]

    def stood_still_ms(self, who: str, from_ms: int, to_ms: int) -> int:
        """How much of a time a program could not run; with an empty name, what all of them need."""
        stalls = self.met({Weather.STALLED}, who, from_ms, to_ms)
        return sum(event.lost_ms for event in stalls if event.who == who)


def _moment(passage: Passage) -> int:
    return passage.moment_ms
