"""The ledger of chaos judges small histories, made by hand: every verdict, and every excuse."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

import pytest

from ldp_testing.chaos.callers import event_of, hear
from ldp_testing.chaos.evidence import DELETE, RECEIVE, RENEW, SEND
from ldp_testing.chaos.history import (
    Entry,
    Event,
    History,
    Invocation,
    Outcome,
    Passage,
    Request,
    Run,
    Weather,
)
from ldp_testing.chaos.ledger import judge
from ldp_testing.chaos.plan import Planned, draw_plan
from ldp_testing.chaos.table import members, text
from ldp_testing.chaos.witness import proof_of, read_runs

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.chaos.ledger import Ledger

_QUEUE: Final = "requests"
_REPLIES: Final = "replies"
_JOURNALS: Final = {"a1": "machine-a", "a2": "machine-a", "b1": "machine-b"}
_ANSWER_BY_S: Final = 20.0
_START_BY_S: Final = 4.0


def _ms(at_s: float) -> int:
    return round(at_s * 1000)


@dataclass
class Tale:
    """The history of one request, told in seconds; the clients are a1 and a2, and b1 elsewhere."""

    invocations: list[Invocation] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    weather: list[Event] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    planned: int = 1

    def asked(
        self, at_s: float, operation: str, who: str, *, message: str = "m", done: bool = True
    ) -> Self:
        """An operation on the request's message."""
        visibility_s = 2 if operation in (RECEIVE, RENEW) else 0
        done_ms = _ms(at_s) if done else None
        self.passages.append(
            Passage(
                operation, _ms(at_s), done_ms, who, _QUEUE, "request", "r", message, visibility_s
            )
        )
        return self

    def replied(self, at_s: float, who: str, kind: str = "response", *, done: bool = True) -> Self:
        """A reply was sent."""
        done_ms = _ms(at_s) if done else None
        self.passages.append(Passage(SEND, _ms(at_s), done_ms, who, _REPLIES, kind, "r", "reply"))
        return self

    def repeated(self, at_s: float, who: str) -> Self:
        """The weather delivered the message once more."""
        at_ms = _ms(at_s)
        self.passages.append(
            Passage(RECEIVE, at_ms, at_ms, who, _QUEUE, "request", "r", "m", 2, is_repeated=True)
        )
        return self

    def released(self, at_s: float, who: str) -> Self:
        """A client made the message visible."""
        at_ms = _ms(at_s)
        self.passages.append(Passage(RENEW, at_ms, at_ms, who, _QUEUE, "request", "r", "m", 0))
        return self

    def ran(self, who: str, from_s: float, to_s: float | None) -> Self:
        """A handler ran."""
        ended_ms = None if to_s is None else _ms(to_s)
        self.runs.append(Run("n", "aws", who, _ms(from_s), ended_ms))
        return self

    def met(  # noqa: PLR0913 - an event's
        self,
        kind: Weather,
        at_s: float,
        until_s: float | None = None,
        who: str = "",
        *,
        operation: str = "",
        queue: str = "",
        lost_ms: int = 0,
    ) -> Self:
        """The weather did something."""
        until_s = at_s if until_s is None else until_s
        event = Event(kind, _ms(at_s), _ms(until_s), who, operation, queue, lost_ms)
        self.weather.append(event)
        return self

    def recorded(self, journal: str, status: str, reason: str = "reason") -> Self:
        """A journal says something."""
        self.entries.append(Entry(journal, "r", status, reason))
        return self

    def heard(
        self, outcome: Outcome = Outcome.RIGHT, error_type: str = "", at_s: float = 19.0
    ) -> Self:
        """The caller knew."""
        self.invocations.append(
            Invocation("n", "function", "aws", 0, _ms(at_s), outcome, error_type)
        )
        return self

    def judged(self) -> Ledger:
        """The ledger; it and its story can be shown."""
        if not self.invocations:
            self.heard()
        ledger = judge(self.history)
        assert json.loads(json.dumps(members(self.history, ledger)))["clean"] is ledger.is_clean
        assert all(finding.what in text(self.history, ledger) for finding in ledger.unexplained)
        return ledger

    @property
    def history(self) -> History:
        """All of it."""
        request = Request("r", "aws", _ms(_ANSWER_BY_S), _ms(_START_BY_S))
        return History(
            planned=self.planned,
            invocations=tuple(self.invocations),
            runs=tuple(self.runs),
            requests=(request,),
            passages=tuple(self.passages),
            weather=tuple(self.weather),
            entries=tuple(self.entries),
            journals=_JOURNALS,
        )


