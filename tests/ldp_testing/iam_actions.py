"""Which IAM actions each operation needs, and on what.

From AWS's Service Authorization Reference, a page for each service. What its names do not show:
CreateQueue with tags needs sqs:TagQueue as well, batches are authorised as the single operations,
and an invocation is authorised on the version or alias, where GetAlias and GetFunctionConcurrency
are on the function (Lambda Developer Guide, "Resources and conditions for Lambda actions").
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from ldp_testing.ministack import ACCOUNT
from ldp_testing.moto_server import REGION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ldp_testing.iam_record import Asked

_QUEUE: Final = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{queue}}"
_OBJECT: Final = "arn:aws:s3:::{bucket}/{key}"
_BUCKET: Final = "arn:aws:s3:::{bucket}"
_STACK: Final = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{{stack}}/*"
_FUNCTION: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{function}}"
_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/{{role}}"
#: Operations that are authorised on the function, as the Developer Guide has it. Refusals of AWS's
#: have been seen to name the version or alias that was asked for, so that this counts as well.
_ON_A_FUNCTION: Final = (
    "DeleteFunction",
    "DeleteFunctionConcurrency",
    "DeleteFunctionEventInvokeConfig",
    "GetAlias",
    "GetFunction",
    "GetFunctionCodeSigningConfig",
    "GetFunctionConcurrency",
    "GetFunctionConfiguration",
    "GetFunctionEventInvokeConfig",
    "GetPolicy",
    "GetRuntimeManagementConfig",
    "ListAliases",
    "ListFunctionUrlConfigs",
    "ListProvisionedConcurrencyConfigs",
    "ListVersionsByFunction",
    "PublishVersion",
    "PutFunctionConcurrency",
    "PutFunctionEventInvokeConfig",
    "UpdateAlias",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
)

_ACTIONS: Final = {
    ("sqs", "SendMessage"): ("sqs:SendMessage", _QUEUE),
    ("sqs", "SendMessageBatch"): ("sqs:SendMessage", _QUEUE),
    ("sqs", "ReceiveMessage"): ("sqs:ReceiveMessage", _QUEUE),
    ("sqs", "DeleteMessage"): ("sqs:DeleteMessage", _QUEUE),
    ("sqs", "DeleteMessageBatch"): ("sqs:DeleteMessage", _QUEUE),
    ("sqs", "ChangeMessageVisibility"): ("sqs:ChangeMessageVisibility", _QUEUE),
    ("sqs", "ChangeMessageVisibilityBatch"): ("sqs:ChangeMessageVisibility", _QUEUE),
    ("sqs", "GetQueueAttributes"): ("sqs:GetQueueAttributes", _QUEUE),
    ("sqs", "CreateQueue"): ("sqs:CreateQueue", _QUEUE),
    ("sqs", "ListQueueTags"): ("sqs:ListQueueTags", _QUEUE),
    ("sqs", "DeleteQueue"): ("sqs:DeleteQueue", _QUEUE),
    ("sqs", "PurgeQueue"): ("sqs:PurgeQueue", _QUEUE),
    ("sqs", "ListQueues"): ("sqs:ListQueues", "*"),
    ("s3", "PutObject"): ("s3:PutObject", _OBJECT),
    ("s3", "GetObject"): ("s3:GetObject", _OBJECT),
    ("s3", "HeadBucket"): ("s3:ListBucket", _BUCKET),
    ("s3", "ListObjectsV2"): ("s3:ListBucket", _BUCKET),
    ("s3", "ListObjectVersions"): ("s3:ListBucketVersions", _BUCKET),
    ("s3", "DeleteObjects"): ("s3:DeleteObjectVersion", _OBJECT),  # all of ours name a version
    ("cloudformation", "CreateStack"): ("cloudformation:CreateStack", _STACK),
    ("cloudformation", "UpdateStack"): ("cloudformation:UpdateStack", _STACK),
    ("cloudformation", "DeleteStack"): ("cloudformation:DeleteStack", _STACK),
    ("cloudformation", "DescribeStacks"): ("cloudformation:DescribeStacks", _STACK),
    ("cloudformation", "DescribeStackEvents"): ("cloudformation:DescribeStackEvents", _STACK),
    ("cloudformation", "ListStackResources"): ("cloudformation:ListStackResources", _STACK),
    ("cloudformation", "GetTemplate"): ("cloudformation:GetTemplate", _STACK),
    ("lambda", "Invoke"): ("lambda:InvokeFunction", f"{_FUNCTION}{{qualifier}}"),
    ("lambda", "GetAccountSettings"): ("lambda:GetAccountSettings", "*"),
    ("lambda", "ListFunctions"): ("lambda:ListFunctions", "*"),
    ("organizations", "ListTagsForResource"): ("organizations:ListTagsForResource", "*"),
    ("lambda", "ListEventSourceMappings"): ("lambda:ListEventSourceMappings", "*"),
    ("lambda", "ListTags"): ("lambda:ListTags", "{resource}"),
    ("lambda", "TagResource"): ("lambda:TagResource", "{resource}"),
    ("lambda", "UntagResource"): ("lambda:UntagResource", "{resource}"),
    **{("lambda", verb): (f"lambda:{verb}", _FUNCTION) for verb in _ON_A_FUNCTION},
    ("iam", "GetRole"): ("iam:GetRole", _ROLE),
    ("iam", "SimulatePrincipalPolicy"): ("iam:SimulatePrincipalPolicy", "{principal}"),
    ("iam", "GetRolePolicy"): ("iam:GetRolePolicy", _ROLE),
    ("iam", "PutRolePolicy"): ("iam:PutRolePolicy", _ROLE),
    ("iam", "DeleteRolePolicy"): ("iam:DeleteRolePolicy", _ROLE),
    ("iam", "ListAccountAliases"): ("iam:ListAccountAliases", "*"),
    ("ec2", "DescribeVpcEndpoints"): ("ec2:DescribeVpcEndpoints", "*"),
    ("ec2", "DescribeRouteTables"): ("ec2:DescribeRouteTables", "*"),
}
#: What an operation needs besides when it has a parameter.
_BESIDES: Final = {
    ("sqs", "CreateQueue", "tags"): ("sqs:TagQueue", _QUEUE),
    # Its own action, which the reference names without saying for which operations it is needed.
    ("cloudformation", "CreateStack", "Tags"): ("cloudformation:TagResource", _STACK),
    ("cloudformation", "UpdateStack", "Tags"): ("cloudformation:TagResource", _STACK),
    # Lambda fetches the code with the rights of whoever asks it to.
    ("lambda", "UpdateFunctionCode", "S3Bucket"): ("s3:GetObject", "arn:aws:s3:::{code}"),
}
#: What everybody may.
_FREE: Final = {("sts", "GetCallerIdentity")}

#: What Lambda does with a function's role by itself, which no SDK asks for.
OF_LAMBDA: Final = frozenset(
    {f"logs:{a}" for a in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")}
)


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """An action on a resource, which in a statement may have asterisks."""

    action: str
    resource: str

    def covers(self, other: Permission) -> bool:
        """Whether this statement's permission is enough for that one, which was needed."""
        return self.action == other.action and fnmatchcase(other.resource, self.resource)


