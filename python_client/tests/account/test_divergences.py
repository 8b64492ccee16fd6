"""What ministack does otherwise than AWS, as far as other tests have to know.

Each fails once it is gone: then delete it, and let the test that it weakened say the whole truth.
"""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ldp_account.template import packaged_template
from ldp_testing.function_zips import zip_of
from ldp_testing.iam_record import ONLOOKER
from ldp_testing.ministack import ACCOUNT, running_ministack
from ldp_testing.moto_server import REGION

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.account_stage import Place


def test_settings_that_it_ignores(place: Place) -> None:
    """CloudFormation there sets no encryption of queues and no reserved concurrency."""
    place.deploy()
    url = place.variables()["LAMBDA_PROXY_REQ_QUEUE_URL"]
    sqs, functions = place.account.client("sqs"), place.account.client("lambda")

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
        place.account.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=size)


def test_rules_that_it_ignores(place: Place) -> None:
    """It makes a stack whose parameters break a rule of the template."""
    place.account.client("cloudformation").create_stack(
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
    stacks = place.account.client("cloudformation")
    bare = "Resources: {L: {Type: 'AWS::Logs::LogGroup'}}\n"
    arn = stacks.create_stack(StackName=place.name, TemplateBody=bare)["StackId"]

    with pytest.raises(ClientError, match="does not exist"):
        stacks.update_stack(StackName=arn, UsePreviousTemplate=True)


def test_everybody_may_do_everything(place: Place) -> None:
    """Nobody is refused, whoever asks; what tests say of permissions they compare with policies."""
    nobody = boto3.client(
        "sqs",
        region_name=REGION,
        endpoint_url=place.account.variables()["AWS_ENDPOINT_URL"],
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="of nobody that there is",
        config=Config(user_agent_extra=ONLOOKER),
    )
    assert nobody.create_queue(QueueName=f"{place.name}-nobodys")["QueueUrl"]


def test_functions_fail_with_errors_of_its_own(place: Place) -> None:
    """It runs functions by a runtime of its own, which has other names for what went wrong."""
    functions = place.account.client("lambda")
    functions.create_function(
        FunctionName=f"{place.name}-failing",
        Runtime="python3.12",
        Handler="index.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/r",
        Code={"ZipFile": zip_of({"index.py": "def handler(event, context):\n    return 1 / 0\n"})},
    )
    answer = functions.invoke(FunctionName=f"{place.name}-failing", Payload=b"{}")
    assert json.loads(answer["Payload"].read())["errorType"] == "Runtime.HandlerError"


def test_it_listens_on_all_interfaces(tmp_path: Path) -> None:
    """Unless it is told to listen on loopback alone."""
    elsewhere = "127.0.0.2"
    with running_ministack(tmp_path / "open", bind=None) as server:
        port = urlsplit(server.url).port
        socket.create_connection((elsewhere, port)).close()
    with running_ministack(tmp_path / "told") as server, pytest.raises(ConnectionRefusedError):
        socket.create_connection((elsewhere, urlsplit(server.url).port))


def test_a_failed_stack_stays(place: Place) -> None:
    """A stack that fails is rolled back and stays, although it was to be deleted."""
    stacks = place.account.client("cloudformation")
    with pytest.raises(Exception, match="gave up"):
        _create_failing(place)

    found = stacks.describe_stacks(StackName=place.name)["Stacks"][0]
    assert found["StackStatus"] == "ROLLBACK_COMPLETE"


def _create_failing(place: Place) -> None:
    from ldp_account.aws import Aws  # noqa: PLC0415 - of this test alone
    from ldp_account.stacks import Stacks  # noqa: PLC0415 - as above

    failing = "Resources: {P: {Type: 'AWS::Logs::ResourcePolicy', Properties: {}}}\n"
    Stacks(Aws(None, None), lambda _line: None).create(place.name, failing, {})
