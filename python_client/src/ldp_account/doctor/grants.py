"""What the template's policies grant: actions on resources, with the account's own names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ldp_account.doctor.findings import BUCKET, MODE, REPLIES, REPLY, REQUESTS
from ldp_account.template import packaged_template
from ldp_queues.addresses import QueueAddress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_account.doctor.findings import Subject


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission.

    Attributes:
        action: As in `sqs:SendMessage`.
        resource: An ARN, which may end in `*`.
    """

    action: str
    resource: str


def developer_statements(subject: Subject) -> list[dict[str, Any]]:
    """The statements of the developer's policy, as this client needs them."""
    document = packaged_template().properties("DeveloperPolicy")["PolicyDocument"]
    return _statements(subject, document)


def proxy_statements(subject: Subject) -> list[dict[str, Any]]:
    """The statements of the proxy's role, as this stack needs them."""
    (policy,) = packaged_template().properties("Role")["Policies"]
    return _statements(subject, policy["PolicyDocument"])


def grants(statements: list[dict[str, Any]]) -> list[Grant]:
    """Each action on each resource, once."""
    pairs = {
        (action, resource): None
        for statement in statements
        for resource in _listed(statement["Resource"])
        for action in _listed(statement["Action"])
    }
    return [Grant(action, resource) for action, resource in pairs]


def _statements(subject: Subject, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    parameters, names = _parameters(subject), _names(subject)
    chosen: list[dict[str, Any]] = packaged_template().chosen(document["Statement"], parameters)
    every = {**parameters, **names}
    return [
        {**statement, "Resource": [_named(one, every) for one in _listed(statement["Resource"])]}
        for statement in chosen
    ]


def _parameters(subject: Subject) -> dict[str, str]:
    """The template's parameters that fit: the stack's, or what the variables say of them."""
    if subject.stack is not None:
        return packaged_template().completed(subject.stack.parameters)
    variables = subject.variables
    return packaged_template().completed(
        {
            "Mode": variables.get(MODE, "wait"),
            "Reply": variables.get(REPLY, "shared"),
            "PayloadBucket": "yes" if BUCKET in variables else "no",
            "ResponseQueueName": variables.get(REPLIES, "").rpartition("/")[2],
        }
    )


def _names(subject: Subject) -> dict[str, str]:
    """What the template's functions refer to, by the account's own names."""
    partition = subject.identity.arn.split(":")[1]
    names = {
        "AWS::Partition": partition,
        "AWS::Region": subject.aws.region,
        "AWS::AccountId": subject.identity.account,
        "Bucket": subject.variables.get(BUCKET, "").partition("/")[0],
    }
    for resource, variable in (("RequestQueue", REQUESTS), ("ResponseQueue", REPLIES)):
        if variable in subject.variables:
            queue = QueueAddress.parse(subject.variables[variable])
            place = f"{subject.aws.region}:{queue.account}:{queue.name}"
            names[f"{resource}.Arn"] = f"arn:{partition}:sqs:{place}"
    return names


def _named(resource: Any, names: Mapping[str, str]) -> str:
    """A resource of a statement with its functions evaluated, of which the template has three."""
    if isinstance(resource, str):
        return resource
    ((function, of),) = resource.items()
    if function == "Fn::GetAtt":
        return names[".".join(of)]
    text = str(of)
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
