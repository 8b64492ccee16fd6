"""What SQS's own codes and words mean; what it shares with other services is in `sdk_errors`.

SQS answers the same error under a legacy and a modeled code (`AWS.SimpleQueueService.
NonExistentQueue` and `QueueDoesNotExist`), and some only by their wording.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ldp_queues.errors import (
    MessageTooLarge,
    QueueAccessDenied,
    QueueClockError,
    QueueCredentialsError,
    QueueError,
    QueueNameTaken,
    QueueNotFound,
    QueueRefusedMessage,
    QueueThrottled,
    QueueUnreachable,
    ReceiptExpired,
)
from ldp_queues.sdk_errors import Dialect

if TYPE_CHECKING:
    from ldp_queues.sdk_errors import About

_SIZE_WORDS = re.compile(r"shorter than (\d+) bytes|longer than (\d+) bytes", re.IGNORECASE)
# A deleted message, one in other hands, and the end of the 12 hours are told by words only.
_RECEIPT_WORDS = re.compile(r"receipt ?handle|Total VisibilityTimeout", re.IGNORECASE)


def _read(text: str, about: About) -> QueueError | None:
    """The errors that share `InvalidParameterValue` and differ in their wording only."""
    if about.size_bytes and (match := _SIZE_WORDS.search(text)):
        return MessageTooLarge(about.size_bytes, int(match[1] or match[2]))
    if _RECEIPT_WORDS.search(text):
        return ReceiptExpired(f"{about.operation} on {about.place}: {text}")
    return None


SQS: Final = Dialect(
    service="sqs",
    other=QueueError,
    denied=QueueAccessDenied,
    credentials=QueueCredentialsError,
    clock=lambda message, server_at_ms, local_at_ms: QueueClockError(
        message, server_at_ms=server_at_ms, local_at_ms=local_at_ms
    ),
    throttled=QueueThrottled,
    unreachable=QueueUnreachable,
    codes={
        "NonExistentQueue": QueueNotFound,
        "QueueDoesNotExist": QueueNotFound,
        "InvalidAddress": QueueNotFound,
        "QueueAlreadyExists": QueueNameTaken,
        "QueueDeletedRecently": QueueNameTaken,
        "QueueNameExists": QueueNameTaken,
        "InvalidMessageContents": QueueRefusedMessage,
        "InvalidIdFormat": ReceiptExpired,
        "MessageNotInflight": ReceiptExpired,
        "ReceiptHandleIsInvalid": ReceiptExpired,
    },
    read=_read,
)
