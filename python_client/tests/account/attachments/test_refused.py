from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ldp_account.attachments import errors, obstacles
from ldp_account.attachments.functions import Function, with_variables
from ldp_account.attachments.survey import Survey, WayIn, surveyed
from ldp_client.errors import ExitStatus
from ldp_testing.account_stage import spent_concurrency
from ldp_testing.ministack import ACCOUNT

if TYPE_CHECKING:
    from ldp_account.aws import Aws
    from ldp_testing.account_stage import Place
    from ldp_testing.attachable import Attachable


def survey(**given: Any) -> Survey:
    """A survey of a function in a VPC of nobody's, with what is given."""
    has: dict[str, Any] = {"FunctionArn": "arn:aws:lambda:r:123456789012:function:f"}
    has |= given.pop("configuration", {})
    usual: dict[str, Any] = {
        "tags": {},
        "policy": None,
        "aliases": (),
        "alias": None,
        "versions": (),
        "ways": (),
        "event_invoke": None,
        "concurrency": None,
        "signing": "",
        "provisioned": (),
    }
    return Survey(configuration=has, **{**usual, **given})


def _policy(service: str) -> str:
    return json.dumps({"Statement": [{"Principal": {"Service": service}}]})


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"configuration": {"PackageType": "Image"}}, errors.ContainerImage),
        ({"configuration": {"MasterArn": "arn:…"}}, errors.EdgeFunction),
        ({"policy": _policy("replicator.lambda.amazonaws.com")}, errors.EdgeFunction),
        ({"policy": _policy("edgelambda.amazonaws.com")}, errors.EdgeFunction),
        ({"signing": "arn:…"}, errors.SignedCode),
        ({"provisioned": ("live",)}, errors.Provisioned),
        ({"configuration": {"SnapStart": {"ApplyOn": "PublishedVersions"}}}, errors.SnapStarted),
        ({"configuration": {"FileSystemConfigs": [{"Arn": "arn:…"}]}}, errors.HasFileSystem),
        ({"configuration": {"DurableConfig": {"RetentionPeriodInDays": 1}}}, errors.NotRestorable),
        ({"configuration": {"CapacityProviderConfig": {"a": 1}}}, errors.NotRestorable),
        ({"configuration": {"TenancyConfig": {"a": 1}}}, errors.NotRestorable),
        (
            {"configuration": {"VpcConfig": {"SubnetIds": ["subnet-0"], "VpcId": "vpc-0"}}},
            errors.NoWayToQueues,
        ),
    ],
)
def test_what_cannot_be_attached_is_refused_with_its_reason(
    given: dict[str, Any], error: type[errors.Unattachable], aws: Aws
) -> None:
    """Each has an error of its own, with what to do."""
    with pytest.raises(error) as raised:
        obstacles.refuse_what_cannot_be(Function(aws, "f"), survey(**given))
    assert raised.value.hint
    assert error.why in str(raised.value)


def test_an_ordinary_function_is_not_refused(aws: Aws) -> None:
    """The same survey without anything particular raises nothing."""
    obstacles.refuse_what_cannot_be(Function(aws, "f"), survey(policy=_policy("s3.amazonaws.com")))


def test_a_vpc_with_an_endpoint_for_queues_is_no_obstacle(place: Place, aws: Aws) -> None:
    """An interface endpoint for SQS, or a NAT gateway's route, is a way to the queues."""
    ec2 = place.account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    inside = survey(configuration={"VpcConfig": {"SubnetIds": [subnet], "VpcId": vpc}})
    with pytest.raises(errors.NoWayToQueues):
        obstacles.refuse_what_cannot_be(Function(aws, "f"), inside)

    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{aws.region}.sqs", VpcEndpointType="Interface"
    )
    obstacles.refuse_what_cannot_be(Function(aws, "f"), inside)


