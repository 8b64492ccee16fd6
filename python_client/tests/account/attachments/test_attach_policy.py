from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ldp_account.attachments.rendering import Rendering
from ldp_account.attachments.vpc import way_to_queues
from ldp_account.aws import Aws
from ldp_account.operator_policy import Attachables, attach_policy
from ldp_account.stacks import Stack
from ldp_client.cli import execute
from ldp_client.errors import ExitStatus
from ldp_testing.iam_actions import compare, permissions
from ldp_testing.iam_watch import VARIANTS
from ldp_testing.ministack import ACCOUNT
from ldp_testing.moto_server import REGION
from ldp_testing.resolved_template import ResolvedTemplate

if TYPE_CHECKING:
    from ldp_testing.attachable import Attachable
    from ldp_testing.iam_record import IamRecord

QUEUES = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}"


def test_what_attaching_and_detaching_ask_is_what_is_allowed(
    own: Attachable, asked: IamRecord
) -> None:
    """The policy of whoever attaches suffices, and each of its permissions is used."""
    deployed = len(asked.asked())
    assert own.attach("--latest-only") == ExitStatus.DONE
    assert own.detach() == ExitStatus.DONE
    calls = asked.asked()[deployed:]
    own.place.deploy("--reply", "dedicated")
    begun = len(asked.asked())
    fallback = ("--when-absent", "fallback", "--start-within-s", "3")
    assert own.attach("--alias", "live", *fallback) == ExitStatus.DONE
    assert own.detach() == ExitStatus.DONE
    way_to_queues(Aws(None, None), "vpc-1", ["subnet-1"])  # as for a function in a VPC
    calls += asked.asked()[begun:]

    names = {"functions": own.name, "roles": own.name}
    policy = attach_policy(Attachables(stack=own.place.name, region=REGION, **names))
    assert compare(permissions(json.loads(policy)), calls) == ([], [])


@pytest.mark.parametrize("variant", [*VARIANTS, "own"])
@pytest.mark.parametrize("bucket", ["yes", "no"])
def test_the_role_is_allowed_what_the_template_allows(variant: str, bucket: str) -> None:
    """The policy that attaching adds is the one that is held against a proxy's calls."""
    own = {**VARIANTS["fallback"], "FallbackFunction": "orders:1"}
    given = {"FunctionName": "orders", **VARIANTS.get(variant, own), "PayloadBucket": bucket}
    urls = {"RequestQueue": f"{QUEUES}/requests", "ResponseQueue": f"{QUEUES}/LAMBDA_PROXY_RESP"}
    template = ResolvedTemplate(given, {**urls, "Bucket": "payloads"})
    outputs = {f"{name}Url": url for name, url in urls.items()} | {"BucketName": "payloads"}
    stack = Stack("stack", "arn", "CREATE_COMPLETE", template.parameters, outputs)

    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
    statements = Rendering(stack, arn, template.parameters).statements()
    assert permissions({"Statement": statements}) == template.allowed_to_proxy()


def test_the_policy_can_be_pasted() -> None:
    """It is shorter than what a managed policy may be, white space not counted."""
    policy = attach_policy(Attachables(stack="lambda-debug-proxy"))
    assert len("".join(policy.split())) <= 6_144


def test_the_policy_is_printed_for_these_names(capsys: pytest.CaptureFixture[str]) -> None:
    """The command fills in what it is given, and whatever is not given is meant by all."""
    assert execute(lambda: None, ["attach-policy"]) == ExitStatus.DONE
    assert capsys.readouterr().out == attach_policy(Attachables(stack="lambda-debug-proxy"))

    assert execute(lambda: None, ["attach-policy", "--functions", "orders-*"]) == ExitStatus.DONE
    assert '"arn:aws:lambda:*:*:function:orders-*:*"' in capsys.readouterr().out
