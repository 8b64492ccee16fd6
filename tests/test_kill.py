"""A client's processes are stopped and killed, one and both, and no event is lost or run twice."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from ldp_testing.client_process import LIMIT_S, ClientProcess
from ldp_testing.client_stage import LEASE_S, ClientStage

if TYPE_CHECKING:
    from collections.abc import Callable

_RENEWALS_PER_LEASE = 4


def _kill_handler_side(client: ClientProcess) -> None:
    client.kill_handler_side()


def _kill_queue_side(client: ClientProcess) -> None:
    client.kill_queue_side()


def _kill_both(client: ClientProcess) -> None:
    client.kill_both()


KILLS = pytest.mark.parametrize("kill", [_kill_handler_side, _kill_queue_side, _kill_both])


@KILLS
def test_an_event_whose_client_is_killed_in_mid_handler_is_answered_by_the_next(
    clients: ClientStage, kill: Callable[[ClientProcess], None]
) -> None:
    """Whichever process dies, the next client runs the same event and answers (SES-5, SES-34)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event("first"))
    clients.switchboard.next_run()
    kill(client)

    clients.client(folder=client.folder)
    run = clients.switchboard.next_run()
    assert run.about["nonce"] == "first"
    assert run.about["awsRequestId"] == exchange.request.context.aws_request_id
    run.returns("answered after all")
    assert exchange.result() == "answered after all"
    clients.caller.wait_until_requests_left(0)


def test_a_handler_whose_queue_side_is_killed_runs_on_and_its_client_says_so(
    clients: ClientStage,
) -> None:
    """The developer's session ends with a sentence after the handler, not in the middle of it."""
    client = clients.client()
    clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    client.kill_queue_side()
    run.returns("to nobody")

    assert client.wait_for_exit() == 1
    assert f"delivered again within {LEASE_S} s" in client.errors.read_text()


@KILLS
def test_a_client_that_is_killed_between_answer_and_delete_runs_nothing_twice(
    clients: ClientStage, kill: Callable[[ClientProcess], None]
) -> None:
    """An answer that was recorded keeps its request from running again (SES-24, SES-25)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    hold = clients.tap.hold("DeleteMessage", queue=clients.caller.request_queue)
    clients.switchboard.next_run().returns("once")
    assert exchange.result() == "once"
    hold.wait_until_reached()
    kill(client)

    clients.client(folder=client.folder)
    clients.caller.wait_until_requests_left(0)
    clients.switchboard.assert_quiet()


def test_a_handler_that_is_stopped_for_three_leases_is_run_by_nobody_else(
    clients: ClientStage,
) -> None:
    """A process stopped in a debugger keeps its event, and answers once it goes on (SES-7)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    os.kill(client.process.pid, signal.SIGSTOP)
    clients.client()
    clients.tap.wait_for("ChangeMessageVisibility", 3 * _RENEWALS_PER_LEASE + 1)
    clients.switchboard.assert_quiet()

    os.kill(client.process.pid, signal.SIGCONT)
    run.returns("patience")
    assert exchange.result() == "patience"
    clients.caller.wait_until_requests_left(0)
    clients.switchboard.assert_quiet()


def test_an_interrupt_in_mid_handler_costs_no_event(clients: ClientStage) -> None:
    """The first signal lets the handler end, sends its answer, and ends the client (SES-32)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    client.interrupt()
    run.returns("still answered")

    assert exchange.result() == "still answered"
    assert client.wait_for_exit() == 0
    assert client.types()[-2:] == ["answered", "closed"]
    assert clients.caller.requests_left() == 0


def test_a_second_interrupt_gives_the_event_up(clients: ClientStage) -> None:
    """The second signal ends at once; another client gets the event (SES-33, SES-11)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    client.interrupt()
    client.wait_for_error("Ending after the running event")
    client.interrupt()
    run.wait_for_death()
    assert client.wait_for_exit() == 130
    assert "answered" not in client.types()

    clients.client()
    clients.switchboard.next_run().returns("by another")
    assert exchange.result() == "by another"


def test_an_idle_client_ends_at_an_interrupt_without_waiting_for_its_receive(
    clients: ClientStage,
) -> None:
    """An idle client gives the prompt back although its long poll is open (SES-32)."""
    client = clients.client()
    clients.tap.wait_for("ReceiveMessage")
    client.interrupt()

    assert client.process.wait(LIMIT_S) == 0
    assert clients.tap.calls("ReceiveMessage", queue=clients.caller.request_queue)
    assert client.wait_for_exit() == 0
    assert client.types() == ["listening", "closed"]
