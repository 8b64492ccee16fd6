"""The queue side's engine between queues in memory, in virtual time, on one thread.

The test is the receiver, the lease keeper, the settler and the handler. Only a runtime that waits
for work is a thread, as it is in the process, because it waits.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from ldp_client.queue_side.aws_clock import AwsClock
from ldp_client.queue_side.bad_messages import BadMessages
from ldp_client.queue_side.channel import Closed, Held, HoldEnded
from ldp_client.queue_side.claims import ClaimChecks
from ldp_client.queue_side.desk import Desk
from ldp_client.queue_side.engine import Engine
from ldp_client.queue_side.journal import Journal
from ldp_client.queue_side.manner import Manner
from ldp_client.queue_side.performer import Tools
from ldp_client.queue_side.receiver import Receiver
from ldp_client.runtime_api import Posted, Worker
from ldp_queues.memory import MemoryQueue
from ldp_queues.memory_clock import VirtualClock
from ldp_queues.memory_store import MemoryStore
from ldp_testing.deliveries import CLIENT, NOW_MS, REPLY_QUEUE, REQUEST, TRUST
from ldp_testing.limits import WAIT_LIMIT_S
from ldp_wire.codec import decode, encode
from ldp_wire.envelopes import RequestId, Response
from ldp_wire.session import ClientSession, OnError, SessionSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ldp_client.queue_side.runtimes import Office
    from ldp_client.queue_side.telling import Telling
    from ldp_client.report import Reporter
    from ldp_client.runtime_api import Invocation
    from ldp_queues.errors import QueueError
    from ldp_queues.memory_faults import Faults
    from ldp_wire.claims import Bucket
    from ldp_wire.envelopes import Envelope, Request

LIMIT_S: Final = WAIT_LIMIT_S
LEASE_S: Final = 20


class RecordingReporter:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **named: self.told.append((name, args, named))

    def words(self, name: str) -> list[tuple[Any, ...]]:
        """What it was told under a name, in order."""
        return [args for told, args, _ in self.told if told == name]

    @property
    def notices(self) -> list[str]:
        """The kinds of the notices, in order."""
        return [notice.kind.name for notice, *_ in self.words("notice")]

    @property
    def problems(self) -> list[str]:
        """The messages of the problems, in order."""
        return [message for message, _ in self.words("problem")]


@dataclass(slots=True)
class Told:
    """A `Tell` that tells at once, on whichever thread."""

    reporter: RecordingReporter = field(default_factory=RecordingReporter)

    def __call__(self, telling: Telling) -> None:
        """Tell it."""
        reporter: Reporter = self.reporter
        telling(reporter)

    def keep_still(self) -> None:
        """Nothing: nobody is in a hurry here."""

    def go_on(self) -> None:
        """Nothing either."""


class MemoryQueues:
    """Both queues of a client in memory; replies lie in one queue for each name."""

    def __init__(
        self, clock: VirtualClock, faults: Faults | None, reply_faults: Faults | None
    ) -> None:
        self._clock = clock
        self._reply_faults = reply_faults
        self.requests = MemoryQueue("requests", clock=clock, faults=faults)
        self.by_name = {REPLY_QUEUE: self._new(REPLY_QUEUE)}

    def _new(self, name: str) -> MemoryQueue:
        return MemoryQueue(name, clock=self._clock, faults=self._reply_faults)

    def replies(self, name: str) -> MemoryQueue:
        """The reply queue of that name."""
        return self.by_name.setdefault(name, self._new(name))


class WaitingRuntime:
    """A runtime that asks for work again and again, on a thread that ends with the desk."""

    def __init__(self, desk: Desk) -> None:
        self.worker = Worker(1)
        self.got: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._desk = desk
        self._asked = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Ask for the next event."""
        self._asked.release()

    def _run(self) -> None:
        invocation: Invocation | None
        while True:
            self._asked.acquire()
            invocation = self._desk.next(self.worker)
            self.got.put(invocation)
            if invocation is None:
                return

    def event(self) -> Invocation:
        """The event that it was given."""
        invocation = self.got.get(timeout=LIMIT_S)
        assert invocation is not None
        return invocation


