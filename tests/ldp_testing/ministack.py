"""ministack as an account on this machine: a process of its own, on loopback, over real HTTP.

It has CloudFormation with all types of resources that the template uses, which moto has not.
`test_divergences.py` lists what it does otherwise than AWS, as far as it matters here.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from ldp_testing.iam_record import ONLOOKER
from ldp_testing.moto_server import REGION, aws_environment, free_port, process_environment
from ldp_testing.processes import read_until, unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT: Final = "123456789012"


@dataclass(frozen=True, slots=True)
class Ministack:
    """A running server.

    Attributes:
        url: Its endpoint.
    """

    url: str

    def variables(self) -> dict[str, str]:
        """The variables with which an SDK finds the account."""
        return aws_environment(self.url)

    def environment(self) -> dict[str, str]:
        """The whole environment of a process that knows no AWS but this."""
        return process_environment(self.url)

    def client(self, service: str) -> Any:
        """A client of the SDK's own, to look at what there is."""
        return onlooker(self.url, service)


@cache
def onlooker(url: str, service: str) -> Any:
    """A client of the SDK's own, whose calls nobody records."""
    session: Any = boto3.Session("testing", "testing", region_name=REGION)
    config = Config(user_agent_extra=ONLOOKER)
    return session.client(service, endpoint_url=url, config=config)


@contextmanager
def running_ministack(folder: Path, bind: str | None = "127.0.0.1") -> Iterator[Ministack]:
    """Start a server with an empty account, and kill it at the end.

    Args:
        folder: For what it writes.
        bind: The address that it listens on; None for its own choice, which is all of them.
    """
    folder.mkdir(exist_ok=True)
    port = free_port()
    environment = {
        **process_environment(f"http://127.0.0.1:{port}"),  # what its functions find AWS by
        **({} if bind is None else {"BIND_HOST": bind}),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "GATEWAY_PORT": str(port),
        "S3_DATA_DIR": str(folder),
        "TMPDIR": str(folder),
        "LAMBDA_STATE_TRANSITION_SECONDS": "0.1",  # how long a change goes on
        "IOT_MTLS_ENABLED": "0",  # a listener that heeds no BIND_HOST
    }
    with subprocess.Popen(
        [Path(sys.executable).with_name("ministack")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=unmeasured(environment),
    ) as process:
        try:
            read_until(process.stdout, "Running on")
            assert process.stdout is not None
            # It says much, and would stand still if nobody read it.
            reading = threading.Thread(target=deque, args=(process.stdout, 0))
            reading.start()
            try:
                yield Ministack(f"http://127.0.0.1:{port}")
            finally:
                process.kill()
                reading.join()
        finally:
            process.kill()
