"""What can go wrong with a queue or a bucket, each with what to do about it.

Third-party exceptions are mapped to these at the adapters and never pass them::

    ServiceError                  never raised itself; .hint, .transient
    ├─ QueueError                 anything else that SQS refused
    │  ├─ QueueNotFound           no such queue, here
    │  ├─ QueueNameTaken          no new queue can have that name, now
    │  ├─ QueueAccessDenied       the identity may not do this
    │  ├─ QueueCredentialsError   no identity, or one that is no longer valid
    │  ├─ QueueClockError         the local clock is too far from AWS's
    │  ├─ QueueThrottled          too much at once         (transient)
    │  ├─ QueueUnreachable        no answer of SQS's came  (transient)
    │  ├─ QueueRefusedMessage     SQS takes no such text
    │  ├─ MessageTooLarge         the text is over the queue's limit
    │  └─ ReceiptExpired          the receipt handle is good for nothing any more
    └─ StoreError                 anything else that S3 refused
       ├─ BucketNotFound          no such bucket
       ├─ BucketElsewhere         the bucket is in another region
       ├─ BucketAccessDenied      the identity may not do this, or it is another's bucket
       ├─ StoreCredentialsError   no usable identity, or a clock that is too far from AWS's
       ├─ StoreThrottled          too much at once         (transient)
       ├─ StoreUnreachable        no answer of S3's came   (transient)
       └─ ObjectNotFound          no such object, or not any more

Every one has a `hint`, one or two sentences for the person who has to act, and says by
`transient` whether the same call can succeed later without anybody acting.
"""

# ruff: noqa: N818 - the names say what happened, as SQS's own error codes do

from __future__ import annotations

_MS_PER_S = 1000
_S_PER_MINUTE = 60


class ServiceError(Exception):
    """A call to a service failed; never raised itself.

    Attributes:
        transient: Whether the same call can succeed later without anybody acting.
        hint: What to do next.
    """

    transient: bool = False
    hint: str = "Read what the service answered; it refused a request that this program makes."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        """Say what happened, with a hint that fits better than the usual one if there is one."""
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class QueueError(ServiceError):
    """A call to a queue failed."""


class QueueNotFound(QueueError):
    """The queue does not exist in this region, or not any more."""

    hint = (
        "Check the queue's URL, and that the region and the endpoint in use are the ones it names. "
        "A queue that was just created takes a second to be usable."
    )


class QueueNameTaken(QueueError):
    """A queue of that name exists with other attributes, or was deleted a moment ago."""

    hint = (
        "Choose another name, or delete the queue that has it: "
        "60 s after its queue was deleted a name can be had again."
    )


class QueueAccessDenied(QueueError):
    """The credentials are valid, and not allowed to do this."""

    hint = (
        "Allow this action on this queue in the policy of the role or user in use "
        "(and its KMS key, if the queue has one)."
    )


class QueueCredentialsError(QueueError):
    """There are no usable AWS credentials, or they have expired."""

    hint = (
        "Log in to AWS again (`aws sso login`, or new keys in the environment or profile), "
        "and check with `aws sts get-caller-identity`."
    )


class QueueClockError(QueueError):
    """AWS refused the signature because the local clock is off, by more than five minutes or so.

    Attributes:
        server_at_ms: The `Date` of the refusal, epoch milliseconds, or None if it had none.
        local_at_ms: The local clock when the refusal arrived, epoch milliseconds.
    """

    def __init__(self, message: str, *, server_at_ms: int | None, local_at_ms: int) -> None:
        """Keep both clocks, so that the hint can say by how much they differ."""
        super().__init__(message, hint=clock_hint(server_at_ms, local_at_ms))
        self.server_at_ms = server_at_ms
        self.local_at_ms = local_at_ms


class QueueThrottled(QueueError):
    """SQS asks for fewer calls."""

    transient = True
    hint = "Wait a moment. If it stays so, look for other programs that poll the same queue."


