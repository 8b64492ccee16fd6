"""What the steps of an attachment work on, and what they can find there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING, Final, Protocol

from ldp_account.attachments.rendering import rendering

if TYPE_CHECKING:
    from ldp_account.attachments.functions import Function
    from ldp_account.attachments.record import Manifest, Mark
    from ldp_account.attachments.rendering import Rendering
    from ldp_account.bucket import Bucket
    from ldp_account.stacks import Stack

ORIGINAL: Final = "original"
PROXY: Final = "proxy"


class Found(Flag):
    """How a step finds things; both where its two ends are the same, and none if neither is."""

    FOREIGN = 0
    BEFORE = auto()
    AFTER = auto()


def either(*, before: bool, after: bool) -> Found:
    """How things are that are compared with both ends."""
    return (Found.BEFORE if before else Found.FOREIGN) | (Found.AFTER if after else Found.FOREIGN)


class Step(Protocol):
    """One change of an attachment; each of its calls can be repeated."""

    @property
    def title(self) -> str:
        """What it changes, for a person."""

    def found(self) -> Found:
        """How things are."""

    def do(self) -> None:
        """Make them as attach wants them; they are as they were, or foreign."""

    def undo(self) -> None:
        """Make them as they were, and leave what attach did not change."""

    def foreign(self) -> list[str]:
        """What is neither, a line for each."""


@dataclass(frozen=True, slots=True)
class Site:
    """A function and the record of its attachment.

    Attributes:
        function: The function.
        manifest: What it was, and is to be.
        mark: What its tags say, or are to say.
        bucket: Where the record lies.
        stack: The stack whose queues are used.
    """

    function: Function
    manifest: Manifest
    mark: Mark
    bucket: Bucket
    stack: Stack

    def describing(self, kind: str) -> str:
        """What describes a version that this attachment published."""
        return f"lambda-debug {self.manifest.id} {kind}"

    def version(self, kind: str) -> str | None:
        """The number of the version of that kind that this attachment published."""
        versions = self.function.versions()
        return next((n for n, said in versions.items() if said == self.describing(kind)), None)

    def fallback(self) -> str | None:
        """The version that answers where nobody is, as in `orders:7`; None for an error."""
        manifest = self.manifest
        if not manifest.wish.fallback:
            return None
        if manifest.alias is not None and manifest.alias["FunctionVersion"] != "$LATEST":
            return f"{manifest.function}:{manifest.alias['FunctionVersion']}"
        # Lambda publishes nothing where the newest version is the same, and gives that one.
        newest = max(manifest.versions, key=int, default=None)
        published = self.version(ORIGINAL) or newest
        return None if published is None else f"{manifest.function}:{published}"

    def rendering(self) -> Rendering:
        """What the proxy is told and allowed."""
        manifest = self.manifest
        within = manifest.wish.start_within_s
        return rendering(self.stack, manifest.function, manifest.arn, within, self.fallback())
