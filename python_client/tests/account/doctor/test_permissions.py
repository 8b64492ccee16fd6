from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from ldp_account.template import packaged_template
from ldp_client.errors import ExitStatus
from ldp_testing.tap import ACCESS_DENIED, Effect, Reply, Tap
from ldp_testing.tap_s3 import RefuseS3

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.doctor_stage import Patient
    from ldp_testing.tap import Answer, Call


def actions_of(document: dict[str, object]) -> list[tuple[str, str]]:
    """Statement and action of each permission that the default options bring."""
    template = packaged_template()
    statements = template.chosen(document["Statement"], template.completed({}))
    return [
        (statement["Sid"], action)
        for statement in statements
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    ]


DEVELOPER = actions_of(packaged_template().properties("DeveloperPolicy")["PolicyDocument"])
PROXY = actions_of(packaged_template().properties("Role")["Policies"][0]["PolicyDocument"])

NOT_ALLOWED = (
    b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
)


@dataclass(frozen=True, slots=True)
class Deny(Effect):
    """Let IAM's simulator say of an action that it is not allowed."""

    action: str

    def on_answer(self, call: Call, answer: Answer) -> Answer:  # noqa: ARG002
        """Change the answer, if it is about that action."""
        if f"<EvalActionName>{self.action}<".encode() not in answer.body:
            return answer
        return replace(answer, body=answer.body.replace(b">allowed<", b">implicitDeny<"))


@pytest.fixture
def simulator(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tap]:
    """What is asked of IAM passes here."""
    with Tap(patient.place.account.variables()["AWS_ENDPOINT_URL"]) as tap:
        monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", tap.url)
        yield tap


def deny(tap: Tap, patient: Patient, sid: str, action: str) -> None:
    """Refuse an action on the queue or bucket of a statement, as AWS does."""
    service, _, name = action.partition(":")
    if service == "s3":
        said = f"User: arn:aws:sts::1:x is not authorized to perform: {action} on resource: y"
        tap.apply(RefuseS3("AccessDenied", said, 403), name, times=None)
        return
    queue = f"{patient.place.name}-{'req' if sid == 'TakeRequests' else 'resp'}"
    both = {name, f"{name}Batch"}
    tap.apply(ACCESS_DENIED, queue=queue, times=None, when=lambda call: call.operation in both)


def test_what_is_allowed_is_said(patient: Patient) -> None:
    """With all permissions nothing is wrong, and each of them was looked at."""
    said = patient.doctor()

    assert (said.status, said.wrong) == (ExitStatus.DONE, [])
    assert said.examinations["your permissions"] == "good"
    assert said.examinations["its permissions"] == "good"


@pytest.mark.parametrize(("sid", "action"), DEVELOPER)
def test_each_permission_that_the_developer_lacks_is_named(
    patient: Patient, tap: Tap, sid: str, action: str
) -> None:
    """One by one: the action and its resource, and what attaches the policy that grants it."""
    deny(tap, patient, sid, action)

    said = patient.doctor()
    assert said.status == ExitStatus.FAILED
    ((what, command),) = said.wrong
    assert f"may not do {action} on arn:aws:" in what
    assert f"assumed-role/{patient.role}/" in what
    assert command is not None
    patient.mend(command)
    attached = patient.place.account.client("iam").list_attached_role_policies(
        RoleName=patient.role
    )["AttachedPolicies"]
    assert len(attached) == 1
    tap.clear()  # the emulator enforces no policy
    assert patient.doctor().wrong == []


@pytest.mark.parametrize(("sid", "action"), PROXY)
def test_each_permission_that_the_proxy_lacks_is_named(
    patient: Patient, simulator: Tap, sid: str, action: str
) -> None:
    """IAM's simulator is asked for each, and the command gives the role all that it needs."""
    simulator.apply(Deny(action), times=None)

    lacking = [(what, line) for what, line in patient.doctor().wrong if ":role/" in what]
    assert all(f"may not do {action} on arn:aws:" in what for what, _ in lacking)
    (command,) = {line for _, line in lacking}
    assert command is not None
    patient.mend(command)
    role = patient.place.function()["Role"].rpartition("/")[2]
    policy = patient.place.account.client("iam").get_role_policy(RoleName=role, PolicyName="proxy")
    document = policy["PolicyDocument"]
    statements = (json.loads(document) if isinstance(document, str) else document)["Statement"]
    (granted,) = [one for one in statements if one["Sid"] == sid]
    assert action in granted["Action"]


def test_what_cannot_be_tried_is_not_guessed(patient: Patient, simulator: Tap) -> None:
    """Where IAM's simulator may not be asked, what only it could tell is not known."""
    simulator.apply(Reply(403, "text/xml", NOT_ALLOWED), times=None)

    said = patient.doctor()
    assert (said.status, said.wrong) == (ExitStatus.DONE, [])
    assert said.examinations["its permissions"] == "not known"
    assert any("sqs:DeleteMessage" in what for what in said.unknown)
    assert not any("sqs:ReceiveMessage on" in what and "-req" in what for what in said.unknown)


def test_dedicated_replies_are_asked_of_the_simulator(patient: Patient, simulator: Tap) -> None:
    """Queues that do not exist yet cannot be tried, and what may send to them is known by name."""
    patient.place.deploy("--reply", "dedicated")
    simulator.apply(Deny("sqs:SendMessage"), times=None)

    assert any(
        f"assumed-role/{patient.role}/" in what and what.endswith(f":{patient.place.name}-resp-*")
        for what, _ in patient.doctor().wrong
    )
