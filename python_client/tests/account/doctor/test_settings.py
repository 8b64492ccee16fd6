from __future__ import annotations

import json
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

import pytest

from ldp_client.errors import ExitStatus
from ldp_testing.doctor_stage import Patient

if TYPE_CHECKING:
    from ldp_testing.account_stage import Place
    from ldp_testing.moto_server import MotoServer

#: The size of messages is looked at below: ministack takes no more than 256 KiB, as SQS once did.
OTHERWISE = {
    "VisibilityTimeout": "30",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "DelaySeconds": "5",
    "SqsManagedSseEnabled": "false",
}


@dataclass(frozen=True, slots=True)
class ByHand:
    """Queues that were made without a stack, in moto, which takes 1 MiB; the rest is ministack's.

    Attributes:
        patient: Who uses them.
        server: Where they are.
        urls: Their URLs.
    """

    patient: Patient
    server: MotoServer
    urls: dict[str, str]

    def name(self, kind: str) -> str:
        """The name of one of them."""
        return self.urls[kind].rpartition("/")[2]

    def set(self, kind: str, **attributes: str) -> None:
        """Set attributes of one of them."""
        for attribute, value in attributes.items():
            self.patient.mend(
                f"aws sqs set-queue-attributes --queue-url {self.urls[kind]} "
                f"--attributes {quote(json.dumps({attribute: value}))}"
            )

    def attribute(self, kind: str, name: str) -> str:
        """An attribute of one of them."""
        return self.server.attribute(self.urls[kind], name)


@pytest.fixture
def by_hand(
    place: Place,
    moto_server: MotoServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> ByHand:
    """Both queues, and one for dead letters, with the variables that name them."""
    urls = {kind: moto_server.create_queue() for kind in ("REQ", "RESP", "DEAD")}
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", moto_server.url)
    for kind in ("REQ", "RESP"):
        monkeypatch.setenv(f"LAMBDA_PROXY_{kind}_QUEUE_URL", urls[kind])
    return ByHand(Patient(place, monkeypatch, capsys), moto_server, urls)


def url_of(patient: Patient, kind: str) -> str:
    """The URL of one of the stack's queues."""
    return patient.place.variables()[f"LAMBDA_PROXY_{kind}_QUEUE_URL"]


@pytest.mark.parametrize("attribute", OTHERWISE)
def test_each_setting_is_found_and_mended(patient: Patient, attribute: str) -> None:
    """A setting that differs from the template's is named, and the command sets it right."""
    for kind in ("REQ", "RESP"):
        patient.place.account.client("sqs").set_queue_attributes(
            QueueUrl=url_of(patient, kind), Attributes={attribute: OTHERWISE[attribute]}
        )

    said = patient.doctor()
    assert said.status == ExitStatus.FAILED
    for kind, (what, command) in zip(("req", "resp"), said.wrong, strict=True):
        assert f"-{kind}: {attribute} is {OTHERWISE[attribute]}, and should be" in what
        assert command is not None
        patient.mend(command)
    healed = patient.doctor()
    assert (healed.status, healed.wrong) == (ExitStatus.DONE, [])


def test_calls_without_tls_are_shut_out_beside_what_else_is_said(patient: Patient) -> None:
    """A policy that lets such calls in is mended, and keeps its other statements."""
    sqs, url = patient.place.account.client("sqs"), url_of(patient, "REQ")
    other = {"Sid": "Mine", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**other, "Resource": "*"}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})

    ((what, command),) = patient.doctor().wrong
    assert "without TLS" in what
    assert command is not None
    patient.mend(command)
    assert patient.doctor().wrong == []
    after = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    sids = [statement["Sid"] for statement in json.loads(after["Policy"])["Statement"]]
    assert sids == ["Mine", "TlsOnly"]


def mended(patient: Patient) -> None:
    """Paste every command that is told, and find nothing wrong any more."""
    for _, command in patient.doctor().wrong:
        assert command is not None
        patient.mend(command)
    healed = patient.doctor()
    assert (healed.status, healed.wrong) == (ExitStatus.DONE, [])


def test_a_queue_for_small_messages_is_found_and_mended(by_hand: ByHand) -> None:
    """A maximum of 256 KiB is named, and the command makes it 1 MiB."""
    by_hand.set("REQ", MaximumMessageSize="262144")

    said = by_hand.patient.doctor()
    assert said.status == ExitStatus.FAILED
    sizes = [what for what, _ in said.wrong if "MaximumMessageSize" in what]
    assert sizes == [f"{by_hand.name('REQ')}: MaximumMessageSize is 262144, and should be 1048576"]
    mended(by_hand.patient)
    assert by_hand.attribute("REQ", "MaximumMessageSize") == "1048576"


def test_a_redrive_policy_is_for_requests_alone(by_hand: ByHand) -> None:
    """It takes answers away, so the response queue has to lose it; requests may have one."""
    policy = {"deadLetterTargetArn": by_hand.attribute("DEAD", "QueueArn"), "maxReceiveCount": 3}
    for kind in ("REQ", "RESP"):
        by_hand.set(kind, RedrivePolicy=json.dumps(policy))

    found = [one for one in by_hand.patient.doctor().wrong if "redrive" in one[0]]
    assert [what.partition(":")[0] for what, _ in found] == [by_hand.name("RESP")]
    ((_, command),) = found
    assert command is not None
    by_hand.patient.mend(command)
    again = [what for what, _ in by_hand.patient.doctor().wrong if "redrive" in what]
    assert again == []
    assert json.loads(by_hand.attribute("REQ", "RedrivePolicy")) == policy


def test_a_queue_that_was_deleted_is_made_again(by_hand: ByHand) -> None:
    """A queue that is gone is named, and what makes it anew, as it should be."""
    by_hand.server.delete_queue(by_hand.urls["RESP"])

    said = by_hand.patient.doctor()
    ((what, command),) = [one for one in said.wrong if "there is no queue" in one[0]]
    assert what.endswith(by_hand.name("RESP"))
    assert command is not None
    by_hand.patient.mend(command)
    mended(by_hand.patient)


def test_a_key_of_its_own_encrypts_as_well(patient: Patient) -> None:
    """A queue that is encrypted with a key of KMS lacks nothing."""
    patient.place.account.client("sqs").set_queue_attributes(
        QueueUrl=url_of(patient, "REQ"),
        Attributes={"SqsManagedSseEnabled": "false", "KmsMasterKeyId": "alias/aws/sqs"},
    )

    assert patient.doctor().wrong == []
