"""The line between the two processes."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from ldp_client.queue_side.channel import (
    Abandon,
    Channel,
    Closed,
    Configure,
    Drain,
    Failed,
    Held,
    Hello,
    HoldEnded,
    Ready,
    Rerun,
    Word,
    decode,
    encode,
)

WORDS: list[Word] = [
    Hello("t" * 32),
    Configure('{"a": "\u00e4\\n"}'),
    Ready("127.0.0.1:1"),
    Failed("no such queue", "check\nit"),
    Drain(),
    Abandon(),
    Held(1),
    HoldEnded(),
    Rerun(1),
    Closed(),
]


def _line() -> tuple[Channel, Channel]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
        return Channel(near), Channel(far)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
def test_a_word_is_one_line(word: Word) -> None:
    """What is said is heard, as one line of JSON."""
    line = encode(word)
    assert line.count(b"\n") == 1
    assert decode(line) == word


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"GET / HTTP/1.1\r\n", b"[1, 2, 3]\n", b'["Say", {}]\n', b'["Ready", {}]']
)
def test_what_makes_no_sense_is_no_word(line: bytes) -> None:
    """Whatever somebody else sends to the port is nothing."""
    assert decode(line) is None


def test_both_sides_can_speak_until_one_hangs_up() -> None:
    """Words pass both ways; the end of the line is None, and speaking into it is no error."""
    near, far = _line()
    near.say(Drain())
    far.say(Closed())
    assert far.hear() == Drain()
    assert near.hear() == Closed()
    far.close()
    assert near.hear() is None
    near.say(Abandon())
    near.say(Abandon())
    near.close()


def test_a_line_that_breaks_off_is_the_end() -> None:
    """A side that was killed hangs up in its own way."""
    near, far = _line()
    near._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    near.say(Drain())
    far._connection.recv(1, socket.MSG_PEEK)
    near._lines.close()
    near._connection.close()
    with closing(far):
        while far.hear() is not None:
            pass
