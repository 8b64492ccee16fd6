"""Queues of the witness as the SDK and the suite see them."""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ldp_conformance.errors import EnvironmentFault
from ldp_conformance.witness import Call, CallLog, QueueSettings, Witness, server

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_sqs import SQSClient

    from ldp_conformance.witness import WitnessQueue


def test_what_is_sent_arrives_and_is_written_down(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue
) -> None:
    """A message goes through the SDK, and the log has both calls with its ID."""
    mark = witness.calls.mark()
    sent = sqs.send_message(QueueUrl=queue.url, MessageBody="hällo")["MessageId"]
    [got] = sqs.receive_message(
        QueueUrl=queue.url, VisibilityTimeout=7, MessageSystemAttributeNames=["All"]
    )["Messages"]
    assert (got["Body"], got["MessageId"]) == ("hällo", sent)
    assert got["Attributes"]["ApproximateReceiveCount"] == "1"
    calls = witness.calls.since(mark, sender="sdk", queue=queue.name)
    assert [(call.operation, call.message_ids) for call in calls] == [
        ("SendMessage", (sent,)),
        ("ReceiveMessage", (sent,)),
    ]
    [receive] = queue.message(sent).receives
    assert receive.visible_again_ms == receive.at_ms + 7_000


def test_a_delete_is_seen(sqs: SQSClient, queue: WitnessQueue) -> None:
    """Who deleted a message, and when, is known, and whoever waits for it is told."""
    sent = queue.send("x")
    [got] = sqs.receive_message(QueueUrl=queue.url)["Messages"]
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=got["ReceiptHandle"])
    found = queue.wait(lambda message: message.is_deleted, within_s=5)
    assert found
    assert (found.id, found.deleted_by) == (sent, "sdk")


def test_renewals_are_seen(sqs: SQSClient, queue: WitnessQueue) -> None:
    """Each change of a visibility is kept with the receive that it belongs to."""
    sent = queue.send("x")
    [got] = sqs.receive_message(QueueUrl=queue.url, VisibilityTimeout=1)["Messages"]
    for seconds in (20, 0):
        sqs.change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=got["ReceiptHandle"], VisibilityTimeout=seconds
        )
    [receive] = queue.message(sent).receives
    assert [seconds for _, seconds in receive.renewals] == [20, 0]
    assert receive.released
    again = queue.take(within_s=5)
    assert again
    assert again.id == sent


def test_a_waiting_poll_is_woken(sqs: SQSClient, witness: Witness, queue: WitnessQueue) -> None:
    """A long poll brings what the suite sends while it waits."""
    mark = witness.calls.mark()
    found: list[str] = []
    poll = threading.Thread(
        target=lambda: found.extend(
            each["Body"]
            for each in sqs.receive_message(QueueUrl=queue.url, WaitTimeSeconds=20)["Messages"]
        )
    )
    poll.start()
    call = witness.calls.wait(
        lambda call: call.operation == "ReceiveMessage", since=mark, within_s=10
    )
    assert call
    queue.send("x")
    poll.join()
    assert found == ["x"]


def test_a_queue_has_its_settings(sqs: SQSClient, queue: WitnessQueue) -> None:
    """Attributes and URL are to be had as from SQS."""
    told = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]
    assert told["MaximumMessageSize"] == "1048576"
    assert sqs.get_queue_url(QueueName=queue.name)["QueueUrl"] == queue.url


def test_copies_and_redeliveries(queue: WitnessQueue) -> None:
    """The suite can have a held message received again, and store a second copy of it."""
    sent = queue.send("x")
    assert queue.take(within_s=5)
    queue.redeliver(sent)
    again = queue.take(within_s=5)
    assert again
    assert len(again.receives) == 2
    other = queue.copy(sent)
    copy = queue.take(within_s=5)
    assert copy
    assert (copy.id, copy.copy_of, copy.body) == (other, sent, "x")
    queue.delete(other)
    queue.forget()
    assert queue.messages() == []
    assert queue.take(within_s=0) is None


