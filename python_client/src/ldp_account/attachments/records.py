"""Records in the stack's bucket, found again by a function's tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_account.attachments.errors import StackUnfit
from ldp_account.attachments.record import decoded
from ldp_account.attachments.site import Site
from ldp_account.bucket import Bucket
from ldp_account.errors import RecordDamaged
from ldp_account.stacks import Stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_account.attachments.functions import Function
    from ldp_account.attachments.record import Mark
    from ldp_account.aws import Aws
    from ldp_account.stacks import Stack


def stack_with_bucket(aws: Aws, name: str, tell: Callable[[str], None]) -> tuple[Stack, Bucket]:
    """A deployed stack, and its bucket.

    Raises:
        StackUnfit: There is no such stack, or it has no bucket.
        AccountError: A call failed, or the stack is somebody else's.
    """
    stack = Stacks(aws, tell).find(name)
    deploy = f"`lambda-debug deploy --stack {name}` makes it; or name another with --stack."
    if stack is None:
        raise StackUnfit(name, "does not exist", deploy)
    if "BucketName" not in stack.outputs:
        raise StackUnfit(name, "has no bucket of its own for the record", deploy)
    return stack, Bucket(aws, stack.outputs["BucketName"])


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a bucket."""

    bucket: Bucket

    def site(self, function: Function, mark: Mark, stack: Stack) -> Site:
        """What a function's tags lead to.

        Raises:
            RecordDamaged: It is gone, or not what was stored.
            AccountError: A call failed.
        """
        content = self.bucket.get(mark.record)
        if content is None:
            raise RecordDamaged(
                mark.record, f"the bucket of the stack {stack.name} does not have it"
            )
        return Site(function, decoded(content, mark), mark, self.bucket, stack)
