"""What CloudFormation answers and the account on this machine never does, from the SDK's stub."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from ldp_account.attachments.errors import StackUnfit
from ldp_account.attachments.records import stack_with_bucket
from ldp_account.aws import Aws
from ldp_account.bucket import Bucket
from ldp_account.deployment import Deployment
from ldp_account.errors import CallRefused, StackFailed
from ldp_account.queues import Depth, Queues
from ldp_account.stacks import MARKER, Stack, Stacks
from ldp_account.template import packaged_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.account_stage import Place

ARN = "arn:aws:cloudformation:eu-west-1:123456789012:stack/proxy/1"
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def described(status: str, **parameters: str) -> dict[str, Any]:
    """A stack of ours as CloudFormation describes it."""
    entries = [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()]
    stack = {"StackName": "proxy", "StackId": ARN, "StackStatus": status, "CreationTime": THEN}
    tags = [{"Key": MARKER[0], "Value": MARKER[1]}]
    return {"Stacks": [{**stack, "Tags": tags, "Parameters": entries}]}


def events(*told: tuple[str, str, str]) -> dict[str, Any]:
    """What happened, newest first: resource, status and reason."""
    common = {"StackId": ARN, "StackName": "proxy", "Timestamp": THEN}
    return {
        "StackEvents": [
            {
                **common,
                "EventId": f"{resource}-{status}",
                "LogicalResourceId": resource,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
            }
            for resource, status, reason in told
        ]
    }


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """A way to nowhere, with credentials that mean nothing."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return Aws(None, "eu-west-1")


@pytest.fixture
def stub(aws: Aws) -> Iterator[Stubber]:
    """CloudFormation's answers, all of which have to be asked for."""
    with Stubber(aws.cloudformation) as answers:
        yield answers
        answers.assert_no_pending_responses()


def stack(status: str) -> Stack:
    """A stack of ours."""
    return Stack("proxy", ARN, status, {}, {})


def test_a_stack_at_work_is_waited_for(aws: Aws, stub: Stubber) -> None:
    """What a run that was killed began is followed to its end, and told."""
    told: list[str] = []
    stub.add_response("describe_stack_events", events())
    for status in ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"):
        stub.add_response("describe_stacks", described(status))
        stub.add_response("describe_stack_events", events(("Role", status, "")))

    assert Stacks(aws, told.append).settled(stack("UPDATE_IN_PROGRESS")).whole
    assert [line.split() for line in told[1:]] == [
        ["UPDATE_IN_PROGRESS", "Role"],
        ["UPDATE_COMPLETE", "Role"],
    ]


def test_nothing_to_update_is_no_error(aws: Aws, stub: Stubber) -> None:
    """CloudFormation refuses an update that changes nothing, and that is as good as done."""
    stub.add_response("describe_stack_events", events())
    stub.add_client_error("update_stack", "ValidationError", "No updates are to be performed.")

    before = stack("UPDATE_COMPLETE")
    assert Stacks(aws, print).update(before, "{}", {}) is before


def test_a_refused_update_is_an_error(aws: Aws, stub: Stubber) -> None:
    """Any other refusal of an update is one."""
    stub.add_response("describe_stack_events", events())
    stub.add_client_error("update_stack", "ValidationError", "Template format error.")

    with pytest.raises(CallRefused, match="Template format error"):
        Stacks(aws, print).update(stack("UPDATE_COMPLETE"), "{}", {})


def test_a_refused_question_is_an_error(aws: Aws, stub: Stubber) -> None:
    """A stack of which nothing can be learned is not taken for none."""
    stub.add_client_error("describe_stacks", "ValidationError", "The name is wrong.")

    with pytest.raises(CallRefused, match="The name is wrong"):
        Stacks(aws, print).find("?")


def test_a_failed_deletion_says_why(aws: Aws, stub: Stubber) -> None:
    """What could not be deleted is named with its reason; what was merely called off is not."""
    failed = ("Bucket", "DELETE_FAILED", "The bucket is not empty")
    called_off = ("Role", "DELETE_FAILED", "Resource deletion cancelled")
    stub.add_response("describe_stack_events", events())
    stub.add_response("delete_stack", {})
    stub.add_response("describe_stacks", described("DELETE_FAILED"))
    for _ in range(2):
        stub.add_response("describe_stack_events", events(called_off, failed))

    with pytest.raises(StackFailed) as caught:
        Stacks(aws, lambda _line: None).delete(stack("CREATE_COMPLETE"))

    assert caught.value.reasons == ("Bucket: The bucket is not empty",)


def test_a_stack_that_vanishes_is_gone(aws: Aws, stub: Stubber) -> None:
    """A deletion can end so that nobody remembers the stack."""
    stub.add_response("describe_stack_events", events())
    stub.add_response("delete_stack", {})
    stub.add_client_error("describe_stacks", "ValidationError", "Stack does not exist")

    Stacks(aws, print).delete(stack("CREATE_COMPLETE"))


