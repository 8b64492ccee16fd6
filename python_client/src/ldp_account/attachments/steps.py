"""The steps of an attachment, in order; detaching takes them backwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ldp_account.attachments.functions import lambda_sha256
from ldp_account.attachments.invocations import ConcurrencyStep, EventInvokeStep
from ldp_account.attachments.record import TAGS, records_of
from ldp_account.attachments.role import RoleStep
from ldp_account.attachments.settings import ConfigurationStep
from ldp_account.attachments.site import ORIGINAL, PROXY, Found, either
from ldp_account.errors import RecordDamaged

if TYPE_CHECKING:
    from ldp_account.attachments.site import Site, Step


@dataclass(frozen=True, slots=True)
class RecordStep:
    """The record, without which nothing could be undone."""

    site: Site
    proxy: bytes | None
    title: str = "record of the function in the bucket"

    def found(self) -> Found:
        """Whether it is there: the manifest was stored last."""
        there = self.site.bucket.get(self.site.manifest.keys.manifest) is not None
        return either(before=not there, after=there)

    def do(self) -> None:
        """Store it, instead of what a run that was killed left.

        Raises:
            RecordDamaged: The function's code is not what Lambda says that it is.
        """
        bucket, manifest = self.site.bucket, self.site.manifest
        code = self.site.function.code()
        if lambda_sha256(code) != manifest.code_sha256 or self.proxy is None:
            raise RecordDamaged(manifest.keys.code, "the function's code was changed just now")
        bucket.empty(records_of(manifest.function))
        bucket.put(manifest.keys.code, code)
        bucket.put(manifest.keys.proxy, self.proxy)
        bucket.put(manifest.keys.manifest, manifest.encoded())

    def undo(self) -> None:
        """Delete it."""
        self.site.bucket.empty(records_of(self.site.manifest.function))

    def foreign(self) -> list[str]:
        """Nothing: it is there or not."""
        return []


@dataclass(frozen=True, slots=True)
class TagsStep:
    """The tags that say where the record is."""

    site: Site
    title: str = "tags that say where the record is"

    def found(self) -> Found:
        """Whether the function has them."""
        mark = self.site.function.mark()
        return either(before=mark is None, after=mark == self.site.mark)

    def do(self) -> None:
        """Give it the tags."""
        function = self.site.function
        with function.aws.calling():
            function.client.tag_resource(
                Resource=self.site.manifest.arn, Tags=self.site.mark.tags()
            )

    def undo(self) -> None:
        """Take them away."""
        function = self.site.function
        with function.aws.calling():
            function.client.untag_resource(Resource=self.site.manifest.arn, TagKeys=list(TAGS))

    def foreign(self) -> list[str]:
        """Another attachment's."""
        return ["the tags of lambda-debug"]


@dataclass(frozen=True, slots=True)
class VersionStep:
    """A version of the original, or of the proxy."""

    site: Site
    kind: str

    @property
    def title(self) -> str:
        """What it changes."""
        return f"version of the {self.kind}"

    def found(self) -> Found:
        """Whether it is there; the original's may have been there before."""
        if self.site.version(self.kind) is not None:
            return Found.AFTER
        if self.kind == ORIGINAL and ConfigurationStep(self.site).found() != Found.BEFORE:
            return Found.BEFORE | Found.AFTER
        return Found.BEFORE

    def do(self) -> None:
        """Publish it."""
        function, manifest = self.site.function, self.site.manifest
        revision = function.configuration()["RevisionId"]
        sha256 = manifest.code_sha256 if self.kind == ORIGINAL else manifest.proxy_sha256
        with function.aws.calling():
            function.client.publish_version(
                FunctionName=function.name,
                CodeSha256=sha256,
                Description=self.site.describing(self.kind),
                RevisionId=revision,
            )

    def undo(self) -> None:
        """Delete it, if it is ours."""
        function, version = self.site.function, self.site.version(self.kind)
        if version is not None:
            with function.aws.calling():
                function.client.delete_function(FunctionName=function.name, Qualifier=version)

    def foreign(self) -> list[str]:
        """Nothing: it is there or not."""
        return []