def sent() -> Tale:
    """A request that its proxy sent."""
    return Tale().asked(0, SEND, "function")


def answered() -> Tale:
    """A request that a1 received, ran, answered and asked to delete."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 1.2).replied(1.3, "a1")
    return tale.asked(1.4, DELETE, "a1")


def held() -> Tale:
    """A request that a1 has been running since second 1, and b1 received at second 4."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 9)
    return tale.asked(4, RECEIVE, "b1").ran("b1", 4.1, 4.2)


def test_an_answered_invocation_is_right() -> None:
    """Where everything went well there is nothing else to tell."""
    ledger = answered().judged()

    assert ledger.is_clean
    assert (ledger.sent, ledger.right) == (1, 1)
    assert [*ledger.errors, *ledger.at_once, *ledger.again] == []


# What must not be at all.


def test_a_caller_that_heard_nothing_is_lost() -> None:
    """Lambda's own timeout is no answer."""
    ledger = answered().heard(Outcome.NOTHING, "Sandbox.Timedout").judged()

    assert [finding.request_id for finding in ledger.lost] == ["r"]
    assert not ledger.is_clean


def test_a_machine_that_stands_still_keeps_a_caller_waiting() -> None:
    """Nobody can speak who is not let run."""
    tale = answered().heard(Outcome.NOTHING, "Sandbox.Timedout", at_s=19)
    ledger = tale.met(Weather.STALLED, 18.5, 18.8, lost_ms=600).judged()

    assert ledger.is_clean
    assert dict(ledger.errors) == {("no word in time", "machine stood still"): 1}


def test_an_answer_to_somebody_else_is_crossed() -> None:
    """No weather explains an answer to somebody else's event."""
    ledger = answered().heard(Outcome.CROSSED).judged()

    assert [finding.request_id for finding in ledger.crossed] == ["r"]
    assert not ledger.is_clean


def test_a_request_that_is_deleted_without_an_answer_is_lost() -> None:
    """A deletion needs an answer that was accepted, or a recorded reason."""
    tale = sent().asked(1, RECEIVE, "a1").asked(2, DELETE, "a1")

    assert len(tale.judged().lost) == 1
    assert len(tale.recorded("machine-a", "answered").judged().lost) == 1
    assert tale.recorded("machine-a", "discarded", "late").judged().is_clean


def test_a_request_that_is_deleted_before_its_answer_is_lost() -> None:
    """Had the client died in between, nobody would have known."""
    tale = sent().asked(1, RECEIVE, "a1").asked(2, DELETE, "a1").replied(2.1, "a1")

    assert len(tale.judged().lost) == 1


def test_a_deletion_that_never_happened_loses_nothing() -> None:
    """What was refused or cut off did not reach the queue."""
    tale = sent().asked(1, RECEIVE, "a1").asked(2, DELETE, "a1", done=False)

    assert tale.judged().is_clean


def test_a_run_that_is_not_what_it_was_to_be_is_not_clean() -> None:
    """Missing invocations, events from nowhere and clients that end are nobody's weather."""
    tale = answered().met(Weather.ENDED_BY_ITSELF, 5, who="a1")
    tale.planned = 2
    tale.runs.append(Run("n", "unknown", "a1", 1, 2))

    assert [finding.what for finding in tale.judged().unexplained] == [
        "1 invocations were never made",
        "a1 ran an event that no proxy sent: n",
        "a1 ended by itself",
    ]


# Run twice at once.


def test_two_runs_at_once_without_weather_are_unexplained() -> None:
    """A lease that nobody kept from being renewed does not lapse."""
    ledger = held().judged()

    assert dict(ledger.at_once) == {"unexplained": 1}
    assert not ledger.is_clean


