"""Clients with one rule switched off, at which a ledger that is worth its name turns red.

`python -m ldp_testing.chaos.saboteurs RULE run app.handler` is `lambda-debug run app.handler` with
a queue side in which one method of the real code is changed.
"""

from __future__ import annotations

import os
import sys
from enum import Enum
from typing import TYPE_CHECKING, Final

from ldp_client import __main__ as client
from ldp_client.queue_side import launch
from ldp_client.queue_side.journal import Journal
from ldp_wire.actions import Delete
from ldp_wire.leases import Leases
from ldp_wire.session import ClientSession

if TYPE_CHECKING:
    from ldp_wire.actions import Action, Record, Result
    from ldp_wire.envelopes import RequestId
    from ldp_wire.leases import Lease

_VARIABLE: Final = "CHAOS_RULE"
_MODULE: Final = "ldp_testing.chaos.saboteurs"
_genuine_renewals = Leases.renewals
_genuine_handler_ended = ClientSession.handler_ended


class Rule(Enum):
    """What a client can be made to break."""

    LEASE = "lease"  #: it never renews
    JOURNAL = "journal"  #: it records nothing
    ORDER = "order"  #: it deletes a request, and answers it then


def program(rule: Rule) -> tuple[str, ...]:
    """The arguments of Python that start such a client."""
    return "-m", _MODULE, rule.value


def _renewals(self: Leases, now_ms: int) -> list[tuple[Lease, int]]:
    _genuine_renewals(self, now_ms)
    return []


def _write(self: Journal, record: Record) -> None:
    pass


def _handler_ended(
    self: ClientSession, request_id: RequestId, result: Result, now_ms: int
) -> list[Action]:
    deletes = [Delete(receipt) for receipt in self._cases.open[request_id].leases.receipts]
    return [*deletes, *_genuine_handler_ended(self, request_id, result, now_ms)]


def _break(rule: Rule) -> None:
    if rule is Rule.LEASE:
        Leases.renewals = _renewals  # type: ignore[method-assign]
    elif rule is Rule.JOURNAL:
        Journal.write = _write  # type: ignore[method-assign]
    else:
        ClientSession.handler_ended = _handler_ended  # type: ignore[method-assign]


def main() -> None:
    """Be the handler's side, which is told the rule, or the queue side, which it starts."""
    if len(sys.argv) > 1:
        os.environ[_VARIABLE] = sys.argv.pop(1)
        vars(launch)["_MODULE"] = _MODULE
        client.main()
    _break(Rule(os.environ[_VARIABLE]))
    from ldp_client.queue_side.__main__ import main as serve  # noqa: PLC0415 - the SDK comes with it

    sys.exit(serve())


if __name__ == "__main__":
    main()
