"""What SQS and the network answer, over real HTTP, becomes the right error of ours."""

from __future__ import annotations

import sys
import traceback
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

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
from ldp_queues.sqs import SqsQueue
from ldp_queues.sqs_connection import SqsConnection
from ldp_testing import tap as taps
from ldp_testing.moto_server import free_port
from ldp_testing.tap import Cut, CutBody, DropHeader, Point, Refuse, Reply, ShiftDate, Tap

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.tap import Effect

_MS_PER_MINUTE = 60_000
_KMS = "KMS.ThrottlingException"
_NOT_A_CLOCK = "The request signature we calculated does not match the signature you provided."

_ANSWERS: list[tuple[Refuse, type[QueueError]]] = [
    (taps.QUEUE_GONE, QueueNotFound),
    (Refuse("QueueDoesNotExist", legacy_code=""), QueueNotFound),
    (Refuse("AWS.SimpleQueueService.NonExistentQueue", legacy_code=""), QueueNotFound),
    (Refuse("InvalidAddress"), QueueNotFound),
    (taps.ACCESS_DENIED, QueueAccessDenied),
    (Refuse("AccessDeniedException", legacy_code="", status=403), QueueAccessDenied),
    (Refuse("KmsAccessDenied", legacy_code="KMS.AccessDeniedException"), QueueAccessDenied),
    (Refuse("KmsDisabled", legacy_code="KMS.DisabledException"), QueueAccessDenied),
    (taps.EXPIRED_TOKEN, QueueCredentialsError),
    (Refuse("ExpiredTokenException", legacy_code="", status=403), QueueCredentialsError),
    (Refuse("InvalidClientTokenId", status=403), QueueCredentialsError),
    (Refuse("UnrecognizedClientException", status=403), QueueCredentialsError),
    (Refuse("MissingAuthenticationToken", status=403), QueueCredentialsError),
    (Refuse("SignatureDoesNotMatch", _NOT_A_CLOCK, status=403), QueueCredentialsError),
    (taps.CLOCK_BEHIND, QueueClockError),
    (Refuse("SignatureDoesNotMatch", "Signature not yet current: 2026…", 403), QueueClockError),
    (Refuse("RequestExpired"), QueueClockError),
    (taps.THROTTLED, QueueThrottled),
    (Refuse("ThrottlingException", legacy_code="Throttling"), QueueThrottled),
    (Refuse("KmsThrottled", legacy_code=_KMS), QueueThrottled),
    (Refuse(_KMS, legacy_code=""), QueueThrottled),
    (Refuse("OverLimit", status=403), QueueThrottled),
    (Refuse("Unheard", status=429), QueueThrottled),
    (Refuse("InternalError", status=500), QueueUnreachable),
    (Refuse("ServiceUnavailable", status=400), QueueUnreachable),
    (Refuse("Unheard", status=502), QueueUnreachable),
    (Refuse("InvalidMessageContents"), QueueRefusedMessage),
    (Refuse("ReceiptHandleIsInvalid"), ReceiptExpired),
    (
        Refuse("MessageNotInflight", legacy_code="AWS.SimpleQueueService.MessageNotInflight"),
        ReceiptExpired,
    ),
    (
        Refuse(
            "InvalidParameterValue",
            "Value AQEB for parameter ReceiptHandle is invalid. Reason: Message does not exist "
            "or is not available for visibility timeout change.",
        ),
        ReceiptExpired,
    ),
    (
        Refuse(
            "InvalidParameterValue",
            "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total "
            "VisibilityTimeout for the message is beyond the limit [43200 seconds]",
        ),
        ReceiptExpired,
    ),
]


def _id_of(value: Refuse | type[QueueError]) -> str:
    if isinstance(value, Refuse):
        return f"{value.code}-{value.status}-{value.legacy_code}"
    return value.__name__


@pytest.mark.parametrize(("refusal", "kind"), _ANSWERS, ids=_id_of)
def test_an_error_of_sqs_is_one_of_ours(
    refusal: Refuse, kind: type[QueueError], tap: Tap, tapped: SqsConnection, queue_url: str
) -> None:
    """Each code, in its legacy, its modeled and its suffixed spelling, is its own kind."""
    tap.apply(refusal, "ChangeMessageVisibility")

    with pytest.raises(QueueError) as caught:
        SqsQueue(tapped, queue_url).change_visibility("receipt", 1)

    assert type(caught.value) is kind
    told = str(caught.value)
    assert told.startswith(f"ChangeMessageVisibility on {queue_url} (region eu-west-1): ")
    assert refusal.message.partition("\n")[0] in told


