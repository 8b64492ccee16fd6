"""What the AWS SDK raises and a service answers, as errors of this package.

One context manager stands around every call. It goes by names, not by classes: the SDK that a
Lambda runtime ships may be years older or newer than the one this was written with, and a service
answers the same error under several codes, with and without `Exception` at the end. What is one
service's own, its codes and its wording, is told by its `Dialect`.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ldp_queues.errors import ServiceError

_DENIED = frozenset(
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
)
_CREDENTIALS = frozenset(
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
)
_THROTTLED = frozenset(
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
)
_UNREACHABLE = frozenset(
    {"InternalError", "InternalFailure", "RequestTimeout", "ServiceUnavailable"}
)

_CLOCK_CODES = frozenset({"RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"})
_SIGNATURE_CODES = frozenset({"InvalidSignature", "SignatureDoesNotMatch"})
# Their texts begin with "Signature expired" or "Signature not yet current" and two times follow.
_CLOCK_WORDS = re.compile(r"signature (?:expired|not yet current)", re.IGNORECASE)

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
_MS_PER_S = 1000


@dataclass(frozen=True, slots=True)
class About:
    """What a call is about, for the message of the error that it may raise.

    Attributes:
        operation: The service's name of the action.
        place: The queue's URL and the region, or what else was asked.
        clock_ms: The local clock, epoch milliseconds.
        size_bytes: The size of the text that was sent, 0 if none was.
    """

    operation: str
    place: str
    clock_ms: Callable[[], int]
    size_bytes: int = 0

    def error(self, kind: type[ServiceError], what: str, **more: Any) -> ServiceError:
        """An error of a kind, that says what happened at which call."""
        return kind(f"{self.operation} on {self.place}: {what}", **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What one service's troubles are called: by it, and by this package.

    Attributes:
        service: The SDK's name of the service.
        other: The error for what has no kind of its own.
        denied: For what the identity may not do.
        credentials: For an identity that is missing or no longer valid.
        clock: For a local clock that is too far off, which both times tell.
        throttled: For too many calls.
        unreachable: For no answer of the service's.
        codes: The service's own codes, and the errors that they stand for.
        read: Finds errors that are told by words only.
    """

    service: str
    other: type[ServiceError]
    denied: type[ServiceError]
    credentials: type[ServiceError]
    clock: Callable[[str, int | None, int], ServiceError]
    throttled: type[ServiceError]
    unreachable: type[ServiceError]
    codes: Mapping[str, type[ServiceError]]
    read: Callable[[str, About], ServiceError | None] = field(default=lambda _text, _about: None)

    def kind_of(self, code: str) -> type[ServiceError] | None:
        """The error that a code stands for, or None for one that nobody has heard of."""
        for codes, kind in (
            (_DENIED, self.denied),
            (_CREDENTIALS, self.credentials),
            (_THROTTLED, self.throttled),
            (_UNREACHABLE, self.unreachable),
        ):
            if code in codes:
                return kind
        return self.codes.get(code)

    def not_ours(self, about: About, what: str) -> ServiceError:
        """The error for an answer that is none of the service's."""
        name = self.service.upper()
        return about.error(
            self.unreachable,
            f"{what}, which is not how {name} answers",
            hint=f"Check the network (a log-in page?) and AWS_ENDPOINT_URL_{name} or "
            f"AWS_ENDPOINT_URL: what answers there is not {name}, or the answer was cut.",
        )


@contextmanager
def service_errors(about: About, dialect: Dialect) -> Iterator[None]:
    """Raise the SDK's errors in the block as errors of this package.

    Raises:
        ServiceError: The block raised an error of the SDK's.
    """
    try:
        yield
    except ClientError as exc:
        error, is_quotable = _from_answer(exc.response, about, dialect)
        if not is_quotable:
            # Such a refusal can quote the canonical request, session token and all, so that
            # the text of the original must not reach anybody's log with the traceback.
            raise error from None
        raise error from exc
    except BotoCoreError as exc:
        raise _from_sdk(exc, about, dialect) from exc
    except _UNREADABLE as exc:
        raise dialect.not_ours(about, f"an answer that cannot be read ({exc})") from exc


def date_of(headers: Mapping[str, str]) -> int | None:
    """The `Date` of an answer (RFC 9110 section 6.6.1), epoch milliseconds, or None if it has none.

    Args:
        headers: The answer's headers, names in lower case as the SDK hands them out.
    """
    try:
        return int(parsedate_to_datetime(headers["date"]).timestamp()) * _MS_PER_S
    except (KeyError, TypeError, ValueError):
        return None


def _from_answer(
    response: Mapping[str, Any], about: About, dialect: Dialect
) -> tuple[ServiceError, bool]:
    """The error, and whether the original may be quoted beside it."""
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    text = str(error.get("Message") or "")
    codes = [_plain(str(error.get(key) or "")) for key in ("Code", "QueryErrorCode")]
    what = f"{_quote(text)} ({error.get('Code')})"
    if _is_about_the_clock(codes, text):
        server_at_ms = date_of(metadata.get("HTTPHeaders", {}))
        message = f"{about.operation} on {about.place}: {what}"
        return dialect.clock(message, server_at_ms, about.clock_ms()), False
    for kind in map(dialect.kind_of, codes):
        if kind is not None:
            return about.error(kind, what), kind is not dialect.credentials
    told = dialect.read(_quote(text), about)
    status = int(metadata.get("HTTPStatusCode", 0))
    return told or about.error(_of_status(status, dialect), what), True


def _is_about_the_clock(codes: list[str], text: str) -> bool:
    if _CLOCK_CODES.intersection(codes):
        return True
    return bool(_SIGNATURE_CODES.intersection(codes) and _CLOCK_WORDS.search(text))


def _of_status(status: int, dialect: Dialect) -> type[ServiceError]:
    if status == _TOO_MANY_REQUESTS:
        return dialect.throttled
    return dialect.unreachable if status >= _SERVER_ERROR else dialect.other


def _from_sdk(exc: BotoCoreError, about: About, dialect: Dialect) -> ServiceError:
    names = {kind.__name__ for kind in type(exc).__mro__}
    what = _quote(str(exc))
    if names & _CREDENTIALS_CLASSES:
        return about.error(dialect.credentials, what)
    if names & _NETWORK_CLASSES:
        return about.error(dialect.unreachable, what)
    if names & _REGION_CLASSES:
        return about.error(dialect.other, what, hint="Set AWS_REGION to the region of the queue.")
    hint = "Check the AWS settings in the environment and the profile."
    return about.error(dialect.other, what, hint=hint)


def _plain(code: str) -> str:
    """The code without the prefixes and the suffix that only some of its spellings have."""
    plain = code.removeprefix("AWS.SimpleQueueService.").removesuffix("Exception")
    return f"Kms{plain[4:]}" if plain.startswith("KMS.") else plain


def _quote(text: str) -> str:
    """The first line, since what follows may be the canonical request with a session token."""
    return text.strip().partition("\n")[0][:_LONGEST_QUOTE]
