from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ldp_client.errors import ExitStatus
from ldp_testing.attachable import Attachable
from ldp_testing.attached import BY, LikeAttached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.doctor_stage import Patient

NOW = datetime.now(UTC)
YESTERDAY = (NOW - timedelta(days=1, hours=1)).isoformat()


@pytest.fixture
def forgotten(patient: Patient) -> Iterator[LikeAttached]:
    """A function that was attached yesterday."""
    one = LikeAttached.made(patient.place, YESTERDAY)
    yield one
    one.delete()


def test_a_function_that_was_forgotten_is_named(patient: Patient, forgotten: LikeAttached) -> None:
    """What is attached for longer than a day is named, with who did it and what detaches it."""
    said = patient.doctor()

    assert said.status == ExitStatus.FAILED
    ((what, command),) = said.wrong
    assert what == f"{forgotten.name} is attached since {YESTERDAY}, by {BY}"
    assert command == f"lambda-debug detach --stack {patient.place.name} {forgotten.name}"


def test_what_is_attached_since_today_is_in_use(patient: Patient) -> None:
    """A function that was attached a moment ago is no leftover."""
    one = LikeAttached.made(patient.place, NOW.isoformat())

    said = patient.doctor()
    one.delete()
    assert said.wrong == []
    assert said.examinations["attachments"] == "good"


def test_a_function_without_its_record_is_named(patient: Patient, forgotten: LikeAttached) -> None:
    """Where nothing can be restored that is said, and what takes the tags away."""
    forgotten.lose_record()

    ((what, command),) = patient.doctor().wrong
    assert what.startswith(f"{forgotten.name} is attached, and cannot be restored")
    assert command is not None
    patient.mend(command)
    assert patient.doctor().wrong == []


def test_a_record_that_was_changed_is_of_no_use(patient: Patient, forgotten: LikeAttached) -> None:
    """A record whose hash is not that of the tags is named, and no command detaches by it."""
    patient.place.account.client("s3").put_object(
        Bucket=patient.place.bucket(), Key=forgotten.keys.manifest, Body=b"{}"
    )

    ((what, _),) = patient.doctor().wrong
    assert what.startswith(f"{forgotten.name} is attached, and cannot be restored")
    patient.capsys.readouterr()
    patient.place.command("status", "--stack", patient.place.name, "--json")
    document = json.loads(patient.capsys.readouterr().out)
    found = {one["name"]: one["detach"] for one in document["functions"]}
    assert found[forgotten.name] is None


def test_a_record_without_its_function_is_named(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no function's tags lead to any more is named, and deleted."""
    LikeAttached.made(patient.place, YESTERDAY).delete()
    assert patient.doctor().wrong == []
    monkeypatch.setattr("ldp_account.doctor.attachments.FORGOTTEN_AFTER", timedelta(days=-1))

    ((what, command),) = patient.doctor().wrong
    assert what.endswith(
        f"attachments/{patient.place.name}-own/one/ is a record of no attached function"
    )
    assert command is not None
    patient.mend(command)
    assert patient.doctor().wrong == []


def test_what_belongs_to_another_stack_is_left_to_it(
    patient: Patient, forgotten: LikeAttached
) -> None:
    """A function that sends to another queue that is there is attached with another stack."""
    forgotten.lose_record()
    url = patient.place.account.client("sqs").create_queue(QueueName=f"{patient.place.name}-other")[
        "QueueUrl"
    ]
    patient.place.account.client("lambda").update_function_configuration(
        FunctionName=forgotten.name,
        Environment={"Variables": {"LAMBDA_PROXY_REQ_QUEUE_URL": url}},
    )
    assert patient.doctor().wrong == []

    patient.place.account.client("sqs").delete_queue(QueueUrl=url)
    assert len(patient.doctor().wrong) == 1


def test_what_detaches_a_forgotten_function_leaves_nothing_to_find(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that was attached is found with the command that gives it back, which does."""
    own = Attachable.made(patient.place)
    assert own.attach("--latest-only") == ExitStatus.DONE
    monkeypatch.setattr("ldp_account.doctor.attachments.FORGOTTEN_AFTER", timedelta(0))

    ((what, command),) = patient.doctor().wrong
    assert what.startswith(f"{own.name} is attached since ")
    assert command is not None
    assert patient.place.command(*shlex.split(command)[1:], "--yes") == ExitStatus.DONE
    assert patient.doctor().wrong == []