def test_an_unknown_refusal_is_a_plain_error(
    tap: Tap, tapped: SqsConnection, queue_url: str
) -> None:
    """A code that nobody has heard of is a QueueError that quotes it, and is not transient."""
    tap.apply(Refuse("Unheard", "Of that nobody has heard."))

    with pytest.raises(QueueError, match=r"Of that nobody has heard\. \(Unheard\)") as caught:
        SqsQueue(tapped, queue_url).send("x")

    assert type(caught.value) is QueueError
    assert not caught.value.transient


@pytest.mark.parametrize(
    ("refusal", "limit_bytes"),
    [
        (
            Refuse(
                "InvalidParameterValue",
                "One or more parameters are invalid. "
                "Reason: Message must be shorter than 2048 bytes.",
            ),
            2048,
        ),
        (Refuse("BatchRequestTooLong", "Batch requests cannot be longer than 1024 bytes."), 1024),
    ],
)
def test_a_lower_limit_of_the_queue_is_told(
    refusal: Refuse, limit_bytes: int, tap: Tap, tapped: SqsConnection, queue_url: str
) -> None:
    """Where the queue takes less than was believed, the error has its limit and the size."""
    tap.apply(refusal)

    with pytest.raises(MessageTooLarge) as caught:
        SqsQueue(tapped, queue_url).send("é" * 2000)

    assert (caught.value.size_bytes, caught.value.limit_bytes) == (4000, limit_bytes)


def test_a_clock_error_has_both_clocks(tap: Tap, tapped: SqsConnection, queue_url: str) -> None:
    """A refused signature tells by how much the local clock is off, from the refusal's Date."""
    tap.apply(taps.CLOCK_BEHIND, times=None)
    tap.apply(ShiftDate(by_s=10 * 60 + 30), times=None)

    with pytest.raises(QueueClockError) as caught:
        SqsQueue(tapped, queue_url).send("x")

    error = caught.value
    assert error.server_at_ms is not None
    assert 10 <= (error.server_at_ms - error.local_at_ms) // _MS_PER_MINUTE <= 11
    assert "behind AWS's" in error.hint


def test_a_clock_error_can_do_without_a_date(
    tap: Tap, tapped: SqsConnection, queue_url: str
) -> None:
    """A refusal without a Date is still about the clock."""
    tap.apply(taps.CLOCK_BEHIND)
    tap.apply(DropHeader("Date"))

    with pytest.raises(QueueClockError) as caught:
        SqsQueue(tapped, queue_url).send("x")

    assert caught.value.server_at_ms is None


def test_a_quoted_request_is_kept_out_of_logs(
    tap: Tap, tapped: SqsConnection, queue_url: str
) -> None:
    """A refusal that quotes the signed request does not bring the session token into a log."""
    quoted = f"{_NOT_A_CLOCK}\n\nThe Canonical String was 'x-amz-security-token:SECRET'"
    tap.apply(Refuse("SignatureDoesNotMatch", quoted, status=403))

    with pytest.raises(QueueCredentialsError) as caught:
        SqsQueue(tapped, queue_url).send("x")

    assert _NOT_A_CLOCK in str(caught.value)
    assert "SECRET" not in "".join(traceback.format_exception(caught.value))


_PORTAL = Reply(
    status=200, body="<html>Willkommen! Bitte anmelden für WLAN</html>".encode("latin-1")
)
_JSON = "application/x-amz-json-1.0"


