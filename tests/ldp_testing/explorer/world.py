"""One state of everything: machines, queues, journals, time, and what a watcher remembers.

All of it is values, so that equal states are found equal. Machines are the numbers that `Machines`
gives them.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from ldp_testing.explorer.queues import Queue
from ldp_wire.actions import Action, Recorded, Send
from ldp_wire.envelopes import RequestId

if TYPE_CHECKING:
    from collections.abc import Collection

    from ldp_testing.explorer.faults import Cause

#: The number of a machine that there is not.
NONE: Final = -1


class Report(NamedTuple):
    """What a client is about to hear of a send: when it was stored, or None: that it failed."""

    send: Send
    stored: int | None


Todo = tuple[Action | Report, ...]


class Run(NamedTuple):
    """A handler at work, or at its end and not yet reported."""

    request_id: RequestId
    event: bytes
    has_ended: bool = False
    has_failed: bool = False


class Mode(Enum):
    """What a client is doing."""

    DOWN = "down"  #: not attached yet, or dead
    UP = "up"
    PAUSED = "paused"


class Client(NamedTuple):
    """One client's machine.

    Attributes:
        session: The number of its session; NONE while it is down.
        mode: What it is doing.
        todo: The session's actions that are not carried out yet, in order.
        runs: Its handlers at work.
        clock: How many ticks its clock is ahead of AWS's.
        is_asked: Whether the developer has asked for another run of what is held.
    """

    session: int = NONE
    mode: Mode = Mode.DOWN
    todo: Todo = ()
    runs: tuple[Run, ...] = ()
    clock: int = 0
    is_asked: bool = False


class Poll(Enum):
    """What a proxy's environment is doing."""

    IDLE = "idle"  #: no invocation, or it is over
    OPEN = "open"  #: a receive is under way
    BLIND = "blind"  #: the receive under way will bring nothing
    DEAD = "dead"  #: the receive's connection is dead, and the proxy has not noticed yet
    SLOW = "slow"  #: the receive ended with nothing, and the word of it is still on its way
    RESTING = "resting"  #: it pauses after a failed receive


class Proxy(NamedTuple):
    """One execution environment.

    Attributes:
        exchange: The number of its latest exchange; NONE where it does not matter any more.
        invocation: Which invocation that is; NONE before the first.
        poll: What it is doing.
        begun: The tick in which the receive began.
        until: The tick in which the receive ends by itself.
        passed: The messages that it received and gave back in this tick.
    """

    exchange: int = NONE
    invocation: int = NONE
    poll: Poll = Poll.IDLE
    begun: int = 0
    until: int = 0
    passed: tuple[int, ...] = ()


class Told(Enum):
    """What a caller got."""

    ANSWER = "the answer"
    ABSENT = "an error: nobody is there"
    FALLBACK = "the fallback's answer"
    FAILURE = "an error: no answer"


class Fate(NamedTuple):
    """What became of one invocation, as a watcher knows it who sees everything.

    Attributes:
        told: What its caller got.
        is_started: Whether a handler was started on it.
        is_answered: Whether SQS took an answer.
        is_recorded: Whether a client has recorded that.
        is_discarded: Whether a client has recorded a reason for not answering.
        is_owed: Whether its caller has to get an answer if nothing goes wrong any more.
    """

    told: Told | None = None
    is_started: bool = False
    is_answered: bool = False
    is_recorded: bool = False
    is_discarded: bool = False
    is_owed: bool = False


Journal = tuple[tuple[RequestId, Recorded], ...]


class World(NamedTuple):
    """A state of everything.

    Attributes:
        tick: The time.
        faults: How many more may be injected.
        proxies: The environments.
        clients: The clients; they have no names, so their order means nothing.
        requests: The request queue.
        replies: The reply queue, which all environments share.
        journals: One for each machine that has one.
        fates: One for each invocation.
        causes: What has happened that excuses a second run.
    """

    tick: int
    faults: int
    proxies: tuple[Proxy, ...]
    clients: tuple[Client, ...]
    requests: Queue = Queue()
    replies: Queue = Queue()
    journals: tuple[Journal, ...] = ()
    fates: tuple[Fate, ...] = ()
    causes: frozenset[Cause] = frozenset()

    def with_client(self, number: int, client: Client) -> World:
        """The world with a client in another state."""
        clients = self.clients
        return self._replace(clients=(*clients[:number], client, *clients[number + 1 :]))

    def with_proxy(self, number: int, proxy: Proxy) -> World:
        """The world with an environment in another state."""
        proxies = self.proxies
        return self._replace(proxies=(*proxies[:number], proxy, *proxies[number + 1 :]))

    def with_fates(self, numbers: Collection[int], **changes: object) -> World:
        """The world in which something became of some invocations."""
        return self._replace(
            fates=tuple(
                fate._replace(**changes) if number in numbers else fate  # type: ignore[arg-type]
                for number, fate in enumerate(self.fates)
            )
        )

    def faulted(self, cause: Cause | None = None) -> World:
        """The world after a fault was injected."""
        causes = self.causes if cause is None else self.causes | {cause}
        return self._replace(faults=self.faults - 1, causes=causes)
