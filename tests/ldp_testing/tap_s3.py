"""What S3 answers, for a tap: its errors are XML, and some have no body at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.sax.saxutils import escape

from ldp_testing.tap_effects import Answer, Call, Effect

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_s3_call(command: str, path: str, headers: Mapping[str, str], at_ms: int) -> Call:
    """An operation of S3's REST interface: the path has the bucket first, then the key."""
    bucket, _, key = unquote(path.partition("?")[0])[1:].partition("/")
    operation = command.capitalize() + ("Object" if key else "Bucket")
    return Call(operation, bucket, at_ms, {"Key": key, **headers})


@dataclass(frozen=True, slots=True)
class RefuseS3(Effect):
    """Answer with an error as S3 words it.

    Attributes:
        code: The code; empty for an answer without a body.
        message: The text.
        status: The HTTP status.
    """

    code: str
    message: str = "Refused by the tap."
    status: int = 400

    def on_request(self, call: Call) -> Answer:  # noqa: ARG002
        """Answer instead of the server."""
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"
        )
        return Answer.of_tap(self.status, "application/xml", text.encode() if self.code else b"")


#: Errors as S3 words them.
BUCKET_DENIED = RefuseS3(
    "AccessDenied",
    "User: arn:aws:iam::123456789012:user/x is not authorized to perform: s3:PutObject",
    403,
)
SLOW_DOWN = RefuseS3("SlowDown", "Please reduce your request rate.", 503)
REDIRECTED = RefuseS3(
    "PermanentRedirect",
    "The bucket you are attempting to access must be addressed using the specified endpoint.",
    301,
)
S3_TOKEN_EXPIRED = RefuseS3("ExpiredToken", "The provided token has expired.")
