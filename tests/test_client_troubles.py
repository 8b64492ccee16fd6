"""What goes wrong around a whole client: clocks, credentials, queues, time; and how it is told."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from ldp_testing.client_stage import ClientStage
from ldp_testing.tap import CLOCK_BEHIND, EXPIRED_TOKEN, Cut, Point, ShiftDate
from ldp_wire.failures import Failure, FailureType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_testing.moto_server import MotoServer


@pytest.fixture(params=[240, -240], ids=["behind", "ahead"])
def four_minutes_off(
    request: pytest.FixtureRequest,
    moto_server: MotoServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ClientStage]:
    """A stage in which AWS's clock is four minutes away from this machine's."""
    for name, value in moto_server.environment().items():
        monkeypatch.setenv(name, value)
    stage = ClientStage(moto_server, tmp_path, ahead_s=request.param)
    stage.tap.apply(ShiftDate(request.param), times=None)
    yield stage
    stage.close()


def test_a_clock_that_is_four_minutes_off_is_corrected(four_minutes_off: ClientStage) -> None:
    """Deadlines are AWS's; the handler's remaining time is true all the same (SQS-13)."""
    four_minutes_off.client()
    caller = four_minutes_off.caller
    exchange = caller.invoke(four_minutes_off.switchboard.event(), answer_within_s=60)
    run = four_minutes_off.switchboard.next_run()
    run.returns("in time")

    assert 50_000 < run.about["remainingMs"] <= 68_000
    assert exchange.result() == "in time"
    caller.wait_until_requests_left(0)


def test_a_clock_that_is_ten_minutes_off_is_explained(clients: ClientStage) -> None:
    """A signature that AWS refuses is told with the difference, and ends the start (SQS-14)."""
    clients.tap.apply(ShiftDate(600), times=None)
    clients.tap.apply(CLOCK_BEHIND, times=None)
    client = clients.starting_client()

    assert client.wait_for_exit() == 1
    told = client.errors.read_text()
    assert "Signature expired" in told
    assert "behind AWS's" in told
    assert "Set it (NTP)" in told


def test_expired_credentials_are_an_error_at_the_start(clients: ClientStage) -> None:
    """A client that cannot work from the start says why and ends with an exit status."""
    clients.tap.apply(EXPIRED_TOKEN, times=None)
    client = clients.starting_client()

    assert client.wait_for_exit() == 1
    assert "aws sso login" in client.errors.read_text()


def test_credentials_that_expire_in_mid_session_can_be_renewed(clients: ClientStage) -> None:
    """A client tells that its credentials expired, waits, and goes on after a log-in."""
    client = clients.client()
    clients.tap.wait_for("ReceiveMessage")
    clients.tap.apply(EXPIRED_TOKEN, "ReceiveMessage", times=None)
    assert clients.caller.invoke({"n": 1}).result() == {"n": 1}
    problem = client.wait_for("problem")
    assert "expired" in problem["message"]
    assert "aws sso login" in problem["hint"]

    exchange = clients.caller.invoke({"n": 2})
    clients.tap.clear()
    assert exchange.result() == {"n": 2}
    client.wait_for("listening")
    assert sum(line["type"] == "problem" for line in client.lines) == 1


def test_an_answer_outlives_credentials_that_expired_in_mid_handler(clients: ClientStage) -> None:
    """An answer that SQS refuses is sent again once the credentials are valid (SES-15)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    clients.tap.apply(EXPIRED_TOKEN, "SendMessage", times=2)
    run.returns("patience")

    assert exchange.result() == "patience"
    client.wait_for("answered")
    kinds = [line["kind"] for line in client.lines if line["type"] == "notice"]
    assert kinds == ["send-failed"]


def test_an_answer_whose_confirmation_was_lost_is_sent_again_unchanged(
    clients: ClientStage,
) -> None:
    """A send that may have succeeded is repeated with the same bytes (SES-14)."""
    clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    clients.tap.apply(Cut(Point.ANSWER), "SendMessage")
    clients.switchboard.next_run().returns("same")
    clients.tap.wait_for("SendMessage", 2)

    first, second = clients.tap.calls("SendMessage")
    assert first.parameters == second.parameters
    assert exchange.result() == "same"
    clients.caller.wait_until_requests_left(0)