class EngineStage:
    """An engine with everything around it.

    Attributes:
        clock: The time of all of it.
        queues: What lies in the queues.
        store: What lies in the bucket.
        reporter: What the developer was told.
        engine: The engine.
        desk: Where its runtime asks for work.
        receiver: Its receiver.
        runtime: A runtime, which has not asked for anything yet.
        said: What the engine said to the parent, in order.
        hopeless: The errors with which receiving was given up.
        paused_s: The pauses that the receiver made.
    """

    def __init__(  # noqa: PLR0913 - each is one thing that tests vary
        self,
        folder: Path,
        *,
        once: bool = False,
        handlers: int = 1,
        lease_s: int = LEASE_S,
        leaves_bad_messages: bool = False,
        on_error: OnError = OnError.REPORT,
        bucket: Bucket | None = None,
        faults: Faults | None = None,
        reply_faults: Faults | None = None,
    ) -> None:
        self.folder = folder
        self.clock = VirtualClock(NOW_MS)
        self.queues = MemoryQueues(self.clock, faults, reply_faults)
        tell = Told()
        self.reporter = tell.reporter
        aws = AwsClock(self.clock.now_ms)

        def problem(message: str, hint: str) -> None:
            tell(lambda reporter: reporter.problem(message, hint))

        self.journal = Journal(folder / "journal.sqlite", aws.now_ms, problem)
        bad_messages = BadMessages(folder / "bad", aws.now_ms)
        self.store = MemoryStore(clock=self.clock)
        self.aside: deque[Callable[[], None]] = deque()
        claims = ClaimChecks(self.store, aws.now_ms, problem, self.aside.append)
        tools = Tools(self.queues, self.journal, bad_messages, claims, tell, aws.now_ms)
        settings = SessionSettings(
            CLIENT, lease_s, handlers, 1_048_576, leaves_bad_messages, bucket, on_error
        )
        self.said: list[Held | HoldEnded | Closed] = []
        self.session = ClientSession(settings)
        manner = Manner(TRUST, handlers, once, bucket)
        self.engine = Engine(self.session, manner, tools, aws, self.said.append, hire=self._hire)
        self.hopeless: list[QueueError] = []
        self.paused_s: list[float] = []
        self.recovered = 0
        self.receiver = Receiver(
            self.engine,
            self.queues.requests,
            lease_s,
            local_ms=self.clock.now_ms,
            pause=self._pause,
            recovered=self._on_recovered,
            hopeless=self.hopeless.append,
        )
        self.runtime = WaitingRuntime(self.desk)
        self._ids = itertools.count(1)

    @property
    def closed(self) -> int:
        """How often the engine said that it is closed."""
        return self.said.count(Closed())

    def _hire(self, office: Office) -> Desk:
        self.desk = Desk(office)
        return self.desk

    def _on_recovered(self) -> None:
        self.recovered += 1

    def _pause(self, seconds: float) -> None:
        self.paused_s.append(seconds)
        self.clock.advance(round(seconds * 1000))

    def request(self, request: Request = REQUEST) -> Request:
        """Put a request of a fresh ID into the queue."""
        number = next(self._ids)
        context = replace(request.context, aws_request_id=f"aws-{number}")
        fresh = replace(request, request_id=RequestId(f"r-{number}"), context=context)
        self.queues.requests.send(encode(fresh))
        return fresh

    def receive(self) -> bool:
        """Let the runtime ask, and receive once."""
        self.runtime.ask()
        return self.receiver.receive_once()

    def run(self, request: Request = REQUEST) -> Invocation:
        """Bring a request to the runtime."""
        self.request(request)
        self.receive()
        return self.runtime.event()

    def post(self, invocation: Invocation, body: bytes = b"42") -> None:
        """Let the runtime return this for an event, and everything follow."""
        posted = Posted(body, len(body), invocation_id=invocation.invocation_id or "")
        self.desk.responded(self.runtime.worker, invocation.request_id, posted)
        self.settle()

    def post_error(self, invocation: Invocation, body: bytes) -> None:
        """Let the runtime fail with this error body, and everything follow."""
        self.desk.failed(self.runtime.worker, invocation.request_id, Posted(body, len(body)))
        self.settle()

    def fetch(self) -> None:
        """Do what is to be done aside: fetch events from the bucket."""
        while self.aside:
            self.aside.popleft()()

    def settle(self) -> None:
        """Carry out all that has no hurry."""
        while not self.engine._later.empty():
            self.engine.settle_next()

    def advance(self, by_ms: int) -> None:
        """Let time pass, and do what becomes due in it."""
        until_ms = self.clock.now_ms() + by_ms
        while (due_ms := self.session.due_ms()) is not None and due_ms <= until_ms:
            self.clock.advance(max(0, due_ms - self.clock.now_ms()))
            self.engine.keep_leases_once()
            self.settle()
        self.clock.advance(max(0, until_ms - self.clock.now_ms()))

    def replies(self, name: str = REPLY_QUEUE) -> list[Envelope]:
        """What was sent to a reply queue, in order."""
        return [decode(body) for body in self.queues.replies(name).bodies()]

    def responses(self) -> list[Response]:
        """The responses among it."""
        return [reply for reply in self.replies() if isinstance(reply, Response)]

    def calls(self, operation: str) -> int:
        """How often the request queue was asked to do something."""
        return sum(call.operation == operation for call in self.queues.requests.calls)

    def close(self) -> None:
        """Send the runtime home."""
        self.desk.close()
        self.runtime.ask()
        self.runtime._thread.join(LIMIT_S)
        self.journal.close()
