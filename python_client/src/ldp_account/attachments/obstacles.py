"""What speaks against attaching a function; the first of it is raised."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from ldp_account.attachments import errors
from ldp_account.attachments.vpc import way_to_queues
from ldp_account.errors import AccountError, CallRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_account.attachments.functions import Function
    from ldp_account.attachments.survey import Survey
    from ldp_account.aws import Aws

_ENVIRONMENT: Final = re.compile(r"(.*[:/_.-])?(env|environment|stage|tier)", re.IGNORECASE)
_PRODUCTION: Final = re.compile(r"prod|production|prd|live", re.IGNORECASE)
_IN_A_NAME: Final = re.compile(r"(^|[^a-z])(prod|production|prd|live)([^a-z]|$)", re.IGNORECASE)
_NO_ORGANISATION: Final = ("AWSOrganizationsNotInUseException", "TargetNotFoundException")
_VARIABLES_BYTES: Final = 4096
_FALLBACK_CONCURRENCY: Final = 2


def refuse_what_cannot_be(function: Function, survey: Survey) -> None:
    """Refuse what no option allows.

    Raises:
        Unattachable: The function cannot be attached.
        AccountError: A call failed.
    """
    name, has = function.name, survey.configuration
    if has.get("PackageType") == "Image":
        raise errors.ContainerImage(name)
    if _at_the_edge(survey):
        raise errors.EdgeFunction(name)
    if survey.signing:
        raise errors.SignedCode(name)
    if survey.provisioned:
        raise errors.Provisioned(name, ", ".join(survey.provisioned))
    if has.get("SnapStart", {}).get("ApplyOn", "None") != "None":
        raise errors.SnapStarted(name)
    if has.get("FileSystemConfigs"):
        raise errors.HasFileSystem(name)
    if lost := _unrestorable(function, has):
        raise errors.NotRestorable(name, lost)
    subnets = has.get("VpcConfig", {}).get("SubnetIds", [])
    if subnets and (why := _no_way(function, has["VpcConfig"]["VpcId"], subnets)):
        raise errors.NoWayToQueues(name, why)


def refuse_bypasses(function: Function, survey: Survey, alias: str | None) -> None:
    """Refuse if events come by ways that do not reach the proxy.

    Raises:
        Bypassed: They do.
    """
    past = [way.line(alias) for way in survey.ways if not way.reaches(alias)]
    if past:
        raise errors.Bypassed(function.name, past)


def refuse_concurrency(function: Function, survey: Survey) -> None:
    """Refuse if the fallback could not run while the proxy does (design 3.2.11).

    Raises:
        TooLittleConcurrency: It could not.
    """
    if survey.concurrency is not None and survey.concurrency < _FALLBACK_CONCURRENCY:
        raise errors.TooLittleConcurrency(function.name, str(survey.concurrency))


def refuse_variables(function: Function, variables: Mapping[str, str]) -> None:
    """Refuse if Lambda would.

    Raises:
        TooManyVariables: They have too many bytes.
    """
    size = sum(len(text.encode()) for pair in variables.items() for text in pair)
    if size > _VARIABLES_BYTES:
        raise errors.TooManyVariables(function.name, f"{size:,}")


def production(function: Function, survey: Survey) -> tuple[list[str], list[str]]:
    """What says that it is production, and what could not be read."""
    said, unread = _telling("its", survey.tags), []
    try:
        with function.aws.calling():
            aliases = function.aws.iam.list_account_aliases()["AccountAliases"]
        said += [f"the account is {one}" for one in aliases if _IN_A_NAME.search(one)]
    except AccountError as exc:
        unread.append(f"whether the account's name says production could not be read: {exc}")
    try:
        account = survey.arn.split(":")[4]
        said += _telling("the account's", _tags_of_account(function.aws, account))
    except AccountError as exc:
        unread.append(f"whether the account's tags say production could not be read: {exc}")
    return said, unread


def _telling(whose: str, tags: Mapping[str, str]) -> list[str]:
    return [
        f"{whose} tag {name} is {value}"
        for name, value in tags.items()
        if _ENVIRONMENT.fullmatch(name) and _PRODUCTION.fullmatch(value)
    ]


def _tags_of_account(aws: Aws, account: str) -> dict[str, str]:
    """The tags that an organisation gives an account; none without one.

    Organizations tells them in its management account and to whom that delegates it.
    """
    try:
        answer = aws.ask("organizations", "list_tags_for_resource", ResourceId=account)
    except CallRefused as exc:
        if exc.code in _NO_ORGANISATION:
            return {}
        raise
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def _at_the_edge(survey: Survey) -> bool:
    if survey.configuration.get("MasterArn"):
        return True
    statements = json.loads(survey.policy)["Statement"] if survey.policy else []
    services = "edgelambda.amazonaws.com", "replicator.lambda.amazonaws.com"
    return any(service in json.dumps(one) for one in statements for service in services)


def _unrestorable(function: Function, configuration: Mapping[str, Any]) -> str:
    if configuration.get("DurableConfig"):
        return "its executions are durable"
    if configuration.get("CapacityProviderConfig"):
        return "it runs on instances of its own"
    if configuration.get("TenancyConfig"):
        return "its environments are isolated by tenant"
    found = function.or_none(
        lambda: function.client.get_runtime_management_config(FunctionName=function.name)
    )
    if found is not None and found.get("UpdateRuntimeOn", "Auto") != "Auto":
        return "the version of its runtime is pinned"
    return ""


def _no_way(function: Function, vpc: str, subnets: list[str]) -> str:
    try:
        return "" if way_to_queues(function.aws, vpc, subnets) else f"{vpc} has none"
    except AccountError as exc:
        return f"whether {vpc} has one could not be looked at ({exc})"
