"""What SQS may do with a message, done to a whole client: nothing is run twice, all is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_testing.client_stage import LEASE_S, ClientStage
from ldp_testing.tap import EXPIRED_TOKEN
from ldp_wire.codec import encode

if TYPE_CHECKING:
    from ldp_testing.caller import Exchange


def _send_again(clients: ClientStage, exchange: Exchange) -> None:
    """Put a second physical copy of a request into the queue."""
    clients.caller.requests.send(encode(exchange.request))


def test_every_receive_asks_for_what_the_protocol_needs(clients: ClientStage) -> None:
    """Each receive waits 20 s, sets the lease, and asks for both attributes (SQS-6, SQS-9)."""
    clients.client()
    clients.tap.wait_for("ReceiveMessage")

    (receive,) = clients.tap.calls("ReceiveMessage")
    assert receive.parameters["WaitTimeSeconds"] == 20
    assert receive.parameters["VisibilityTimeout"] == LEASE_S
    assert receive.parameters["MaxNumberOfMessages"] == 1
    assert set(receive.parameters["MessageSystemAttributeNames"]) == {
        "ApproximateReceiveCount",
        "SentTimestamp",
    }


def test_answers_carry_no_attributes(clients: ClientStage) -> None:
    """An answer is a body and nothing else (SQS-11)."""
    clients.client()
    assert clients.caller.invoke({"a": 1}).result() == {"a": 1}

    (send,) = clients.tap.calls("SendMessage")
    assert set(send.parameters) == {"QueueUrl", "MessageBody"}


def test_a_message_that_is_there_twice_is_run_once(clients: ClientStage) -> None:
    """Of two copies one is run, and both are deleted (SES-3, SES-6, SQS-12)."""
    exchange = clients.caller.invoke(clients.switchboard.event())
    _send_again(clients, exchange)
    client = clients.client()
    clients.switchboard.next_run().returns("once")

    assert exchange.result() == "once"
    client.wait_for("notice", kind="copy-deleted")
    clients.caller.wait_until_requests_left(0)
    clients.switchboard.assert_quiet()


def test_a_copy_that_another_client_gets_is_known_from_the_journal(clients: ClientStage) -> None:
    """A second client of the same user deletes a copy of what the first answered (SES-24)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    clients.switchboard.next_run().returns("once")
    assert exchange.result() == "once"
    clients.caller.wait_until_requests_left(0)
    client.kill_both()

    _send_again(clients, exchange)
    other = clients.client(folder=client.folder)
    other.wait_for("notice", kind="copy-deleted")
    clients.caller.wait_until_requests_left(0)
    clients.switchboard.assert_quiet()


def test_a_copy_that_comes_during_the_run_is_deleted_after_it(clients: ClientStage) -> None:
    """A second copy of the running event is not run when the handler is free (SES-3, SES-6)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    _send_again(clients, exchange)
    run.returns("once")

    assert exchange.result() == "once"
    client.wait_for("notice", kind="copy-deleted")
    clients.caller.wait_until_requests_left(0)
    clients.switchboard.assert_quiet()


def test_a_copy_that_comes_before_the_answer_is_sent_is_kept_with_it(
    clients: ClientStage,
) -> None:
    """A copy of what is not answered yet is adopted, and deleted with the answer (SES-4, SES-5)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    clients.tap.apply(EXPIRED_TOKEN, "SendMessage", times=None)
    run.returns("once")
    _send_again(clients, exchange)
    client.wait_for("notice", kind="copy-adopted")
    assert clients.tap.calls("DeleteMessage") == []
    clients.tap.clear()

    assert exchange.result() == "once"
    clients.caller.wait_until_requests_left(0)
    clients.switchboard.assert_quiet()


def test_a_message_that_reappears_after_its_delete_is_not_run_again(clients: ClientStage) -> None:
    """SQS may bring back what was deleted; it is deleted again (SES-6, SQS-12)."""
    client = clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    clients.switchboard.next_run().returns("once")
    assert exchange.result() == "once"
    clients.caller.wait_until_requests_left(0)
    _send_again(clients, exchange)

    notice = client.wait_for("notice", kind="copy-deleted")
    assert notice["requestId"] == exchange.request.request_id
    clients.caller.wait_until_requests_left(0)
    clients.switchboard.assert_quiet()


def test_a_foreign_answer_in_the_queue_does_not_reach_the_caller(clients: ClientStage) -> None:
    """A late answer to another request is not taken for this one's (EXC-2, SQS-12)."""
    clients.client()
    first = clients.caller.invoke({"n": 1})
    second = clients.caller.invoke({"n": 2})
    assert second.result() == {"n": 2}
    assert first.result() == {"n": 1}


def test_once_serves_one_event(clients: ClientStage) -> None:
    """With `--once` a client ends after its event and leaves the next alone."""
    exchange = clients.caller.invoke(clients.switchboard.event())
    clients.caller.invoke(clients.switchboard.event())
    client = clients.client("--once")
    clients.switchboard.next_run().returns("one")

    assert exchange.result() == "one"
    assert client.wait_for_exit() == 0
    assert clients.caller.requests_left() == 1
    clients.switchboard.assert_quiet()


def test_a_one_way_event_is_run_and_not_answered(clients: ClientStage) -> None:
    """A one-way request is deleted once its handler ended, also if it failed (SES-27, EXC-28)."""
    clients.client()
    for _ in range(2):
        request = clients.caller.request(clients.switchboard.event(), one_way=True)
        clients.caller.send(request)
    clients.switchboard.next_run().raises("nobody hears")
    clients.switchboard.next_run().returns("nobody waits")

    clients.caller.wait_until_requests_left(0)
    assert clients.server.message_count(clients.caller.response_url) == 0


def test_an_event_of_a_start_window_is_accepted_and_answered(clients: ClientStage) -> None:
    """A proxy that asks hears `accepted` before the handler starts (SES-20, EXC-18)."""
    clients.client()
    request = clients.caller.request(clients.switchboard.event(), start_within_s=20)
    exchange = clients.caller.send(request)
    run = clients.switchboard.next_run()
    assert clients.server.message_count(clients.caller.response_url) == 1
    run.returns("accepted and answered")

    assert exchange.result() == "accepted and answered"


def test_an_event_whose_start_window_has_closed_is_not_started(clients: ClientStage) -> None:
    """A client that comes too late leaves the event alone (SES-23)."""
    request = clients.caller.request(clients.switchboard.event(), start_within_s=-1)
    clients.caller.send(request)
    client = clients.client()

    client.wait_for("notice", kind="late-window")
    clients.caller.wait_until_requests_left(0)
    clients.switchboard.assert_quiet()


def test_a_handlers_failure_reaches_the_caller(clients: ClientStage) -> None:
    """The caller gets the handler's own error, and the client goes on (SES-18, SES-19)."""
    clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    clients.switchboard.next_run().raises("no such order")
    error = exchange.answer().error

    assert error is not None
    assert (error.error_type, error.error_message) == ("ValueError", "no such order")
    clients.switchboard.assert_quiet()
    assert clients.caller.invoke({"n": 2}).result() == {"n": 2}


def test_a_handler_has_the_time_that_its_invocation_has(clients: ClientStage) -> None:
    """The remaining time counts to Lambda's own deadline."""
    clients.client()
    exchange = clients.caller.invoke(clients.switchboard.event())
    run = clients.switchboard.next_run()
    run.returns(None)

    assert 90_000 < run.about["remainingMs"] <= 105_000
    assert exchange.result() is None
