"""Putting the proxy in the place of a function: look, plan, and then step by step.

Wherever a run ends, the next one finds the function's tags and the record, and goes on; and what
was done is undone by detaching, whether it was all or the first step.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ldp_account.attachments import errors, obstacles
from ldp_account.attachments.functions import Function, lambda_sha256, without
from ldp_account.attachments.record import Manifest, Mark, sha256_of, tag_value
from ldp_account.attachments.records import Records, stack_with_bucket
from ldp_account.attachments.rendering import FALLBACK_VARIABLE, rendering
from ldp_account.attachments.role import role_policy, shares_role
from ldp_account.attachments.site import Found, Site
from ldp_account.attachments.steps import steps_of
from ldp_account.attachments.survey import surveyed
from ldp_account.reservation import refuse_reservation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ldp_account.attachments.record import Wish
    from ldp_account.attachments.rendering import Rendering
    from ldp_account.attachments.survey import Survey
    from ldp_account.aws import Aws
    from ldp_account.stacks import Stack

_RUNTIME: Final = "python3.13"
_HANDLER: Final = "ldp_proxy.handler.handler"
_TIMEOUT_S: Final = 900
_LEAST_MEMORY_MB: Final = 128
_OF_OTHERS: Final = "AWS_LAMBDA_EXEC_WRAPPER"  # it starts what is not there any more
_OURS: Final = "LAMBDA_PROXY_"
_STACK_TAG: Final = "aws:cloudformation:stack-name"
_UNSAID: Final = ("ResponseMetadata", "FunctionName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What is done all the same.

    Attributes:
        bypasses: Ways in that do not reach the proxy are left as they are.
        production: It may be production.
    """

    bypasses: bool = False
    production: bool = False


@dataclass(frozen=True, slots=True)
class AttachmentPlan:
    """What attaching will do.

    Attributes:
        site: The function, and what it is to be.
        facts: What is to be known before, a line for each.
        changes: What will be changed, a line for each; none if all is done.
    """

    site: Site
    facts: tuple[str, ...]
    changes: tuple[str, ...]


