"""The bucket of a stack: the function's code goes in, and all goes before the bucket does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_account.errors import CallRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from ldp_account.aws import Aws

CODE: Final = "code/"
"""Where the function's code lies, under its own hash."""

PAYLOADS: Final = "ldp/"
"""Where payloads pass, for a day at most."""

KEPT: Final = "attachments/"
"""What lies here is no part of a deployment, and is never deleted with one."""

_NO_BUCKET: Final = frozenset({"NoSuchBucket", "404"})


@dataclass(frozen=True, slots=True)
class Contents:
    """How many objects, old versions included, a bucket holds.

    Attributes:
        kept: Under the prefix that is not the deployment's.
        others: Everywhere else.
    """

    kept: int
    others: int


class Bucket:
    """A bucket.

    Args:
        aws: The way there.
        name: Its name.
    """

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws = aws
        self.name = name

    def put(self, key: str, content: bytes) -> None:
        """Store an object; the same again changes nothing.

        Raises:
            AccountError: The call failed.
        """
        with self._aws.calling():
            self._aws.s3.put_object(Bucket=self.name, Key=key, Body=content)

    def get(self, key: str) -> bytes | None:
        """An object; None if there is none.

        Raises:
            AccountError: The call failed.
        """
        try:
            with self._aws.calling():
                return self._aws.s3.get_object(Bucket=self.name, Key=key)["Body"].read()
        except CallRefused as exc:
            if exc.code in {"NoSuchKey", *_NO_BUCKET}:
                return None
            raise

    def exists(self) -> bool:
        """Whether it is there.

        Raises:
            AccountError: The call failed.
        """
        try:
            with self._aws.calling():
                self._aws.s3.head_bucket(Bucket=self.name)
        except CallRefused as exc:
            if exc.code in _NO_BUCKET:
                return False
            raise
        return True

    def holds(self, prefix: str) -> bool:
        """Whether there is an object whose key begins with this.

        Raises:
            AccountError: A call failed.
        """
        return next(self._batches(prefix), None) is not None

    def contents(self) -> Contents:
        """Count what is there; nothing, if the bucket is gone.

        Raises:
            AccountError: A call failed.
        """
        keys = [entry["Key"] for batch in self._batches() for entry in batch]
        kept = sum(key.startswith(KEPT) for key in keys)
        return Contents(kept, len(keys) - kept)

    def empty(self, prefix: str = "") -> None:
        """Delete every version of every object.

        Args:
            prefix: What the keys of those that go begin with.

        Raises:
            CallRefused: An object could not be deleted.
            AccountError: A call failed.
        """
        for batch in self._batches(prefix):
            with self._aws.calling():
                answer = self._aws.s3.delete_objects(
                    Bucket=self.name, Delete={"Objects": batch, "Quiet": True}
                )
            for error in answer.get("Errors", ()):
                raise CallRefused(
                    f"DeleteObjects of {error.get('Key')}",
                    error.get("Code", ""),
                    error.get("Message", ""),
                )

    def _batches(self, prefix: str = "") -> Iterator[list[ObjectIdentifierTypeDef]]:
        """Every version and delete marker, as many at a time as one call can delete."""
        with self._aws.calling():
            pages = iter(
                self._aws.s3.get_paginator("list_object_versions").paginate(
                    Bucket=self.name, Prefix=prefix
                )
            )
        while True:
            try:
                with self._aws.calling():
                    page = next(pages, None)
            except CallRefused as exc:
                if exc.code in _NO_BUCKET:
                    return
                raise
            if page is None:
                return
            entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if entries:
                yield [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
