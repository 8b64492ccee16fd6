"""The journals of the clients' machines, as values (SES-24 to SES-26)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_testing.explorer.scenarios import Journals
from ldp_wire.actions import Recorded, Status

if TYPE_CHECKING:
    from ldp_testing.explorer.model import Model
    from ldp_testing.explorer.world import World
    from ldp_wire.actions import Record
    from ldp_wire.envelopes import RequestId


def _place(model: Model, client: int) -> int | None:
    """Which journal a client uses."""
    kind = model.scenario.journals
    if kind is Journals.NONE:
        return None
    return 0 if kind is Journals.SHARED else client


def lookup(model: Model, world: World, client: int, request_id: RequestId) -> Recorded | None:
    """What a client's journal knows of a request."""
    place = _place(model, client)
    if place is None:
        return None
    return dict(world.journals[place]).get(request_id)


def written(model: Model, world: World, client: int, record: Record) -> World:
    """The world after a client wrote into its journal, where an answer is final."""
    place = _place(model, client)
    if place is None:
        return world
    entries = dict(world.journals[place])
    known = entries.get(record.request_id)
    if known is None or known.status is not Status.ANSWERED:
        entries[record.request_id] = Recorded(record.status, record.reason)
    journal = tuple(sorted(entries.items(), key=lambda entry: entry[0]))
    journals = (*world.journals[:place], journal, *world.journals[place + 1 :])
    return world._replace(journals=journals)