class Attachment:
    """Attaches a function.

    Args:
        aws: The way to the account.
        proxy: The proxy's zip.
        tell: Is called with each line of progress.
    """

    def __init__(self, aws: Aws, proxy: bytes, tell: Callable[[str], None]) -> None:
        self._aws = aws
        self._proxy = proxy
        self._tell = tell

    def plan(self, name: str, wish: Wish, leave: Leave) -> AttachmentPlan:
        """Find out what there is, and what is to be done; changes nothing.

        Args:
            name: The function's name.
            wish: What is asked.
            leave: What is done all the same.

        Raises:
            AccountError: It cannot be attached, or a call failed.
        """
        function = Function(self._aws, name)
        by = tag_value(self._aws.identity().arn)
        stack, bucket = stack_with_bucket(self._aws, wish.stack, self._tell)
        mark = function.mark()
        if mark is not None:
            if mark.by != by:
                raise errors.AttachedByOther(name, mark.by, mark.since)
            site = Records(bucket).site(function, mark, stack)
            if site.manifest.wish != wish:
                raise errors.AttachedOtherwise(name)
            return AttachmentPlan(site, (f"attached since {mark.since}",), self._missing(site))
        survey = surveyed(function, wish.alias)
        facts = self._judge(function, survey, wish, leave)
        manifest = self._manifest(function, survey, wish, stack)
        obstacles.refuse_variables(function, manifest.settings["Environment"]["Variables"])
        refuse_reservation(self._aws, (manifest.reserved or 0) - (manifest.concurrency or 0))
        since = datetime.now(UTC).isoformat(timespec="seconds")
        mark = Mark(manifest.keys.manifest, sha256_of(manifest.encoded()), by, since)
        site = Site(function, manifest, mark, bucket, stack)
        return AttachmentPlan(site, (*facts, *_spoken(manifest)), self._missing(site))

    def carry_out(self, plan: AttachmentPlan) -> None:
        """Do what a plan says.

        Raises:
            ChangedMeanwhile: Somebody else changed what attach changes.
            AccountError: A call failed.
        """
        for step in steps_of(plan.site, self._proxy):
            found = step.found()
            if Found.AFTER in found:
                continue
            if found is Found.FOREIGN:
                raise errors.ChangedMeanwhile(plan.site.function.name, step.foreign())
            self._tell(step.title)
            step.do()
            self._tell(f"{step.title}: done")

    def _missing(self, site: Site) -> tuple[str, ...]:
        steps = steps_of(site, self._proxy)
        return tuple(f"~ {step.title}" for step in steps if Found.AFTER not in step.found())

    def _judge(self, function: Function, survey: Survey, wish: Wish, leave: Leave) -> list[str]:
        """Refuse what is to be refused; what is to be known, a line for each."""
        obstacles.refuse_what_cannot_be(function, survey)
        said, unread = obstacles.production(function, survey)
        if said and not leave.production:
            raise errors.Production(function.name, "; ".join(said))
        if wish.alias is None and not leave.bypasses:
            obstacles.refuse_bypasses(function, survey, None)
        if wish.fallback:
            obstacles.refuse_concurrency(function, survey)
        return [
            *(f"in: {way.line(wish.alias)}" for way in survey.ways),
            *([] if survey.ways else ["in: no URL, event source, alias or permission"]),
            *_owned(survey.tags),
            *said,
            *unread,
        ]

    def _manifest(self, function: Function, survey: Survey, wish: Wish, stack: Stack) -> Manifest:
        name, configuration = function.name, survey.configuration
        role = configuration["Role"]
        # That no version has this number yet does no harm: it is only looked whether it may be.
        fallback = f"{name}:1" if wish.fallback else None
        told = rendering(stack, name, survey.arn, wish.start_within_s, fallback)
        policy = None if shares_role(function, role) else role_policy(function, role)
        return Manifest(
            id=uuid.uuid4().hex,
            function=name,
            arn=survey.arn,
            configuration=without(configuration, _UNSAID),
            code_sha256=configuration["CodeSha256"],
            proxy_sha256=lambda_sha256(self._proxy),
            tags=survey.tags,
            policy=survey.policy,
            role_policy=None if policy is None else json.dumps(policy),
            event_invoke=survey.event_invoke,
            concurrency=survey.concurrency,
            alias=survey.alias,
            versions=survey.versions,
            settings=_settings(configuration, told),
            reserved=1 if told.holds("Shared") else survey.concurrency,
            wish=wish,
        )


def _settings(configuration: Mapping[str, Any], told: Rendering) -> dict[str, Any]:
    own = configuration.get("Environment", {}).get("Variables", {})
    kept = {k: v for k, v in own.items() if k != _OF_OTHERS and not k.startswith(_OURS)}
    variables = without(told.variables(), (FALLBACK_VARIABLE,))
    return {
        "Runtime": _RUNTIME,
        "Handler": _HANDLER,
        "Timeout": _TIMEOUT_S,
        "MemorySize": max(_LEAST_MEMORY_MB, configuration["MemorySize"]),
        "Environment": {"Variables": {**kept, **variables}},
    }


def _owned(tags: Mapping[str, str]) -> list[str]:
    """Who else changes the function."""
    stack = tags.get(_STACK_TAG)
    return [] if stack is None else [f"the stack {stack} has it: detach before you update that"]


def _spoken(manifest: Manifest) -> list[str]:
    """What the changes mean, for a person."""
    has = manifest.configuration
    before, after = manifest.concurrency, manifest.reserved
    lines = [
        f"runtime {has['Runtime']} → {_RUNTIME}, handler {has['Handler']} → {_HANDLER}",
        f"timeout {has['Timeout']} s → {_TIMEOUT_S} s; layers stay",
    ]
    if before != after:
        lines.append(f"reserved concurrency {_or_none(before)} → {after}: one event at a time")
    if manifest.wish.fallback:
        lines.append(
            "where nobody is, the original's version answers; both share the function's reserved "
            f"concurrency, which has to be at least 2 or none: it is {_or_none(before)}"
        )
    return lines


def _or_none(value: int | None) -> str:
    return "none" if value is None else str(value)