def test_message_attributes_go_through(sqs: SQSClient, queue: WitnessQueue) -> None:
    """Attributes of all types arrive as they were sent; the SDK checks their digests."""
    attributes: Any = {
        "text": {"DataType": "String", "StringValue": "é"},
        "number.a": {"DataType": "Number", "StringValue": "7"},
        "number.b": {"DataType": "Number.int", "StringValue": "8"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sqs.send_message(QueueUrl=queue.url, MessageBody="x", MessageAttributes=attributes)
    for names, wanted in ((["All"], 4), (["number.*"], 2), (["text", "none"], 1), ([], 0)):
        [got] = sqs.receive_message(
            QueueUrl=queue.url, VisibilityTimeout=0, MessageAttributeNames=names
        )["Messages"]
        found = got.get("MessageAttributes", {})
        assert found == {name: value for name, value in attributes.items() if name in found}
        assert len(found) == wanted


def test_a_port_makes_a_queue(
    sqs: SQSClient, witness: Witness, new_name: Callable[[], str]
) -> None:
    """A queue that a port made has its attributes and tags, and is the suite's too."""
    name = new_name()
    attributes: Any = {"VisibilityTimeout": "7", "SqsManagedSseEnabled": "false", "Policy": "{}"}
    url = sqs.create_queue(QueueName=name, Attributes=attributes, tags={"a": "1"})["QueueUrl"]
    made = witness.queue(name)
    assert (made.url, made.tags, made.settings.visibility_s) == (url, {"a": "1"}, 7)
    assert made.settings.retention_s == 345_600
    sqs.tag_queue(QueueUrl=url, Tags={"b": "2"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["a", "none"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"b": "2"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "8"})
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout", "Policy"])
    assert told["Attributes"] == {"VisibilityTimeout": "8", "Policy": "{}"}
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url)


def test_queues_are_listed_in_pages(
    sqs: SQSClient, witness: Witness, new_name: Callable[[], str]
) -> None:
    """Queues of a prefix come in the order of their names, in pages where asked for."""
    prefix = new_name()
    made = [witness.create_queue(f"{prefix}-{number}").url for number in range(3)]
    assert sqs.list_queues(QueueNamePrefix=prefix)["QueueUrls"] == made
    page = sqs.list_queues(QueueNamePrefix=prefix, MaxResults=2)
    rest = sqs.list_queues(QueueNamePrefix=prefix, MaxResults=2, NextToken=page["NextToken"])
    assert (page["QueueUrls"], rest["QueueUrls"]) == (made[:2], made[2:])
    assert "NextToken" not in rest
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix=f"{prefix}-x")


def test_messages_are_redriven(
    sqs: SQSClient, witness: Witness, new_name: Callable[[], str]
) -> None:
    """After so many receives a message goes to another queue, with its ID and its time."""
    dead = witness.create_queue(new_name())
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": "2"})
    queue = witness.create_queue(new_name(), QueueSettings(redrive_policy=policy))
    sent = queue.send("x")
    for _ in range(2):
        assert sqs.receive_message(QueueUrl=queue.url, VisibilityTimeout=0)["Messages"]
    got = sqs.receive_message(QueueUrl=queue.url, WaitTimeSeconds=0, VisibilityTimeout=0)
    assert "Messages" not in got
    assert queue.message(sent).deleted_by == "redrive"
    assert dead.message(sent).sent_at_ms == queue.message(sent).sent_at_ms
    lost = QueueSettings(redrive_policy=policy.replace(dead.name, "none"))
    queue.change_settings(lost)
    queue.send("y")
    for _ in range(3):
        assert sqs.receive_message(QueueUrl=queue.url, VisibilityTimeout=0)["Messages"]


def test_the_suite_is_a_peer(queue: WitnessQueue) -> None:
    """The suite takes, waits for, releases and deletes messages without a call."""
    assert queue.take(within_s=0) is None
    timer = threading.Timer(0.05, queue.send, ["x"])
    timer.start()
    taken = queue.take(within_s=10, visibility_s=1, sender="peer")
    assert taken
    assert taken.receives[0].sender == "peer"
    again = queue.take(within_s=10)
    assert again
    assert again.receives[1].at_ms >= again.receives[0].visible_again_ms
    queue.release(taken.id)
    queue.delete(taken.id)
    assert queue.message(taken.id).deleted_by == "suite"
    queue.release(taken.id)
    queue.delete(taken.id)
    assert queue.wait(lambda message: not message.is_deleted, within_s=0.01) is None
    with pytest.raises(KeyError):
        queue.message("none")


def test_the_queue_may_be_named_by_the_path(witness: Witness, queue: WitnessQueue) -> None:
    """Some SDKs post to the queue's own path; whoever has no key is nobody."""
    address = witness.endpoint.removeprefix("http://")
    connection = http.client.HTTPConnection(address)
    with closing(connection):
        connection.request(
            "POST",
            queue.url.partition(address)[2],
            b'{"MessageBody": "x"}',
            {"x-AMZ-target": "AmazonSQS.SendMessage"},
        )
        told = connection.getresponse()
        assert told.headers["Content-Type"] == "application/x-amz-json-1.0"
        assert json.load(told)["MessageId"] == queue.messages()[0].id
    assert queue.messages()[0].sender == "nobody"


def test_who_waits_for_a_call_sees_it_begin_and_end() -> None:
    """A call that was there counts, one before the mark does not, and an end is a change."""
    log = CallLog()
    log.begin(a_call("SendMessage"))
    mark = log.mark()
    call = log.begin(a_call("DeleteMessageBatch"))
    assert log.since(mark, operation="DeleteMessage") == [call]
    assert log.wait(lambda each: each.ended_ms is not None, since=mark, within_s=0) is None
    timer = threading.Timer(0.05, log.end, [replace(call, ended_ms=5)])
    timer.start()
    ended = log.wait(lambda each: each.ended_ms == 5, since=mark, within_s=10)
    assert ended == replace(call, ended_ms=5)


@pytest.mark.parametrize("sender", ["me", None])
def test_the_calls_of_one_sender_are_kept_apart(sender: str | None) -> None:
    """Who asks for one sender's calls gets these alone, in the order of all."""
    log = CallLog()
    calls = [
        log.begin(replace(a_call(str(place)), sender=("me", "you")[place % 2]))
        for place in range(6)
    ]
    mine = [call for call in calls if sender in (None, call.sender)]
    assert log.since(0, sender=sender) == mine
    assert log.since(3, sender=sender) == [call for call in mine if call.number >= 3]
    last = log.wait(lambda call: call.number > 2, sender=sender, within_s=0)
    assert last == next(call for call in mine if call.number > 2)
    assert log.wait(lambda call: call.sender == "you", sender="me", within_s=0) is None


def test_the_log_keeps_so_many() -> None:
    """Where there are too many calls the older half goes, ends included, and numbers go on."""
    log = CallLog(most=4)
    begun = [log.begin(a_call(str(place))) for place in range(7)]
    assert [call.number for call in begun] == list(range(7))
    log.end(replace(begun[0], ended_ms=5))
    assert log.since(sender=begun[0].sender) == log.since()
    assert [call.number for call in log.since()] == [4, 5, 6]
    assert [call.number for call in log.since(5)] == [5, 6]


def test_a_message_may_be_old(queue: WitnessQueue) -> None:
    """The suite can send a message of the past, which is there at once."""
    queue.send("new")
    old = queue.send("old", age_s=30)
    new_at_ms = queue.messages()[0].sent_at_ms
    assert new_at_ms - 30_000 <= queue.message(old).sent_at_ms < new_at_ms
    assert {queue.take(within_s=0), queue.take(within_s=0)} == set(queue.messages())


def test_a_machine_without_a_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A witness that cannot listen is a fault of the environment."""
    monkeypatch.setattr(server, "HOST", "203.0.113.1")
    with pytest.raises(EnvironmentFault, match="cannot listen"):
        Witness()


def test_a_witness_ends_with_its_calls() -> None:
    """A witness ends although polls wait, over connections that are open."""
    with (
        Witness() as witness,
        closing(http.client.HTTPConnection(witness.endpoint.removeprefix("http://"))) as connection,
    ):
        url = witness.create_queue("q").url
        body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20}).encode()
        connection.request("POST", "/", body, {"X-Amz-Target": "AmazonSQS.ReceiveMessage"})
        assert witness.calls.wait(lambda call: call.queue == "q", within_s=10)
        witness.close()
        [call] = witness.calls.since()
        assert call.was_cut


def test_each_sender_has_one_key(witness: Witness) -> None:
    """A sender keeps its key, and no two have the same."""
    keys = [witness.variables(name)["AWS_ACCESS_KEY_ID"] for name in ("a", "b", "a")]
    assert keys[0] == keys[2] != keys[1]


def a_call(operation: str) -> Call:
    """A call of nobody's."""
    return Call(0, "a", operation, None, 1, {}, {})