def test_a_subnet_with_a_route_out_is_no_obstacle(place: Place, aws: Aws) -> None:
    """A default route over a NAT gateway is a way; one over an internet gateway is none."""
    ec2 = place.account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    inside = survey(configuration={"VpcConfig": {"SubnetIds": [subnet], "VpcId": vpc}})
    everywhere = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}

    ec2.create_route(**everywhere, GatewayId="igw-1")
    with pytest.raises(errors.NoWayToQueues):
        obstacles.refuse_what_cannot_be(Function(aws, "f"), inside)
    ec2.delete_route(**everywhere)
    nat = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]
    ec2.create_route(**everywhere, NatGatewayId=nat["NatGatewayId"])
    obstacles.refuse_what_cannot_be(Function(aws, "f"), inside)


@pytest.mark.parametrize(
    ("key", "value", "is_production"),
    [
        ("environment", "production", True),
        ("Env", "PROD", True),
        ("team:stage", "live", True),
        ("environment", "staging", False),
        ("owner", "production", False),
        ("envelope", "prod", False),
    ],
)
def test_tags_tell_production(key: str, value: str, *, is_production: bool, aws: Aws) -> None:
    """A tag of the environment says so, whatever its letters are."""
    said, unread = obstacles.production(Function(aws, "f"), survey(tags={key: value}))
    assert bool(said) is is_production
    assert unread == []


def test_the_accounts_name_tells_production(place: Place, aws: Aws) -> None:
    """So does the account's alias, word by word."""
    iam = place.account.client("iam")
    iam.create_account_alias(AccountAlias="acme-prod-eu")
    assert obstacles.production(Function(aws, "f"), survey())[0] == ["the account is acme-prod-eu"]
    iam.delete_account_alias(AccountAlias="acme-prod-eu")
    iam.create_account_alias(AccountAlias="product-tests")
    assert obstacles.production(Function(aws, "f"), survey())[0] == []
    iam.delete_account_alias(AccountAlias="product-tests")


def test_the_accounts_tags_tell_production(place: Place, aws: Aws) -> None:
    """So do the tags that its organisation gave it, if it is in one."""
    organisation = place.account.client("organizations")
    assert obstacles.production(Function(aws, "f"), survey()) == ([], [])
    tags = [{"Key": "stage", "Value": "prod"}]
    organisation.tag_resource(ResourceId=ACCOUNT, Tags=tags)
    assert obstacles.production(Function(aws, "f"), survey())[0] == [
        "the account's tag stage is prod"
    ]
    organisation.untag_resource(ResourceId=ACCOUNT, TagKeys=["stage"])


