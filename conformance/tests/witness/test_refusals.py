"""What SQS refuses is refused, under the codes and with the words that SDKs know."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from ldp_conformance.witness import QueueSettings, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_sqs import SQSClient

    from ldp_conformance.witness import Witness, WitnessQueue

VALUE = "InvalidParameterValue"
BATCH = "AWS.SimpleQueueService."
ENTRY: Any = {"Id": "a", "MessageBody": "x"}


def refusal_of(ask: Callable[[], object]) -> tuple[str, int, str]:
    """The code, the status and the words of what is refused."""
    with pytest.raises(ClientError) as refused:
        ask()
    answer = refused.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return answer["Error"]["Code"], status, answer["Error"]["Message"]


@pytest.mark.parametrize("character", list("\x00\x08\x0b\x0c\x0e\x1f\ufffe\uffff"))
def test_forbidden_characters_are_refused(
    sqs: SQSClient, queue: WitnessQueue, character: str
) -> None:
    """A character that SQS does not take spoils the message."""
    code, status, words = refusal_of(
        lambda: sqs.send_message(QueueUrl=queue.url, MessageBody=f"a{character}b")
    )
    assert (code, status) == ("InvalidMessageContents", 400)
    assert "#x10000 to #x10FFFF" in words
    assert queue.messages() == []


@pytest.mark.parametrize("character", list("\t\n\r \x7f\x85\ud7ff\ue000\ufffd\U00010000\U0010ffff"))
def test_all_others_are_taken(queue: WitnessQueue, character: str) -> None:
    """Every other character is taken, from the suite as from anybody."""
    assert queue.message(queue.send(character)).body == character


def test_the_suite_is_refused_like_everybody(queue: WitnessQueue) -> None:
    """What SQS would not store the suite cannot send either."""
    for body in ("", "\ud800", "\x00", "x" * 1_048_577):
        with pytest.raises(Refusal):
            queue.send(body)


def test_attributes_count_towards_the_size(sqs: SQSClient, witness: Witness) -> None:
    """Name, type and value of an attribute count, and the size is told where it is too much."""
    queue = witness.create_queue("small", QueueSettings(maximum_message_size_bytes=1_024))
    attribute: Any = {"ab": {"DataType": "String", "StringValue": "é"}}
    body = "x" * (1_024 - len("ab") - len("String") - 2)
    sqs.send_message(QueueUrl=queue.url, MessageBody=body, MessageAttributes=attribute)
    assert queue.messages()[0].attribute_names == ("ab",)
    code, status, words = refusal_of(
        lambda: sqs.send_message(
            QueueUrl=queue.url, MessageBody=f"{body}x", MessageAttributes=attribute
        )
    )
    assert (code, status) == (VALUE, 400)
    assert "shorter than 1024 bytes" in words


@pytest.mark.parametrize(
    ("operation", "asked", "code"),
    [
        ("send_message", {"MessageBody": ""}, "MissingParameter"),
        ("send_message", {}, "MissingParameter"),
        ("send_message", {"MessageBody": "x", "DelaySeconds": 901}, VALUE),
        ("send_message", {"MessageBody": "x", "DelaySeconds": -1}, VALUE),
        ("send_message", {"MessageBody": "x", "MessageAttributes": {"a": {}}}, VALUE),
        (
            "send_message",
            {"MessageBody": "x", "MessageAttributes": {"a": {"DataType": "Number"}}},
            "MissingParameter",
        ),
        ("receive_message", {"WaitTimeSeconds": 21}, VALUE),
        ("receive_message", {"WaitTimeSeconds": -1}, VALUE),
        ("receive_message", {"VisibilityTimeout": 43_201}, VALUE),
        ("receive_message", {"VisibilityTimeout": -1}, VALUE),
        ("receive_message", {"MaxNumberOfMessages": 0}, VALUE),
        ("receive_message", {"MaxNumberOfMessages": 11}, VALUE),
        ("delete_message", {"ReceiptHandle": "none"}, "ReceiptHandleIsInvalid"),
        ("delete_message", {}, "MissingParameter"),
        (
            "change_message_visibility",
            {"ReceiptHandle": "none", "VisibilityTimeout": 1},
            "ReceiptHandleIsInvalid",
        ),
        ("change_message_visibility", {"ReceiptHandle": "none"}, "MissingParameter"),
        ("get_queue_attributes", {"AttributeNames": ["Nonsense"]}, "InvalidAttributeName"),
        ("set_queue_attributes", {"Attributes": {"Nonsense": "1"}}, "InvalidAttributeName"),
        ("set_queue_attributes", {}, "MissingParameter"),
        ("tag_queue", {}, "MissingParameter"),
        ("tag_queue", {"Tags": {str(number): "" for number in range(51)}}, VALUE),
        ("untag_queue", {}, VALUE),
        ("send_message_batch", {"Entries": []}, f"{BATCH}EmptyBatchRequest"),
        (
            "send_message_batch",
            {"Entries": [{"Id": str(number), "MessageBody": "x"} for number in range(11)]},
            f"{BATCH}TooManyEntriesInBatchRequest",
        ),
        ("send_message_batch", {"Entries": [ENTRY, ENTRY]}, f"{BATCH}BatchEntryIdsNotDistinct"),
        ("send_message_batch", {"Entries": [ENTRY | {"Id": "ä"}]}, f"{BATCH}InvalidBatchEntryId"),
        (
            "send_message_batch",
            {
                "Entries": [
                    {"Id": "a", "MessageBody": "x" * 600_000},
                    {"Id": "b", "MessageBody": "x" * 600_000},
                ]
            },
            f"{BATCH}BatchRequestTooLong",
        ),
    ],
)
def test_parameters_out_of_range_are_refused(
    sqs: SQSClient, queue: WitnessQueue, operation: str, asked: dict[str, Any], code: str
) -> None:
    """A parameter that is missing or out of range is refused, and nothing happens."""
    told = refusal_of(lambda: getattr(sqs, operation)(QueueUrl=queue.url, **asked))
    assert told[:2] == (code, 404 if code == "ReceiptHandleIsInvalid" else 400)
    assert queue.messages() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VisibilityTimeout", "43201"),
        ("VisibilityTimeout", "x"),
        ("MaximumMessageSize", "1023"),
        ("MaximumMessageSize", "1048577"),
        ("MessageRetentionPeriod", "59"),
        ("MessageRetentionPeriod", "99999999999999999999"),
        ("DelaySeconds", "-1"),
        ("ReceiveMessageWaitTimeSeconds", "21"),
        ("SqsManagedSseEnabled", "maybe"),
        ("RedrivePolicy", "nonsense"),
        ("RedrivePolicy", "{}"),
        ("RedrivePolicy", '{"deadLetterTargetArn": "a", "maxReceiveCount": "x"}'),
        ("RedrivePolicy", '{"deadLetterTargetArn": "a", "maxReceiveCount": 0}'),
    ],
)
def test_attributes_out_of_range_are_refused(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue, name: str, value: str
) -> None:
    """An attribute with a value that SQS does not take makes no queue and changes none."""
    attributes: Any = {name: value}
    for ask in (
        lambda: sqs.set_queue_attributes(QueueUrl=queue.url, Attributes=attributes),
        lambda: sqs.create_queue(QueueName=f"{queue.name}-2", Attributes=attributes),
    ):
        assert refusal_of(ask)[:2] == ("InvalidAttributeValue", 400)
    assert [each.name for each in witness.queues(queue.name)] == [queue.name]


@pytest.mark.parametrize("name", ["", "a b", "é", "a" * 81, "q.fifo"])
def test_names_that_no_queue_has_are_refused(sqs: SQSClient, name: str) -> None:
    """A name has at most 80 letters, digits, hyphens and underscores."""
    code, _, words = refusal_of(lambda: sqs.create_queue(QueueName=name))
    assert code == VALUE
    assert "1 to 80 in length" in words


def test_a_queue_that_is_not_there_is_told_in_both_codes(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue
) -> None:
    """Each operation on a queue that never was is refused with the old and the new code."""
    url = f"{queue.url}-never"
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as refused:
        sqs.send_message(QueueUrl=url, MessageBody="x")
    told: Any = refused.value.response
    assert told["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert told["Error"]["QueryErrorCode"] == "QueueDoesNotExist"
    for ask in (
        lambda: sqs.get_queue_url(QueueName=f"{queue.name}-never"),
        lambda: sqs.delete_queue(QueueUrl=url),
        lambda: sqs.receive_message(QueueUrl=queue.url.replace("123456789012", "210987654321")),
    ):
        assert refusal_of(ask)[0] == "AWS.SimpleQueueService.NonExistentQueue"
    with pytest.raises(KeyError):
        witness.queue(f"{queue.name}-never")


def test_only_who_holds_a_message_may_keep_it(sqs: SQSClient, queue: WitnessQueue) -> None:
    """The visibility of a message changes while it is held, up to 12 hours since its receive."""
    queue.send("x")

    def handle(**asked: Any) -> str:
        got = sqs.receive_message(QueueUrl=queue.url, **asked)
        return got["Messages"][0]["ReceiptHandle"]

    def change(receipt: str, seconds: int) -> None:
        sqs.change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=receipt, VisibilityTimeout=seconds
        )

    visible = handle(VisibilityTimeout=0)
    assert refusal_of(lambda: change(visible, 1))[:2] == (f"{BATCH}MessageNotInflight", 400)
    receipt = handle(VisibilityTimeout=30)
    code, _, words = refusal_of(lambda: change(receipt, 43_200))
    assert code == VALUE
    assert "Total VisibilityTimeout" in words
    assert refusal_of(lambda: change(receipt, 43_201))[0] == VALUE
    change(receipt, 43_190)
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=receipt)
    code, _, words = refusal_of(lambda: change(receipt, 1))
    assert code == VALUE
    assert "does not exist or is not available" in words


def test_handles_of_forgotten_messages_do_nothing(sqs: SQSClient, queue: WitnessQueue) -> None:
    """A handle of a message that the suite dropped deletes nothing, without an error."""
    queue.send("x")
    receipt = sqs.receive_message(QueueUrl=queue.url)["Messages"][0]["ReceiptHandle"]
    queue.forget()
    sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=receipt)
    assert (
        refusal_of(
            lambda: sqs.change_message_visibility(
                QueueUrl=queue.url, ReceiptHandle=receipt, VisibilityTimeout=1
            )
        )[0]
        == VALUE
    )


def test_a_batch_fails_entry_by_entry(sqs: SQSClient, queue: WitnessQueue) -> None:
    """What is refused in a batch is told by its ID, and the rest is done."""
    sent = sqs.send_message_batch(
        QueueUrl=queue.url, Entries=[ENTRY, {"Id": "b", "MessageBody": "\uffff"}]
    )
    assert [each["Id"] for each in sent["Successful"]] == ["a"]
    assert [(each["Id"], each["Code"]) for each in sent["Failed"]] == [
        ("b", "InvalidMessageContents")
    ]
    receipt = sqs.receive_message(QueueUrl=queue.url)["Messages"][0]["ReceiptHandle"]
    handles: list[Any] = [
        {"Id": "a", "ReceiptHandle": receipt},
        {"Id": "b", "ReceiptHandle": "none"},
    ]
    kept = sqs.change_message_visibility_batch(
        QueueUrl=queue.url,
        Entries=[each | {"VisibilityTimeout": 9} for each in handles],
    )
    gone = sqs.delete_message_batch(QueueUrl=queue.url, Entries=handles)
    for told in (kept, gone):
        assert [each["Id"] for each in told["Successful"]] == ["a"]
        assert [each["Code"] for each in told["Failed"]] == ["ReceiptHandleIsInvalid"]
    assert queue.messages()[0].deleted_by == "sdk"


def test_a_name_rests_after_its_queue_was_deleted(
    sqs: SQSClient, witness: Witness, queue: WitnessQueue
) -> None:
    """For 60 s nobody but the suite can make a queue under the name of a deleted one."""
    sqs.delete_queue(QueueUrl=queue.url)
    code, _, words = refusal_of(lambda: sqs.create_queue(QueueName=queue.name))
    assert code == f"{BATCH}QueueDeletedRecently"
    assert "60 seconds" in words
    assert witness.queues(queue.name) == []
    assert witness.create_queue(queue.name).messages() == []


def test_a_queue_rests_between_purges(sqs: SQSClient, queue: WitnessQueue) -> None:
    """A purge deletes all messages, and a second one within a minute is refused."""
    queue.send("x")
    sqs.purge_queue(QueueUrl=queue.url)
    assert queue.messages()[0].deleted_by == "sdk"
    told = refusal_of(lambda: sqs.purge_queue(QueueUrl=queue.url))
    assert told[:2] == (f"{BATCH}PurgeQueueInProgress", 403)


def test_a_name_is_taken_by_other_attributes(sqs: SQSClient, queue: WitnessQueue) -> None:
    """A queue is found by CreateQueue with its attributes or none, and refused with others."""
    found_by: list[Any] = [{}, {"VisibilityTimeout": "10"}]
    for attributes in found_by:
        url = sqs.create_queue(QueueName=queue.name, Attributes=attributes)["QueueUrl"]
        assert url == queue.url
    with pytest.raises(sqs.exceptions.QueueNameExists):
        sqs.create_queue(QueueName=queue.name, Attributes={"VisibilityTimeout": "11"})


@pytest.mark.parametrize(
    ("target", "body", "name"),
    [
        ("AmazonSQS.SendMessage", b"{", "SerializationException"),
        ("AmazonSQS.SendMessage", b"[]", "SerializationException"),
        ("AmazonSQS.SendMessage", b'{"QueueUrl": 1}', "MissingRequiredParameterException"),
        ("AmazonSQS.Nonsense", b"{}", "UnknownOperationException"),
        ("AmazonSQS.ListQueues", b'{"MaxResults": "1"}', "SerializationException"),
        ("AmazonSQS.ListQueues", b'{"NextToken": "?"}', "InvalidParameterValueException"),
        (
            "AmazonSQS.CreateQueue",
            b'{"QueueName": "q", "tags": {"a": 1}}',
            "SerializationException",
        ),
    ],
)
def test_what_is_no_call_is_refused(witness: Witness, target: str, body: bytes, name: str) -> None:
    """A body that is no JSON object, or of the wrong types, is refused in the JSON protocol."""
    assert _post(witness, target, body)["__type"].endswith(f"#{name}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"AttributeNames": [1]},
        {"MessageAttributeNames": "All"},
        {"WaitTimeSeconds": True},
        {"Entries": ["x"]},
        {"Entries": [{"Id": "a", "MessageBody": 1}]},
        {
            "MessageBody": "x",
            "MessageAttributes": {"a": {"DataType": "Binary", "BinaryValue": "?"}},
        },
    ],
)
def test_members_of_other_types_are_refused(
    witness: Witness, queue: WitnessQueue, wrong: dict[str, Any]
) -> None:
    """A member of a type that no SDK sends is refused, whatever it is in."""
    operation = "ReceiveMessage"
    if "MessageBody" in wrong:
        operation = "SendMessage"
    elif "Entries" in wrong:
        operation = "SendMessageBatch"
    body = json.dumps({"QueueUrl": queue.url, **wrong}).encode()
    told = _post(witness, f"AmazonSQS.{operation}", body)
    assert "SerializationException" in json.dumps(told)


def _post(witness: Witness, target: str, body: bytes) -> dict[str, Any]:
    connection = http.client.HTTPConnection(witness.endpoint.removeprefix("http://"))
    with closing(connection):
        connection.request("POST", "/", body, {"X-Amz-Target": target})
        told: dict[str, Any] = json.load(connection.getresponse())
        return told
