"""Functions that look attached: with tags, and a record in the bucket of a stack.

Attaching takes its time; what only reads tags and records needs no more than these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_account.attachments.record import Keys, Manifest, Mark, Wish, sha256_of
from ldp_testing.function_zips import zip_of

if TYPE_CHECKING:
    from ldp_testing.account_stage import Place

ROLE: Final = "arn:aws:iam::123456789012:role/r"
BY: Final = "arn:aws:iam::123456789012:user/eve"


@dataclass(frozen=True, slots=True)
class LikeAttached:
    """One such function.

    Attributes:
        place: The stack with whose bucket it looks attached.
        name: The function's name.
        keys: Of its record.
    """

    place: Place
    name: str
    keys: Keys

    @classmethod
    def made(cls, place: Place, since: str, alias: str | None = None) -> LikeAttached:
        """Make it, with its record.

        Args:
            place: The stack.
            since: When it was attached, ISO 8601 in UTC.
            alias: The alias that was repointed.
        """
        keys = Keys(f"{place.name}-own", "one")
        one = cls(place, keys.function, keys)
        content = one._manifest(alias).encoded()
        place.account.client("s3").put_object(
            Bucket=place.bucket(), Key=keys.manifest, Body=content
        )
        mark = Mark(keys.manifest, sha256_of(content), BY, since)
        place.account.client("lambda").create_function(
            FunctionName=one.name,
            Runtime="nodejs22.x",
            Handler="index.handler",
            Role=ROLE,
            Code={"ZipFile": zip_of({"index.js": "exports.handler = async () => 1;\n"})},
            Tags=mark.tags(),
        )
        return one

    def _manifest(self, alias: str | None) -> Manifest:
        return Manifest(
            id=self.keys.id,
            function=self.name,
            arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{self.name}",
            configuration={},
            code_sha256="",
            proxy_sha256="",
            tags={},
            policy=None,
            role_policy=None,
            event_invoke=None,
            concurrency=None,
            alias=None,
            versions=(),
            settings={},
            reserved=None,
            wish=Wish(stack=self.place.name, alias=alias, start_within_s="", fallback=False),
        )

    def lose_record(self) -> None:
        """Delete its record."""
        self.place.account.client("s3").delete_object(
            Bucket=self.place.bucket(), Key=self.keys.manifest
        )

    def delete(self) -> None:
        """Delete the function."""
        self.place.account.client("lambda").delete_function(FunctionName=self.name)