def test_a_stack_that_is_gone_is_nobodys(aws: Aws, stub: Stubber) -> None:
    """Its ARN still finds it, without tags: it is none, and no stranger's either."""
    answer = described("DELETE_COMPLETE")
    del answer["Stacks"][0]["Tags"]
    stub.add_response("describe_stacks", answer)

    assert Stacks(aws, print).find(ARN) is None


def test_a_function_is_not_attached_to_a_stack_that_is_gone(aws: Aws, stub: Stubber) -> None:
    """A stack that was deleted has no bucket any more, although it still tells its name."""
    stub.add_response("describe_stacks", described("DELETE_COMPLETE"))

    with pytest.raises(StackUnfit, match="does not exist"):
        stack_with_bucket(aws, ARN, print)


def test_a_deletion_is_followed_to_its_end(
    aws: Aws, stub: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stack that is gone is told to be, whether CloudFormation still tells its tags or not."""
    answer = described("DELETE_COMPLETE")
    del answer["Stacks"][0]["Tags"]
    stub.add_response("describe_stack_events", events())
    stub.add_response("delete_stack", {})
    stub.add_response("describe_stacks", answer)
    stub.add_response("describe_stack_events", events(("Bucket", "DELETE_COMPLETE", "")))

    Stacks(aws, print).delete(stack("CREATE_COMPLETE"))
    assert capsys.readouterr().out == "DELETE_COMPLETE      Bucket\n"


def test_what_was_taken_back_is_planned_again(aws: Aws, stub: Stubber) -> None:
    """A stack that looks as it is to be, after an update that failed, is updated all the same."""
    template = packaged_template()
    code = Deployment(aws, b"zip", print)
    wanted = template.completed({"CodeKey": f"code/{'5' * 64}.zip"})
    stub.add_response("describe_stacks", described("UPDATE_ROLLBACK_COMPLETE", **wanted))
    stub.add_response("get_template", {"TemplateBody": template.text})

    changes = code.plan("proxy", {"CodeKey": wanted["CodeKey"]}).changes
    assert changes == ("~ what CloudFormation took back when it failed (UPDATE_ROLLBACK_COMPLETE)",)


def test_another_template_is_a_change(aws: Aws, stub: Stubber) -> None:
    """A stack that another version of the template made is updated to this one."""
    wanted = packaged_template().completed({"CodeKey": "code/x.zip"})
    stub.add_response("describe_stacks", described("UPDATE_COMPLETE", **wanted))
    stub.add_response("get_template", {"TemplateBody": "another"})

    changes = Deployment(aws, b"zip", print).plan("proxy", {"CodeKey": "code/x.zip"}).changes
    assert [change[:14] for change in changes] == ["~ the template"]


def test_an_object_that_cannot_be_deleted_is_named(aws: Aws) -> None:
    """A bucket of which one object stays is not taken for empty."""
    versions = {"Versions": [{"Key": "ldp/x", "VersionId": "null"}]}
    with Stubber(aws.s3) as answers:
        answers.add_response("list_object_versions", versions)
        answers.add_response(
            "delete_objects",
            {"Errors": [{"Key": "ldp/x", "Code": "AccessDenied", "Message": "locked"}]},
        )
        with pytest.raises(CallRefused, match="ldp/x: locked"):
            Bucket(aws, "bucket").empty()


def test_what_is_gone_already_is_gone(place: Place) -> None:
    """Deleting a queue and emptying a bucket that are not there is no error."""
    aws = Aws(None, None)
    sqs = place.account.client("sqs")
    url = sqs.create_queue(QueueName=f"{place.name}-resp")["QueueUrl"]
    queues, bucket = Queues(aws), Bucket(aws, f"{place.name}-bucket-gone")

    assert queues.depth(url) == Depth(0, 0, 0)
    queues.delete(url)
    queues.delete(url)
    assert queues.depth(url) is None
    assert not bucket.exists()
    bucket.empty()


def test_other_refusals_of_queues_and_buckets_are_errors(aws: Aws) -> None:
    """Only what is not there is taken for gone."""
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"
    with Stubber(aws.sqs) as sqs, Stubber(aws.s3) as s3:
        sqs.add_client_error("get_queue_attributes", "Odd", "no")
        sqs.add_client_error("delete_queue", "Odd", "no")
        sqs.add_client_error("purge_queue", "Odd", "no")
        s3.add_client_error("head_bucket", "400", "no")
        s3.add_client_error("list_object_versions", "Odd", "no")
        for call in (
            lambda: Queues(aws).depth(url),
            lambda: Queues(aws).delete(url),
            lambda: Queues(aws).purge(url),
            lambda: Bucket(aws, "bucket").exists(),
            lambda: Bucket(aws, "bucket").contents(),
        ):
            with pytest.raises(CallRefused):
                call()
