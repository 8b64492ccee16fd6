"""Giving a function back what it was: the steps of attaching, backwards.

All of them are looked at before the first is undone. What somebody else changed meanwhile stays,
where attach had not changed it; where it had, that somebody is asked first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ldp_account.attachments import errors
from ldp_account.attachments.functions import Function, lambda_sha256
from ldp_account.attachments.record import records_of
from ldp_account.attachments.records import Records, stack_with_bucket
from ldp_account.attachments.settings import ConfigurationStep
from ldp_account.attachments.site import Found
from ldp_account.attachments.steps import CodeStep, steps_of
from ldp_account.errors import RecordDamaged

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_account.attachments.listing import Attached
    from ldp_account.attachments.site import Site, Step
    from ldp_account.aws import Aws
    from ldp_account.bucket import Bucket


@dataclass(frozen=True, slots=True)
class DetachmentPlan:
    """What detaching will do.

    Attributes:
        name: The function's name.
        bucket: Where its record lies.
        site: The function, and what it was; None if it is not attached.
        kept: What somebody else changed, and what stays as it is, a line for each.
        changes: What will be changed back, a line for each; none if nothing is to be done.
    """

    name: str
    bucket: Bucket
    site: Site | None
    kept: tuple[str, ...]
    changes: tuple[str, ...]


class Detachment:
    """Detaches functions.

    Args:
        aws: The way to the account.
        stack: The name of the stack in whose bucket the records lie.
        tell: Is called with each line of progress.
    """

    def __init__(self, aws: Aws, stack: str, tell: Callable[[str], None]) -> None:
        self._aws = aws
        self._tell = tell
        self._stack, self._bucket = stack_with_bucket(aws, stack, tell)

    def remembers(self, attached: Attached) -> bool:
        """Whether the record of an attached function is in this stack's bucket.

        Raises:
            AccountError: The call failed.
        """
        return self._bucket.holds(attached.record)

    def plan(self, name: str, *, overwrite: bool) -> DetachmentPlan:
        """Find out what there is, and what is to be done; changes nothing.

        Args:
            name: The function's name.
            overwrite: Undo what attach changed also where somebody else changed it since.

        Raises:
            RecordDamaged: What is remembered is of no use.
            ChangedMeanwhile: Somebody else changed what attach had changed.
            AccountError: A call failed.
        """
        function = Function(self._aws, name)
        mark = function.mark()
        if mark is None:
            left = self._bucket.holds(records_of(name))
            changes = ("- record that nothing leads to",) if left else ()
            return DetachmentPlan(name, self._bucket, None, (), changes)
        site = Records(self._bucket).site(function, mark, self._stack)
        steps = [step for step in reversed(steps_of(site)) if Found.BEFORE not in step.found()]
        if any(isinstance(step, CodeStep) for step in steps):
            self._check_code(site)
        foreign = [f for step in steps if step.found() is Found.FOREIGN for f in step.foreign()]
        if foreign and not overwrite:
            raise errors.ChangedMeanwhile(name, foreign)
        kept = tuple(ConfigurationStep(site).kept())
        return DetachmentPlan(name, self._bucket, site, kept, tuple(map(_line, steps)))

    def carry_out(self, plan: DetachmentPlan) -> None:
        """Do what a plan says.

        Raises:
            AccountError: A call failed.
        """
        if plan.site is None:
            self._bucket.empty(records_of(plan.name))
            return
        for step in reversed(steps_of(plan.site)):
            if Found.BEFORE in step.found():
                continue
            self._tell(f"back: {step.title}")
            step.undo()
            self._tell(f"back: {step.title}: done")

    def _check_code(self, site: Site) -> None:
        """Make sure that the code is there before anything is changed.

        Raises:
            RecordDamaged: It is not, or not as it was.
        """
        key = site.manifest.keys.code
        code = self._bucket.get(key)
        if code is None or lambda_sha256(code) != site.manifest.code_sha256:
            raise RecordDamaged(key, "the code is gone, or not what it was")


def _line(step: Step) -> str:
    return f"~ back: {step.title}"
