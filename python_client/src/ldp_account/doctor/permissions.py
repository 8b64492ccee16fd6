"""What the developer and the proxy's role may do, action by action, as the template grants it.

What trying does not tell (`probes`) IAM's simulator may, to those who may ask it; the rest is said
to be unknown. The simulator sees the policies of the identity, and not those of an organization.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ldp_account.doctor.findings import good, unknown, wrong
from ldp_account.doctor.grants import developer_statements, grants, proxy_statements
from ldp_account.doctor.probes import tried
from ldp_account.doctor.settings import client_queues
from ldp_account.errors import AccessDenied, CallRefused

if TYPE_CHECKING:
    from ldp_account.aws import Aws
    from ldp_account.doctor.findings import Finding, Subject
    from ldp_account.doctor.grants import Grant

_POLICY: Final = "lambda-debug"
_INSTEAD: Final = "0" * 26  # of a `*`, since the simulator takes no patterns


def examine_developer(subject: Subject) -> list[Finding]:
    """Try each action of the developer's policy.

    Raises:
        AccountError: A call failed.
    """
    principal = _principal(subject)
    allowing = _allowing(subject, principal)
    queues = [subject.variables[name] for name in client_queues(subject)]
    found = []
    for grant in grants(developer_statements(subject)):
        may = tried(subject.aws, grant, queues)
        if may is None and principal is not None:
            may = _simulated(subject.aws, principal, grant)
        found.append(_finding(subject.identity.arn, grant, may=may, command=allowing))
    return found


def examine_proxy(subject: Subject) -> list[Finding]:
    """Ask IAM for each action of the proxy's role; its own calls show only in its answers.

    Raises:
        AccountError: A call failed.
    """
    if subject.stack is None or "FunctionArn" not in subject.stack.outputs:
        return [unknown("there is no stack with a function: its role is not known")]
    function = subject.aws.ask(
        "lambda", "get_function_configuration", FunctionName=subject.stack.outputs["FunctionArn"]
    )
    role: str = function["Role"]
    statements = proxy_statements(subject)
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    words = ("iam", "put-role-policy", "--role-name", role.rpartition("/")[2])
    command = subject.commands.aws(*words, "--policy-name", "proxy", "--policy-document", document)
    return [
        _finding(role, grant, may=_simulated(subject.aws, role, grant), command=command)
        for grant in grants(statements)
    ]


def _finding(who: str, grant: Grant, *, may: bool | None, command: str | None) -> Finding:
    said = f"{grant.action} on {grant.resource}"
    if may is None:
        return unknown(f"{who}: {said} cannot be tried here")
    return good(said) if may else wrong(f"{who} may not do {said}", command)


def _simulated(aws: Aws, principal: str, grant: Grant) -> bool | None:
    """What IAM's simulator says; None if this identity may not ask it, or it does not know it."""
    resource = grant.resource
    if resource.endswith("*") and resource != "*":
        resource = resource.removesuffix("*") + _INSTEAD
    try:
        answer = aws.ask(
            "iam",
            "simulate_principal_policy",
            PolicySourceArn=principal,
            ActionNames=[grant.action],
            ResourceArns=[resource],
        )
    except (AccessDenied, CallRefused):
        return None
    return all(one["EvalDecision"] == "allowed" for one in answer["EvaluationResults"])


def _principal(subject: Subject) -> str | None:
    """The ARN under which IAM knows who asks; None if it cannot be known, or has no policies."""
    arn = subject.identity.arn
    kind, _, name = arn.split(":", 5)[5].partition("/")
    if kind == "user":
        return arn
    if kind != "assumed-role":
        return None  # the account's root, or a federated user
    try:
        role = subject.aws.ask("iam", "get_role", RoleName=name.partition("/")[0])
    except (AccessDenied, CallRefused):
        return None
    return str(role["Role"]["Arn"])


def _allowing(subject: Subject, principal: str | None) -> str | None:
    """The command that gives the developer the policy; None for who can have none."""
    kind, _, name = subject.identity.arn.split(":", 5)[5].partition("/")
    who = {"user": "user", "assumed-role": "role"}.get(kind)
    if who is None:
        return None
    named = (principal or name.partition("/")[0]).rpartition("/")[2]
    aws = subject.commands.aws
    if subject.stack is not None:
        policy = subject.stack.outputs["DeveloperPolicyArn"]
        return aws("iam", f"attach-{who}-policy", f"--{who}-name", named, "--policy-arn", policy)
    document = json.dumps({"Version": "2012-10-17", "Statement": developer_statements(subject)})
    words = ("iam", f"put-{who}-policy", f"--{who}-name", named, "--policy-name", _POLICY)
    return aws(*words, "--policy-document", document)
