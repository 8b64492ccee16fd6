"""Where a queue is, read from its URL, and what a payload bucket is called.

A queue's URL is an identifier that ends in account and name; what stands before them is where
one particular network reaches SQS. So a peer's URL is never called: its account and name are
taken, and the URL is rebuilt on this side's own base. FIFO queues are not addressed: their
names have a dot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_QUEUE_URL = re.compile(
    r"(?P<base>https?://[^\s/?#]+(?:/[^\s/?#]+)*)/(?P<account>[0-9]{12})/(?P<name>[0-9A-Za-z_-]{1,80})"
)
_QUEUE_NAME = re.compile(r"[0-9A-Za-z_-]{1,80}")

# AWS's rules for general purpose buckets, less the names that look like addresses.
_BUCKET = re.compile(r"(?!.*\.\.)[0-9a-z][0-9a-z.-]{1,61}[0-9a-z]")
# Parts of a key that no tool and no proxy on the way rewrites, and that stay readable.
_PREFIX = re.compile(r"[0-9A-Za-z_=-][0-9A-Za-z_.=-]*(?:/[0-9A-Za-z_=-][0-9A-Za-z_.=-]*)*")
#: What S3 takes as a key is 1024 bytes, and a claim check adds 175 at most (PAY-13).
_LONGEST_PREFIX = 1024 - 175

# Standard, FIPS, dual-stack, China and VPC interface endpoints, and the older form in which the
# region comes first ("Amazon SQS endpoints and quotas", AWS General Reference).
_REGIONAL_HOST = re.compile(
    r"https?://(?:[^/?#\s]+\.)?sqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)(?:[:/]|$)"
    r"|https?://([a-z0-9-]+)\.queue\.amazonaws\.com(?:\.cn)?(?:[:/]|$)"
)


@dataclass(frozen=True, slots=True)
class QueueAddress:
    """A queue's URL in its parts.

    Attributes:
        base: Scheme, host, port and leading path, without a slash at its end.
        account: The AWS account, 12 digits.
        name: The queue's name, 1..80 characters of `[0-9A-Za-z_-]`.
    """

    base: str
    account: str
    name: str

    @classmethod
    def parse(cls, url: str) -> QueueAddress:
        """Take a queue's URL apart.

        Raises:
            ValueError: It is not the URL of a standard queue.
        """
        match = _QUEUE_URL.fullmatch(url)
        if match is None:
            raise ValueError(
                f"{url!r} is not the URL of a standard SQS queue "
                "(https://host/123456789012/queue-name)"
            )
        return cls(match["base"], match["account"], match["name"])

    @property
    def url(self) -> str:
        """The queue's URL."""
        return f"{self.base}/{self.account}/{self.name}"

    def sibling(self, name: str) -> QueueAddress:
        """A queue of the same account at the same place.

        Raises:
            ValueError: A standard queue cannot have that name.
        """
        check_name(name)
        return replace(self, name=name)


def check_name(name: str) -> None:
    """Refuse what no standard queue's name is, or begins with.

    Raises:
        ValueError: It is not 1..80 characters of `[0-9A-Za-z_-]`.
    """
    if _QUEUE_NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is not a name of a standard SQS queue")


def region_of(url: str) -> str | None:
    """The region that a queue's URL names, or None where the host is not one of AWS's."""
    match = _REGIONAL_HOST.match(url)
    return (match[1] or match[2]) if match else None


def parse_bucket(text: str) -> tuple[str, str]:
    """The name of a bucket and the prefix of its keys, from `name` or `name/prefix`.

    A slash at the end is ignored.

    Raises:
        ValueError: It is neither.
    """
    name, slash, prefix = text.removesuffix("/").partition("/")
    if _BUCKET.fullmatch(name) is None:
        raise ValueError(f"{text!r} is not a bucket's name, or name/prefix, as my-bucket/debug is")
    if slash and (_PREFIX.fullmatch(prefix) is None or len(prefix) > _LONGEST_PREFIX):
        raise ValueError(
            f"{prefix!r} is no prefix for the keys of payloads: up to {_LONGEST_PREFIX} characters "
            "of 0-9, A-Z, a-z, _, -, = and ., in parts between single slashes"
        )
    return name, prefix
