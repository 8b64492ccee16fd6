"""The ledger of chaos judges small histories, made by hand: every verdict, and every excuse."""

from __future__ import annotations

from copy import deepcopy

import pytest

from ldp_testing.chaos.evidence import DELETE, RECEIVE, RENEW, SEND
from ldp_testing.chaos.history import (
    Outcome,
    Run,
    Weather,
)
from ldp_testing.chaos.tale import Tale, answered, held, sent


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


def test_a_copy_that_never_arrived_is_renewed_by_nobody() -> None:
    """A client that runs one copy does not hold the other, whose delivery to it was cut."""
    tale = sent().asked(0.5, SEND, "function", message="copy").asked(1, RECEIVE, "a1")
    tale.met(Weather.CUT_AFTER, 1, who="a1", operation=RECEIVE)
    tale.asked(1.2, RECEIVE, "a1", message="copy").ran("a1", 1.3, 9)
    lost = tale.asked(3.1, RECEIVE, "b1").ran("b1", 3.2, 4)

    assert dict(lost.judged().at_once) == {"calls that failed": 1}


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
