"""Trying permissions where that changes nothing, which proves some and disproves the others.

What reads is done. What would change something is asked for in a form that AWS never carries out,
as a batch of no messages: a refusal for lack of permission is one, and any other proves nothing,
since nobody says what is looked at first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ldp_account.errors import AccessDenied, CallRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ldp_account.aws import Aws
    from ldp_account.doctor.grants import Grant

_LIST: Final = "s3:ListBucket"
#: Of an action of SQS: the operation that tries it, its parameters, and whether it is carried out.
_QUEUE_CALLS: Final[Mapping[str, tuple[str, Mapping[str, Any], bool]]] = {
    "sqs:GetQueueAttributes": (
        "get_queue_attributes",
        {"AttributeNames": ["QueueArn"]},
        True,
    ),
    "sqs:ReceiveMessage": (
        "receive_message",
        {"MaxNumberOfMessages": 1, "WaitTimeSeconds": 0, "VisibilityTimeout": 0},
        True,
    ),
    "sqs:DeleteMessage": ("delete_message_batch", {"Entries": []}, False),
    "sqs:ChangeMessageVisibility": ("change_message_visibility_batch", {"Entries": []}, False),
    "sqs:SendMessage": ("send_message_batch", {"Entries": []}, False),
}


def tried(aws: Aws, grant: Grant, queues: Sequence[str]) -> bool | None:
    """Whether this identity has a permission; None if trying does not tell.

    Args:
        aws: The way to the account.
        grant: The permission.
        queues: URLs of the queues that exist; those of a pattern are made when they are needed.

    Raises:
        AccountError: A call failed for another reason than that it was refused.
    """
    if grant.action in _QUEUE_CALLS:
        name = grant.resource.rpartition(":")[2]
        url = next((one for one in queues if one.rpartition("/")[2] == name), None)
        return None if url is None else _on_queue(aws, grant.action, url)
    return _on_object(aws, grant)


def _on_queue(aws: Aws, action: str, url: str) -> bool | None:
    operation, parameters, is_done = _QUEUE_CALLS[action]
    try:
        aws.ask("sqs", operation, QueueUrl=url, **parameters)
    except AccessDenied:
        return False
    except CallRefused:
        return None
    return True if is_done else None


def _on_object(aws: Aws, grant: Grant) -> bool | None:
    bucket, _, prefix = grant.resource.rpartition(":::")[2].partition("/")
    key = prefix.removesuffix("*") + "lambda-debug-doctor"
    call = _READ_OR_WRITE[grant.action]
    try:
        call(aws, bucket, key)
    except AccessDenied as exc:
        # Of an object that is not there S3 says so only to who may list; the name of the action
        # that it misses tells which of the two it was.
        if exc.action == _LIST:
            return True
        return False if exc.action == grant.action else None
    except CallRefused as exc:
        return True if exc.code == "NoSuchKey" else None
    return None


def _read(aws: Aws, bucket: str, key: str) -> None:
    aws.ask("s3", "get_object", Bucket=bucket, Key=key)


def _write(aws: Aws, bucket: str, key: str) -> None:
    """Ask to store what the digest does not fit, which S3 refuses to store."""
    of_something_else = "1B2M2Y8AsgTpgAmY7PhCfg=="  # MD5 of nothing
    aws.ask("s3", "put_object", Bucket=bucket, Key=key, Body=b"x", ContentMD5=of_something_else)


_READ_OR_WRITE: Final[Mapping[str, Callable[[Aws, str, str], None]]] = {
    "s3:GetObject": _read,
    "s3:PutObject": _write,
}
