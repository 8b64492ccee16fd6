"""The witness: SQS, S3 and Lambda on loopback, which see everything and do what they are told.

Whatever is asked of it over the wire goes by SQS's rules; whatever the suite asks of it directly
does not have to. Senders are told apart by the access keys that `variables` gives out; signatures
are never verified.
"""

from __future__ import annotations

import os
import secrets
import time
from threading import Lock
from typing import TYPE_CHECKING, Final

from ldp_conformance.witness.account import Account
from ldp_conformance.witness.buckets import Buckets, WitnessBucket
from ldp_conformance.witness.calls import CallLog
from ldp_conformance.witness.fault_box import FaultBox
from ldp_conformance.witness.functions import FunctionAnswer, Functions, WitnessFunction
from ldp_conformance.witness.lambda_api import PATH, LambdaService
from ldp_conformance.witness.names import REGION
from ldp_conformance.witness.s3_api import S3Service
from ldp_conformance.witness.server import HOST, Server
from ldp_conformance.witness.settings import RECOMMENDED
from ldp_conformance.witness.sqs_api import TARGET, SqsService

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from ldp_conformance.witness.asks import Ask, Errand
    from ldp_conformance.witness.fault_box import Fault
    from ldp_conformance.witness.queue import WitnessQueue
    from ldp_conformance.witness.settings import QueueSettings

_NS_PER_MS: Final = 1_000_000


class Witness:
    """AWS on loopback; a context manager that runs from its construction to its exit.

    Attributes:
        calls: Every call that came.
        faults: What meets every call, whatever it concerns.
    """

    def __init__(self) -> None:
        """Listen on a free port of 127.0.0.1.

        Raises:
            EnvironmentFault: There is none.
        """
        self.calls = CallLog()
        self.faults = FaultBox()
        self._account = Account(lambda: self.endpoint, self.now_ms)
        self._buckets = Buckets()
        self._functions = Functions()
        self._sqs = SqsService(self._account)
        self._s3 = S3Service(self._buckets)
        self._lambda = LambdaService(self._functions)
        self._keys_lock = Lock()
        self._keys: dict[str, str] = {}
        self._server = Server(
            self._understand, self._sender_of, self.calls, self.faults, self.now_ms
        )
        self._server.start()

    @property
    def endpoint(self) -> str:
        """Where it listens, `http://127.0.0.1:port`."""
        return f"http://{HOST}:{self._server.port}"

    def now_ms(self) -> int:
        """Its clock, epoch milliseconds."""
        return time.time_ns() // _NS_PER_MS

    def variables(self, sender: str) -> dict[str, str]:
        """The variables that point a process here and have its calls written down as a sender's."""
        endpoints = {f"AWS_ENDPOINT_URL{service}": self.endpoint for service in _SERVICES}
        return endpoints | {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": self._key_of(sender),
            "AWS_SECRET_ACCESS_KEY": "witness",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def create_queue(self, name: str, settings: QueueSettings = RECOMMENDED) -> WitnessQueue:
        """Make an empty queue, in the place of one of that name."""
        return self._account.add(name, settings)

    def queue(self, name: str) -> WitnessQueue:
        """The queue of a name, whoever made it.

        Raises:
            KeyError: There is none.
        """
        queue = self._account.find(name)
        if queue is None:
            raise KeyError(name)
        return queue

    def queues(self, prefix: str = "") -> list[WitnessQueue]:
        """The queues whose names begin so, those included that a port made."""
        return self._account.named(prefix)

    def create_bucket(self, name: str) -> WitnessBucket:
        """The bucket of a name, which is made if there is none."""
        return self._buckets.create(name)

    def create_function(  # noqa: PLR0913 - each may be left out
        self,
        name: str,
        answer: Callable[[bytes], FunctionAnswer],
        *,
        versions: tuple[str, ...] = ("1",),
        aliases: Mapping[str, str] | None = None,
        weights: Mapping[str, Mapping[str, float]] | None = None,
        reserved_concurrency: int | None = None,
    ) -> WitnessFunction:
        """Make a function, in the place of one of that name; see `WitnessFunction`."""
        function = WitnessFunction(
            name=name,
            answer=answer,
            versions=versions,
            aliases=aliases or {},
            weights=weights or {},
            reserved_concurrency=reserved_concurrency,
        )
        self._functions.add(function)
        return function

    def inject(self, fault: Fault) -> None:
        """Have something go wrong with calls, whatever they concern."""
        self.faults.inject(fault)

    def clear_faults(self) -> None:
        """Have everything go right again; what single queues have goes on."""
        self.faults.clear()

    def close(self) -> None:
        """Cut all connections and end."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _understand(self, ask: Ask) -> Errand:
        if TARGET in ask.headers:
            return self._sqs.understand(ask)
        if PATH.fullmatch(ask.path):
            return self._lambda.understand(ask)
        return self._s3.understand(ask)

    def _key_of(self, sender: str) -> str:
        with self._keys_lock:
            for key, owner in self._keys.items():
                if owner == sender:
                    return key
            key = f"AKIA{secrets.token_hex(8).upper()}"
            self._keys[key] = sender
            return key

    def _sender_of(self, key: str) -> str:
        return self._keys.get(key, key or "nobody")


#: The endings of the variables that name an endpoint; the first is for every service.
_SERVICES: Final = ("", "_SQS", "_S3", "_LAMBDA")
