"""A bucket on moto's server, and what a test does behind the back of those who use it.

What was found of moto 5.2.5, so that no test relies on the opposite: it checks no permissions and
no expected owner; lifecycle rules are kept and never carried out.
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from ldp_testing.moto_server import REGION

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from ldp_testing.moto_server import MotoServer

ACCOUNT = "123456789012"


@cache
def s3_client(endpoint: str) -> S3Client:
    """A client of the SDK's own."""
    session: Any = boto3.Session("testing", "testing", region_name=REGION)
    client: S3Client = session.client("s3", endpoint_url=endpoint)
    return client


class MotoBucket:
    """A fresh bucket, whose objects a test can look at, change and take away.

    Args:
        server: Where it is made.
        name: Its name; None for a fresh one.
    """

    def __init__(self, server: MotoServer, name: str | None = None) -> None:
        self.name = name or f"bucket-{uuid.uuid4().hex}"
        self._s3 = s3_client(server.url)
        self._s3.create_bucket(
            Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )

    def stored_keys(self) -> list[str]:
        """The keys of all objects, in order."""
        answer = self._s3.list_objects_v2(Bucket=self.name)
        return sorted(found["Key"] for found in answer.get("Contents", ()))

    def body(self, key: str) -> bytes:
        """The bytes of an object."""
        return self._s3.get_object(Bucket=self.name, Key=key)["Body"].read()

    def put(self, key: str, body: bytes) -> None:
        """Put an object in the place of another, or a new one."""
        self._s3.put_object(Bucket=self.name, Key=key, Body=body)

    def delete(self, key: str) -> None:
        """Take an object away, as its lifecycle rule would."""
        self._s3.delete_object(Bucket=self.name, Key=key)
