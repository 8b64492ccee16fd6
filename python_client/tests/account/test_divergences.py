"""What ministack does otherwise than AWS, as far as other tests have to know.

Each fails once it is gone: then delete it, and let the test that it weakened say the whole truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from ldp_account.template import packaged_template

if TYPE_CHECKING:
    from ldp_testing.account_stage import Place


def test_settings_that_it_ignores(place: Place) -> None:
    """CloudFormation there sets no encryption of queues and no reserved concurrency."""
    place.deploy()
    url = place.variables()["LAMBDA_PROXY_REQ_QUEUE_URL"]
    sqs, functions = place.ministack.client("sqs"), place.ministack.client("lambda")

    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert "SqsManagedSseEnabled" not in attributes
    concurrency = functions.get_function_concurrency(FunctionName=place.name)
    assert "ReservedConcurrentExecutions" not in concurrency


def test_sizes_that_it_refuses(place: Place) -> None:
    """It takes messages of 1 MiB from CloudFormation, and from nobody else."""
    place.deploy()
    url = place.variables()["LAMBDA_PROXY_REQ_QUEUE_URL"]
    size = {"MaximumMessageSize": "1048576"}

    with pytest.raises(ClientError, match="between 1024 and 262144"):
        place.ministack.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=size)


def test_rules_that_it_ignores(place: Place) -> None:
    """It makes a stack whose parameters break a rule of the template."""
    place.ministack.client("cloudformation").create_stack(
        StackName=place.name,
        TemplateBody=packaged_template().text,
        Parameters=[
            {"ParameterKey": "FallbackFunction", "ParameterValue": "orders:7"},
            {"ParameterKey": "RequestQueueName", "ParameterValue": f"{place.name}-req"},
        ],
        Capabilities=["CAPABILITY_IAM"],
    )


def test_a_stack_cannot_be_named_by_its_arn(place: Place) -> None:
    """Updating and deleting take a stack's name only."""
    stacks = place.ministack.client("cloudformation")
    bare = "Resources: {L: {Type: 'AWS::Logs::LogGroup'}}\n"
    arn = stacks.create_stack(StackName=place.name, TemplateBody=bare)["StackId"]

    with pytest.raises(ClientError, match="does not exist"):
        stacks.update_stack(StackName=arn, UsePreviousTemplate=True)


def test_a_failed_stack_stays(place: Place) -> None:
    """A stack that fails is rolled back and stays, although it was to be deleted."""
    stacks = place.ministack.client("cloudformation")
    with pytest.raises(Exception, match="gave up"):
        _create_failing(place)

    found = stacks.describe_stacks(StackName=place.name)["Stacks"][0]
    assert found["StackStatus"] == "ROLLBACK_COMPLETE"


def _create_failing(place: Place) -> None:
    from ldp_account.aws import Aws  # noqa: PLC0415 - of this test alone
    from ldp_account.stacks import Stacks  # noqa: PLC0415 - as above

    failing = "Resources: {P: {Type: 'AWS::Logs::ResourcePolicy', Properties: {}}}\n"
    Stacks(Aws(None, None), lambda _line: None).create(place.name, failing, {})
