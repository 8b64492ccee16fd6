from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ldp_client.errors import ExitStatus
from ldp_testing.attached import BY, LikeAttached

if TYPE_CHECKING:
    from ldp_testing.doctor_stage import Patient

SINCE = "2026-11-24T10:00:00+00:00"


def status(patient: Patient, *options: str) -> str:
    """What `lambda-debug status` says."""
    patient.capsys.readouterr()
    command = ("status", "--stack", patient.place.name, *options)
    assert patient.place.command(*command) == ExitStatus.DONE
    return patient.capsys.readouterr().out


def own(patient: Patient, document: dict[str, Any]) -> list[dict[str, Any]]:
    """The attached functions that are this test's."""
    return [one for one in document["functions"] if one["name"].startswith(patient.place.name)]


def test_what_is_attached_and_what_waits_is_shown(patient: Patient) -> None:
    """Stack, queues, and each attached function: since when, by whom, and what detaches it."""
    one = LikeAttached.made(patient.place, SINCE, alias="live")
    requests = patient.place.variables()["LAMBDA_PROXY_REQ_QUEUE_URL"]
    sqs = patient.place.account.client("sqs")
    for body in ("one", "two"):
        sqs.send_message(QueueUrl=requests, MessageBody=body)
    detach = f"lambda-debug detach --stack {patient.place.name} {one.name}"

    before = status(patient)
    assert f"  {requests}: 2 waiting, 0 in flight, 0 delayed\n" in before
    assert "SQS does not tell" in before
    assert f"  {one.name}, alias live, since {SINCE}\n    by {BY}\n    {detach}\n" in before

    sqs.receive_message(QueueUrl=requests, VisibilityTimeout=600)
    document = json.loads(status(patient, "--json"))
    one.delete()
    assert document["stack"]["state"] == "UPDATE_COMPLETE"
    assert document["listening"] is True
    assert {
        "url": requests,
        "visible": 1,
        "inFlight": 1,
        "delayed": 0,
    } in document["queues"]
    (found,) = own(patient, document)
    assert (found["alias"], found["since"], found["by"]) == ("live", SINCE, BY)
    assert found["detach"] == detach
    assert "somebody listens: 1 events are taken" in status(patient)


def test_a_function_of_another_stack_is_shown_too(patient: Patient) -> None:
    """Where its record is not found its stack has to be named: no command is made up."""
    one = LikeAttached.made(patient.place, SINCE)
    one.lose_record()

    said, document = status(patient), json.loads(status(patient, "--json"))
    elsewhere = json.loads(status(patient, "--json", "--stack", "no-such-stack"))
    one.delete()
    assert "name its stack with --stack" in said
    assert own(patient, document)[0]["detach"] is None
    assert elsewhere["stack"] is None
    assert own(patient, elsewhere)[0]["detach"] is None


def test_without_a_stack_that_is_shown(patient: Patient) -> None:
    """A stack that does not exist is no failure."""
    assert "there is no such stack" in status(patient, "--stack", "no-such-stack")
