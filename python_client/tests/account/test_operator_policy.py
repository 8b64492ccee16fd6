from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from cfnlint.schema import (  # type: ignore[import-untyped]  # publishes no types
    PROVIDER_SCHEMA_MANAGER,
)

from ldp_account.operator_policy import Operated, operator_policy
from ldp_account.template import packaged_template
from ldp_client.cli import execute
from ldp_client.errors import ExitStatus
from ldp_testing.iam_actions import compare, permissions

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from ldp_testing.account_stage import Place
    from ldp_testing.iam_actions import Permission
    from ldp_testing.iam_record import IamRecord

TYPES: Final = {entry["Type"] for entry in packaged_template().document["Resources"].values()}
#: What the handlers of a type need for properties that the template does not set.
UNUSED: Final = {
    "AWS::IAM::ManagedPolicy": r"iam:Attach.+Policy",  # it is attached to nobody
    "AWS::IAM::Role": r"iam:AttachRolePolicy|iam:.+PermissionsBoundary",
    # No VPC, file system, key of one's own, layer, code signing or version, of code neither.
    "AWS::Lambda::Function": (
        r"(ec2|elasticfilesystem|kms|s3files):.+|s3:GetObjectVersion|lambda:(GetLayerVersion"
        r"|AssociateRuntimeAlias|PassCapacityProvider|PublishVersion|GetCodeSigningConfig"
        r"|(Put|Delete)FunctionCodeSigningConfig|PutRuntimeManagementConfig"
        r"|PutFunction(Recursion|Scaling)Config)"
    ),
    # No key of one's own, delivery, index, data protection or other policy.
    "AWS::Logs::LogGroup": (
        r"(firehose|s3):.+|logs:(.+KmsKey|CreateLogDelivery|DeleteRetentionPolicy"
        r"|(Put|Delete)(Index|Resource)Policy|PutDataProtectionPolicy"
        r"|PutBearerTokenAuthentication|PutLogGroupDeletionProtection)"
    ),
    # Nothing but who may read and write, encryption, expiry and tags; and nothing is taken away.
    "AWS::S3::Bucket": (
        r"s3tables:.+|s3:(Create|Update|Delete)Bucket.+|s3:DeleteObject|s3:Put(?!(BucketTagging"
        r"|Bucket(OwnershipControls|PublicAccessBlock)|(Encryption|Lifecycle)Configuration)$).+"
    ),
}
USUAL: Final = Operated(
    stack="lambda-debug-proxy",
    function="lambda-debug-proxy",
    request_queue="LAMBDA_PROXY_REQ",
    response_queue="LAMBDA_PROXY_RESP",
)


def _permissions(document: Mapping[str, Any], *begin: str) -> set[Permission]:
    """What the statements allow whose names begin so, or neither so if there is no beginning."""
    chosen = [
        statement
        for statement in document["Statement"]
        if statement["Sid"].startswith(begin or ("CloudFormation", "Examine")) is bool(begin)
    ]
    return permissions({"Statement": chosen})


def test_what_the_commands_ask_is_what_is_allowed(place: Place, asked: IamRecord) -> None:
    """The statements for the commands' own calls suffice, and each permission is used."""
    assert place.deploy() == ExitStatus.DONE
    assert place.deploy("--reply", "dedicated") == ExitStatus.DONE
    assert place.deploy("--reply", "dedicated", "--timeout-s", "60") == ExitStatus.DONE
    place.account.client("sqs").create_queue(QueueName=f"{place.name}-resp-{'a1' * 13}")
    assert place.command("purge", "--stack", place.name, "--yes") == ExitStatus.DONE
    assert place.destroy("--yes") == ExitStatus.DONE

    assert compare(_permissions(place.operator_policy()), asked.asked()) == ([], [])


def test_cloudformation_may_do_what_the_types_of_the_template_need() -> None:
    """Its statements have what the handlers document, but for what the template does not use."""
    needed = set()
    for kind in TYPES:
        documented = _documented(kind)
        unused = {action for action in documented if re.fullmatch(UNUSED.get(kind, ""), action)}
        assert bool(unused) is (kind in UNUSED)
        needed |= documented - unused

    document = json.loads(operator_policy(USUAL))
    allowed = _permissions(document, "CloudFormation")
    assert {one.action for one in allowed} == needed


def _documented(kind: str) -> set[str]:
    """What a type's handlers need, as its schema says, but for that of lists."""
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema["handlers"]
    return {
        action
        for verb in ("create", "read", "update", "delete")
        for action in handlers.get(verb, {"permissions": []})["permissions"]
    }


def test_the_policy_can_be_pasted() -> None:
    """It is shorter than what a managed policy may be, white space not counted."""
    assert len("".join(operator_policy(USUAL).split())) <= 6_144


def test_the_policy_is_printed_for_other_names_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The command fills in the names, region and account that it is given."""
    assert execute(lambda: None, ["operator-policy"]) == ExitStatus.DONE
    assert capsys.readouterr().out == operator_policy(USUAL)

    names = ["--stack", "A-very-long-name-of-a-stack", "--region", "cn-north-1", "--account", "7"]
    assert execute(lambda: None, ["operator-policy", *names]) == ExitStatus.DONE
    said = capsys.readouterr().out
    assert "arn:aws-cn:cloudformation:cn-north-1:7:stack/A-very-long-name-of-a-stack/*" in said
    assert "arn:aws-cn:iam::7:role/A-very-long-name-of-*-Role-*" in said
    assert "arn:aws-cn:s3:::a-very-long-name-of-*-bucket-*" in said
