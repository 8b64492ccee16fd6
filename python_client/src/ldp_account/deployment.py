"""Making a stack as it is wanted, or changing it to that; again and again, also after a kill.

The function's code has to lie in a bucket before the function can be made, and the bucket is the
stack's own: so a new stack is made without a function first, the zip is put into its bucket, and
an update brings the function. Wherever a run ends, the next one looks at what there is and does
what is missing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_account.bucket import CODE, Bucket
from ldp_account.errors import BadOption, StuckStack
from ldp_account.reservation import refuse_reservation
from ldp_account.stacks import GONE, Stack, Stacks
from ldp_account.template import packaged_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ldp_account.aws import Aws

_CODE_KEY: Final = "CodeKey"
_VARIABLES: Final = {
    "RequestQueueUrl": "LAMBDA_PROXY_REQ_QUEUE_URL",
    "ResponseQueueUrl": "LAMBDA_PROXY_RESP_QUEUE_URL",
    "PayloadBucketAndPrefix": "LAMBDA_PROXY_PAYLOAD_BUCKET",
}


@dataclass(frozen=True, slots=True)
class DeploymentPlan:
    """What deploying will do.

    Attributes:
        name: The stack's name.
        stack: The stack as it is; None if there is none.
        parameters: The template's parameters as they are to be.
        changes: What will be made, changed or deleted, a line for each.
    """

    name: str
    stack: Stack | None
    parameters: Mapping[str, str]
    changes: tuple[str, ...]


class Deployment:
    """Deploys the proxy.

    Args:
        aws: The way to the account.
        code: The proxy's zip.
        tell: Is called with each line of progress.
    """

    def __init__(self, aws: Aws, code: bytes, tell: Callable[[str], None]) -> None:
        self._aws = aws
        self._code = code
        self._tell = tell
        self._stacks = Stacks(aws, tell)
        self._template = packaged_template()

    def plan(self, name: str, given: Mapping[str, str]) -> DeploymentPlan:
        """Find out what there is, and what is to be done; changes nothing.

        Args:
            name: The stack's name.
            given: The template's parameters that are not to have their defaults.

        Raises:
            BadOption: The parameters are none that the template takes, or the proxy's own function
                is to be its fallback.
            StuckStack: The stack can only be deleted.
            NothingToReserve: The account has no concurrency left, and the function needs some.
            AccountError: A call failed, or the stack is somebody else's.
        """
        key = f"{CODE}{hashlib.sha256(self._code).hexdigest()}.zip"
        parameters = self._template.parameters({_CODE_KEY: key, **given})
        _refuse_itself(parameters)
        stack = self._stacks.find(name)
        if stack is not None:
            stack = self._stacks.settled(stack)
        if stack is None or stack.status == GONE:
            refuse_reservation(self._aws, self._reserved(parameters))
            made = self._template.resources(parameters)
            changes = tuple(f"+ {logical} ({kind})" for logical, kind in made.items())
            return DeploymentPlan(name, None, parameters, changes)
        if not stack.usable:
            raise StuckStack(name, stack.status)
        before = self._template.completed(stack.parameters)
        refuse_reservation(self._aws, self._reserved(parameters) - self._reserved(before))
        return DeploymentPlan(name, stack, parameters, self._changes(stack, parameters))

    def carry_out(self, plan: DeploymentPlan) -> Stack:
        """Do what a plan says.

        Returns:
            The stack as it is then.

        Raises:
            StackFailed: CloudFormation gave up; what it did in that step is taken back.
            AccountError: A call failed.
        """
        stack, text = plan.stack, self._template.text
        if stack is None:
            stack = self._stacks.create(plan.name, text, {**plan.parameters, _CODE_KEY: ""})
        self._tell(f"storing the function's code, {len(self._code):,} bytes")
        Bucket(self._aws, stack.outputs["BucketName"]).put(plan.parameters[_CODE_KEY], self._code)
        return self._stacks.update(stack, text, plan.parameters)

    def _reserved(self, parameters: Mapping[str, str]) -> int:
        """The reserved concurrency of the function that these parameters bring."""
        held = self._template.conditions(parameters)
        return int(held["Shared"] and held["HasCode"])

    def _changes(self, stack: Stack, wanted: Mapping[str, str]) -> tuple[str, ...]:
        before = self._template.completed(stack.parameters)
        had, has = (self._template.resources(parameters) for parameters in (before, wanted))
        changes = [
            *(f"+ {name} ({kind})" for name, kind in has.items() if name not in had),
            *(f"- {name} ({kind})" for name, kind in had.items() if name not in has),
            *(
                f"~ {name}: {before[name] or 'none'} → {value or 'none'}"
                for name, value in wanted.items()
                if before[name] != value
            ),
        ]
        if self._stacks.template_of(stack).strip() != self._template.text.strip():
            changes.append("~ the template, which is another than the stack was made from")
        if not changes and not stack.whole:
            changes.append(f"~ what CloudFormation took back when it failed ({stack.status})")
        return tuple(changes)


def _refuse_itself(parameters: Mapping[str, str]) -> None:
    """Refuse a fallback that a rule of the template cannot see, and that nothing allows the role.

    Raises:
        BadOption: It is the stack's own function, of which every version is the proxy.
    """
    function, fallback = parameters["FunctionName"], parameters["FallbackFunction"]
    if fallback.partition(":")[0] == function:
        raise BadOption(
            f"FallbackFunction is {fallback!r}, the proxy itself; it has to be another function."
        )


def exports(stack: Stack) -> dict[str, str]:
    """The variables that the client needs for a stack."""
    variables = {
        variable: stack.outputs[output]
        for output, variable in _VARIABLES.items()
        if output in stack.outputs
    }
    for parameter, variable, default in (
        ("Mode", "LAMBDA_PROXY_MODE", "wait"),
        ("Reply", "LAMBDA_PROXY_REPLY", "shared"),
    ):
        if (value := stack.parameters.get(parameter, default)) != default:
            variables[variable] = value
    return variables