@pytest.mark.parametrize(
    ("tale", "cause"),
    [
        (held().met(Weather.PAUSED, 1.5, 5, "a1"), "a pause"),
        (held().met(Weather.QUEUE_SIDE_KILLED, 1.5, who="a1"), "a kill"),
        (
            held()
            .met(Weather.THROTTLED, 1.6, who="a1", operation=RENEW)
            .met(Weather.CUT_BEFORE, 2.1, who="a1", operation=RENEW),
            "calls that failed",
        ),
        (
            held()
            .met(Weather.SLOW, 0.9, 1.5, who="a1", operation=RECEIVE)
            .met(Weather.SERVER_ERROR, 2.1, who="a1", operation=RENEW),
            "calls that failed",
        ),
        (held().met(Weather.OUTAGE, 1.6, 4), "calls that failed"),
        (held().met(Weather.STALLED, 1.5, 3.5, "a1", lost_ms=1500), "a machine that stood still"),
        (
            held().asked(3.5, RENEW, "a1", done=False).met(Weather.STALLED, 1.5, 3.5, lost_ms=1500),
            "a machine that stood still",
        ),
    ],
)
def test_a_lease_lapses_in_bad_weather(tale: Tale, cause: str) -> None:
    """Whoever is stopped, dead, cut off or not let run renews nothing."""
    ledger = tale.judged()

    assert dict(ledger.at_once) == {cause: 1}
    assert ledger.is_clean


@pytest.mark.parametrize(
    "tale",
    [
        held().met(Weather.PAUSED, 1.5, 5, "b1"),
        held().met(Weather.PAUSED, 5, 8, "a1"),
        held().met(Weather.BREAKPOINT, 1.5, 5, "a1"),
        held().met(Weather.PAUSED, 0.2, 0.8, "a1"),
        held().met(Weather.OUTAGE, 1.6, 4, who="a1", operation=SEND),
        held().met(Weather.THROTTLED, 1.6, who="a1", operation=RENEW),
        held().met(Weather.STALLED, 1.5, 3.5, "a1", lost_ms=300),
        held().met(Weather.STALLED, 1.5, 3.5, lost_ms=1500),
        held().released(2, "a1"),
    ],
)
def test_other_weather_is_no_excuse(tale: Tale) -> None:
    """A pause at another time or elsewhere, a breakpoint, other calls: renewals go on."""
    assert dict(tale.judged().at_once) == {"unexplained": 1}


def test_a_run_that_was_killed_is_over() -> None:
    """A killed handler does not run at the same time as the one that takes over."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, None)
    tale.met(Weather.BOTH_KILLED, 2, who="a1").asked(3, RECEIVE, "b1").ran("b1", 3.1, 4)

    assert not tale.judged().at_once


def test_a_handler_outlives_its_queue_side() -> None:
    """It runs on while the next client runs the event, too."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, None)
    tale.met(Weather.QUEUE_SIDE_KILLED, 2, who="a1").asked(3, RECEIVE, "b1").ran("b1", 3.1, 4)

    assert dict(tale.judged().at_once) == {"a kill": 1}


def test_a_second_copy_is_another_message() -> None:
    """The lease on one message does not hide another with the same request."""
    tale = sent().asked(0.5, SEND, "function", message="copy").asked(1, RECEIVE, "a1")
    tale.ran("a1", 1.1, 9).asked(2, RECEIVE, "b1", message="copy").ran("b1", 2.1, 2.2)

    assert dict(tale.judged().at_once) == {"a second copy": 1}


def test_what_the_weather_repeats_is_a_redelivery() -> None:
    """A message that is handed out twice is run twice, whoever was first."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 9).repeated(2, "b1").ran("b1", 2.1, 2.2)
    other = sent().repeated(1, "a1").ran("a1", 1.1, 9).asked(2, RECEIVE, "b1").ran("b1", 2.1, 3)

    assert dict(tale.judged().at_once) == {"a redelivery": 1}
    assert dict(other.judged().at_once) == {"a redelivery": 1}


def test_a_server_may_hand_out_what_it_hides() -> None:
    """A delivery within a lease is the server's doing."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 9).asked(2.5, RENEW, "a1")
    tale.asked(3.5, RECEIVE, "b1").ran("b1", 3.6, 4)

    assert dict(tale.judged().at_once) == {"a redelivery": 1}


def test_who_received_first_is_judged_whoever_ran_first() -> None:
    """A client that was stopped between receive and run held the lease that lapsed."""
    tale = sent().asked(1, RECEIVE, "a1").asked(4, RECEIVE, "b1").ran("b1", 4.1, 6)
    tale.ran("a1", 5, 7).met(Weather.PAUSED, 1, 4.9, "a1")

    assert dict(tale.judged().at_once) == {"a pause": 1}


