"""The queues of a stack: what waits in them, and the reply queues that its environments made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_account.errors import CallRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_account.aws import Aws
    from ldp_account.stacks import Stack

_SUFFIX: Final = r"-[0-9a-z]{26}"  # of a dedicated reply queue's name (SEC-2)
_OUTPUTS: Final = ("RequestQueueUrl", "ResponseQueueUrl")
_NO_QUEUE: Final = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
_PURGING: Final = frozenset({"AWS.SimpleQueueService.PurgeQueueInProgress", "PurgeQueueInProgress"})


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages are in a queue, about: SQS promises no more.

    Attributes:
        visible: Those that wait for somebody.
        in_flight: Those that somebody has received, and has not deleted.
        delayed: Those that nobody may have yet.
    """

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.visible + self.in_flight + self.delayed


class Queues:
    """The queues of an account and region.

    Args:
        aws: The way there.
    """

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def attributes(self, url: str) -> Mapping[str, str] | None:
        """All attributes of a queue, under SQS's names; None if there is no such queue.

        Raises:
            AccountError: The call failed.
        """
        try:
            with self._aws.calling():
                answer = self._aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        except CallRefused as exc:
            if exc.code in _NO_QUEUE:
                return None
            raise
        return {str(name): value for name, value in answer["Attributes"].items()}

    def depth(self, url: str) -> Depth | None:
        """How many messages are in a queue; None if there is no such queue.

        Raises:
            AccountError: The call failed.
        """
        found = self.attributes(url)
        if found is None:
            return None
        about = "ApproximateNumberOfMessages"
        return Depth(*(int(found[f"{about}{state}"]) for state in ("", "NotVisible", "Delayed")))

    def depths(self, stack: Stack) -> tuple[tuple[str, Depth], ...]:
        """URLs of a stack's queues that there are, and how many messages are in each.

        Raises:
            AccountError: A call failed.
        """
        found = ((url, self.depth(url)) for url in self.of(stack))
        return tuple((url, depth) for url, depth in found if depth is not None)

    def of(self, stack: Stack) -> list[str]:
        """URLs of a stack's queues, those included that its execution environments made.

        Raises:
            AccountError: A call failed.
        """
        own = [stack.outputs[output] for output in _OUTPUTS if output in stack.outputs]
        base = stack.parameters.get("ResponseQueueName")
        return own + ([] if base is None else self.dedicated(base))

    def dedicated(self, base: str) -> list[str]:
        """URLs of the reply queues that execution environments made for themselves.

        No stack knows of them: the proxy makes them, and they stay when it is gone.

        Args:
            base: The name that theirs begin with.

        Raises:
            AccountError: A call failed.
        """
        with self._aws.calling():
            pages = self._aws.sqs.get_paginator("list_queues")
            urls = [
                url
                for page in pages.paginate(QueueNamePrefix=f"{base}-")
                for url in page.get("QueueUrls", ())
            ]
        return [
            url for url in urls if re.fullmatch(re.escape(base) + _SUFFIX, url.rpartition("/")[2])
        ]

    def delete(self, url: str) -> None:
        """Delete a queue, if it is still there.

        Raises:
            AccountError: The call failed.
        """
        try:
            with self._aws.calling():
                self._aws.sqs.delete_queue(QueueUrl=url)
        except CallRefused as exc:
            if exc.code not in _NO_QUEUE:
                raise

    def purge(self, url: str) -> bool:
        """Delete all messages of a queue, which SQS does within 60 s; whether it will.

        Returns:
            False if it did so less than 60 s ago, and will not yet do it again.

        Raises:
            AccountError: The call failed.
        """
        try:
            with self._aws.calling():
                self._aws.sqs.purge_queue(QueueUrl=url)
        except CallRefused as exc:
            if exc.code in _PURGING:
                return False
            if exc.code not in _NO_QUEUE:
                raise
        return True
