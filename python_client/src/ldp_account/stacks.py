"""Stacks of CloudFormation, as far as one of ours goes: find, create, update, delete, wait.

Stacks are created and updated directly, not by change sets: a change set is itself a change, which
for a new stack leaves an empty one behind when it is not wanted, and the plan has to be shown
before there is any. A tag on the stack says that it is one of ours.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_account.errors import CallRefused, ForeignStack, StackFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from types_boto3_cloudformation.type_defs import ParameterTypeDef, StackEventTypeDef

    from ldp_account.aws import Aws

MARKER: Final = ("lambda-debug", "proxy")
"""The tag that a stack of ours has."""

GONE: Final = "DELETE_COMPLETE"
_BUSY: Final = "_IN_PROGRESS"
_REVIEWED: Final = "REVIEW_IN_PROGRESS"  # nothing is in progress: a change set was never executed
_DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
_FIRST_GLANCE_S, _LAST_GLANCE_S, _SLOWER = 0.1, 3.0, 1.5


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as CloudFormation describes it.

    Attributes:
        name: Its name.
        id: Its ARN, by which it can be asked for also when it is gone.
        status: CloudFormation's word for its state.
        parameters: The parameters that it has.
        outputs: What it tells.
    """

    name: str
    id: str
    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def busy(self) -> bool:
        """Whether CloudFormation is at work on it."""
        return self.status.endswith(_BUSY) and self.status != _REVIEWED

    @property
    def whole(self) -> bool:
        """Whether what was asked last was done."""
        return self.status in _DONE

    @property
    def usable(self) -> bool:
        """Whether it can be updated; otherwise it can only be deleted."""
        return self.whole or self.status == "UPDATE_ROLLBACK_COMPLETE"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack.

    Attributes:
        name: Its name in the template.
        kind: Its type, as in `AWS::SQS::Queue`.
        physical: Its own name, ARN or URL; "" as long as it has none.
        status: CloudFormation's word for its state.
    """

    name: str
    kind: str
    physical: str
    status: str


class Stacks:
    """The stacks of an account and region.

    Args:
        aws: The way there.
        tell: Is called with each line of progress.
    """

    def __init__(self, aws: Aws, tell: Callable[[str], None]) -> None:
        self._aws = aws
        self._tell = tell

    def find(self, name: str) -> Stack | None:
        """The stack of that name, or of that ARN; None if there is none, or none any more.

        Raises:
            ForeignStack: There is one, and it is not ours.
            AccountError: A call failed.
        """
        stack = self._described(name)
        return None if stack is None or stack.status == GONE else stack

    def _described(self, name: str) -> Stack | None:
        """The same also of one that was deleted, which its ARN still finds."""
        try:
            with self._aws.calling():
                answer = self._aws.cloudformation.describe_stacks(StackName=name)
        except CallRefused as exc:
            if exc.code == "ValidationError" and "does not exist" in str(exc):
                return None
            raise
        found = answer["Stacks"][0]
        tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", ())}
        if tags.get(MARKER[0]) != MARKER[1] and found["StackStatus"] != GONE:
            raise ForeignStack(name)
        return Stack(
            name=found["StackName"],
            id=found["StackId"],
            status=found["StackStatus"],
            parameters={
                entry["ParameterKey"]: entry.get("ParameterValue", "")
                for entry in found.get("Parameters", ())
            },
            outputs={
                entry["OutputKey"]: entry["OutputValue"] for entry in found.get("Outputs", ())
            },
        )

    def template_of(self, stack: Stack) -> str:
        """The template that a stack was made from, as it was given.

        Raises:
            AccountError: The call failed.
        """
        with self._aws.calling():
            body = self._aws.cloudformation.get_template(StackName=stack.id)["TemplateBody"]
        return str(body)  # which is no text only for a template in JSON, which ours is not

    def create(self, name: str, template: str, parameters: Mapping[str, str]) -> Stack:
        """Create a stack, and wait; what fails leaves nothing.

        Raises:
            StackFailed: CloudFormation gave up.
            AccountError: A call failed.
        """
        with self._aws.calling():
            answer = self._aws.cloudformation.create_stack(
                StackName=name,
                TemplateBody=template,
                Parameters=_listed(parameters),
                Capabilities=["CAPABILITY_IAM"],
                Tags=[{"Key": MARKER[0], "Value": MARKER[1]}],
                OnFailure="DELETE",
            )
        return self._succeeded(name, answer["StackId"], set())

    def update(self, stack: Stack, template: str, parameters: Mapping[str, str]) -> Stack:
        """Update a stack, and wait; what fails is taken back.

        Raises:
            StackFailed: CloudFormation gave up.
            AccountError: A call failed.
        """
        seen = {event["EventId"] for event in self._events(stack.id)}
        try:
            with self._aws.calling():
                self._aws.cloudformation.update_stack(
                    StackName=stack.name,
                    TemplateBody=template,
                    Parameters=_listed(parameters),
                    Capabilities=["CAPABILITY_IAM"],
                    Tags=[{"Key": MARKER[0], "Value": MARKER[1]}],
                )
        except CallRefused as exc:
            if "No updates are to be performed" not in str(exc):
                raise
            return stack
        return self._succeeded(stack.name, stack.id, seen)

    def delete(self, stack: Stack) -> None:
        """Delete a stack, and wait until it is gone.

        Raises:
            StackFailed: CloudFormation gave up.
            AccountError: A call failed.
        """
        seen = {event["EventId"] for event in self._events(stack.id)}
        with self._aws.calling():
            self._aws.cloudformation.delete_stack(StackName=stack.name)
        status = self._followed(stack.id, seen).status
        if status != GONE:
            raise StackFailed(stack.name, status, self._reasons(stack.id, seen))

    def settled(self, stack: Stack) -> Stack:
        """The stack once CloudFormation is at rest, as after a run of ours that was killed.

        Raises:
            AccountError: A call failed.
        """
        if not stack.busy:
            return stack
        self._tell(f"waiting for what CloudFormation is at ({stack.status})")
        return self._followed(stack.id, {event["EventId"] for event in self._events(stack.id)})

    def resources(self, stack: Stack) -> list[Resource]:
        """All resources of a stack.

        Raises:
            AccountError: A call failed.
        """
        with self._aws.calling():
            pages = self._aws.cloudformation.get_paginator("list_stack_resources")
            return [
                Resource(
                    entry["LogicalResourceId"],
                    entry["ResourceType"],
                    entry.get("PhysicalResourceId", ""),
                    entry["ResourceStatus"],
                )
                for page in pages.paginate(StackName=stack.id)
                for entry in page["StackResourceSummaries"]
            ]

    def _succeeded(self, name: str, stack_id: str, seen: set[str]) -> Stack:
        before = set(seen)
        stack = self._followed(stack_id, seen)
        if not stack.whole:
            raise StackFailed(name, stack.status, self._reasons(stack_id, before))
        return stack

    def _followed(self, stack_id: str, seen: set[str]) -> Stack:
        """Tell what happens to a stack until nothing does any more."""
        pause_s = _FIRST_GLANCE_S
        told = set(seen)
        while True:
            stack = self._described(stack_id)
            if stack is None:
                return Stack(stack_id, stack_id, GONE, {}, {})
            for event in self._events(stack_id):
                if event["EventId"] not in told:
                    told.add(event["EventId"])
                    self._tell(f"{event['ResourceStatus']:<20} {event['LogicalResourceId']}")
            if not stack.busy:
                return stack
            time.sleep(pause_s)
            pause_s = min(pause_s * _SLOWER, _LAST_GLANCE_S)

    def _events(self, stack_id: str) -> list[StackEventTypeDef]:
        """What happened to a stack, in order."""
        with self._aws.calling():
            pages = self._aws.cloudformation.get_paginator("describe_stack_events")
            found = pages.paginate(StackName=stack_id)
            newest_first = [event for page in found for event in page["StackEvents"]]
        return newest_first[::-1]

    def _reasons(self, stack_id: str, seen: set[str]) -> list[str]:
        """What CloudFormation said of what failed since, without what it merely called off."""
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
            for event in self._events(stack_id)
            if event["EventId"] not in seen
            and event.get("ResourceStatus", "").endswith("_FAILED")
            and "cancelled" not in event.get("ResourceStatusReason", "")
        ]


def _listed(parameters: Mapping[str, str]) -> list[ParameterTypeDef]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
