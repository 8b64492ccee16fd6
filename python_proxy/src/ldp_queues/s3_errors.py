"""What S3's own codes mean; what it shares with other services is in `sdk_errors`.

Source of the codes: the list of error responses in the Amazon S3 API reference. A redirect has no
code that says more than its status where the answer has no body.
"""

from __future__ import annotations

from typing import Final

from ldp_queues.errors import (
    BucketAccessDenied,
    BucketElsewhere,
    BucketNotFound,
    ObjectNotFound,
    StoreCredentialsError,
    StoreError,
    StoreThrottled,
    StoreUnreachable,
    clock_hint,
)
from ldp_queues.sdk_errors import Dialect


def _clock_error(message: str, server_at_ms: int | None, local_at_ms: int) -> StoreError:
    return StoreCredentialsError(message, hint=clock_hint(server_at_ms, local_at_ms))


S3: Final = Dialect(
    service="s3",
    other=StoreError,
    denied=BucketAccessDenied,
    credentials=StoreCredentialsError,
    clock=_clock_error,
    throttled=StoreThrottled,
    unreachable=StoreUnreachable,
    codes={
        "NoSuchBucket": BucketNotFound,
        "InvalidBucketName": BucketNotFound,
        "NoSuchKey": ObjectNotFound,
        "AllAccessDisabled": BucketAccessDenied,
        "403": BucketAccessDenied,
        "AuthorizationHeaderMalformed": BucketElsewhere,
        "IllegalLocationConstraint": BucketElsewhere,
        "PermanentRedirect": BucketElsewhere,
        "TemporaryRedirect": BucketElsewhere,
        "301": BucketElsewhere,
        "307": BucketElsewhere,
        # What was stored is not what was sent: it was changed or cut on the way.
        "BadDigest": StoreUnreachable,
        "IncompleteBody": StoreUnreachable,
        "XAmzContentSHA256Mismatch": StoreUnreachable,
    },
)
