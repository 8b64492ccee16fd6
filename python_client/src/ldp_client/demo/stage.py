"""The demo's stage: SQS, S3 and Lambda on this machine, with the real proxy zip between them."""

from __future__ import annotations

import importlib.util
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ldp_client.demo.embedded_sqs import REGION, EmbeddedSqs, embedded_sqs
from ldp_client.local_lambda import Entry, FunctionSettings, serve
from ldp_client.packaging import build_proxy_zip

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIMEOUT_S: Final = 900.0
_BUCKET: Final = "lambda-debug-payloads"


@dataclass(frozen=True, slots=True)
class Stage:
    """What is running.

    Attributes:
        sqs: The queues.
        payload_bucket: Where payloads go that fit in no message.
        settings: The function, as it is configured.
        zip_path: Its code, the proxy's zip.
        invoke_url: Where the function takes events.
        zip_bytes: Size of the proxy's zip.
        folder: A temporary folder for the client's state.
    """

    sqs: EmbeddedSqs
    payload_bucket: str
    settings: FunctionSettings
    zip_path: Path
    invoke_url: str
    zip_bytes: int
    folder: Path

    def client_environment(self) -> dict[str, str]:
        """The variables that attach a client to this stage."""
        return {
            **_environment(self.sqs, self.payload_bucket),
            "AWS_REGION": REGION,
            "LAMBDA_DEBUG_STATE_DIR": str(self.folder / "state"),
        }


@contextmanager
def set_stage() -> Iterator[Stage]:
    """Start everything but the client; stop it at the end of the block.

    Raises:
        DemoUnavailable: The embedded SQS cannot be started.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lambda-debug-")))
        sqs = stack.enter_context(embedded_sqs())
        bucket = sqs.create_bucket(_BUCKET)
        zip_path = folder / "proxy.zip"
        report = build_proxy_zip(zip_path)
        settings = FunctionSettings(
            name="orders",
            timeout_s=_TIMEOUT_S,
            environment=_environment(sqs, bucket),
            reserved_concurrency=1,
            entry=_entry(),
            region=REGION,
        )
        served = stack.enter_context(serve(settings, zip_path))
        url, size_bytes = served.invoke_url, report.size_bytes
        yield Stage(sqs, bucket, settings, zip_path, url, size_bytes, folder)


def _environment(sqs: EmbeddedSqs, bucket: str) -> dict[str, str]:
    """What proxy and client read the same of."""
    return {**sqs.environment(), "LAMBDA_PROXY_PAYLOAD_BUCKET": f"{bucket}/demo"}


def _entry() -> Entry:
    """AWS's own runtime client where it exists, which is Linux."""
    has_client = importlib.util.find_spec("awslambdaric") is not None
    return Entry.AWSLAMBDARIC if has_client else Entry.RUNTIME
