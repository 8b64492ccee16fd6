"""What comes over the wire and what goes back, without a word of the HTTP server.

A service reads an `Ask` and makes an `Errand` of it: what is asked for, understood, and not done
yet. Only so can a fault come between.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from ldp_conformance.witness.fault_box import FaultBox
    from ldp_conformance.witness.refusals import Refusal

_T = TypeVar("_T")
#: The event loop itself holds its tasks weakly.
_LIVING: Final[set[asyncio.Task[object]]] = set()


@dataclass(frozen=True, slots=True)
class Ask:
    """A call as it came.

    Attributes:
        sender: Who made it, by its access key.
        method: The HTTP method.
        path: The path, as it was written, without the query.
        query: The parameters after the path.
        headers: All headers, names in lower case.
        body: The body, as it came.
    """

    sender: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back.

    Attributes:
        status: The HTTP status.
        body: The body.
        headers: Headers besides those of every answer.
        error: AWS's code of the error that it is, else None.
        message_ids: The messages that it is about.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    message_ids: tuple[str, ...] = ()


class Severed(Exception):  # noqa: N818 - it is what becomes of a call
    """The connection is to be cut, with these messages on it."""

    def __init__(self, message_ids: tuple[str, ...] = ()) -> None:
        super().__init__("cut")
        self.message_ids = message_ids


async def outlive(work: Coroutine[object, object, _T]) -> _T:
    """Do something to its end, also if its caller goes away meanwhile."""
    task = asyncio.create_task(work)
    _LIVING.add(task)
    task.add_done_callback(_LIVING.discard)
    return await asyncio.shield(task)


class Errand(Protocol):
    """A call that is understood and not done yet.

    Attributes:
        operation: Its name in the log, such as `SendMessage` or `S3.PutObject`.
        queue: The name of its queue; None if it concerns none.
        request: Its parameters.
        faults: The faults of what it concerns.
    """

    operation: str
    queue: str | None
    request: Mapping[str, object]
    faults: FaultBox

    async def run(self, clock_off_ms: int) -> Answer:
        """Do it.

        Args:
            clock_off_ms: How much later AWS's clock is than this machine's.

        Raises:
            Refusal: AWS refuses it.
            Severed: The connection is to be cut.
        """
        ...

    def refuse(self, refusal: Refusal) -> Answer:
        """Say no, as this service does."""
        ...

    def denied(self) -> Refusal:
        """The refusal for who may not do it."""
        ...

    def throttled(self) -> Refusal:
        """The refusal where there are too many."""
        ...

    def failed(self, status: int) -> Refusal:
        """The refusal where the service itself is at fault."""
        ...