class QueueUnreachable(QueueError):
    """No answer of SQS's came: no connection, a time limit, a server error, something else there.

    What was asked may have been done all the same.
    """

    transient = True
    hint = (
        "Check the network and, where they are set, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL and "
        "HTTPS_PROXY. In a VPC, SQS needs a NAT gateway or an interface endpoint."
    )


class QueueRefusedMessage(QueueError):
    """SQS takes no such text: it is empty or has a character outside its set."""

    hint = (
        "This is a fault of the program that made the text: "
        "it has to escape what SQS does not take (C0 controls, U+FFFE, U+FFFF, surrogates)."
    )


class MessageTooLarge(QueueError):
    """The text is over what the queue takes.

    Attributes:
        size_bytes: The text's size in UTF-8 bytes.
        limit_bytes: The most that the queue takes.
    """

    hint = (
        "Send less, raise the queue's MaximumMessageSize (up to 1048576), "
        "or configure a bucket for large payloads."
    )

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        """Keep both numbers."""
        super().__init__(f"a message of {size_bytes} bytes is over the limit of {limit_bytes}")
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class ReceiptExpired(QueueError):
    """The receipt handle no longer stands for a message that this receive holds."""

    hint = (
        "The message was deleted, or its visibility timeout ended before this call: "
        "it may be in other hands now. Use the newest receipt handle or let it go."
    )


class StoreError(ServiceError):
    """A call to a bucket failed."""


class BucketNotFound(StoreError):
    """The bucket does not exist."""

    hint = "Check the name in LAMBDA_PROXY_PAYLOAD_BUCKET, or create the bucket."


class BucketElsewhere(StoreError):
    """The bucket is in another region than the queues."""

    hint = (
        "Put a bucket of the queues' region into LAMBDA_PROXY_PAYLOAD_BUCKET, "
        "on the function and on the client."
    )


class BucketAccessDenied(StoreError):
    """The credentials are valid and not allowed to do this, or the bucket is of another account."""

    hint = (
        "Allow s3:PutObject and s3:GetObject on the bucket's objects under the prefix (and its KMS "
        "key, if it has one) to the role or user in use; the bucket has to belong to the account "
        "of the request queue. S3 also answers so for an object that is gone, unless "
        "s3:ListBucket is allowed."
    )


class StoreCredentialsError(StoreError):
    """There are no usable AWS credentials, they have expired, or the local clock is off."""

    hint = QueueCredentialsError.hint


class StoreThrottled(StoreError):
    """S3 asks for fewer calls."""

    transient = True
    hint = "Wait a moment."


class StoreUnreachable(StoreError):
    """No answer of S3's came: no connection, a time limit, a server error, something else there.

    What was asked may have been done all the same.
    """

    transient = True
    hint = (
        "Check the network and, where they are set, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL and "
        "HTTPS_PROXY. In a VPC, S3 needs a NAT gateway or a gateway endpoint."
    )


class ObjectNotFound(StoreError):
    """The object does not exist, or not any more."""

    hint = (
        "Check that proxy and client have the same LAMBDA_PROXY_PAYLOAD_BUCKET, and that the "
        "bucket's lifecycle rule keeps objects for at least one day."
    )


def clock_hint(server_at_ms: int | None, local_at_ms: int) -> str:
    """What to do about a clock that is off, and by how much it is, if the refusal had a date."""
    advice = "Set it (NTP), since AWS refuses signatures that are more than about 5 minutes off."
    if server_at_ms is None:
        return f"The clock of this machine is wrong. {advice}"
    ahead_s = (local_at_ms - server_at_ms) // _MS_PER_S
    minutes, seconds = divmod(abs(ahead_s), _S_PER_MINUTE)
    side = "ahead of" if ahead_s > 0 else "behind"
    return f"The clock of this machine is {minutes} min {seconds} s {side} AWS's. {advice}"
