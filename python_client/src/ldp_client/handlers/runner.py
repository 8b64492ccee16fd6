"""Runs a handler on one invocation, and turns whatever happens into bytes to post.

What it does is what awslambdaric 4.2.2 does, except where that would end the process: this one
belongs to the developer, and the next event is on its way.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ldp_client.handlers import failure, marshal
from ldp_client.handlers.context import LambdaContext
from ldp_client.handlers.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_client.handlers.failure import Failure
    from ldp_client.handlers.invocation import Invocation

Handler: TypeAlias = "Callable[[Any, Any], Any]"


@dataclass(frozen=True, slots=True)
class Result:
    """What a handler returned.

    Attributes:
        body: The bytes for the caller (PAY-2).
        content_type: Their media type.
    """

    body: bytes
    content_type: str


class Runner:
    """Runs one handler, event after event.

    Args:
        handler: The user's function.
        encoder: How results are encoded; that of this Python's managed runtime by default.
    """

    def __init__(self, handler: Handler, encoder: marshal.Encoder | None = None) -> None:
        self._handler = handler
        self._encoder = encoder or marshal.Encoder()

    def run(self, invocation: Invocation) -> Result | Failure:
        """Run the handler to its end.

        Nothing that the handler raises passes: an exit is reported as Lambda would report it, and
        the client lives on. An interrupt counts as one too; whoever sent it knows what it was for.
        """
        request_id = invocation.request_id
        try:
            return self._call(invocation)
        except Fault as fault:
            return failure.of_fault(fault, request_id, self._encoder)
        except Exception as exc:  # noqa: BLE001 - the handler's own, and its caller's to see
            return failure.of_exception(exc, request_id, self._encoder)
        except BaseException as exc:  # noqa: BLE001 - would have ended the process
            return failure.of_exit(exc, request_id, self._encoder)
        finally:
            _flush()

    def _call(self, invocation: Invocation) -> Result:
        context = LambdaContext(invocation)
        event = marshal.unmarshal(invocation.event, invocation.content_type)
        returned = self._handler(event, context)
        return Result(*marshal.marshal(returned, self._encoder))


def _flush() -> None:
    """Show what the handler printed now, also through a pipe; Lambda's streams are unbuffered."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or None, by the handler
            stream.flush()
