"""How a stack and the functions that are attached with it are, without changing anything.

SQS tells nobody who polls a queue: that somebody listens shows only in messages that are in
flight, which somebody has received and not yet deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_account.attachments.listing import found
from ldp_account.attachments.record import decoded
from ldp_account.errors import CallRefused, RecordDamaged
from ldp_account.queues import Queues
from ldp_account.stacks import Stacks

if TYPE_CHECKING:
    from ldp_account.attachments.listing import Attached
    from ldp_account.attachments.record import Manifest
    from ldp_account.aws import Aws
    from ldp_account.queues import Depth
    from ldp_account.stacks import Stack


@dataclass(frozen=True, slots=True)
class FunctionStatus:
    """An attached function.

    Attributes:
        attached: The function, and what its tags say.
        manifest: Its record; None if it is not in the stack's bucket, or damaged.
    """

    attached: Attached
    manifest: Manifest | None

    @property
    def alias(self) -> str | None:
        """The alias that was repointed; None for the function itself, or if it is not known."""
        return None if self.manifest is None else self.manifest.wish.alias


@dataclass(frozen=True, slots=True)
class Status:
    """What there is.

    Attributes:
        stack: The stack; None if there is none.
        queues: URLs of its queues, and what is in each.
        functions: Every attached function of account and region.
    """

    stack: Stack | None
    queues: tuple[tuple[str, Depth], ...]
    functions: tuple[FunctionStatus, ...]

    @property
    def taken(self) -> int:
        """How many events somebody has taken, about."""
        requests = "" if self.stack is None else self.stack.outputs.get("RequestQueueUrl")
        return sum(depth.in_flight for url, depth in self.queues if url == requests)


def status(aws: Aws, name: str) -> Status:
    """Look at a stack, and at every attached function.

    Args:
        aws: The way to the account.
        name: The stack's name.

    Raises:
        AccountError: A call failed, or the stack is somebody else's.
    """
    stack = Stacks(aws, lambda _line: None).find(name)
    if stack is None:
        functions = tuple(FunctionStatus(one, None) for one in found(aws))
        return Status(None, (), functions)
    bucket = stack.outputs.get("BucketName")
    return Status(
        stack,
        Queues(aws).depths(stack),
        tuple(FunctionStatus(one, _manifest(aws, bucket, one)) for one in found(aws)),
    )


def _manifest(aws: Aws, bucket: str | None, one: Attached) -> Manifest | None:
    if bucket is None:
        return None
    try:
        answer = aws.ask("s3", "get_object", Bucket=bucket, Key=one.record)
        return decoded(answer["Body"].read(), one.mark)
    except RecordDamaged:
        return None
    except CallRefused as exc:
        if exc.code == "NoSuchKey":
            return None
        raise