def test_one_client_never_runs_an_event_twice_at_once() -> None:
    """Within one instance no weather is an excuse."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 9).repeated(2, "a1").ran("a1", 2.1, 3)

    assert dict(tale.judged().at_once) == {"unexplained": 1}


# Run again after an answer was stored.


def test_an_answered_event_that_is_run_again_without_weather_is_unexplained() -> None:
    """A deletion that was asked for and done is the end of a request."""
    ledger = answered().asked(4, RECEIVE, "b1").ran("b1", 4.1, 4.2).judged()

    assert dict(ledger.again) == {"unexplained": 1}
    assert not ledger.is_clean


def _undeleted() -> Tale:
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 1.2).replied(1.3, "a1")
    return tale.asked(4, RECEIVE, "b1").ran("b1", 4.1, 4.2)


@pytest.mark.parametrize(
    ("tale", "cause"),
    [
        (answered().repeated(4, "b1").ran("b1", 4.1, 4.2), "a redelivery"),
        (_undeleted().met(Weather.BOTH_KILLED, 1.35, who="a1"), "a kill"),
        (_undeleted().met(Weather.PAUSED, 1.35, 6, who="a1"), "a pause"),
        (
            _undeleted()
            .asked(1.4, DELETE, "a1", done=False)
            .met(Weather.CUT_BEFORE, 1.4, who="a1", operation=DELETE),
            "calls that failed",
        ),
        (
            _undeleted().met(Weather.CUT_AFTER, 1.3, who="a1", operation=SEND),
            "calls that failed",
        ),
    ],
)
def test_an_answered_event_is_run_again_elsewhere_in_bad_weather(tale: Tale, cause: str) -> None:
    """Another machine's journal knows nothing of the answer."""
    ledger = tale.judged()

    assert dict(ledger.again) == {cause: 1}
    assert ledger.is_clean


@pytest.mark.parametrize("weather", [Weather.BOTH_KILLED, Weather.PAUSED])
def test_what_a_journal_knows_is_not_run_again(weather: Weather) -> None:
    """Whoever asks for a deletion has recorded the answer, whatever becomes of it then."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 1.2).replied(1.3, "a1")
    tale.asked(1.4, DELETE, "a1", done=False).met(weather, 1.5, 6, "a1")
    tale.asked(4, RECEIVE, "a2").ran("a2", 4.1, 4.2)

    assert dict(tale.judged().again) == {"unexplained": 1}


def test_a_client_killed_before_it_could_record_is_excused() -> None:
    """Between a stored answer and the journal lies a moment in which a client may die."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 1.2).replied(1.3, "a1")
    tale.met(Weather.BOTH_KILLED, 1.35, who="a1").asked(4, RECEIVE, "a2").ran("a2", 4.1, 4.2)

    assert dict(tale.judged().again) == {"a kill": 1}


def test_a_stopped_client_holds_a_journal_for_which_another_waits() -> None:
    """Who cannot record an answer does not delete, while its lease runs out."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 1.2).replied(1.3, "a1")
    tale.asked(4, RECEIVE, "b1").ran("b1", 4.1, 4.2).asked(4.3, DELETE, "a1")
    assert dict(tale.judged().again) == {"unexplained": 1}
    assert dict(tale.met(Weather.PAUSED, 1.1, 4.2, "a2").judged().again) == {"a pause": 1}

    known = answered().asked(4, RECEIVE, "b1").ran("b1", 4.1, 4.2)
    known.met(Weather.PAUSED, 1.1, 4.2, "a2")
    assert dict(known.judged().again) == {"unexplained": 1}


def test_a_client_that_waits_for_its_journal_deletes_what_comes_meanwhile() -> None:
    """A copy is deleted at sight; the message itself waits for the record, and comes back."""
    tale = Tale().asked(1, RECEIVE, "a1").ran("a1", 1, 2).replied(2, "a1")
    tale.asked(2.1, RECEIVE, "a1", message="copy").asked(2.2, DELETE, "a1", message="copy")
    tale.asked(4, RECEIVE, "b1").ran("b1", 4, 5).replied(5, "b1").asked(5.1, DELETE, "b1")
    tale.asked(5.2, DELETE, "a1")

    assert not deepcopy(tale).judged().is_clean
    assert tale.met(Weather.PAUSED, 1.9, 5, "a2").judged().is_clean


def test_a_client_whose_lease_has_lapsed_answers_and_deletes_nothing() -> None:
    """An answer is welcome at any time, and a handle only as long as its lease."""
    tale = sent().asked(1, RECEIVE, "a1").ran("a1", 1.1, 1.2).replied(3.1, "a1")
    tale.asked(3.2, RENEW, "a1").asked(5.2, RECEIVE, "b1").ran("b1", 5.3, 5.4)
    assert dict(tale.judged().again) == {"unexplained": 1}
    assert dict(tale.met(Weather.OUTAGE, 1.5, 2.5).judged().again) == {"calls that failed": 1}


def test_a_client_that_was_stopped_between_receive_and_run_comes_late() -> None:
    """The lease that lapsed was its own, and the answer another's."""
    tale = sent().asked(1, RECEIVE, "a1").asked(4, RECEIVE, "b1").ran("b1", 4.1, 4.2)
    tale.replied(4.3, "b1").met(Weather.PAUSED, 1, 5, "a1").ran("a1", 5.1, 5.2)

    assert dict(tale.judged().again) == {"a pause": 1}


