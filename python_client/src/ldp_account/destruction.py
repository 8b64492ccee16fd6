"""Deleting a stack with all that it made, and what its proxy made besides; nothing is left.

CloudFormation deletes no bucket that holds something, and knows nothing of the reply queues that
execution environments make: these go first, and once more at the end, since environments live on
until their function is gone. A run that was killed is repeated from whatever is left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_account.bucket import KEPT, Bucket, Contents
from ldp_account.errors import BucketInUse, SomethingLeft
from ldp_account.queues import Queues
from ldp_account.stacks import GONE, Resource, Stack, Stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_account.aws import Aws

_QUEUE: Final = "AWS::SQS::Queue"
_BUCKET: Final = "AWS::S3::Bucket"
FORGOTTEN_WITHIN_S: Final = 75.0
"""SQS takes up to 60 s to forget a queue, as it says of DeleteQueue."""

_GLANCE_S: Final = 2.0
_REPLY_NAME: Final = "ResponseQueueName"


@dataclass(frozen=True, slots=True)
class DestructionPlan:
    """What destroying will delete.

    Attributes:
        stack: The stack as it is.
        bucket: Its bucket's name; None if it has none.
        queues: URLs of its queues.
        lines: What goes, a line for each.
    """

    stack: Stack
    bucket: str | None
    queues: tuple[str, ...]
    lines: tuple[str, ...]


class Destruction:
    """Deletes a deployed proxy.

    Args:
        aws: The way to the account.
        tell: Is called with each line of progress.
        patience_s: How long a queue may seem to be there after its deletion.
    """

    def __init__(
        self, aws: Aws, tell: Callable[[str], None], patience_s: float = FORGOTTEN_WITHIN_S
    ) -> None:
        self._aws = aws
        self._tell = tell
        self._patience_s = patience_s
        self._stacks = Stacks(aws, tell)
        self._queues = Queues(aws)

    def plan(self, name: str) -> DestructionPlan | None:
        """Find out what there is; changes nothing.

        Returns:
            What would go; None if there is no such stack.

        Raises:
            BucketInUse: The bucket holds what is not the deployment's.
            AccountError: A call failed, or the stack is somebody else's.
        """
        stack = self._stacks.find(name)
        if stack is None:
            return None
        there = [one for one in self._stacks.resources(stack) if one.status != GONE]
        bucket = next((one.physical for one in there if one.kind == _BUCKET and one.physical), None)
        contents = self._unkept(bucket)
        lines = [self._line(resource, contents) for resource in there]
        lines += [f"- {url} (made by the proxy)" for url in self._dedicated(stack)]
        queues = tuple(one.physical for one in there if one.kind == _QUEUE and one.physical)
        return DestructionPlan(stack, bucket, queues, tuple(lines))

    def carry_out(self, plan: DestructionPlan) -> None:
        """Delete it all, and make sure.

        Raises:
            BucketInUse: The bucket holds what is not the deployment's, by now.
            StackFailed: CloudFormation gave up.
            SomethingLeft: Something is still there.
            AccountError: A call failed.
        """
        stack = self._stacks.settled(plan.stack)  # a deletion that was begun may end it
        self._clear_reply_queues(plan.stack)
        if stack.status != GONE:
            if plan.bucket is not None:
                self._unkept(plan.bucket)
                self._tell(f"emptying the bucket {plan.bucket}")
                Bucket(self._aws, plan.bucket).empty()
            self._stacks.delete(stack)
        self._clear_reply_queues(plan.stack)
        if left := self._left(plan):
            raise SomethingLeft(left)

    def _left(self, plan: DestructionPlan) -> list[str]:
        """What of queues and bucket is still there, once SQS has had time to forget its queues."""
        until_s = time.monotonic() + self._patience_s
        while True:
            left = [url for url in plan.queues if self._queues.depth(url) is not None]
            if plan.bucket is not None and Bucket(self._aws, plan.bucket).exists():
                left.append(plan.bucket)
            if not left or time.monotonic() >= until_s:
                return left
            time.sleep(_GLANCE_S)

    def _unkept(self, bucket: str | None) -> Contents:
        """What a bucket holds, which has to be all the deployment's."""
        contents = Contents(0, 0) if bucket is None else Bucket(self._aws, bucket).contents()
        if bucket is not None and contents.kept:
            raise BucketInUse(bucket, contents.kept, KEPT)
        return contents

    def _dedicated(self, stack: Stack) -> list[str]:
        base = stack.parameters.get(_REPLY_NAME)
        return [] if base is None else self._queues.dedicated(base)

    def _clear_reply_queues(self, stack: Stack) -> None:
        for url in self._dedicated(stack):
            self._tell(f"deleting the reply queue {url}")
            self._queues.delete(url)

    def _line(self, resource: Resource, contents: Contents) -> str:
        more = ""
        if resource.kind == _QUEUE and resource.physical:
            depth = self._queues.depth(resource.physical)
            more = f", {0 if depth is None else depth.total} messages"
        if resource.kind == _BUCKET:
            more = f", {contents.others} objects"
        return f"- {resource.name} ({resource.kind}) {resource.physical}{more}"
