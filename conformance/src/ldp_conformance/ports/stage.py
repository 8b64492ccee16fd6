"""A started port with everything around it: queues, bucket, variables, a folder of its own.

Each stage has queues of its own, so that stages run side by side in one witness and nothing of one
reaches another.
"""

from __future__ import annotations

import itertools
import re
import secrets
import socket
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final, Self

from ldp_conformance.check import SOON_S, NonConformance
from ldp_conformance.errors import SuiteFault
from ldp_conformance.outcomes import Blame, Role
from ldp_conformance.ports.setups import ClientSetup, ProxySetup, Setup
from ldp_conformance.ports.subject import Subject
from ldp_conformance.ports.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ldp_conformance.ports.manifest import Manifest
    from ldp_conformance.witness import Witness, WitnessBucket, WitnessQueue

FUNCTION_NAME: Final = "conformance"
#: The variable that tells a port where its conformance handler writes.
FOLDER_VARIABLE: Final = "LAMBDA_DEBUG_CONFORMANCE_DIR"
#: How long a port may take from its start to its first sign of life, in seconds.
READY_S: Final = SOON_S
_LOOK_S: Final = 0.02
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_numbers = itertools.count(1)
_PORTS: Final = range(10_000, 32_768)
_given_ports: set[int] = set()


