"""What ministack and moto do otherwise than AWS, as far as attaching has to know.

Each fails once it is gone: then delete it, and let the test that it weakened say the whole truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from ldp_testing.function_zips import zip_of
from ldp_testing.ministack import onlooker
from ldp_testing.moto_server import REGION

if TYPE_CHECKING:
    from ldp_testing.attachable import Attachable


def test_a_version_has_the_code_of_the_newest(own: Attachable) -> None:
    """Ministack gives one place for the code of all versions, where the newest lies."""
    functions = own.client("lambda")
    functions.update_function_code(FunctionName=own.name, ZipFile=zip_of({"a.js": "new"}))
    own.configuration()
    first, latest = (
        functions.get_function(FunctionName=own.name, Qualifier=q)["Code"]["Location"]
        for q in ("1", "$LATEST")
    )
    assert first.partition("?")[0] == latest.partition("?")[0]


def test_an_unchanged_function_is_published_again(own: Attachable) -> None:
    """Ministack makes another version, where Lambda gives the newest that there is."""
    assert own.client("lambda").publish_version(FunctionName=own.name)["Version"] == "3"


def test_an_aliass_url_does_not_say_whose_it_is(own: Attachable) -> None:
    """Ministack leaves the alias out of the ARN that it lists for a URL."""
    functions = own.client("lambda")
    functions.create_function_url_config(
        FunctionName=own.name, AuthType="AWS_IAM", Qualifier="live"
    )
    [url] = functions.list_function_url_configs(FunctionName=own.name)["FunctionUrlConfigs"]
    assert url["FunctionArn"].endswith(f":{own.name}")


def test_endpoints_of_all_vpcs_are_listed(own: Attachable) -> None:
    """Ministack heeds no filter there, so that who asks for one VPC's has to look again."""
    ec2 = own.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.sqs")
    others = [{"Name": "vpc-id", "Values": ["vpc-0"]}]
    assert ec2.describe_vpc_endpoints(Filters=others)["VpcEndpoints"]


def test_motos_code_cannot_be_fetched(motos: Attachable) -> None:
    """Moto tells an address in AWS, where nothing of its own is."""
    functions = _without_relay(motos)
    location = functions.get_function(FunctionName=motos.name)["Code"]["Location"]
    assert urlsplit(location).hostname == f"awslambda-{REGION}-tasks.s3.{REGION}.amazonaws.com"


def test_moto_has_no_revisions(motos: Attachable) -> None:
    """It tells none, and takes each."""
    configuration = _without_relay(motos).get_function_configuration(FunctionName=motos.name)
    assert "RevisionId" not in configuration


@pytest.mark.parametrize(
    "operation",
    [
        "list_function_url_configs",
        "list_provisioned_concurrency_configs",
        "get_runtime_management_config",
        "get_account_settings",
    ],
)
def test_moto_has_no_path_for_some_questions(motos: Attachable, operation: str) -> None:
    """What the relay answers."""
    asked = {} if "account" in operation else {"FunctionName": motos.name}
    with pytest.raises(ClientError, match="404"):
        getattr(_without_relay(motos), operation)(**asked)


def test_moto_runs_nothing_without_docker(motos: Attachable) -> None:
    """It would start a container, and fails where there is none."""
    with pytest.raises(ClientError, match="500"):
        motos.client("lambda").invoke(FunctionName=motos.name)


def _without_relay(motos: Attachable) -> Any:
    """Moto's Lambda as it is."""
    return onlooker(motos.place.account.variables()["AWS_ENDPOINT_URL"], "lambda")


def test_a_stale_revision_is_taken(own: Attachable) -> None:
    """Ministack compares no revisions, where Lambda refuses what was decided upon an old one."""
    own.client("lambda").update_function_configuration(
        FunctionName=own.name, Timeout=9, RevisionId="00000000-0000-0000-0000-000000000000"
    )
    assert own.configuration()["Timeout"] == 9
