"""Attached functions that somebody forgot, or that nothing can be restored of any more.

A record is only found in the bucket of the stack that its function was attached with: of what
belongs to another stack it is only said that it is there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ldp_account.attachments.listing import found as attached_functions
from ldp_account.attachments.record import TAGS, decoded
from ldp_account.bucket import KEPT
from ldp_account.doctor.findings import REQUESTS, good, unknown, wrong
from ldp_account.errors import CallRefused, RecordDamaged
from ldp_account.queues import Queues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_account.attachments.listing import Attached
    from ldp_account.doctor.findings import Finding, Subject

FORGOTTEN_AFTER: Final = timedelta(days=1)
"""How long somebody debugs; who still does then is told so, and nothing happens."""


def examine_attachments(subject: Subject) -> list[Finding]:
    """Look at every attached function, and at every record.

    Raises:
        AccountError: A call failed.
    """
    if subject.stack is None or "BucketName" not in subject.stack.outputs:
        return [unknown("there is no stack with a bucket, in which records would lie")]
    bucket = subject.stack.outputs["BucketName"]
    attached = attached_functions(subject.aws)
    findings = [
        *(finding for one in attached for finding in _judged(subject, bucket, one)),
        *_orphans(subject, bucket, {one.record for one in attached}),
    ]
    return findings or [good("no function is attached")]


def _judged(subject: Subject, bucket: str, one: Attached) -> Iterator[Finding]:
    content = _stored(subject, bucket, one.record)
    if content is None and _is_used_elsewhere(subject, one):
        yield good(f"{one.name} is attached with another stack, by {one.by}")
        return
    damage = _damage(content, one)
    if damage is not None:
        words = ("lambda", "untag-resource", "--resource", one.arn, "--tag-keys", *TAGS)
        yield wrong(
            f"{one.name} is attached, and cannot be restored: deploy it from its sources. {damage}",
            subject.commands.aws(*words),
        )
        return
    said = f"{one.name} is attached since {one.since}, by {one.by}"
    forgotten = datetime.now(UTC) - datetime.fromisoformat(one.since) > FORGOTTEN_AFTER
    detach = subject.commands.command("detach", one.name)
    yield wrong(said, detach) if forgotten else good(said)


def _damage(content: bytes | None, one: Attached) -> str | None:
    """Why a function cannot be restored from its record; None if it can."""
    if content is None:
        return f"Its record {one.record} is gone."
    try:
        decoded(content, one.mark)
    except RecordDamaged as exc:
        return str(exc)
    return None


def _is_used_elsewhere(subject: Subject, one: Attached) -> bool:
    """Whether a function sends to a queue that is there, and is not this stack's."""
    configuration = subject.aws.ask("lambda", "get_function_configuration", FunctionName=one.name)
    url = configuration.get("Environment", {}).get("Variables", {}).get(REQUESTS)
    if url is None or url == subject.expected.get(REQUESTS):
        return False
    return Queues(subject.aws).attributes(url) is not None


def _stored(subject: Subject, bucket: str, key: str) -> bytes | None:
    """An object; None if there is none."""
    try:
        answer = subject.aws.ask("s3", "get_object", Bucket=bucket, Key=key)
    except CallRefused as exc:
        if exc.code == "NoSuchKey":
            return None
        raise
    content: bytes = answer["Body"].read()
    return content


def _orphans(subject: Subject, bucket: str, used: set[str]) -> Iterator[Finding]:
    """Records that no tag leads to, of functions that are gone or were given back by hand."""
    answer = subject.aws.ask("s3", "list_objects_v2", Bucket=bucket, Prefix=KEPT)
    young = datetime.now(UTC) - FORGOTTEN_AFTER  # attaching may be about to use them
    keys = [one["Key"] for one in answer.get("Contents", ()) if one["LastModified"] < young]
    prefixes = {key.rpartition("/")[0] for key in keys}
    for prefix in sorted(prefixes - {key.rpartition("/")[0] for key in used}):
        where = f"s3://{bucket}/{prefix}/"
        yield wrong(
            f"{where} is a record of no attached function",
            subject.commands.aws("s3", "rm", "--recursive", where),
        )
