"""What is remembered of a function that the proxy replaces: tags, keys, and the manifest.

The manifest holds the settings as Lambda gives them, so that it can restore those too that came
into being after this was written. Its hash is in the function's tags: a record that was changed,
or that is another's, is found out before anything is restored from it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeAlias

from ldp_account.bucket import KEPT
from ldp_account.errors import RecordDamaged

FORMAT: Final = 1
"""The version of the manifest's form."""

RECORD_TAG: Final = "lambda-debug:record"
SHA256_TAG: Final = "lambda-debug:sha256"
BY_TAG: Final = "lambda-debug:by"
SINCE_TAG: Final = "lambda-debug:since"
TAGS: Final = (RECORD_TAG, SHA256_TAG, BY_TAG, SINCE_TAG)

_LONGEST_TAG: Final = 256  # Lambda's, in characters
_NOT_IN_TAGS: Final = re.compile(r"[^A-Za-z0-9 _.:/=+@-]")

JsonObject: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """What the tags of an attached function say.

    Attributes:
        record: The key of the manifest in the stack's bucket.
        sha256: The manifest's, in hexadecimal digits.
        by: Who attached it, cut to what a tag can hold.
        since: When, ISO 8601 in UTC.
    """

    record: str
    sha256: str
    by: str
    since: str

    def tags(self) -> dict[str, str]:
        """The tags."""
        return dict(zip(TAGS, (self.record, self.sha256, self.by, self.since), strict=True))

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Mark | None:
        """What these tags of a function say; None if it is not attached."""
        if RECORD_TAG not in tags:
            return None
        return cls(*(tags.get(name, "") for name in TAGS))


def tag_value(text: str) -> str:
    """A text with what no tag takes replaced, and cut to 256 characters."""
    return _NOT_IN_TAGS.sub("_", text)[:_LONGEST_TAG]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a record.

    Attributes:
        function: The function's name.
        id: Of the attachment; no two have the same.
    """

    function: str
    id: str

    @property
    def prefix(self) -> str:
        """What all keys of the record begin with."""
        return f"{records_of(self.function)}{self.id}/"

    @property
    def manifest(self) -> str:
        """The manifest's key, written last: where there is one, the record is whole."""
        return f"{self.prefix}manifest.json"

    @property
    def code(self) -> str:
        """The key of the function's own zip."""
        return f"{self.prefix}code.zip"

    @property
    def proxy(self) -> str:
        """The key of the proxy's zip, so that any version of this program can go on with it."""
        return f"{self.prefix}proxy.zip"


def records_of(function: str) -> str:
    """What the keys of all records of a function begin with."""
    return f"{KEPT}{function}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What attach was asked.

    Attributes:
        stack: The stack whose queues and bucket are used.
        alias: The alias that is repointed; None for the function itself.
        start_within_s: Seconds after which nobody is there; "" for what the stack has.
        fallback: Whether the original answers then.
    """

    stack: str
    alias: str | None
    start_within_s: str
    fallback: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A function as it was, and as attach makes it.

    Attributes:
        id: Of the attachment.
        function: The function's name.
        arn: Its ARN, without a version.
        configuration: What GetFunctionConfiguration said.
        code_sha256: The SHA-256 of its zip in Base64, as Lambda gives it.
        proxy_sha256: The same of the proxy's zip.
        tags: Its tags.
        policy: Its resource policy, JSON; None if it has none.
        role_policy: The role's inline policy of our name that is not ours, JSON.
        event_invoke: Its event-invoke configuration, of the alias if one is asked for.
        concurrency: Its reserved concurrency; None for none.
        alias: What GetAlias said.
        versions: The numbers of the versions that there were.
        settings: The settings that attach gives it, as UpdateFunctionConfiguration takes them,
            but for the name of the version that answers where nobody is.
        reserved: The reserved concurrency that attach gives it.
        wish: What attach was asked.
    """

    id: str
    function: str
    arn: str
    configuration: JsonObject
    code_sha256: str
    proxy_sha256: str
    tags: Mapping[str, str]
    policy: str | None
    role_policy: str | None
    event_invoke: JsonObject | None
    concurrency: int | None
    alias: JsonObject | None
    versions: tuple[str, ...]
    settings: JsonObject
    reserved: int | None
    wish: Wish

    @property
    def keys(self) -> Keys:
        """The keys of all that is remembered."""
        return Keys(self.function, self.id)

    def encoded(self) -> bytes:
        """The manifest as JSON; the same manifest has the same bytes."""
        document = {"format": FORMAT, **asdict(self)}
        return json.dumps(document, sort_keys=True, indent=1).encode() + b"\n"


def sha256_of(encoded: bytes) -> str:
    """The hash of a manifest as it is in the tags."""
    return hashlib.sha256(encoded).hexdigest()


def decoded(content: bytes, mark: Mark) -> Manifest:
    """The manifest that a function's tags lead to.

    Raises:
        RecordDamaged: It is not what was stored, or a later version's.
    """
    if sha256_of(content) != mark.sha256:
        raise RecordDamaged(mark.record, "it is not what the function's tags tell the hash of")
    try:
        document = json.loads(content)
        if document.pop("format") != FORMAT:
            raise RecordDamaged(mark.record, "a later version of lambda-debug wrote it")
        document["wish"] = Wish(**document["wish"])
        document["versions"] = tuple(document["versions"])
        return Manifest(**document)
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise RecordDamaged(mark.record, f"it is no manifest: {exc}") from exc