def test_nothing_is_attached_that_cannot_be_reserved(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """An account that has to keep all its concurrency unreserved is told so before any change."""
    before = own.everything()
    with spent_concurrency(own.place):
        assert own.attach("--latest-only") == ExitStatus.FAILED
        said = capsys.readouterr().err
        assert "100 of its 1000 are unreserved" in said
        assert "--reply dedicated" in said
        assert own.everything() == before
        own.place.deploy("--reply", "dedicated")
        assert own.attach("--latest-only") == ExitStatus.DONE


def test_too_many_variables_are_refused(aws: Aws) -> None:
    """4,096 bytes of names and values are the most."""
    function = Function(aws, "f")
    obstacles.refuse_variables(function, {"A": "é" * 2047 + "e"})
    with pytest.raises(errors.TooManyVariables):
        obstacles.refuse_variables(function, {"A": "é" * 2048})


def test_variables_that_may_not_be_read_are_not_taken_for_none() -> None:
    """Where Lambda tells an error instead of the variables, nothing is done."""
    hidden = {"FunctionName": "f", "Environment": {"Error": {"Message": "kms:Decrypt denied"}}}
    with pytest.raises(errors.VariablesHidden, match="denied"):
        with_variables(hidden)
    assert with_variables({"FunctionName": "f"}) == {"FunctionName": "f"}


def test_fallback_needs_concurrency_for_two(aws: Aws) -> None:
    """The reservation covers proxy and original: it has to be 2 at least, or none."""
    function = Function(aws, "f")
    for enough in (None, 2):
        obstacles.refuse_concurrency(function, survey(concurrency=enough))
    with pytest.raises(errors.TooLittleConcurrency):
        obstacles.refuse_concurrency(function, survey(concurrency=1))


def test_the_functions_own_stack_is_said(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """A function that CloudFormation made is changed back by its next update: that is told."""
    own.client("lambda").tag_resource(
        Resource=own.arn(), Tags={"aws:cloudformation:stack-name": "shop"}
    )
    own.place.command(*own.attaching("--latest-only"))
    assert "the stack shop has it: detach before you update that" in capsys.readouterr().out


def test_every_way_in_is_found(own: Attachable, aws: Aws) -> None:
    """URL, event source, permission and alias are listed, with what they lead to."""
    functions, name = own.client("lambda"), {"FunctionName": own.name}
    sqs = own.client("sqs")
    queue = sqs.create_queue(QueueName=own.name)["QueueUrl"]
    source = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = source["Attributes"]["QueueArn"]
    functions.create_event_source_mapping(
        FunctionName=f"{own.name}:live", EventSourceArn=arn, Enabled=False
    )
    functions.create_function_url_config(**name, AuthType="AWS_IAM", Qualifier="live")
    for qualifier in ({}, {"Qualifier": "live"}):
        functions.add_permission(
            **name,
            StatementId=f"s{len(qualifier)}",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            **qualifier,
        )

    ways = surveyed(Function(aws, own.name), None).ways
    assert WayIn("event source", arn, "live") in ways
    assert WayIn("permission for", "s3.amazonaws.com", None) in ways
    assert WayIn("permission for", "s3.amazonaws.com", "live") in ways
    assert WayIn("alias of version", "1", "live") in ways
    assert [way.kind for way in ways].count("URL") == 1


def test_ways_past_the_proxy_are_refused(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without alias and without --latest-only nothing is changed, and the ways are named."""
    before = own.everything()
    assert own.attach() == ExitStatus.FAILED
    said = capsys.readouterr().err
    assert "alias of version 1, by live: does not reach the proxy" in said
    assert "--latest-only" in said
    assert own.everything() == before


def test_production_is_attached_only_if_that_is_known(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is refused with its reason, and done with --i-know-this-is-production."""
    own.client("lambda").tag_resource(Resource=own.arn(), Tags={"env": "prod"})
    assert own.attach("--latest-only") == ExitStatus.FAILED
    assert "its tag env is prod" in capsys.readouterr().err
    assert own.attach("--latest-only", "--i-know-this-is-production") == ExitStatus.DONE


def test_what_does_not_exist_is_said(own: Attachable, capsys: pytest.CaptureFixture[str]) -> None:
    """No function, no alias, nobody to answer instead: each has its sentence."""
    place = own.place
    for arguments, sentence in (
        (["attach", "nobody", "--stack", place.name], "no function nobody"),
        (own.attaching("--alias", "nobody"), f"no function {own.name}:nobody"),
        (own.attaching("--when-absent", "fallback", "--latest-only"), "needs StartWithinS"),
    ):
        assert place.command(*arguments, "--yes") == ExitStatus.FAILED
        assert sentence in capsys.readouterr().err
    assert place.command("detach") == ExitStatus.MISUSED
    assert place.command("detach", "f", "--all") == ExitStatus.MISUSED


@pytest.mark.parametrize("verb", ["attach", "detach"])
def test_a_stack_that_does_not_exist_is_said(
    verb: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stack is named, and nothing else is asked."""
    assert place.command(verb, "orders", "--stack", place.name, "--yes") == ExitStatus.FAILED
    assert f"The stack {place.name} does not exist" in capsys.readouterr().err


def test_what_somebody_else_attached_is_refused(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who has it and since when is said; --all leaves it, and says how to detach it."""
    own.attach("--latest-only")
    tags = {"lambda-debug:by": "arn:aws:iam::123456789012:user/ann"}
    own.client("lambda").tag_resource(Resource=own.arn(), Tags=tags)
    attached = own.everything()
    capsys.readouterr()

    assert own.attach("--latest-only") == ExitStatus.FAILED
    assert "user/ann" in capsys.readouterr().err
    assert own.place.command("detach", "--all", "--stack", own.place.name, "--yes") == 0
    command = f"lambda-debug detach --stack {own.place.name} {own.name}"
    assert command in capsys.readouterr().out
    assert own.everything() == attached
    assert own.detach() == ExitStatus.DONE