class Stage:
    """A started port and its surroundings; a context manager that ends it.

    Args:
        manifest: What the port says of itself.
        setup: How it is started.
        witness: What plays AWS.
        room: A folder in which the stage makes one of its own.
        visited: Whether somebody else starts the port, with the stage's `variables`.
    """

    def __init__(
        self,
        manifest: Manifest,
        setup: Setup,
        witness: Witness,
        room: Path,
        *,
        visited: bool = False,
    ) -> None:
        number = next(_numbers)
        self.manifest = manifest
        self.setup = setup
        self.witness = witness
        #: Under which name the port's calls are recorded.
        self.sender = f"port-{number}"
        self.requests: WitnessQueue = witness.create_queue(f"LAMBDA_PROXY_REQ_{number}")
        self.replies: WitnessQueue = witness.create_queue(f"LAMBDA_PROXY_RESP_{number}")
        self._bucket: WitnessBucket | None = None
        if setup.has_bucket:
            self._bucket = witness.create_bucket(f"conformance-payloads-{number}")
        self.scratch = room / self.sender
        (self.scratch / "flags").mkdir(parents=True)
        #: Credentials that occur nowhere else; the witness takes any.
        self.secrets = {
            "AWS_SECRET_ACCESS_KEY": f"secret{secrets.token_hex(17)}",
            "AWS_SESSION_TOKEN": f"token{secrets.token_hex(40)}",
        }
        self.tcp_port = _free_port()
        self.subject: Subject = Visitor(self.scratch) if visited else self.start()

    def start(self) -> Subject:
        """Start the port, beside one that may run already; the caller ends it."""
        return Subject(self._command(), self.manifest.folder, self.variables(), self.scratch)

    def start_second(self, *, shares_state: bool) -> Subject:
        """Start another client on the same queues, as `second_sender`; the caller ends it.

        Args:
            shares_state: Whether it has the folders of the first, as another client of the same
                user has, or its own; the handler writes to the same place in any case.
        """
        state = self.scratch if shares_state else self.scratch / "second"
        state.mkdir(exist_ok=True)
        variables = self.variables(sender=self.second_sender, state=state)
        return Subject(self._command(), self.manifest.folder, variables, self.scratch)

    @property
    def second_sender(self) -> str:
        """Under which name the calls of a second client are recorded."""
        return f"{self.sender}-second"

    @property
    def role(self) -> Role:
        """The role that the port plays here."""
        return Role.CLIENT if isinstance(self.setup, ClientSetup) else Role.PROXY

    @property
    def bucket(self) -> WitnessBucket:
        """The bucket for claim checks.

        Raises:
            SuiteFault: The setup has none.
        """
        if self._bucket is None:
            raise SuiteFault("this setup has no bucket", hint="Give the check one that has.")
        return self._bucket

    @property
    def invoke_url(self) -> str:
        """Where a proxy takes events."""
        path = f"/2015-03-31/functions/{FUNCTION_NAME}/invocations"
        return f"http://127.0.0.1:{self.tcp_port}{path}"

    def __enter__(self) -> Self:
        """The stage itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the port."""
        self.subject.close()

    def wait_ready(self, within_s: float = READY_S) -> None:
        """Wait for the port's first sign of life.

        Raises:
            NonConformance: It ended, or gave none in time.
        """
        is_ready = self._has_received if self.role is Role.CLIENT else self.is_listening
        until = time.monotonic() + within_s
        while not is_ready():
            if self.subject.status is not None and not is_ready():
                raise self._not_ready(f"ended with status {self.subject.status} before it")
            if time.monotonic() > until:
                raise self._not_ready(f"runs, but within {within_s:g} s it never")

    def _has_received(self) -> bool:
        return bool(
            self.witness.calls.wait(
                lambda call: (
                    call.operation == "ReceiveMessage" and call.queue == self.requests.name
                ),
                sender=self.sender,
                within_s=_LOOK_S,
            )
        )

    def is_listening(self) -> bool:
        """Whether a proxy takes connections; looks for a moment only."""
        try:
            socket.create_connection(("127.0.0.1", self.tcp_port), timeout=1).close()
        except OSError:
            time.sleep(_LOOK_S)
            return False
        return True

    def _not_ready(self, what: str) -> NonConformance:
        words = " ".join(self.subject.command)
        if self.role is Role.CLIENT:
            deed = "received a message from the request queue"
            hint = (
                "A client is a process that receives from LAMBDA_PROXY_REQ_QUEUE_URL, at the "
                "endpoint in AWS_ENDPOINT_URL_SQS, until it is signalled."
            )
        else:
            deed = f"listened on 127.0.0.1:{self.tcp_port}"
            hint = "A proxy takes Lambda's Invoke API on the port that stands for {port}."
        return NonConformance(f"`{words}` {what} {deed}", hint=hint, blame=Blame.HARNESS)

    def _command(self) -> list[str]:
        side = self.manifest.side(self.role)
        words = list(side.command)
        if isinstance(self.setup, ClientSetup):
            words += side.options.get(self.setup.on_error, ())
            if self.setup.v0_errors == "report":
                words += side.options.get("report-v0-errors", ())
            return words
        places = {
            "port": str(self.tcp_port),
            "timeoutS": str(self.setup.timeout_s),
            "name": FUNCTION_NAME,
        }
        return [_PLACEHOLDER.sub(lambda m: places.get(m[1], m[0]), word) for word in words]

    def variables(self, *, sender: str | None = None, state: Path | None = None) -> dict[str, str]:
        """The environment variables that the port gets beside those of the suite.

        Args:
            sender: Under which name its calls are recorded; None for the stage's.
            state: What stands for {scratch}; None for the stage's.
        """
        setup = self.setup
        own: Mapping[str, str | None] = (
            self._of_client(setup) if isinstance(setup, ClientSetup) else self._of_proxy(setup)
        )
        side = self.manifest.side(self.role)
        told = {
            name: value.replace("{scratch}", str(state or self.scratch))
            for name, value in side.variables.items()
        }
        called = self.witness.variables(sender or self.sender)
        merged = {**called, **self.secrets, **told, **own}
        return {name: value for name, value in merged.items() if value is not None}

    def _shared(self) -> dict[str, str | None]:
        return {
            FOLDER_VARIABLE: str(self.scratch),
            "LAMBDA_PROXY_REQ_QUEUE_URL": self.requests.url,
            "LAMBDA_PROXY_RESP_QUEUE_URL": self.replies.url,
            "LAMBDA_PROXY_PAYLOAD_BUCKET": f"{self.bucket.name}/ldp" if self._bucket else None,
        }

    def _of_client(self, setup: ClientSetup) -> dict[str, str | None]:
        variables = self._shared()
        variables["LAMBDA_PROXY_LEASE_S"] = str(setup.lease_s)
        variables["LAMBDA_PROXY_TRACING_LEVEL"] = setup.tracing_level
        if not setup.has_response_queue:
            variables |= {"LAMBDA_PROXY_RESP_QUEUE_URL": None, "LAMBDA_PROXY_MODE": "notify"}
        return variables

    def _of_proxy(self, setup: ProxySetup) -> dict[str, str | None]:
        variables = self._shared()
        variables["LAMBDA_PROXY_REPLY"] = setup.reply
        if setup.is_one_way:
            variables |= {"LAMBDA_PROXY_RESP_QUEUE_URL": None, "LAMBDA_PROXY_MODE": "notify"}
        if setup.start_within_s is not None:
            variables["LAMBDA_PROXY_START_WITHIN_S"] = str(setup.start_within_s)
        if setup.fallback is not None:
            variables["LAMBDA_PROXY_WHEN_ABSENT"] = "fallback"
            variables["LAMBDA_PROXY_FALLBACK_FUNCTION"] = setup.fallback
        return variables | dict(setup.variables)


def _free_port() -> int:
    """A port that nobody listens on, and that no other stage was given.

    It is not of those that systems choose by themselves: until the proxy listens, somebody else's
    connection could take one of them. Nor is it listened on here to find out: a process that
    another thread forks at that moment would go on listening, and be taken for the proxy.
    """
    while True:
        port = secrets.choice(_PORTS)
        if port not in _given_ports:
            with suppress(OSError), closing(socket.socket()) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                _given_ports.add(port)
                return port