def test_a_client_does_not_run_what_it_answered_itself() -> None:
    """A redelivery is no excuse for whoever remembers."""
    tale = answered().repeated(4, "a1").ran("a1", 4.1, 4.2)

    assert dict(tale.judged().again) == {"unexplained": 1}


# Typed errors.


def test_no_response_is_legal_where_the_time_ran_out() -> None:
    """Nobody had answered, or too late for anybody's good."""
    for tale in (sent(), sent().replied(18, "a1"), sent().replied(1, "a1", done=False)):
        ledger = tale.heard(Outcome.ERROR, "Proxy.NoResponse").judged()

        assert dict(ledger.errors) == {("Proxy.NoResponse", "the time ran out"): 1}
        assert ledger.is_clean


def test_no_response_is_not_legal_where_an_answer_lay_in_its_queue() -> None:
    """An answer that was there in time has to be found."""
    ledger = answered().heard(Outcome.ERROR, "Proxy.NoResponse").judged()

    assert dict(ledger.errors) == {("Proxy.NoResponse", "unexplained"): 1}
    assert not ledger.is_clean


def test_faults_hide_an_answer_each_for_a_while() -> None:
    """A receive whose answer was cut off hides a reply for 2 s, and so does each further one."""
    tale = sent().replied(10, "a1").heard(Outcome.ERROR, "Proxy.NoResponse")
    for at_s in (11, 14):
        tale.met(Weather.CUT_AFTER, at_s, who="function", operation=RECEIVE, queue=_REPLIES)
        tale.met(Weather.SLOW, at_s, who="function", operation=RECEIVE, queue=_REPLIES)
        tale.met(Weather.CUT_AFTER, at_s, who="function", operation=RECEIVE, queue="another")
    assert not tale.judged().is_clean

    tale.met(Weather.DELIVERED_TO_NOBODY, 17, who="function", operation=RECEIVE, queue=_REPLIES)
    ledger = tale.judged()
    assert dict(ledger.errors) == {("Proxy.NoResponse", "replies kept away"): 1}
    assert ledger.is_clean


def test_a_machine_that_stands_still_moves_no_answer() -> None:
    """What passes through several hands takes its time where none of them is let run."""
    tale = sent().replied(15, "a1").heard(Outcome.ERROR, "Proxy.NoResponse")
    assert not tale.met(Weather.STALLED, 16, 17, lost_ms=1000).judged().is_clean
    assert not tale.met(Weather.STALLED, 17, 19, "a1", lost_ms=2000).judged().is_clean
    assert tale.met(Weather.STALLED, 17, 19, lost_ms=1500).judged().is_clean


def test_absence_is_legal_where_nobody_accepted_in_time() -> None:
    """The proxy may not conclude absence where an `accepted` lay in its queue."""
    late = sent().replied(4.1, "a1", "accepted").heard(Outcome.ERROR, "Proxy.Absent")
    assert dict(late.judged().errors) == {("Proxy.Absent", "nobody was free in time"): 1}

    early = sent().replied(3.9, "a1", "accepted").heard(Outcome.ERROR, "Proxy.Absent")
    assert not early.judged().is_clean
    early.met(Weather.CUT_AFTER, 4, who="function", operation=RECEIVE, queue=_REPLIES)
    assert dict(early.judged().errors) == {("Proxy.Absent", "replies kept away"): 1}