@pytest.mark.parametrize(
    "effect",
    [
        _PORTAL,
        Reply(status=200, content_type="text/html", body=b"<html>Log in</html>"),
        Reply(status=200, content_type=_JSON, body=b"[1, 2]"),
        Reply(status=200, content_type=_JSON, body=b"null"),
        Reply(status=200, content_type=_JSON, body=b'{"Messages": [{"Body": "x"}]}'),
        Reply(status=200, content_type=_JSON, body=b'{"Messages": 5}'),
        CutBody(after_bytes=40),
        Cut(),
        Cut(Point.ANSWER),
        Reply(status=500),
        Reply(status=503, content_type=_JSON, body=b""),
    ],
    ids=repr,
)
def test_what_is_no_answer_of_sqs_is_no_empty_poll(
    effect: Effect, tap: Tap, tapped: SqsConnection, queue_url: str
) -> None:
    """A log-in page, a cut or broken answer and a server error are errors, never `no messages`."""
    queue = SqsQueue(tapped, queue_url)
    queue.send("x")
    tap.apply(effect, "ReceiveMessage")

    with pytest.raises(QueueUnreachable) as caught:
        queue.receive(wait_s=0, visibility_s=0)

    assert caught.value.transient
    assert "AWS_ENDPOINT_URL" in caught.value.hint


@pytest.mark.parametrize("operation", ["SendMessage", "GetQueueAttributes"])
def test_an_answer_that_lacks_its_members_is_no_answer(
    operation: str, tap: Tap, tapped: SqsConnection, queue_url: str
) -> None:
    """A 200 without what SQS never leaves out is QueueUnreachable."""
    tap.apply(Reply(status=200, content_type=_JSON, body=b"{}"))
    queue = SqsQueue(tapped, queue_url)
    call = {"SendMessage": lambda: queue.send("x"), "GetQueueAttributes": queue.settings}

    with pytest.raises(QueueUnreachable, match="an answer without"):
        call[operation]()


@pytest.mark.usefixtures("sqs")
def test_nobody_there_is_unreachable(monkeypatch: pytest.MonkeyPatch, queue_url: str) -> None:
    """A refused connection is QueueUnreachable, and the message names the endpoint."""
    endpoint = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", endpoint)

    with closing(SqsConnection()) as connection, pytest.raises(QueueUnreachable, match=endpoint):
        SqsQueue(connection, queue_url).send("x")


_PROFILES = {
    "an SSO session that never logged in": (
        "sso_start_url = https://example.invalid/start\nsso_region = eu-west-1\n"
        "sso_account_id = 123456789012\nsso_role_name = Developer\n"
    ),
    "an SSO session by name": (
        "sso_session = me\nsso_account_id = 123456789012\nsso_role_name = Developer\n\n"
        "[sso-session me]\nsso_start_url = https://example.invalid/start\nsso_region = eu-west-1\n"
    ),
    "a half of a key": "aws_access_key_id = AKIAEXAMPLE\n",
    "a process that fails": f'credential_process = "{sys.executable}" -c "raise SystemExit(1)"\n',
    "nothing": "",
}


@pytest.mark.parametrize("lines", _PROFILES.values(), ids=_PROFILES.keys())
@pytest.mark.usefixtures("tapped")
def test_unusable_credentials_are_told(
    lines: str, tap: Tap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, queue_url: str
) -> None:
    """Credentials that are missing, partial or not to be had are one error that says: log in."""
    (tmp_path / "config").write_text(f"[default]\n{lines}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with closing(SqsConnection()) as connection, pytest.raises(QueueCredentialsError) as caught:
        SqsQueue(connection, queue_url).send("x")

    assert "aws sso login" in caught.value.hint
    assert tap.calls() == []


@pytest.mark.usefixtures("sqs")
def test_a_profile_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong AWS_PROFILE is an error of credentials already when connecting."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(QueueCredentialsError, match="nobody"):
        SqsConnection()


@pytest.mark.usefixtures("sqs")
def test_a_user_who_logs_in_need_not_start_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, queue_url: str
) -> None:
    """After an error of credentials the next call finds those that have come meanwhile."""
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with closing(SqsConnection(warm=True)) as connection:
        queue = SqsQueue(connection, queue_url)
        with pytest.raises(QueueCredentialsError):
            queue.send("x")

        keys = "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n"
        (tmp_path / "credentials").write_text(f"[default]\n{keys}")

        assert queue.send("x").message_id


@pytest.mark.parametrize(
    "lines",
    [
        "[default\n",
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/x\ncredential_source = Nowhere\n",
    ],
)
@pytest.mark.usefixtures("sqs")
def test_a_broken_setting_of_the_sdk_is_told(
    lines: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be parsed and a setting that means nothing say where to look."""
    (tmp_path / "config").write_text(lines)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")

    with pytest.raises(QueueError, match="on this machine") as caught:
        SqsConnection(warm=True)

    assert "profile" in caught.value.hint
