"""The queue side's process, put together: what is made in which order, and which thread does what.

`Side` has four threads of its own, beside those of the Runtime API's connections: the receiver,
the lease keeper, the settler and the report's; and one for each event that is fetched from the
bucket. Whoever made it waits for its `inbox`.
"""

from __future__ import annotations

import threading
import uuid
from importlib.metadata import version
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from ldp_client.queue_side.bad_messages import BadMessages
from ldp_client.queue_side.channel import Failed
from ldp_client.queue_side.claims import ClaimChecks
from ldp_client.queue_side.crew import Crew
from ldp_client.queue_side.desk import Desk
from ldp_client.queue_side.engine import Engine
from ldp_client.queue_side.journal import Journal, journal_path
from ldp_client.queue_side.manner import Manner
from ldp_client.queue_side.performer import Tools
from ldp_client.queue_side.program import Program
from ldp_client.queue_side.queues import SqsQueues
from ldp_client.queue_side.receiver import Receiver
from ldp_client.queue_side.telling import Teller
from ldp_client.report import make_reporter
from ldp_client.runtime_api import RuntimeApi
from ldp_queues.addresses import QueueAddress
from ldp_wire.envelopes import ClientInfo
from ldp_wire.session import ClientSession, OnError, SessionSettings
from ldp_wire.trust import ReplyTrust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ldp_client.config import ClientConfig
    from ldp_client.queue_side.aws_clock import AwsClock
    from ldp_client.queue_side.channel import Word
    from ldp_client.queue_side.queues import QueueFacts
    from ldp_client.queue_side.runtimes import Office, Runtimes
    from ldp_queues.errors import QueueError

_NAME: Final = "lambda-debug"


class Side:
    """A queue side that serves.

    Args:
        config: The settings.
        clock: AWS's time.
        environment: The developer's variables, for programs.

    Attributes:
        inbox: What happens: words of the parent's, which somebody else puts here, and those for
            the parent, the last of which is `Closed` or `Failed`.

    Raises:
        QueueError: The queues cannot be used.
        RuntimeApiError: No port can be listened on.
    """

    def __init__(
        self, config: ClientConfig, clock: AwsClock, environment: Mapping[str, str]
    ) -> None:
        self.inbox: SimpleQueue[Word | None] = SimpleQueue()
        self._config = config
        self._environment = environment
        self._ended = threading.Event()
        self._api: RuntimeApi | None = None
        self._programs: Crew | None = None
        self._tell = Teller(make_reporter(config))
        queues = SqsQueues(config, clock)
        facts = queues.check(self._problem)
        self._journal = Journal(
            journal_path(config.state_dir, config.request_queue_url), clock.now_ms, self._problem
        )
        bad_messages = BadMessages(config.state_dir / "bad", clock.now_ms)
        claims = ClaimChecks(queues.store, clock.now_ms, self._problem, _aside)
        tools = Tools(queues, self._journal, bad_messages, claims, self._tell, clock.now_ms)
        session = ClientSession(_settings(config, facts))
        manner = Manner(_trust(config), config.handlers, config.once, config.bucket)
        self.engine = Engine(session, manner, tools, clock, self.inbox.put, hire=self._hire)
        self._receiver = Receiver(
            self.engine,
            queues.requests,
            config.lease_s,
            local_ms=clock.local_ms,
            pause=self._ended.wait,
            recovered=lambda: self._tell(lambda reporter: reporter.listening(config)),
            hopeless=self._give_up,
        )
        self._receiving = _loop("receiver", self._receiver.receive_once)
        self._settling = _loop("settler", self.engine.settle_next)
        self._keeping = _loop("leases", self.engine.keep_leases_once)

    def serve(self) -> str:
        """Begin; where the Runtime API is, `host:port`, or "" where programs have one each."""
        for thread in (self._settling, self._keeping, self._receiving):
            thread.start()
        self._tell(lambda reporter: reporter.listening(self._config))
        return self._api.start().address if self._api is not None else ""

    def rerun(self, hold: int) -> None:
        """Run what is held again, with the program as it now is (SES-36)."""
        if self._programs is not None:
            self._programs.renew()
        self.engine.rerun(hold)

    def finish_report(self) -> None:
        """Tell the developer that it is over; nothing is told after that."""
        self._tell(lambda reporter: reporter.closed())
        self._tell.close()

    def wait_for_receive(self) -> None:
        """Let an open receive end by itself, and give back what it brings (SES-32, SQS-7)."""
        self._ended.set()
        self._receiving.join()
        self.engine.stop()
        self._settling.join()
        self._journal.close()

    def _hire(self, office: Office) -> Runtimes:
        config = self._config
        if config.command:
            program = Program(
                config.command,
                self._environment,
                config.region or "",
                leaves_stdout=config.report_format == "json",
            )
            self._programs = Crew(program, office)
            return self._programs
        desk = Desk(office)
        self._api = RuntimeApi(desk)
        return desk

    def _problem(self, message: str, hint: str) -> None:
        self._tell(lambda reporter: reporter.problem(message, hint))

    def _give_up(self, exc: QueueError) -> None:
        self.inbox.put(Failed(str(exc), exc.hint))


def _loop(name: str, step: Callable[[], bool]) -> threading.Thread:
    def run() -> None:
        while step():
            pass

    return threading.Thread(target=run, name=name, daemon=True)


def _aside(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="fetch", daemon=True).start()


def _settings(config: ClientConfig, facts: QueueFacts) -> SessionSettings:
    client = ClientInfo(str(uuid.uuid4()), _NAME, version(_NAME), "python")
    return SessionSettings(
        client=client,
        lease_s=config.lease_s,
        handlers=config.handlers,
        max_message_bytes=facts.max_message_bytes,
        leaves_bad_messages=facts.leaves_bad_messages,
        bucket=config.bucket,
        on_error=OnError(config.on_error),
        reports_v0_errors=config.v0_errors == "report",
    )


def _trust(config: ClientConfig) -> ReplyTrust | None:
    """Replies go to the response queue's name in the request queue's account (SEC-2)."""
    if config.response_queue_url is None:
        return None
    account = QueueAddress.parse(config.request_queue_url).account
    return ReplyTrust(account, QueueAddress.parse(config.response_queue_url).name)
