"""What the SDK raises and SQS answers, as errors of this package.

One context manager stands around every call. It goes by names, not by classes: the SDK that a
Lambda runtime ships may be years older or newer than the one this was written with, and SQS
answers the same error under a legacy and a modeled code (`AWS.SimpleQueueService.
NonExistentQueue` and `QueueDoesNotExist`), with and without `Exception` at the end.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ldp_queues.errors import (
    MessageTooLarge,
    QueueAccessDenied,
    QueueClockError,
    QueueCredentialsError,
    QueueError,
    QueueNotFound,
    QueueRefusedMessage,
    QueueThrottled,
    QueueUnreachable,
    ReceiptExpired,
)
from ldp_queues.sqs_answers import date_of, not_sqs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_queues.sqs_answers import About

_CODES: dict[type[QueueError], frozenset[str]] = {
    QueueNotFound: frozenset({"NonExistentQueue", "QueueDoesNotExist", "InvalidAddress"}),
    QueueAccessDenied: frozenset(
        {
            "AccessDenied",
            "InvalidSecurity",
            "NotAuthorized",
            "OptInRequired",
            "UnauthorizedOperation",
            "KmsAccessDenied",
            "KmsDisabled",
            "KmsInvalidKeyUsage",
            "KmsInvalidState",
            "KmsNotFound",
            "KmsOptInRequired",
        }
    ),
    QueueCredentialsError: frozenset(
        {
            "AuthFailure",
            "ExpiredToken",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignature",
            "InvalidToken",
            "MissingAuthenticationToken",
            "SignatureDoesNotMatch",
            "UnrecognizedClient",
        }
    ),
    QueueThrottled: frozenset(
        {
            "BandwidthLimitExceeded",
            "KmsThrottled",
            "KmsThrottling",
            "OverLimit",
            "RequestLimitExceeded",
            "RequestThrottled",
            "SlowDown",
            "Throttled",
            "Throttling",
            "TooManyRequests",
        }
    ),
    QueueUnreachable: frozenset(
        {"InternalError", "InternalFailure", "RequestTimeout", "ServiceUnavailable"}
    ),
    QueueRefusedMessage: frozenset({"InvalidMessageContents"}),
    ReceiptExpired: frozenset({"InvalidIdFormat", "MessageNotInflight", "ReceiptHandleIsInvalid"}),
}
_CLASS_OF_CODE = {code: kind for kind, codes in _CODES.items() for code in codes}

_CLOCK_CODES = frozenset({"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"})
_SIGNATURE_CODES = frozenset({"InvalidSignature", "SignatureDoesNotMatch"})
# Their texts begin with "Signature expired" or "Signature not yet current" and two times follow.
_CLOCK_WORDS = re.compile(r"signature (?:expired|not yet current)", re.IGNORECASE)
_SIZE_WORDS = re.compile(r"shorter than (\d+) bytes|longer than (\d+) bytes", re.IGNORECASE)
# A deleted message, one in other hands, and the end of the 12 hours are told by words only.
_RECEIPT_WORDS = re.compile(r"receipt ?handle|Total VisibilityTimeout", re.IGNORECASE)

_CREDENTIALS_CLASSES = frozenset(
    {
        "CredentialRetrievalError",
        "InfiniteLoopConfigError",
        "LoginError",
        "MetadataRetrievalError",
        "NoAuthTokenError",
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "RefreshWithMFAUnsupportedError",
        "SSOError",
        "TokenRetrievalError",
        "UnknownCredentialError",
    }
)
_NETWORK_CLASSES = frozenset({"ConnectionError", "HTTPClientError", "IncompleteReadError"})
_REGION_CLASSES = frozenset({"NoRegionError", "InvalidRegionError", "UnknownRegionError"})

# What the SDK's parser raises for a 200 with a body that is no UTF-8, or JSON but no object.
_UNREADABLE = (ResponseParserError, UnicodeDecodeError, AttributeError, TypeError)

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_LONGEST_QUOTE = 300


@contextmanager
def queue_errors(about: About) -> Iterator[None]:
    """Raise the SDK's errors in the block as errors of this package.

    Raises:
        QueueError: The block raised an error of the SDK's.
    """
    try:
        yield
    except ClientError as exc:
        error = _from_answer(exc.response, about)
        if isinstance(error, QueueCredentialsError | QueueClockError):
            # Such a refusal can quote the canonical request, session token and all, so that
            # the text of the original must not reach anybody's log with the traceback.
            raise error from None
        raise error from exc
    except BotoCoreError as exc:
        raise _from_sdk(exc, about) from exc
    except _UNREADABLE as exc:
        raise not_sqs(about, f"an answer that cannot be read ({exc})") from exc


def _from_answer(response: Mapping[str, Any], about: About) -> QueueError:
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0))
    text = str(error.get("Message") or "")
    codes = [_plain(str(error.get(key) or "")) for key in ("Code", "QueryErrorCode")]
    message = f"{about.operation} on {about.place}: {_quote(text)} ({error.get('Code')})"
    if _is_about_the_clock(codes, text):
        server_at_ms = date_of(metadata.get("HTTPHeaders", {}))
        return QueueClockError(message, server_at_ms=server_at_ms, local_at_ms=about.clock_ms())
    for code in codes:
        if code in _CLASS_OF_CODE:
            return _CLASS_OF_CODE[code](message)
    return _from_words(text, about) or _from_status(status)(message)


def _is_about_the_clock(codes: list[str], text: str) -> bool:
    if _CLOCK_CODES.intersection(codes):
        return True
    return bool(_SIGNATURE_CODES.intersection(codes) and _CLOCK_WORDS.search(text))


def _from_words(text: str, about: About) -> QueueError | None:
    """The errors that share `InvalidParameterValue` and differ in their wording only."""
    if about.size_bytes and (match := _SIZE_WORDS.search(text)):
        return MessageTooLarge(about.size_bytes, int(match[1] or match[2]))
    if _RECEIPT_WORDS.search(text):
        return ReceiptExpired(f"{about.operation} on {about.place}: {_quote(text)}")
    return None


def _from_status(status: int) -> type[QueueError]:
    if status == _TOO_MANY_REQUESTS:
        return QueueThrottled
    return QueueUnreachable if status >= _SERVER_ERROR else QueueError


def _from_sdk(exc: BotoCoreError, about: About) -> QueueError:
    names = {kind.__name__ for kind in type(exc).__mro__}
    message = f"{about.operation} on {about.place}: {_quote(str(exc))}"
    if names & _CREDENTIALS_CLASSES:
        return QueueCredentialsError(message)
    if names & _NETWORK_CLASSES:
        return QueueUnreachable(message)
    if names & _REGION_CLASSES:
        return QueueError(message, hint="Set AWS_REGION to the region of the queue.")
    return QueueError(message, hint="Check the AWS settings in the environment and the profile.")


def _plain(code: str) -> str:
    """The code without the prefixes and the suffix that only some of its spellings have."""
    plain = code.removeprefix("AWS.SimpleQueueService.").removesuffix("Exception")
    return f"Kms{plain[4:]}" if plain.startswith("KMS.") else plain


def _quote(text: str) -> str:
    """The first line, since what follows may be the canonical request with a session token."""
    return text.strip().partition("\n")[0][:_LONGEST_QUOTE]
