from __future__ import annotations

import io
import json
from dataclasses import is_dataclass
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_conformance.errors import RecordError
from ldp_conformance.events import CheckEnded, CheckStarted, Event, RunEnded
from ldp_conformance.reports.stream import decode, encode, read, read_file, write
from reports.sample_runs import crowded, failing, hostile, passing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Every character, lone surrogates and separators of lines included.
TEXTS = st.text(st.characters() | st.sampled_from("\x85\u2028\u2029\x0b\x1c\r\n\ud800\udfff"))


def _drawn(hint: Any) -> st.SearchStrategy[Any]:
    """Every value of a type of the events; `from_type` would draw no surrogates."""
    inner = get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return st.one_of([_drawn(each) for each in inner])
    if get_origin(hint) is tuple:
        return st.lists(_drawn(inner[0]), max_size=3).map(tuple)
    if get_origin(hint) is dict:
        return st.dictionaries(TEXTS, _drawn(inner[1]), max_size=3)
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{name: _drawn(each) for name, each in hints.items()})
    return TEXTS if hint is str else st.from_type(hint)


EVENTS: st.SearchStrategy[Event] = _drawn(Event)


@given(events=st.lists(EVENTS, max_size=4))
def test_what_is_written_is_read_back(events: list[Event]) -> None:
    """Any events, written down and read, are the same events."""
    file = io.BytesIO()
    write(events, file)

    assert list(read(io.BytesIO(file.getvalue()))) == events
    assert file.getvalue().isascii()
    assert file.getvalue().count(b"\n") == len(events)


@pytest.mark.parametrize("make", [passing, failing, hostile, crowded])
def test_whole_runs_survive_a_file(make: Callable[[], list[Event]], tmp_path: Path) -> None:
    """The streams of whole runs come back from a file."""
    path = tmp_path / "events.jsonl"
    with path.open("wb") as file:
        write(make(), file)

    assert read_file(path) == make()


def test_what_nobody_knows_is_passed_over() -> None:
    """Members and events of a later version, blank lines and a cut last line do no harm."""
    known = CheckStarted(5, "client.answer.echo")
    later = json.dumps({**json.loads(encode(known)), "mood": {"calm": True}}).encode() + b"\n"
    lines = [later, b"\n", b'{"event": "RunPaused", "atMs": 6}\n', encode(known)[:-9]]

    assert list(read(lines)) == [known]


def test_only_a_line_feed_ends_a_line() -> None:
    """Raw separators inside a string, as other programs write them, do not split a line."""
    event = RunEnded(9, 1, "a\u2028b\x85c\u2029d")
    raw = json.dumps({"event": "RunEnded", "atMs": 9, "exitStatus": 1, "sentence": event.sentence},
                     ensure_ascii=False).encode()  # fmt: skip

    assert list(read(io.BytesIO(raw + b"\n"))) == [event]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"x\n", "a line is no JSON"),
        (b"[]\n", "a line names no event"),
        (b'{"event": 1}\n', "a line names no event"),
        (b'{"event": "CheckStarted", "check": "c"}\n', "the object lacks the member atMs"),
        (b'{"event": "CheckStarted", "atMs": true, "check": "c"}\n', "/atMs is no int but bool"),
        (b'{"event": "CheckStarted", "atMs": 1, "check": null}\n', "/check is no str"),
        (b'{"event": "CheckEnded", "atMs": 1, "result": []}\n', "/result is no dict but list"),
        (
            b'{"event":"CheckEnded","atMs":1,"result":{"check":"c","outcome":"fine","durationMs":1}}\n',
            "/result/outcome has the unknown value 'fine'",
        ),
        (b'{"event": "RunEnded", "atMs": "\xff"}\n', "a line is no JSON"),
    ],
)
def test_a_line_that_holds_no_event_is_refused(line: bytes, complaint: str) -> None:
    """The error names the line and the place in it."""
    good = encode(CheckStarted(1, "client.answer.echo"))

    with pytest.raises(RecordError, match=rf"line 2: .*{complaint}") as caught:
        list(read([good, line]))

    assert caught.value.hint


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file and a broken one are both named in the error."""
    path = tmp_path / "events.jsonl"
    with pytest.raises(RecordError, match=r"events\.jsonl: No such file"):
        read_file(path)
    path.write_bytes(b"nonsense\n")

    with pytest.raises(RecordError, match=r"events\.jsonl: line 1"):
        read_file(path)


def test_members_with_a_default_may_be_absent() -> None:
    """A result of an earlier version, without later members, is read."""
    line = (
        b'{"event":"CheckEnded","atMs":1,"result":{"check":"c","outcome":"passed","durationMs":2}}'
    )
    event = decode(line)

    assert isinstance(event, CheckEnded)
    assert event.result.observations == 0
    assert event.result.vectors == ()