def permissions(document: Mapping[str, Any]) -> set[Permission]:
    """What a policy document allows, one by one."""
    found = set()
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in _listed(statement["Action"]):
            found |= {Permission(action, resource) for resource in _listed(statement["Resource"])}
    return found


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def needed(calls: Iterable[Asked]) -> set[Permission]:
    """What a principal has to be allowed so that it can make these calls.

    Raises:
        LookupError: The table does not know an operation.
    """
    return {permission for asked in calls for permission in _needed(asked)}


def _needed(asked: Asked) -> list[Permission]:
    if (asked.service, asked.operation) in _FREE:
        return []
    if (asked.service, asked.operation) not in _ACTIONS:
        raise LookupError(
            f"{asked.service} {asked.operation} is in no row of ldp_testing/iam_actions.py: add "
            "one, and the permission to the policy of whoever asked for it"
        )
    rows = [_ACTIONS[asked.service, asked.operation]]
    rows += [
        row
        for (service, operation, parameter), row in _BESIDES.items()
        if (service, operation) == (asked.service, asked.operation) and parameter in asked.given
    ]
    if asked.operation in _ON_A_FUNCTION and "Qualifier" in asked.named:
        rows.append((rows[0][0], f"{_FUNCTION}{{qualifier}}"))
    named = asked.named
    queue = named.get("QueueUrl", named.get("QueueName", "")).rpartition("/")[2]
    stack = named.get("StackName", "").rpartition(":stack/")[2].partition("/")[0]
    key = named.get("Key", "*")
    names = {"queue": queue, "bucket": named.get("Bucket"), "key": key, "stack": stack}
    function = named.get("FunctionName", "").rpartition(":function:")[2]
    qualifier = f":{named['Qualifier']}" if "Qualifier" in named else ""
    names |= {"function": function, "qualifier": qualifier}
    names |= {"role": named.get("RoleName"), "principal": named.get("PolicySourceArn")}
    names |= {"resource": named.get("Resource")}
    names |= {"code": f"{named.get('S3Bucket')}/{named.get('S3Key')}"}
    return [Permission(action, form.format(**names)) for action, form in rows]


def compare(
    allowed: Iterable[Permission], calls: Iterable[Asked]
) -> tuple[list[Permission], list[Permission]]:
    """What was needed and is not allowed, and what is allowed and was not needed."""
    statements, uses = set(allowed), needed(calls)
    missing = {use for use in uses if not any(one.covers(use) for one in statements)}
    idle = {one for one in statements if not any(one.covers(use) for use in uses)}
    return sorted(missing), sorted(one for one in idle if one.action not in OF_LAMBDA)
