"""The stage of a run: queues behind weather, functions whose place proxies have taken, clients.

All that is made here is real but SQS, which is moto's server, and Lambda, which is the local one.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final, Self

from ldp_client.local_lambda import Entry, FunctionSettings, LocalLambda
from ldp_client.packaging import build_proxy_zip
from ldp_testing.chaos.clients import Client, Surroundings
from ldp_testing.chaos.faults import CALM, Faults, Odds
from ldp_testing.chaos.history import Entry as JournalEntry
from ldp_testing.chaos.history import History
from ldp_testing.chaos.starvation import Starvation
from ldp_testing.chaos.wire import Wire
from ldp_testing.chaos.witness import FILE, read_runs
from ldp_testing.moto_server import REGION, aws_environment, process_environment
from ldp_testing.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from ldp_testing.chaos.history import Invocation
    from ldp_testing.moto_server import MotoServer

LEASE_S: Final = 2
#: Cold starts are nobody's subject here, and a busy machine takes its time for them.
_INIT_S: Final = 60.0
_TESTS: Final = str(Path(__file__).resolve().parents[2])
#: The clients' journals: two of three are on one machine.
_MACHINES: Final = ("machine-a", "machine-a", "machine-b")


@dataclass(frozen=True, slots=True)
class Site:
    """One function to deploy a proxy as.

    Attributes:
        name: Its name.
        entry: How the proxy is started.
        timeout_s: Its timeout.
        callers: How many invocations run at once; as many are reserved.
        variables: More of the proxy's variables.
        handler: Another entry point than the proxy's.
    """

    name: str
    entry: Entry
    timeout_s: float
    callers: int = 1
    variables: tuple[tuple[str, str], ...] = ()
    handler: str | None = None


_WINDOW: Final = ("LAMBDA_PROXY_START_WITHIN_S", "4")
_DEDICATED: Final = ("LAMBDA_PROXY_REPLY", "dedicated")

SITES: Final = (
    Site("shared", Entry.RUNTIME, 14),
    Site("managed", Entry.AWSLAMBDARIC, 11),
    Site("window", Entry.RUNTIME, 12, variables=(_WINDOW,)),
    Site("dedicated", Entry.RUNTIME, 18, callers=2, variables=(_DEDICATED,)),
    Site("dedicated-window", Entry.AWSLAMBDARIC, 11, variables=(_DEDICATED, _WINDOW)),
)
"""Three functions that share a response queue, each with a concurrency of one, and two whose
environments have queues of their own."""


class Stage:
    """Everything around a run; a context manager, which ends all that it started.

    Args:
        folder: For all files.
        moto: The server behind the weather.
        odds: What hits single calls.
        seed: What that is drawn from.

    Attributes:
        tap: Between all programs and the server.
        wire: What passed through it.
        request_queue: Name of the request queue.
        reply_queue: Name of the shared response queue.
        clients: In their places.
        functions: By name.
    """

    def __init__(
        self,
        folder: Path,
        moto: MotoServer,
        odds: Odds = CALM,
        seed: int = 0,
    ) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.wire = Wire()
        self.tap = self._stack.enter_context(Tap(moto.url))
        self.tap.apply(self.wire, times=None)
        self.tap.apply(Faults(odds, Random(seed), self.wire), times=None)
        self._starvation = self._stack.enter_context(Starvation(self.wire))
        for pid in (os.getpid(), moto.pid):
            self._starvation.watch(pid)
        request_url, reply_url = moto.create_queue(), moto.create_queue()
        self.request_queue = request_url.rpartition("/")[2]
        self.reply_queue = reply_url.rpartition("/")[2]
        self._queues = {
            "LAMBDA_PROXY_REQ_QUEUE_URL": request_url,
            "LAMBDA_PROXY_RESP_QUEUE_URL": reply_url,
        }
        self.clients: list[Client] = []
        self.functions: dict[str, LocalLambda] = {}
        self._witness = folder / "witness.jsonl"
        self._surroundings = self._around_clients()
        self._zip = folder / "proxy.zip"
        build_proxy_zip(self._zip)

    def _around_clients(self) -> Surroundings:
        environment = process_environment(self.tap.url) | self._queues
        environment |= {"LAMBDA_PROXY_LEASE_S": str(LEASE_S), FILE: str(self._witness)}
        environment["PYTHONPATH"] = _TESTS  # for programs that are not the real ones
        environment.pop("COVERAGE_PROCESS_CONFIG", None)  # most of them are killed
        return Surroundings(environment, self.wire, self._starvation)

    def add_client(self, program: Sequence[str] | None = None) -> Client:
        """Start one more client.

        Args:
            program: What it runs, as arguments of Python; None for the real thing.
        """
        number = len(self.clients)
        machine = self._folder / _MACHINES[number % len(_MACHINES)]
        surroundings = self._surroundings
        if program is not None:
            surroundings = replace(surroundings, program=program)
        client = Client(number, self._folder / f"client{number}", machine, surroundings)
        self.clients.append(client)
        self._stack.callback(client.close)
        client.start()
        return client

    def deploy(self, site: Site) -> LocalLambda:
        """Deploy the proxy's zip as a function."""
        environment = {**aws_environment(self.tap.url), **self._queues, **dict(site.variables)}
        del environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]  # Lambda sets them
        settings = FunctionSettings(
            name=site.name,
            environment=environment | {"AWS_ACCESS_KEY_ID": site.name},
            region=REGION,
            timeout_s=site.timeout_s,
            init_timeout_s=_INIT_S,
            reserved_concurrency=site.callers,
            entry=site.entry,
        )
        if site.handler is not None:
            around = {**settings.environment, "PYTHONPATH": _TESTS}
            settings = replace(settings, environment=around, handler=site.handler)
        function = self._stack.enter_context(LocalLambda(settings, self._zip))
        self.functions[site.name] = function
        return function

    def history(self, made: tuple[Invocation, ...], planned: int) -> History:
        """What happened so far.

        Args:
            made: What callers got.
            planned: How many were to call.
        """
        return History(
            planned=planned,
            invocations=made,
            runs=read_runs(self._witness),
            requests=self.wire.requests,
            passages=self.wire.passages,
            weather=self.wire.weather,
            entries=tuple(self._entries()),
            journals=self._journals(),
        )

    def _journals(self) -> Mapping[str, str]:
        return {name: each.journal.name for each in self.clients for name in each.names}

    def _entries(self) -> Iterator[JournalEntry]:
        for machine in {client.journal for client in self.clients}:
            for path in machine.glob("journal-*.sqlite"):
                with closing(sqlite3.connect(path)) as database:
                    query = "SELECT request_id, status, reason FROM requests"
                    for row in database.execute(query):
                        yield JournalEntry(machine.name, *row)

    def close(self) -> None:
        """End everything."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