def test_a_queue_error_needs_a_queue_that_failed() -> None:
    """A proxy that gives up a call has met a fault; a slow call is none."""
    tale = sent().heard(Outcome.ERROR, "Proxy.QueueError")
    assert not tale.judged().is_clean
    tale.met(Weather.SLOW, 1, who="function", operation=SEND)
    assert not tale.judged().is_clean
    tale.met(Weather.SERVER_ERROR, 1, who="function", operation="CreateQueue")
    assert tale.judged().is_clean


@pytest.mark.parametrize("error_type", ["Proxy.BadAnswer", "Client.BadRequest", "ValueError"])
def test_no_weather_brings_about_any_other_error(error_type: str) -> None:
    """Bad weather garbles nothing."""
    tale = answered().met(Weather.OUTAGE, 0, 20).heard(Outcome.ERROR, error_type)

    assert dict(tale.judged().errors) == {(error_type, "unexplained"): 1}


# What histories are made of.


def _result(nonce: str, reply_bytes: int = 0) -> bytes:
    answer = {"nonce": nonce, "proof": proof_of(nonce), "pad": "p" * reply_bytes}
    return json.dumps(answer).encode()


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def test_a_caller_knows_its_own_answer() -> None:
    """A strange nonce, a wrong proof, a missing byte and an unplanned outcome are another's."""
    mine, failing = Planned("mine", reply_bytes=3), Planned("mine", fails=True)
    failure = f"mine {proof_of('mine')}"

    assert hear(mine, _result("mine", 3), is_error=False).outcome is Outcome.RIGHT
    for payload in (_result("yours", 3), _result("mine", 2), b'{"nonce": "mine"}', b"null"):
        assert hear(mine, payload, is_error=False).outcome is Outcome.CROSSED
    assert hear(failing, _result("mine"), is_error=False).outcome is Outcome.CROSSED

    told = _error("PlannedFailure", failure)
    assert hear(failing, told, is_error=True).outcome is Outcome.RIGHT
    assert hear(mine, told, is_error=True).outcome is Outcome.CROSSED
    other = _error("PlannedFailure", "yours")
    assert hear(failing, other, is_error=True).outcome is Outcome.CROSSED


def test_a_caller_tells_an_error_from_silence() -> None:
    """What the service says of a function that did not speak is not the function's word."""
    mine = Planned("mine")
    for error_type in ("Sandbox.Timedout", "Runtime.ExitError"):
        assert hear(mine, _error(error_type, ""), is_error=True).outcome is Outcome.NOTHING
    heard = hear(mine, _error("Proxy.Absent", "nobody"), is_error=True)

    assert (heard.outcome, heard.error_type) == (Outcome.ERROR, "Proxy.Absent")
    assert heard.detail == "nobody"


def test_an_event_says_what_to_do() -> None:
    """The handler is told all that was planned."""
    event = json.loads(event_of(Planned("n", 3, 4, 5, fails=True, until_runs=2)))

    assert event == {
        "nonce": "n",
        "workMs": 5,
        "untilRuns": 2,
        "fails": True,
        "replyBytes": 4,
        "pad": "eee",
    }


def test_a_witness_file_becomes_runs(tmp_path: Path) -> None:
    """A run without an end is one whose process did not live to see it."""
    line = {"client": "a1", "nonce": "n", "awsRequestId": "aws"}
    told = [
        {**line, "what": "begin", "atMs": 1},
        {**line, "what": "begin", "atMs": 2, "client": "b1"},
        {**line, "what": "end", "atMs": 3},
        {**line, "what": "begin", "atMs": 4},
    ]
    path = tmp_path / "witness.jsonl"
    assert read_runs(path) == ()
    path.write_text("\n".join(map(json.dumps, told)))

    assert read_runs(path) == (
        Run("n", "aws", "a1", 1, 3),
        Run("n", "aws", "b1", 2, None),
        Run("n", "aws", "a1", 4, None),
    )


def test_a_seed_is_a_plan() -> None:
    """The same seed gives the same plan, another another; a short run sees every kind of front."""
    plan = draw_plan(7, 150, 3)
    kinds = {front.kind for fronts in plan.fronts.values() for front in fronts}

    assert draw_plan(7, 150, 3) == plan != draw_plan(8, 150, 3)
    assert len({each.nonce for each in plan.invocations}) == 150
    assert kinds == {
        Weather.PAUSED,
        Weather.BREAKPOINT,
        Weather.HANDLER_KILLED,
        Weather.QUEUE_SIDE_KILLED,
        Weather.BOTH_KILLED,
        Weather.INTERRUPTED,
    }
    assert len(plan.outages) == 3