@dataclass(frozen=True, slots=True)
class CodeStep:
    """The code."""

    site: Site
    title: str = "code of the proxy"

    def found(self) -> Found:
        """Whose code it is."""
        now, manifest = self._now(), self.site.manifest
        return either(before=now == manifest.code_sha256, after=now == manifest.proxy_sha256)

    def do(self) -> None:
        """Give it the proxy's."""
        self._put(self.site.manifest.keys.proxy, self.site.manifest.proxy_sha256)

    def undo(self) -> None:
        """Give it its own again."""
        self._put(self.site.manifest.keys.code, self.site.manifest.code_sha256)

    def foreign(self) -> list[str]:
        """It was deployed."""
        return [f"the code, which has the SHA-256 {self._now()}"]

    def _now(self) -> str:
        return str(self.site.function.configuration()["CodeSha256"])

    def _put(self, key: str, sha256: str) -> None:
        """Let Lambda take it from the bucket, which has no limit of 50 MB.

        Raises:
            RecordDamaged: What Lambda got is something else.
        """
        function = self.site.function
        now = function.configuration()
        with function.aws.calling():
            function.client.update_function_code(
                FunctionName=function.name,
                S3Bucket=self.site.bucket.name,
                S3Key=key,
                RevisionId=now["RevisionId"],
                Architectures=now["Architectures"],
            )
        if self._now() != sha256:
            raise RecordDamaged(key, f"Lambda got code with the SHA-256 {self._now()}")


@dataclass(frozen=True, slots=True)
class AliasStep:
    """The alias, which is pointed at the proxy's version, and at no other."""

    site: Site

    @property
    def title(self) -> str:
        """What it changes."""
        return f"alias {self.site.manifest.wish.alias}"

    def found(self) -> Found:
        """Where it points."""
        now = self._target(self.site.function.alias(str(self.site.manifest.wish.alias)))
        version, weights = now
        proxy = version == self.site.version(PROXY) and not weights
        return either(before=now == self._target(self.site.manifest.alias), after=proxy)

    def do(self) -> None:
        """Point it at the proxy."""
        self._point(str(self.site.version(PROXY)), {})

    def undo(self) -> None:
        """Point it where it pointed."""
        self._point(*self._target(self.site.manifest.alias))

    def foreign(self) -> list[str]:
        """Where it points."""
        now = self.site.function.alias(str(self.site.manifest.wish.alias))
        return [f"the {self.title} points at {self._target(now)[0] or 'nothing: it is gone'}"]

    def _target(self, alias: Any) -> tuple[Any, dict[str, Any]]:
        if alias is None:
            return "", {}
        weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return alias["FunctionVersion"], dict(weights)

    def _point(self, version: str, weights: dict[str, float]) -> None:
        function = self.site.function
        with function.aws.calling():
            function.client.update_alias(
                FunctionName=function.name,
                Name=str(self.site.manifest.wish.alias),
                FunctionVersion=version,
                RoutingConfig={"AdditionalVersionWeights": weights},
            )


def steps_of(site: Site, proxy: bytes | None = None) -> list[Step]:
    """All steps of an attachment, in order.

    Args:
        site: What it is about.
        proxy: The proxy's zip, as long as there is no record that has it.
    """
    steps: list[Step] = [
        RecordStep(site, proxy),
        TagsStep(site),
        VersionStep(site, ORIGINAL),
        RoleStep(site),
        ConfigurationStep(site),
        ConcurrencyStep(site),
        EventInvokeStep(site),
        CodeStep(site),
    ]
    if site.manifest.wish.alias is not None:
        steps += [VersionStep(site, PROXY), AliasStep(site)]
    return steps