def test_an_outage_of_the_network_costs_no_event(clients: ClientStage) -> None:
    """Calls that fail while a handler runs neither end the client nor lose its event."""
    client = clients.client("--lease-s", "20")
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    clients.tap.apply(Cut(), times=3)
    run.returns("after the outage")

    assert exchange.result() == "after the outage"
    clients.caller.wait_until_requests_left(0)
    client.interrupt()
    assert client.wait_for_exit() == 0


def test_a_request_queue_that_is_not_there_is_an_error_at_the_start(clients: ClientStage) -> None:
    """A wrong URL is one sentence and a hint, not a stack trace."""
    clients.server.delete_queue(clients.caller.request_url)
    client = clients.starting_client()

    assert client.wait_for_exit() == 1
    told = client.errors.read_text()
    assert clients.caller.request_url in told
    assert "Check the queue's URL" in told
    assert "Traceback" not in told


def test_a_queue_that_vanishes_in_mid_session_is_told_and_ends_nothing(
    clients: ClientStage,
) -> None:
    """The running event is answered; that its queue is gone is told; Ctrl-C ends as ever."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    clients.server.delete_queue(clients.caller.request_url)
    run.returns("answered")

    assert exchange.result() == "answered"
    problem = client.wait_for("problem")
    assert clients.caller.request_queue in problem["message"]
    client.interrupt()
    assert client.wait_for_exit() == 0


def test_an_answer_to_a_queue_that_vanished_is_a_caller_that_is_gone(clients: ClientStage) -> None:
    """Nobody waits at a queue that does not exist, so the request is deleted (SES-16)."""
    client = clients.client()
    clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    clients.server.delete_queue(clients.caller.response_url)
    run.returns("to nobody")

    client.wait_for("notice", kind="caller-gone")
    clients.caller.wait_until_requests_left(0)


def test_a_result_after_its_time_is_not_sent(clients: ClientStage) -> None:
    """What comes after `answerByMs` is told and thrown away; the next event is served (SES-9)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event(), answer_within_s=3)
    run = clients.switchboard.next_run()
    client.wait_for("notice", kind="expired-while-running")
    outcome = exchange.outcome()
    assert isinstance(outcome, Failure)
    assert outcome.type is FailureType.NO_RESPONSE
    run.returns("too late")
    client.wait_for("notice", kind="late-result")

    assert clients.tap.calls("SendMessage") == []
    clients.caller.wait_until_requests_left(0)
    assert clients.caller.invoke({"n": 2}).result() == {"n": 2}


def test_an_event_that_expired_in_its_queue_is_not_started(clients: ClientStage) -> None:
    """An event from before the client was started, whose caller is gone, is only told (SES-2)."""
    clients.caller.send(clients.caller.request(clients.switchboard.event(), answer_within_s=0))
    client = clients.client()

    client.wait_for("notice", kind="expired-before-start")
    clients.caller.wait_until_requests_left(0)
    clients.switchboard.assert_quiet()


@pytest.mark.parametrize("first", ["sleeper", "other"])
def test_a_laptop_that_slept_says_so_and_does_no_harm(clients: ClientStage, first: str) -> None:
    """Both processes stopped beyond the lease: the event is taken over, answered once (SES-10)."""
    sleeper = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    runs = {"sleeper": clients.switchboard.next_run()}
    clients.tap.wait_for("ChangeMessageVisibility")
    receipt = clients.tap.calls("ChangeMessageVisibility")[0].parameters["ReceiptHandle"]
    processes = sleeper.queue_side_pid, sleeper.process.pid
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    other = clients.client()
    runs["other"] = clients.switchboard.next_run()
    used = _uses(clients, receipt)
    for pid in processes:
        os.kill(pid, signal.SIGCONT)
    sleeper.wait_for("notice", kind="lease-lapsed")

    runs.pop(first).returns(first)
    assert exchange.result() == first
    (last,) = runs.values()
    last.returns("too late for anybody")
    for client in (sleeper, other):
        client.wait_for("answered")
    clients.caller.wait_until_requests_left(0)
    assert _uses(clients, receipt) == used
    assert clients.caller.invoke({"n": 2}).result() == {"n": 2}
    clients.switchboard.assert_quiet()


def _uses(clients: ClientStage, receipt: str) -> int:
    """How often a receipt handle was used."""
    return sum(call.parameters.get("ReceiptHandle") == receipt for call in clients.tap.calls())
