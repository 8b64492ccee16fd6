"""The stream of a run's events, written down: one JSON object a line, each line ASCII.

What is written is read back as it was. Only a line feed ends a line: other separators that
`str.splitlines` knows are ordinary characters of a string.
"""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Final, get_args

from ldp_conformance.errors import RecordError
from ldp_conformance.events import Event
from ldp_conformance.reports.values import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_KINDS: Final[dict[str, type[Event]]] = {kind.__name__: kind for kind in get_args(Event)}


def encode(event: Event) -> bytes:
    """An event as a line, with its line feed."""
    members = {"event": type(event).__name__, **to_json(event)}
    return json.dumps(members, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Event | None:
    """The event of a line; None for an event that nobody here knows.

    Raises:
        RecordError: The line holds no event.
    """
    try:
        members = json.loads(line)
    except ValueError as error:
        raise RecordError(f"a line is no JSON: {error}", hint="Is it a stream of events?") from None
    if not isinstance(members, dict) or not isinstance(members.get("event"), str):
        raise RecordError("a line names no event", hint="Is it a stream of events?")
    kind = _KINDS.get(members["event"])
    return None if kind is None else from_json(kind, members)


def write(events: Iterable[Event], to: IO[bytes]) -> None:
    """Write events, each as soon as it is there, so that a run that is killed has left its own."""
    for event in events:
        to.write(encode(event))
        to.flush()


def read(lines: Iterable[bytes]) -> Iterator[Event]:
    """The events of a stream, such as of a file that is open for reading bytes.

    A last line without its line feed is what a killed run left unfinished, and is passed over.

    Raises:
        RecordError: A line holds no event.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip() or not line.endswith(b"\n"):
            continue
        try:
            event = decode(line)
        except RecordError as error:
            raise RecordError(f"line {number}: {error}", hint=error.hint) from error
        if event is not None:
            yield event


def read_file(path: Path) -> list[Event]:
    """The events of a file.

    Raises:
        RecordError: The file cannot be read, or a line of it holds no event.
    """
    try:
        with path.open("rb") as lines:
            return list(read(lines))
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}", hint="Is the path right?") from error
    except RecordError as error:
        raise RecordError(f"{path}: {error}", hint=error.hint) from error
