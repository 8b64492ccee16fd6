"""SQS and S3 on this machine: moto's server in a process of its own, on a free loopback port.

Run as a program it prints its URL and serves until its standard input ends, so that it never
outlives the process that started it.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ldp_client.demo.errors import DemoUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION: Final = "us-east-1"
_LOOPBACK: Final = "127.0.0.1"
#: What the templates set for a real account (design of the queues: spec SQS-4), less what moto
#: has no use for.
_ATTRIBUTES: Final = {
    "MaximumMessageSize": "1048576",
    "VisibilityTimeout": "10",
    "MessageRetentionPeriod": "3600",
    "ReceiveMessageWaitTimeSeconds": "20",
}
#: moto tells services and regions apart by the credential's scope and checks nothing else.
_AUTHORIZATION: Final = "AWS4-HMAC-SHA256 Credential=demo/20240101/{}/{}/aws4_request"
_CALL_LIMIT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class EmbeddedSqs:
    """A running server with the two queues.

    Attributes:
        endpoint_url: For an SDK's clients.
        request_queue_url: The queue of requests.
        response_queue_url: The queue of replies.
    """

    endpoint_url: str
    request_queue_url: str
    response_queue_url: str

    def environment(self) -> dict[str, str]:
        """The variables that point a proxy or a client at these queues, and nowhere else."""
        return {
            "AWS_ENDPOINT_URL_SQS": self.endpoint_url,
            "AWS_ENDPOINT_URL_S3": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "demo",
            "AWS_SECRET_ACCESS_KEY": "demo",
            "AWS_EC2_METADATA_DISABLED": "true",
            "LAMBDA_PROXY_REQ_QUEUE_URL": self.request_queue_url,
            "LAMBDA_PROXY_RESP_QUEUE_URL": self.response_queue_url,
        }

    def create_queue(self, name: str) -> str:
        """Create another queue with the recommended settings; its URL."""
        return _create_queue(self.endpoint_url, name)

    def create_bucket(self, name: str) -> str:
        """Create a bucket; its name."""
        _call(f"{self.endpoint_url}/{name}", "PUT", "s3", b"", {})
        return name


@contextmanager
def embedded_sqs() -> Iterator[EmbeddedSqs]:
    """Start the server and create the queues; stop it at the end of the block.

    Raises:
        DemoUnavailable: moto is not installed, or does not start.
    """
    command = [sys.executable, "-P", "-m", "ldp_client.demo.embedded_sqs"]
    process = subprocess.Popen(  # noqa: S603 - our own module, without a shell
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # the terminal's Ctrl-C is for the client first
    )
    try:
        yield _with_queues(_url(process))
    finally:
        process.communicate()


def _url(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise DemoUnavailable("the embedded SQS has no output to read")
    url = process.stdout.readline().strip()
    if not url:
        _, errors = process.communicate()
        last = errors.strip().rpartition("\n")[2] or "no reason given"
        raise DemoUnavailable(f"the embedded SQS did not start: {last}")
    return url


def _with_queues(endpoint_url: str) -> EmbeddedSqs:
    names = ("LAMBDA_PROXY_REQ", "LAMBDA_PROXY_RESP")
    request_url, response_url = (_create_queue(endpoint_url, name) for name in names)
    return EmbeddedSqs(endpoint_url, request_url, response_url)


def _create_queue(endpoint_url: str, name: str) -> str:
    """Create a queue by the API's JSON protocol; the SDK would cost a second of start-up."""
    body = json.dumps({"QueueName": name, "Attributes": _ATTRIBUTES}).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "AmazonSQS.CreateQueue",
    }
    url: str = json.loads(_call(endpoint_url, "POST", "sqs", body, headers))["QueueUrl"]
    return url


def _call(url: str, method: str, service: str, body: bytes, headers: dict[str, str]) -> bytes:
    authorization = {"Authorization": _AUTHORIZATION.format(REGION, service)}
    request = urllib.request.Request(  # noqa: S310 - our own server's http URL
        url, body, headers | authorization, method=method
    )
    with urllib.request.urlopen(request, timeout=_CALL_LIMIT_S) as answer:  # noqa: S310 - as above
        answered: bytes = answer.read()
    return answered


def main() -> int:
    """Serve until standard input ends."""
    try:
        from moto.server import ThreadedMotoServer  # noqa: PLC0415 - an extra of this package

        from ldp_client.demo.moto_locks import lock_queues  # noqa: PLC0415 - it needs the same
    except ImportError as exc:
        print(  # noqa: T201 - the parent process reads it
            f"{exc}; install the extra that brings it: pip install 'lambda-debug[demo]'",
            file=sys.stderr,
        )
        return 1
    lock_queues()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address=_LOOPBACK, port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)  # noqa: T201 - the parent process reads it
    sys.stdin.read()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
